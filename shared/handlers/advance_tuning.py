"""A tuning may begin, or one of its tests has moved."""

from __future__ import annotations

from shared.documents.base import Collection
from shared.events import Event
from shared.ports import Ports
from shared.services import tunings


def advance_tuning(event: Event, ports: Ports) -> None:
    if event.collection is Collection.TUNINGS:
        tunings.advance_tuning(event.document_id, ports)
