"""A stand-in for Eventarc: changes of documents and Pub/Sub messages, delivered until they are
handled.

It listens to the emulators as Eventarc does to the services, and hands out CloudEvents of the same
form. Unlike Eventarc it keeps nothing on disk: every document is told anew at the start, and of
several quick changes of one document only the last may be told. The handlers take both.
"""

from __future__ import annotations

import base64
import contextlib
import heapq
import json
import logging
import queue
import random
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from google.api_core import exceptions
from google.cloud import firestore, pubsub_v1
from google.cloud.firestore_v1 import _helpers
from google.cloud.firestore_v1.types import Document as StoredDocument
from google.events.cloud.firestore import Document, DocumentEventData

from local.state.event_bus import Delivery

_log = logging.getLogger(__name__)

WRITTEN = "google.cloud.firestore.document.v1.written"
PUBLISHED = "google.cloud.pubsub.topic.v1.messagePublished"
_ACK_SECONDS = 600
_WORKERS = 8
_JOIN_SECONDS = 5.0
_LISTEN_SECONDS = 60.0


@dataclass(frozen=True)
class CloudEvent:
    """An event as an HTTP request in binary mode."""

    headers: dict[str, str]
    body: bytes


Deliver = Callable[[CloudEvent], None]


def written(before: Any | None, after: Any | None) -> CloudEvent:
    """The event of a document that was created, changed or deleted.

    Args:
        before, after: the Firestore client's snapshots; None where there was or is no document.
    """
    old, new = _stored(before), _stored(after)
    present = new or old
    assert present is not None, "a change has a document before or after it"
    root, _, path = present.name.partition("/documents/")
    project, database = root.split("/")[1::2]
    event = DocumentEventData(
        value=Document.deserialize(StoredDocument.serialize(new)) if new else None,
        old_value=Document.deserialize(StoredDocument.serialize(old)) if old else None,
    )
    headers = {
        **_headers(WRITTEN, f"//firestore.googleapis.com/{root}", f"documents/{path}"),
        "content-type": "application/protobuf",
        "ce-dataschema": "https://github.com/googleapis/google-cloudevents",
        "ce-document": path,
        "ce-project": project,
        "ce-database": database,
        "ce-namespace": "(default)",
        "ce-location": "local",
    }
    return CloudEvent(_ascii(headers), DocumentEventData.serialize(event))


def published(message: Any, topic: str, subscription: str) -> CloudEvent:
    """The event of a message that was published to a topic."""
    body = {
        "message": {
            "data": base64.b64encode(message.data).decode(),
            "attributes": dict(message.attributes),
            "messageId": message.message_id,
            "publishTime": message.publish_time.isoformat().replace("+00:00", "Z"),
        },
        "subscription": subscription,
    }
    headers = {
        **_headers(PUBLISHED, f"//pubsub.googleapis.com/{topic}", None),
        "content-type": "application/json",
    }
    return CloudEvent(headers, json.dumps(body).encode())


def _headers(kind: str, source: str, subject: str | None) -> dict[str, str]:
    headers = {
        "ce-specversion": "1.0",
        "ce-id": uuid.uuid4().hex,
        "ce-type": kind,
        "ce-source": source,
        "ce-time": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
    }
    return headers | ({"ce-subject": subject} if subject else {})


def _ascii(headers: dict[str, str]) -> dict[str, str]:
    """Percent-encoded where a header cannot hold it, as the HTTP binding of CloudEvents has it."""
    return {
        name: "".join(
            char if 0x20 < ord(char) < 0x7F and char not in '"%' else _percent(char)
            for char in value
        )
        for name, value in headers.items()
    }


def _percent(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode())


def _stored(snapshot: Any | None) -> StoredDocument | None:
    if snapshot is None:
        return None
    return StoredDocument(
        name=snapshot.reference._document_path,
        fields=_helpers.encode_dict(snapshot.to_dict()),
        create_time=snapshot.create_time,
        update_time=snapshot.update_time,
    )


class ChangeFeed:
    """Every change of the documents directly under some collections, in order.

    Args:
        deliver: handles an event; called again, after a while, when it raises.
        give_up: told the event and the fault of a change that failed for good.
    """

    def __init__(
        self,
        client: firestore.Client,
        collections: Iterable[str],
        deliver: Deliver,
        give_up: Callable[[CloudEvent, Exception], None],
        delivery: Delivery | None = None,
    ) -> None:
        self._client = client
        self._collections = list(collections)
        self._deliver = deliver
        self._give_up = give_up
        self._delivery = delivery or Delivery()
        self._known: dict[str, Any] = {}
        self._events: queue.SimpleQueue[CloudEvent | None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._watches: list[Any] = []
        self._thread = threading.Thread(target=self._run, name="change feed", daemon=True)

    def start(self) -> None:
        """Returns once it listens: no change after that is missed."""
        self._thread.start()
        listening = threading.Semaphore(0)
        for name in self._collections:
            self._watches.append(self._watch(name, listening))
        for name in self._collections:
            if not listening.acquire(timeout=_LISTEN_SECONDS):
                raise RuntimeError(f"Firestore does not tell of the collection {name!r}.")

    def stop(self) -> None:
        self._stopping.set()
        for watch in self._watches:
            in_time(watch.unsubscribe)
        self._events.put(None)
        self._thread.join(_JOIN_SECONDS)

    def _watch(self, collection: str, listening: threading.Semaphore) -> Any:
        first = True

        def changed(_: Any, changes: Any, __: Any) -> None:
            nonlocal first
            self._changed(changes)
            if first:
                first = False
                listening.release()

        return self._client.collection(collection).on_snapshot(changed)

    def _changed(self, changes: Any) -> None:
        for change in changes:
            snapshot = change.document
            path = snapshot.reference.path
            before = self._known.pop(path, None)
            after = None if change.type.name == "REMOVED" else snapshot
            if after is not None:
                self._known[path] = after
            if before is not None or after is not None:
                self._events.put(written(before, after))

    def _run(self) -> None:
        while (event := self._events.get()) is not None:
            attempts = 0
            while not self._stopping.is_set():
                try:
                    self._deliver(event)
                    break
                except Exception as error:
                    attempts += 1
                    if attempts >= self._delivery.attempts:
                        self._give_up(event, error)
                        break
                    self._stopping.wait(self._delivery.backoff(attempts))


class Subscriptions:
    """Messages of some topics, each delivered until it is handled, side by side.

    Args:
        deliver: by subscription, what handles a message's event; called again, after a while, when
            it raises.
        give_up: told the subscription, the event and the fault of a message that failed for good.
    """

    def __init__(
        self,
        subscriber: pubsub_v1.SubscriberClient,
        deliver: Mapping[str, Deliver],
        give_up: Callable[[str, CloudEvent, Exception], None],
        delivery: Delivery | None = None,
    ) -> None:
        self._subscriber = subscriber
        self._deliver = dict(deliver)
        self._give_up = give_up
        self._delivery = delivery or Delivery()
        self._workers = _Workers(_WORKERS)
        self._later = _Later()
        self._pulls: list[Any] = []

    def start(self) -> None:
        self._workers.start()
        self._later.start()
        for subscription in self._deliver:
            found = self._subscriber.get_subscription(subscription=subscription)

            def received(message: Any, name: str = subscription, topic: str = found.topic) -> None:
                event = published(message, topic, name)
                self._workers.do(partial(self._attempt, name, message, event, 1))

            self._pulls.append(self._subscriber.subscribe(subscription, received))

    def stop(self) -> None:
        for pull in self._pulls:
            pull.cancel()
        for pull in self._pulls:
            with contextlib.suppress(TimeoutError):  # its threads are daemons
                pull.result(_JOIN_SECONDS)
        self._later.stop()
        self._workers.stop()

    def _attempt(self, name: str, message: Any, event: CloudEvent, attempt: int) -> None:
        try:
            self._deliver[name](event)
        except Exception as error:
            if attempt >= self._delivery.attempts:
                self._give_up(name, event, error)
                message.ack()
                return
            self._later.call(
                self._delivery.backoff(attempt),
                lambda: self._workers.do(partial(self._attempt, name, message, event, attempt + 1)),
            )
        else:
            message.ack()


def in_time(end: Callable[[], object]) -> None:
    """Ends something of Google's clients, which may wait for a stream that one of their own threads
    is opening anew: what does not end soon is left behind, a daemon."""
    thread = threading.Thread(target=end, daemon=True)
    thread.start()
    thread.join(_JOIN_SECONDS)


class _Workers:
    """Threads that do what comes; one that is busy at the end is left behind."""

    def __init__(self, number: int) -> None:
        self._work: queue.SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._run, name=f"delivery {place}", daemon=True)
            for place in range(1, number + 1)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def do(self, work: Callable[[], object]) -> None:
        self._work.put(work)

    def stop(self) -> None:
        for _ in self._threads:
            self._work.put(None)
        deadline = time.monotonic() + _JOIN_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            work()


class _Later:
    """Calls functions after a while, in one thread."""

    def __init__(self) -> None:
        self._due: list[tuple[float, float, Callable[[], object]]] = []
        self._changed = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="retries", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def call(self, seconds: float, function: Callable[[], object]) -> None:
        with self._changed:
            due = time.monotonic() + seconds
            heapq.heappush(self._due, (due, random.random(), function))  # noqa: S311 - no secret
            self._changed.notify()

    def stop(self) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join(_JOIN_SECONDS)

    def _run(self) -> None:
        with self._changed:
            while not self._stopping:
                left = self._due[0][0] - time.monotonic() if self._due else None
                if left is not None and left <= 0:
                    heapq.heappop(self._due)[2]()
                else:
                    self._changed.wait(left)


def subscribe(
    publisher: pubsub_v1.PublisherClient,
    subscriber: pubsub_v1.SubscriberClient,
    topic: str,
    subscription: str,
) -> None:
    """Makes a topic and a subscription of it, where they are not there yet."""
    with contextlib.suppress(exceptions.AlreadyExists):
        publisher.create_topic(name=topic)
    with contextlib.suppress(exceptions.AlreadyExists):
        subscriber.create_subscription(
            name=subscription, topic=topic, ack_deadline_seconds=_ACK_SECONDS
        )
