"""The system as it is deployed, on this machine: its functions over Google's emulators.

Documents are in the Firestore emulator, events in the Pub/Sub emulator, artifacts in a Cloud
Storage server. The entry points of `functions/main.py` run under functions-framework and are called
with CloudEvents. Vertex AI has no emulator: its service is the laptop's own
(`local.emulated.vertex`), asked by the real adapter. BigQuery has none either: datasets are files
of this machine.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import functions_framework
import httpx
from google.cloud import firestore, pubsub_v1, storage
from starlette.types import ASGIApp
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from functions import deployed
from local.data.source import DuckDBDataSource
from local.emulated.emulators import BUCKET, PROJECT, emulators, keep_documents
from local.emulated.eventarc import ChangeFeed, CloudEvent, Subscriptions, in_time, subscribe
from local.emulated.vertex import FILES, TEMPLATES, LaptopVertex, serving_vertex
from local.jobs.environment import (
    REPOSITORY,
    default_trainer_command,
    spare_trainer_command,
)
from local.jobs.erasing import JobTraces, UploadedFiles
from local.jobs.pipelines import SubprocessPipelines
from local.jobs.retention import Sweep
from local.runtime import HomeLock
from local.tracking import SETTING, make_tracker
from local.wiring import retention_of
from shared import handlers
from shared.documents.base import Collection
from shared.events import Topic
from shared.ports import ExperimentTracker

_log = logging.getLogger(__name__)

_SOURCE = REPOSITORY / "functions" / "main.py"
_LOCATION = "local1"
_DEAD_LETTERS = "dead-letters"
_EVENT_FUNCTIONS = {
    step.name: "http" if step.trigger == "clock" else "cloudevent" for step in handlers.STEPS
}
# Profiling a dataset may take minutes.
_FUNCTION_SECONDS = 600.0
_WATCH_SECONDS = 0.2
_RECONCILE_SECONDS = 30.0
_VERTEX = "vertex"


Functions = Callable[[Path], AbstractContextManager[str]]


@contextmanager
def functions_here(_: Path) -> Iterator[str]:
    """The event functions in this process; gives the URL below which each has its name."""
    with serving_functions(0) as url:
        yield url


@contextmanager
def emulated(
    home: Path,
    functions: Functions = functions_here,
    trainings: int = 1,
    *,
    spare_trainer: bool = False,
) -> Iterator[ASGIApp]:
    """Everything but the API runs until the block ends; gives the API's application.

    Args:
        functions: serves the event functions over a home.
        trainings: as many are under way at the same time.
        spare_trainer: see `local.wiring.embedded`.

    Raises:
        EmulatorsMissingError: see its message.
        HomeInUseError: another process runs over the same folder.
        BadSettingError: a variable of the environment has a value that is not allowed.
    """
    home = home.resolve()
    retention = retention_of(os.environ)
    lock = HomeLock(home)
    lock.acquire()
    with ExitStack() as stack:
        stack.callback(lock.release)
        folder = home / "emulators"
        running = stack.enter_context(emulators(folder))
        stack.callback(keep_documents, running, folder)
        stack.enter_context(_environment(running.environment))
        publisher, subscriber = pubsub_v1.PublisherClient(), pubsub_v1.SubscriberClient()
        stack.callback(in_time, subscriber.close)
        stack.callback(in_time, publisher.stop)

        def tell(data: bytes, attributes: dict[str, str]) -> None:
            topic = publisher.topic_path(PROJECT, Topic.PIPELINE_STATUS)
            publisher.publish(topic, data, **attributes).result()

        subscriptions = {
            name: subscriber.subscription_path(PROJECT, name)
            for named in handlers.ROUTES.values()
            for name in named
        }
        for topic, named in handlers.ROUTES.items():
            for name in named:
                path = publisher.topic_path(PROJECT, topic)
                subscribe(publisher, subscriber, path, subscriptions[name])
        dead = publisher.topic_path(PROJECT, _DEAD_LETTERS)
        subscribe(publisher, subscriber, dead, subscriber.subscription_path(PROJECT, _DEAD_LETTERS))

        bucket = storage.Client(PROJECT).bucket(BUCKET)
        for purpose in TEMPLATES:
            template = json.dumps(TEMPLATES[purpose])
            bucket.blob(f"templates/{purpose}.json").upload_from_string(template)
        vertex = LaptopVertex(
            home / _VERTEX,
            bucket.client,
            tell,
            lambda news: SubprocessPipelines(
                home / "jobs",
                default_trainer_command(),
                news,
                max_running=trainings,
                spare_command=spare_trainer_command() if spare_trainer else None,
            ),
        )
        stack.callback(vertex.pipelines.shutdown, kill=True)
        address = stack.enter_context(serving_vertex(vertex))
        stack.enter_context(_every(_WATCH_SECONDS, vertex.pipelines.watch_once))
        tracker = make_tracker(home)
        stack.enter_context(_environment(_settings(address)))
        install(home, tracker)

        url = stack.enter_context(functions(home))
        http = stack.enter_context(httpx.Client(trust_env=False, timeout=_FUNCTION_SECONDS))

        def call(name: str, event: CloudEvent) -> None:
            http.post(
                f"{url}/{name}/", content=event.body, headers=event.headers
            ).raise_for_status()

        def bury(name: str, event: CloudEvent, error: Exception) -> None:
            _log.error("%s was given up on: %s", name, error)
            publisher.publish(dead, event.body, function=name, reason=str(error)).result()

        feed = ChangeFeed(
            firestore.Client(PROJECT),
            Collection,
            lambda event: call("publish_change", event),
            lambda event, error: bury("publish_change", event, error),
        )
        pulls = Subscriptions(
            subscriber,
            {path: _calling(call, name) for name, path in subscriptions.items()},
            lambda path, event, error: bury(path.rsplit("/", 1)[-1], event, error),
        )
        pulls.start()
        stack.callback(pulls.stop)
        feed.start()
        stack.callback(feed.stop)
        stack.enter_context(
            _every(_RECONCILE_SECONDS, lambda: http.post(f"{url}/reconcile/").raise_for_status())
        )
        sweep = Sweep(home, retention, deployed.ports().artifacts, home / _VERTEX / FILES)
        stack.enter_context(_every(_RECONCILE_SECONDS, sweep))
        yield functions_framework.create_app("api", str(_SOURCE))


def _settings(vertex: str) -> dict[str, str]:
    return {
        "RECSMITH_PROJECT": PROJECT,
        "RECSMITH_LOCATION": _LOCATION,
        "RECSMITH_BUCKET": BUCKET,
        "RECSMITH_TEMPLATE_URI": f"gs://{BUCKET}/templates",
        "RECSMITH_VERTEX_ENDPOINT": vertex,
        "RECSMITH_AUTH": "none",
        SETTING: "",  # it may name a database of this machine, which a deployment has not
    }


def install(home: Path, tracker: ExperimentTracker | None) -> None:
    """The functions' ports anew, for the present environment: with files for datasets, and with
    what this machine keeps of customers beside documents and artifacts."""
    for made in (deployed.settings, deployed.google_cloud_ports, deployed.app):
        made.cache_clear()
    ports = deployed.google_cloud_ports()
    jobs = home / "jobs"
    keepers = (JobTraces(jobs), UploadedFiles(home / _VERTEX / FILES, jobs))
    data = DuckDBDataSource(home)
    deployed.install(replace(ports, data=data, prices=None, tracker=tracker, keepers=keepers))


def _calling(call: Any, name: str) -> Any:
    return lambda event: call(name, event)


@contextmanager
def serving_functions(port: int) -> Iterator[str]:
    """The event functions, each under its name, on a port of 127.0.0.1; 0 for any free one."""
    mounted = {
        f"/{name}": functions_framework.create_app(name, str(_SOURCE), signature)
        for name, signature in _EVENT_FUNCTIONS.items()
    }
    app = DispatcherMiddleware(Response("Not found", 404), mounted)
    server = make_server("127.0.0.1", port, app, threaded=True)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line for each request
    thread = threading.Thread(target=server.serve_forever, name="functions", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


@contextmanager
def _every(seconds: float, duty: Any) -> Iterator[None]:
    """Does something now and then, whatever becomes of it, until the block ends."""
    done = threading.Event()

    def run() -> None:
        while not done.wait(seconds):
            try:
                duty()
            except Exception:
                if not done.is_set():
                    _log.exception("%s met a fault and goes on", threading.current_thread().name)

    thread = threading.Thread(target=run, name=f"every {seconds} s", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(seconds + 5)


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """The process's environment with these, until the block ends; empty ones are taken out."""
    before = {name: os.environ.get(name) for name in variables}
    for name, value in variables.items():
        os.environ.pop(name, None) if value == "" else os.environ.update({name: value})
    try:
        yield
    finally:
        for name, old in before.items():
            os.environ.pop(name, None) if old is None else os.environ.update({name: old})
