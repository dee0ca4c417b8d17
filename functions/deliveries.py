"""From a CloudEvent to its handler, within a span and with the document's id on every log line.

A fault is raised: the event comes again, and in the end becomes a dead letter. So does a message
that cannot be read, for there it is kept. A change of a document that cannot be read is only
logged: Eventarc would deliver it for a day, and the document is still there.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from functions import telemetry
from shared import handlers
from shared.documents.base import Collection
from shared.events import Event, Topic
from shared.gcp.cloud_events import Message, UnreadableError, document_change, pubsub_message
from shared.gcp.status_events import read_event, read_status
from shared.handlers import Handler, Patience
from shared.places import job_id_of
from shared.ports import Filter, Ports

_log = logging.getLogger(__name__)

_HANDLERS: Mapping[str, Handler] = {
    step.name: step.handler for step in handlers.STEPS if step.handler is not None
}


def document_written(sent: Any, ports: Ports) -> None:
    """Handles `google.cloud.firestore.document.v1.written`."""
    try:
        change, carrier = document_change(sent.data)
    except UnreadableError:
        _log.exception("A document's change cannot be read: %s", sent["id"])
        return
    with telemetry.handling("publish_change", change.path, carrier):
        handlers.publish_change(change, ports)
        if fault := handlers.failure(change):
            _log.warning("A test failed: %s", fault)  # an alert waits for these words


def published(name: str, sent: Any, ports: Ports) -> None:
    """Handles `google.cloud.pubsub.topic.v1.messagePublished` of our own topics."""
    message = pubsub_message(sent.data)
    _handle(name, read_event(message), message, ports)


def job_has_news(sent: Any, ports: Ports) -> None:
    """Handles whatever comes to `pipeline-status`; jobs that are none of ours are let go."""
    message = pubsub_message(sent.data)
    news = read_status(message)
    if isinstance(news, str):
        news = _event_of(news, ports)
    if news is not None:
        _handle("track_quick_test", news, message, ports)


def timer_fired(ports: Ports, patience: Patience) -> None:
    with telemetry.handling("reconcile", None, {}):
        handlers.reconcile(ports, patience)


def _handle(name: str, event: Event, message: Message, ports: Ports) -> None:
    path = event.collection.path(event.document_id)
    with telemetry.handling(name, path, message.attributes):
        _HANDLERS[name](event, ports)


def _event_of(job_id: str, ports: Ports) -> Event | None:
    """The event for the test whose job this is; others may say that it is theirs."""
    of_job = Filter("status.job.job_id", "==", job_id)
    said = ports.documents.query(Collection.QUICK_TESTS, [of_job])
    found = [snapshot for snapshot in said if job_id_of(snapshot.id) == job_id]
    if not found:
        return None
    return Event(
        kind=Topic.PIPELINE_STATUS,
        collection=Collection.QUICK_TESTS,
        document_id=found[0].id,
        revision=0,
        occurred_at=ports.clock.now(),
    )
