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
from local.artifacts import FileArtifactStore
from local.data import DuckDBDataSource
from local.documents import SqliteDocumentStore
from local.pipelines import REPOSITORY, SubprocessPipelines
from local.predictors import WarmPredictor
from local.queue import Delivery, Handler, SqliteEventBus
from local.runtime import Runtime
from local.sqlite import Database
from local.tracking import make_tracker
from shared import handlers
from shared.clock import SystemClock
from shared.documents.base import Collection
from shared.events import Event, Topic
from shared.ports import Clock, DocumentChange, EventBus, Ports


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
    delivery: Delivery | None = None,
    patience: handlers.Patience | None = None,
    seen_by_handlers: Callable[[Ports], Ports] = lambda ports: ports,
    spare_trainer: bool = False,
) -> System:
    """The whole system over one folder.

    Args:
        home: everything is kept here, by custom `.recsmith`.
        trainer_command: runs a job, given the job's folder as a further argument.
        spare_trainer: keeps a process ready that has loaded TensorFlow for the next job.
        seen_by_handlers: what the handlers get of the ports; tests put faults in between.

    Raises:
        UnusableState: what the folder holds is damaged, or from a newer program.
        BadSetting: a variable of the environment is none of those it may be.
    """
    home = home.resolve()
    clock = clock or SystemClock()
    database = Database(home / "state.db")
    documents = SqliteDocumentStore(database)
    events = SqliteEventBus(database, handlers.ROUTES, delivery)
    pipelines = SubprocessPipelines(
        home / "jobs",
        trainer_command or default_trainer_command(),
        partial(_publish_news, events, clock),
        max_running=max_running_jobs,
        spare_command=spare_trainer_command() if spare_trainer else None,
        environment={"RECSMITH_CACHE": str(home / "cache" / "examples")},
    )
    predictor = WarmPredictor(
        [trainer_python(), "-m", "trainer_image.serve"], home / "predictions.log"
    )
    ports = Ports(
        documents=documents,
        events=events,
        artifacts=FileArtifactStore(home / "artifacts"),
        pipelines=pipelines,
        data=DuckDBDataSource(home),
        clock=clock,
        predictor=predictor,
        tracker=make_tracker(home),
        report=page_of,
    )
    # What a handler writes is written again where a power cut takes it; what users write is not.
    undone = replace(ports, documents=SqliteDocumentStore(database, durable=False))
    inside = seen_by_handlers(undone)
    patience = patience or patience_of(os.environ)

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
        reconcile=lambda: handlers.reconcile(inside, patience),
        reconcile_seconds=reconcile_seconds,
        delivery=delivery,
        on_stop=predictor.close,
    )
    return System(home, ports, runtime, events)


class BadSetting(Exception):  # noqa: N818
    """A variable of the environment is none of those it may be; the message says which."""


def patience_of(environment: Mapping[str, str]) -> handlers.Patience:
    """By `RECSMITH_PENDING_MINUTES` and `RECSMITH_SILENT_MINUTES`. Raises BadSetting."""
    told = {}
    for field, name in (("pending", "PENDING"), ("running", "SILENT")):
        if value := environment.get(f"RECSMITH_{name}_MINUTES"):
            try:
                minutes = float(value)
                if not 0 < minutes < math.inf:
                    raise ValueError
                told[field] = timedelta(minutes=minutes)
            except (ValueError, OverflowError):
                raise BadSetting(
                    f"RECSMITH_{name}_MINUTES is a number above 0. Received: {value!r}."
                ) from None
    return handlers.Patience(**told)


def default_trainer_command() -> list[str]:
    return [trainer_python(), "-m", "trainer_image.run"]


def spare_trainer_command() -> list[str]:
    modules = ["local.spare_trainer", "trainer_image.warm", "trainer_image.run"]
    return [trainer_python(), "-m", *modules]


def trainer_python() -> str:
    return os.environ.get("RECSMITH_TRAINER_PYTHON") or str(
        REPOSITORY / ".venv-trainer" / "bin" / "python"
    )


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
