"""A test, a training, a sweep, a tuning or a schedule's run has ended: tell who wants to know."""

from __future__ import annotations

from shared.events import Event
from shared.ports import Ports
from shared.services.messages import send_messages_of


def send_messages(event: Event, ports: Ports) -> None:
    """Raises UnavailableError."""
    send_messages_of(event.collection, event.document_id, ports)
