"""Step 5: there is news of a test's job."""

from __future__ import annotations

from shared.documents.base import Collection
from shared.events import Event
from shared.ports import Ports
from shared.services.tracking import track


def track_quick_test(event: Event, ports: Ports) -> None:
    # An older version sent word of sweeps here; the clock has them move on.
    if event.collection is Collection.QUICK_TESTS:
        track(event.document_id, ports)
