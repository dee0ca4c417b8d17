"""Saying what has happened to a document."""

from __future__ import annotations

from shared.documents.base import Collection
from shared.events import Event, Topic
from shared.ports import Ports
from shared.services.store import number


def announce(collection: Collection, document_id: str, ports: Ports) -> None:
    """Numbers the document's spec and says that it is to be validated."""
    revision = number(collection, document_id, ports)
    if revision is not None:
        publish(Topic.CONFIG_CHANGED, collection, document_id, revision, ports)


def publish(
    topic: Topic, collection: Collection, document_id: str, revision: int, ports: Ports
) -> None:
    ports.events.publish(
        Event(
            kind=topic,
            collection=collection,
            document_id=document_id,
            revision=revision,
            occurred_at=ports.clock.now(),
        )
    )
