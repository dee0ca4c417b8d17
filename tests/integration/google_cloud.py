"""The adapters of Google Cloud, over the emulators and the laptop's Vertex AI."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import grpc
from cloudevents.http import from_http
from google.cloud import firestore, pubsub_v1, storage

from local.emulated.emulators import Emulators
from local.emulated.eventarc import ChangeFeed, CloudEvent, Subscriptions, subscribe
from local.emulated.vertex import TEMPLATES, LaptopVertex, serving_vertex
from local.jobs.pipelines import SubprocessPipelines
from local.state.event_bus import Delivery, Handler
from shared.events import Event, Topic
from shared.gcp.cloud_events import document_change, pubsub_message
from shared.gcp.firestore import FirestoreDocumentStore
from shared.gcp.pubsub import PubSubEventBus
from shared.gcp.status_events import read_event
from shared.gcp.storage import GcsArtifactStore
from shared.gcp.vertex import VertexPipelines, vertex_client
from shared.ports import DocumentChange
from tests.integration.conftest import SUBSCRIPTIONS, ignore, trainer, watched

_NUMBERS = itertools.count(time.time_ns() % 10**9)
_SENTINEL = "sentinel"
LOCATION = "projects/recsmith-test/locations/europe-west4"


class GoogleCloud:
    """A project of its own on the emulators, and a bucket of its own."""

    def __init__(self, emulators: Emulators, folder: Path, project: str) -> None:
        self.project = project
        self.folder = folder
        self.delivery = Delivery(attempts=4, backoff_seconds=0.02, backoff_cap_seconds=0.1)
        self.firestore = firestore.Client(project=project)
        self.documents = FirestoreDocumentStore(self.firestore)
        self.publisher = pubsub_v1.PublisherClient()
        self.events = _CountedBus(PubSubEventBus(self.publisher, project))
        self.storage = storage.Client(project=project)
        self.storage.create_bucket(project)
        self.artifacts = GcsArtifactStore(self.storage, project)
        self._subscriber = pubsub_v1.SubscriberClient()
        self._dead: list[tuple[str, str]] = []
        for topic, names in SUBSCRIPTIONS.items():
            for name in names:
                subscribe(
                    self.publisher,
                    self._subscriber,
                    self.publisher.topic_path(project, topic),
                    self._subscriber.subscription_path(project, f"{topic}-{name}"),
                )

    @classmethod
    @contextmanager
    def over(cls, emulators: Emulators, folder: Path) -> Iterator[GoogleCloud]:
        cloud = cls(emulators, folder, f"recsmith-test-{next(_NUMBERS)}")
        try:
            yield cloud
        finally:
            cloud.publisher.stop()
            cloud._subscriber.close()
            cloud.firestore.close()

    @contextmanager
    def running(
        self,
        on_change: Callable[[DocumentChange], None] = ignore,
        handlers: dict[Topic, dict[str, Handler]] | None = None,
    ) -> Iterator[_Deliveries]:
        deliveries = _Deliveries(self)

        def changed(sent: CloudEvent) -> None:
            change, _ = document_change(from_http(sent.headers, sent.body).data)
            if change.path == f"things/{_SENTINEL}":
                deliveries.seen(change)
            else:
                on_change(change)

        feed = ChangeFeed(
            self.firestore,
            ["things"],
            changed,
            lambda _, error: self._bury("publish_change", error),
            self.delivery,
        )
        pulls = Subscriptions(
            self._subscriber,
            {
                self._subscriber.subscription_path(self.project, f"{topic}-{name}"): (
                    deliveries.counted((handlers or {}).get(topic, {}).get(name, ignore))
                )
                for topic, names in SUBSCRIPTIONS.items()
                for name in names
            },
            lambda name, _, error: deliveries.buried(name, error),
            self.delivery,
        )
        feed.start()
        pulls.start()
        try:
            yield deliveries
        finally:
            feed.stop()
            pulls.stop()

    def _bury(self, subscription: str, error: Exception) -> None:
        self._dead.append((subscription, f"{type(error).__name__}: {error}"))

    def dead_letters(self) -> list[tuple[str, str]]:
        return self._dead

    @contextmanager
    def pipelines(
        self, program: str, interceptors: Sequence[grpc.ServerInterceptor] = ()
    ) -> Iterator[VertexPipelines]:
        command = trainer(self.folder, program)
        service = LaptopVertex(
            self.folder / "vertex",
            self.storage,
            lambda *_: None,
            lambda tell: SubprocessPipelines(
                self.folder / "jobs", command, tell, grace_seconds=0.5
            ),
        )
        with ExitStack() as stack:
            stack.enter_context(watched(service.pipelines))
            address = stack.enter_context(serving_vertex(service, interceptors))
            client = vertex_client("europe-west4", address)
            yield VertexPipelines(client, LOCATION, self.artifacts, TEMPLATES.__getitem__)
            service.pipelines.shutdown(kill=True)


class _CountedBus:
    """Knows how many deliveries it has caused."""

    def __init__(self, bus: PubSubEventBus) -> None:
        self._bus = bus
        self.caused = 0

    def publish(self, event: Event) -> None:
        self._bus.publish(event)
        self.caused += len(SUBSCRIPTIONS.get(event.kind, ()))


class _Deliveries:
    """Knows when nothing is left: all that was published is done with, and the feed has come to
    a document that was written last."""

    def __init__(self, cloud: GoogleCloud) -> None:
        self._cloud = cloud
        self._done = 0
        self._lock = threading.Lock()
        self._sentinel = -1

    def seen(self, change: DocumentChange) -> None:
        self._sentinel = (change.after or {}).get("n", self._sentinel)

    def counted(self, handler: Handler) -> Callable[[CloudEvent], None]:
        def deliver(sent: CloudEvent) -> None:
            handler(read_event(pubsub_message(from_http(sent.headers, sent.body).data)))
            with self._lock:
                self._done += 1

        return deliver

    def buried(self, subscription: str, error: Exception) -> None:
        self._cloud._bury(subscription.rsplit("-", 1)[-1], error)
        with self._lock:
            self._done += 1

    def wait_idle(self, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        number = next(_NUMBERS)
        self._cloud.firestore.document(f"things/{_SENTINEL}").set({"n": number})
        while self._sentinel != number or self._done < self._cloud.events.caused:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self._done} of {self._cloud.events.caused} are done with.")
            time.sleep(0.01)
