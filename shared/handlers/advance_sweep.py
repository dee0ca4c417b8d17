"""Step 6: a sweep may begin, or one of its tests has moved."""

from __future__ import annotations

from shared.documents.base import Collection
from shared.events import Event
from shared.ports import Ports
from shared.services import sweeps


def advance_sweep(event: Event, ports: Ports) -> None:
    if event.collection is Collection.SWEEPS:
        sweeps.advance_sweep(event.document_id, ports)
