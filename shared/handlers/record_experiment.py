"""Step 7: a test has ended; keep it as a run in experiment tracking."""

from __future__ import annotations

from shared.documents.base import Collection
from shared.events import Event
from shared.ports import Ports
from shared.services.recording import record


def record_experiment(event: Event, ports: Ports) -> None:
    """Raises UnavailableError."""
    snapshot = ports.documents.get(event.collection.path(event.document_id))
    if event.collection is Collection.QUICK_TESTS and snapshot is not None:
        record(snapshot, ports)
