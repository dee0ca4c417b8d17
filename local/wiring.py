"""The laptop, wired in one place."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from functions.report import page_of
from local.data.outcomes import DuckDBOutcomes
from local.data.source import DuckDBDataSource
from local.jobs.environment import default_trainer_command, spare_trainer_command, trainer_python
from local.jobs.erasing import JobTraces, KeptExamples
from local.jobs.pipelines import SubprocessPipelines
from local.jobs.predictors import WarmPredictor
from local.jobs.retention import Retention, Sweep
from local.runtime import Runtime
from local.state.artifacts import FileArtifactStore
from local.state.documents import SqliteDocumentStore
from local.state.erasing import KeptChanges
from local.state.event_bus import Delivery, Handler, SqliteEventBus
from local.state.files import make_private
from local.state.sqlite import Database
from local.tracking import make_tracker
from shared import handlers
from shared.channels import read_channels
from shared.clock import SystemClock
from shared.documents.base import Collection
from shared.events import Event, Topic
from shared.outbound import HttpsMessenger
from shared.ports import Clock, DocumentChange, EventBus, Messages, Ports
from shared.services.profiling import release_turns


@dataclass(frozen=True)
class System:
    """`ports` work at once; `runtime` makes things happen once it is started."""

    home: Path
    ports: Ports
    runtime: Runtime
    events: SqliteEventBus


def embedded(
    home: Path,
    *,
    trainer_command: Sequence[str] | None = None,
    clock: Clock | None = None,
    max_running_jobs: int = 1,
    reconcile_seconds: float = 30.0,
    keeps_schedules: bool = True,
    delivery: Delivery | None = None,
    patience: handlers.Patience | None = None,
    retention: Retention | None = None,
    seen_by_handlers: Callable[[Ports], Ports] = lambda ports: ports,
    spare_trainer: bool = False,
) -> System:
    """The whole system over one folder.

    Args:
        home: everything is kept here, by custom `.recsmith`.
        trainer_command: runs a job, given the job's folder as a further argument.
        spare_trainer: keeps a process ready that has loaded TensorFlow for the next job.
        keeps_schedules: begins what is due; a system that ends with a command would kill its
            training.
        seen_by_handlers: what the handlers get of the ports; tests put faults in between.

    Raises:
        UnusableStateError: what the folder holds is damaged, or from a newer program.
        BadSettingError: a variable of the environment has a value that is not allowed.
    """
    home = home.resolve()
    make_private(home)
    clock = clock or SystemClock()
    database = Database(home / "state.db")
    documents = SqliteDocumentStore(database)
    events = SqliteEventBus(database, handlers.ROUTES, delivery)
    artifacts = FileArtifactStore(home / "artifacts")
    store = (home / "artifacts").resolve().as_uri()
    pipelines = SubprocessPipelines(
        home / "jobs",
        trainer_command or default_trainer_command(),
        partial(_publish_news, events, clock),
        max_running=max_running_jobs,
        spare_command=spare_trainer_command() if spare_trainer else None,
        told={"RECSMITH_CACHE": str(home / "cache" / "examples"), "RECSMITH_STORE": store},
        store=store,
    )
    predictor = WarmPredictor(
        [trainer_python(), "-m", "trainer_image.serve"], home / "predictions.log", store=store
    )
    ports = Ports(
        documents=documents,
        events=events,
        artifacts=artifacts,
        pipelines=pipelines,
        data=DuckDBDataSource(home),
        clock=clock,
        predictor=predictor,
        tracker=make_tracker(home),
        outcomes=DuckDBOutcomes(home / "tmp"),
        changes=documents,
        report=page_of,
        keepers=(
            KeptExamples(home / "cache" / "examples"),
            JobTraces(home / "jobs", home / "predictions.log", home / "batch.log"),
            KeptChanges(database),
        ),
        messages=messages_of(os.environ),
    )
    # What a handler writes is written again where a power cut takes it; what users write is not.
    undone = replace(ports, documents=SqliteDocumentStore(database, durable=False))
    inside = seen_by_handlers(undone)
    patience = patience or patience_of(os.environ)

    sweep = Sweep(home, retention or retention_of(os.environ), artifacts)

    def reconcile() -> None:
        try:
            handlers.reconcile(inside, patience, keeps_schedules=keeps_schedules)
        finally:
            sweep()

    def on_change(change: DocumentChange) -> None:
        handlers.publish_change(change, inside)

    runtime = Runtime(
        home,
        database,
        documents,
        events,
        pipelines,
        on_change=on_change,
        routes={
            topic: {name: _bind(handler, inside) for name, handler in named.items()}
            for topic, named in handlers.ROUTES.items()
        },
        reconcile=reconcile,
        reconcile_seconds=reconcile_seconds,
        delivery=delivery,
        on_start=lambda: release_turns(inside),
        on_stop=predictor.close,
    )
    return System(home, ports, runtime, events)


class BadSettingError(Exception):
    """A variable of the environment has a value that is not allowed; the message says which."""


def patience_of(environment: Mapping[str, str]) -> handlers.Patience:
    """By `RECSMITH_PENDING_MINUTES` and `RECSMITH_SILENT_MINUTES`. Raises BadSettingError."""
    told = {}
    for field, name in (("pending", "PENDING"), ("running", "SILENT")):
        if value := environment.get(f"RECSMITH_{name}_MINUTES"):
            try:
                minutes = float(value)
                if not 0 < minutes < math.inf:
                    raise ValueError
                told[field] = timedelta(minutes=minutes)
            except (ValueError, OverflowError):
                raise BadSettingError(
                    f"RECSMITH_{name}_MINUTES is a number above 0. Received: {value!r}."
                ) from None
    return handlers.Patience(**told)


_KEPT = {
    "samples": "RECSMITH_KEEP_SAMPLES_DAYS",
    "intermediates": "RECSMITH_KEEP_INTERMEDIATES_DAYS",
    "logs": "RECSMITH_KEEP_LOGS_DAYS",
    "quick_tests": "RECSMITH_KEEP_QUICK_TESTS_DAYS",
}


def retention_of(environment: Mapping[str, str]) -> Retention:
    """By the variables of `_KEPT`, in days; 0 keeps for ever. Raises BadSettingError."""
    told: dict[str, timedelta | None] = {}
    for field, name in _KEPT.items():
        if value := environment.get(name):
            if not (value.isascii() and value.isdecimal() and len(value) <= 6):
                raise BadSettingError(
                    f"{name} is a whole number of days, 0 to keep for ever. Received: {value!r}."
                )
            told[field] = timedelta(days=int(value)) or None
    return Retention(**told)


def messages_of(environment: Mapping[str, str]) -> Messages | None:
    """By `RECSMITH_CHANNELS` and `RECSMITH_CONSOLE_URL`; None: nobody is told. Raises
    BadSettingError, without the channels' secrets."""
    told = environment.get("RECSMITH_CHANNELS")
    if not told:
        return None
    try:
        channels = read_channels(told)
    except ValueError as error:
        raise BadSettingError(f"RECSMITH_CHANNELS: {error}.") from None
    console = environment.get("RECSMITH_CONSOLE_URL", "").rstrip("/") or None
    return Messages(channels, HttpsMessenger(own_machine=True), console)


def _bind(handler: Callable[[Event, Ports], None], ports: Ports) -> Handler:
    return lambda event: handler(event, ports)


def _publish_news(events: EventBus, clock: Clock, quick_test_id: str) -> None:
    events.publish(
        Event(
            kind=Topic.PIPELINE_STATUS,
            collection=Collection.QUICK_TESTS,
            document_id=quick_test_id,
            revision=0,
            occurred_at=clock.now(),
        )
    )
