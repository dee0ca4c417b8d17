"""Step 8: a full training has completed; it becomes a version of a registered model."""

from __future__ import annotations

from shared.documents.base import Collection
from shared.events import Event
from shared.ports import Ports
from shared.services.registering import register


def register_model(event: Event, ports: Ports) -> None:
    if event.collection is Collection.QUICK_TESTS:
        register(event.document_id, ports)
