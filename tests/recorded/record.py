"""Records what Google's Firestore emulator makes of documents, as CloudEvents: `python -m
tests.recorded.record`. The files beside this one are what it wrote."""

from __future__ import annotations

import base64
import json
import os
import tempfile
import threading
from datetime import UTC, datetime
from pathlib import Path

from google.cloud import firestore, pubsub_v1
from google.cloud.firestore_v1 import GeoPoint
from google.cloud.firestore_v1.vector import Vector

from local.emulated.emulators import PROJECT, emulators
from local.emulated.eventarc import ChangeFeed, CloudEvent, Subscriptions, subscribe

_FOLDER = Path(__file__).parent
_SECONDS = 20


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, emulators(Path(folder)) as running:
        os.environ.update(running.environment)
        _documents()
        _message()


def _documents() -> None:
    client = firestore.Client(PROJECT)
    arrived = threading.Semaphore(0)
    events: list[CloudEvent] = []

    def note(event: CloudEvent) -> None:
        events.append(event)
        arrived.release()

    def fail(_: CloudEvent, error: Exception) -> None:
        raise error

    feed = ChangeFeed(client, ["feature_configs", "things"], note, fail)
    feed.start()
    document = client.document("feature_configs/fc-ünï")
    config = {"name": "Ids", "revision": 1, "spec": {"dataset_id": "ds-1", "dims": [8, 16]}}
    for write in (
        lambda: document.set(config),
        lambda: document.update({"spec.dataset_id": "ds-2", "revision": 2}),
        document.delete,
        lambda: client.document("things/all").set(
            {
                "null": None,
                "true": True,
                "integer": -(2**63),
                "double": 0.1,
                "nan": float("nan"),
                "infinite": float("-inf"),
                "time": datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC),
                "text": 'é "quoted" \n\\ 商品',
                "bytes": b"\x00\xff",
                "reference": document,
                "point": GeoPoint(52.5, 13.4),
                "array": [1, "a", None, {"deep": [True]}],
                "map": {"a.b": {"c": {}}},
                "empty": [],
                "vector": Vector([1.0, 2.5]),
            }
        ),
    ):
        write()
        assert arrived.acquire(timeout=_SECONDS), len(events)
    feed.stop()
    for name, event in zip(("created", "updated", "deleted", "all_types"), events, strict=True):
        _save(f"document_{name}", event)


def _message() -> None:
    publisher, subscriber = pubsub_v1.PublisherClient(), pubsub_v1.SubscriberClient()
    topic = publisher.topic_path(PROJECT, "config-changed")
    subscription = subscriber.subscription_path(PROJECT, "validate_config")
    subscribe(publisher, subscriber, topic, subscription)
    arrived = threading.Event()

    def note(event: CloudEvent) -> None:
        _save("message_published", event)
        arrived.set()

    pulls = Subscriptions(subscriber, {subscription: note}, lambda *_: None)
    pulls.start()
    event = {
        "kind": "config-changed",
        "collection": "feature_configs",
        "document_id": "fc-1",
        "revision": 3,
        "occurred_at": "2025-01-31T12:00:00Z",
        "event_id": "0123456789abcdef",
        "schema_version": 1,
    }
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    publisher.publish(topic, json.dumps(event).encode(), traceparent=trace).result()
    assert arrived.wait(_SECONDS)
    pulls.stop()


def _save(name: str, event: CloudEvent) -> None:
    recorded = {"headers": event.headers, "body": base64.b64encode(event.body).decode()}
    (_FOLDER / f"{name}.json").write_text(json.dumps(recorded, indent=1) + "\n")


if __name__ == "__main__":
    main()
