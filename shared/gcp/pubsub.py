"""Events over Pub/Sub."""

from __future__ import annotations

from typing import Any

from google.api_core import exceptions, retry
from google.cloud import pubsub_v1

from shared.events import Event
from shared.gcp.tracing import carried

_DEADLINE_SECONDS = 60.0
# What passes by itself. The topic itself is made by whoever sets up the project.
_PASSING = retry.if_exception_type(
    exceptions.Aborted,
    exceptions.DeadlineExceeded,
    exceptions.InternalServerError,
    exceptions.ResourceExhausted,
    exceptions.ServiceUnavailable,
    exceptions.Unknown,
)


class PubSubEventBus:
    """Publishes each event to the topic of its kind, and waits until Pub/Sub has it.

    No ordering keys: the handlers take events in any order, and with keys one failing message
    would hold up all later ones of its document.

    Args:
        prefix: before the names of all topics, for several deployments in one project.
    """

    def __init__(
        self, publisher: pubsub_v1.PublisherClient, project: str, prefix: str = ""
    ) -> None:
        self._publisher = publisher
        self._project = project
        self._prefix = prefix

    def publish(self, event: Event) -> None:
        """Raises what Pub/Sub raises where it cannot be reached for a minute."""
        attributes = {
            "kind": event.kind.value,
            "collection": event.collection.value,
            "document_id": event.document_id,
            **carried(),
        }
        waiting: Any = self._publisher.publish(
            self._publisher.topic_path(self._project, f"{self._prefix}{event.kind.value}"),
            event.model_dump_json().encode(),
            retry=retry.Retry(
                predicate=_PASSING, initial=0.1, maximum=10.0, timeout=_DEADLINE_SECONDS
            ),
            timeout=_DEADLINE_SECONDS,
            **attributes,
        )
        waiting.result(_DEADLINE_SECONDS)
