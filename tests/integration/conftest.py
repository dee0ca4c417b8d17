"""The adapters under test.

The contract suite (`test_document_store`, `test_event_bus`, `test_artifact_store`,
`test_pipeline_service`) only uses what `Cloud` offers, so that further adapters join by joining
`ADAPTERS`. Whatever is peculiar to the embedded ones is tested in `test_runtime`,
`test_embedded_documents`, `test_embedded_queue` and `test_embedded_jobs`.
"""

from __future__ import annotations

import os
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import pytest

from local.emulated.emulators import Emulators, EmulatorsMissingError, check_installed, emulators
from local.jobs.pipelines import SubprocessPipelines
from local.runtime import Runtime
from local.state.artifacts import FileArtifactStore
from local.state.documents import SqliteDocumentStore
from local.state.event_bus import Delivery, Handler, SqliteEventBus
from local.state.sqlite import Database
from shared.documents.base import CodeArtifact, Collection
from shared.documents.dataset import FileSource
from shared.events import Event, Topic
from shared.examples import ExamplesSpec
from shared.jobs import JobRequest
from shared.ports import ArtifactStore, DocumentChange, DocumentStore, EventBus, PipelineService

ADAPTERS = ["embedded", "google"]
SUBSCRIPTIONS = {
    Topic.CONFIG_CHANGED: ["first", "second"],
    Topic.CONFIG_VALIDATED: ["only"],
    Topic.PIPELINE_STATUS: ["track"],
}


class Deliveries(Protocol):
    def wait_idle(self, timeout: float) -> None:
        """Returns once everything is handled; raises TimeoutError."""


class Cloud(Protocol):
    """One set of adapters. Ports work at once; changes and events are delivered in `running`."""

    @property
    def documents(self) -> DocumentStore: ...

    @property
    def events(self) -> EventBus: ...

    @property
    def artifacts(self) -> ArtifactStore: ...

    def running(
        self,
        on_change: Callable[[DocumentChange], None] = ...,
        handlers: dict[Topic, dict[str, Handler]] | None = None,
    ) -> AbstractContextManager[Deliveries]: ...

    def dead_letters(self) -> list[tuple[str, str]]:
        """(subscription, reason) of what was given up on."""

    def pipelines(self, program: str) -> AbstractContextManager[PipelineService]:
        """Runs a trainer whose Python source is `program`; its job's folder is `JOB`."""


def ignore(_: object) -> None:
    pass


@dataclass
class EmbeddedCloud:
    home: Path

    def __post_init__(self) -> None:
        self.delivery = Delivery(
            attempts=4, deaths=4, backoff_seconds=0.02, backoff_cap_seconds=0.1
        )
        self.database = Database(self.home / "state.db")
        self.documents = SqliteDocumentStore(self.database)
        self.events = SqliteEventBus(self.database, SUBSCRIPTIONS, self.delivery)
        self.artifacts = FileArtifactStore(self.home / "artifacts")

    def runtime(
        self,
        on_change: Callable[[DocumentChange], None] = ignore,
        handlers: dict[Topic, dict[str, Handler]] | None = None,
        reconcile: Callable[[], None] = lambda: None,
        command: list[str] | None = None,
        on_start: Callable[[], None] = lambda: None,
    ) -> Runtime:
        routes = {
            topic: {name: (handlers or {}).get(topic, {}).get(name, ignore) for name in names}
            for topic, names in SUBSCRIPTIONS.items()
        }
        return Runtime(
            self.home,
            self.database,
            self.documents,
            self.events,
            SubprocessPipelines(self.home / "jobs", command or ["false"], self.publish_news),
            on_change=on_change,
            routes=routes,
            reconcile=reconcile,
            reconcile_seconds=0.1,
            delivery=self.delivery,
            on_start=on_start,
        )

    running = runtime

    def publish_news(self, quick_test_id: str) -> None:
        self.events.publish(
            event(quick_test_id, kind=Topic.PIPELINE_STATUS, collection=Collection.QUICK_TESTS)
        )

    def dead_letters(self) -> list[tuple[str, str]]:
        return [(letter.subscription, letter.reason) for letter in self.events.dead_letters()]

    @contextmanager
    def pipelines(
        self, program: str, on_news: Callable[[str], None] = ignore, grace_seconds: float = 0.5
    ) -> Iterator[SubprocessPipelines]:
        service = SubprocessPipelines(
            self.home / "jobs",
            trainer(self.home, program),
            on_news,
            grace_seconds=grace_seconds,
        )
        with watched(service):
            yield service
        service.shutdown(kill=True)


@contextmanager
def watched(service: SubprocessPipelines) -> Iterator[None]:
    """Does what the runtime does for the service."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            service.watch_once()

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


TRAINER_PRELUDE = """
import json, os, pathlib, signal, subprocess, sys, time
from datetime import datetime, timezone
JOB = pathlib.Path(sys.argv[1])
def status(task, state, error=None):
    line = {"task": task, "state": state, "at": datetime.now(timezone.utc).isoformat(),
            "error": error}
    with (JOB / "status.jsonl").open("a") as file:
        file.write(json.dumps(line) + "\\n")
def succeed(*tasks):
    for task in tasks:
        status(task, "running")
        status(task, "succeeded")
def finish():
    (JOB / "exit.json").write_text('{"returncode": 0}')
def wait_for(name):
    while not (JOB.parent / name).exists():
        time.sleep(0.01)
"""


def trainer(folder: Path, program: str) -> list[str]:
    """A command that runs a stand-in for the trainer."""
    script = folder / f"trainer-{time.monotonic_ns()}.py"
    script.write_text(TRAINER_PRELUDE + textwrap.dedent(program))
    return [sys.executable, "-S", str(script)]


def event(
    document_id: str = "a",
    kind: Topic = Topic.CONFIG_CHANGED,
    collection: Collection = Collection.FEATURE_CONFIGS,
    **fields: object,
) -> Event:
    return Event.model_validate(
        {
            "kind": kind,
            "collection": collection,
            "document_id": document_id,
            "revision": 1,
            "occurred_at": datetime.now(UTC),
            **fields,
        }
    )


def job_request(job_id: str = "qt-1", quick_test_id: str = "test") -> JobRequest:
    code = CodeArtifact(uri="file:///code.py", sha256="0" * 64)
    return JobRequest(
        job_id=job_id,
        quick_test_id=quick_test_id,
        preprocessing=code,
        trainer=code,
        examples=ExamplesSpec(
            source=FileSource(kind="csv", uri="data.csv"),
            features=[],
            query_keys=[],
            candidate_keys=[],
            customer_key="customer",
            product_key="product",
        ),
        vocabularies=[],
        epochs=1,
        output_uri="file:///output",
    )


@pytest.fixture(params=ADAPTERS)
def cloud(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Cloud]:
    if request.param == "embedded":
        yield EmbeddedCloud(tmp_path / "home")
        return
    from tests.integration.google_cloud import GoogleCloud

    running = request.getfixturevalue("running_emulators")
    with GoogleCloud.over(running, tmp_path) as made:
        yield made


@pytest.fixture(scope="session")
def running_emulators(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulators]:
    """One set for all tests of a process; each test has a project and a folder of its own.
    Firestore refuses what Google's does."""
    try:
        check_installed()
    except EmulatorsMissingError as missing:
        if os.environ.get("CI"):
            pytest.fail(f"CI runs everything. {missing}")
        pytest.skip(str(missing))
    from tests.integration.strict_firestore import strict_firestore

    with emulators(tmp_path_factory.mktemp("emulators")) as running, strict_firestore():
        before = {name: os.environ.get(name) for name in running.environment}
        os.environ.update(running.environment)
        yield running
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


@pytest.fixture
def embedded(tmp_path: Path) -> EmbeddedCloud:
    return EmbeddedCloud(tmp_path / "home")
