"""The ports in memory: small, and as strict as the real ones.

Documents are copied through JSON, transactions are optimistic, and the change feed and the events
are lists, so that a test may deliver them in any order and as often as it likes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from fake_documents import FakeDocuments

from shared.columns import Column
from shared.documents.dataset import Source
from shared.documents.tables import Tables
from shared.errors import AlreadyExistsError, NotFoundError, UnavailableError
from shared.events import Event
from shared.examples import RawType
from shared.experiments import RunRecord, TrackedRun
from shared.jobs import Job, JobRequest, Stage, State, Task
from shared.ports import NO_ROLES, Look, Ports, Profile
from shared.predictions import (
    Applied,
    Bought,
    Customer,
    ListName,
    Prediction,
    PredictionInputs,
    PredictionRequest,
    QueryColumn,
    Recommendation,
)
from shared.problems import InvalidError, Problem
from shared.rules_of_lists import Rules
from shared.views import View


class FakeEvents:
    def __init__(self) -> None:
        self.published: list[Event] = []

    def publish(self, event: Event) -> None:
        self.published.append(event)


class FakeArtifacts:
    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def uri(self, key: str) -> str:
        return f"memory://{key}"

    def create(self, key: str, content: bytes) -> str:
        uri = self.uri(key)
        if uri in self.files:
            raise AlreadyExistsError("artifact", uri)
        self.files[uri] = content
        return uri

    def replace(self, key: str, content: bytes) -> str:
        uri = self.uri(key)
        self.files[uri] = content
        return uri

    def read(self, uri: str) -> bytes:
        if uri not in self.files:
            raise NotFoundError("artifact", uri)
        return self.files[uri]

    def pieces(self, uri: str) -> Iterator[bytes]:
        content = self.read(uri)
        yield from (content[at : at + 7] for at in range(0, len(content), 7))

    def exists(self, uri: str) -> bool:
        return uri in self.files

    def contents(self, folder: str) -> list[tuple[str, int]]:
        root, within = self.uri(""), f"{self.uri(folder)}/"
        found = self.files.items()
        return sorted(
            (uri.removeprefix(root), len(text)) for uri, text in found if uri.startswith(within)
        )

    def folders(self, parent: str) -> list[str]:
        within = f"{self.uri(parent)}/"
        names = {
            uri.removeprefix(within).split("/")[0]
            for uri in self.files
            if uri.startswith(within) and "/" in uri.removeprefix(within)
        }
        return [f"{parent}/{name}" for name in sorted(names)]

    def remove(self, folder: str) -> None:
        within = f"{self.uri(folder)}/"
        self.files = {uri: text for uri, text in self.files.items() if not uri.startswith(within)}


class FakePipelines:
    """`requests` holds one entry for each job that really started; `fault` is raised by the next
    call."""

    def __init__(self, clock: FakeClock) -> None:
        self.requests: dict[str, JobRequest] = {}
        self.jobs: dict[str, Job] = {}
        self.cancelled: list[str] = []
        self.fault: Exception | None = None
        self._clock = clock

    def launch(self, request: JobRequest) -> None:
        self._fail()
        if request.job_id in self.jobs:
            raise AlreadyExistsError("job", request.job_id)
        self.requests[request.job_id] = request
        self.jobs[request.job_id] = Job(
            job_id=request.job_id,
            quick_test_id=request.quick_test_id,
            state=State.PENDING,
            tasks=[Task(name=stage) for stage in Stage],
            started_at=self._clock.now(),
        )

    def get(self, job_id: str) -> Job:
        self._fail()
        if job_id not in self.jobs:
            raise NotFoundError("job", job_id)
        return self.jobs[job_id].model_copy(deep=True)

    def cancel(self, job_id: str) -> None:
        self._fail()
        job = self.get(job_id)
        self.cancelled.append(job_id)
        if not job.state.ended:
            self.jobs[job_id] = job.model_copy(
                update={"state": State.CANCELLED, "ended_at": self._clock.now()}
            )

    def forget(self, job_id: str) -> None:
        self._fail()
        self.jobs.pop(job_id, None)

    def advance(self, job_id: str, stage: Stage, state: State, error: str | None = None) -> None:
        """Brings a job to a stage: those before it have succeeded, those after it wait."""
        order = list(Stage)
        tasks = []
        for name in order:
            place = order.index(name) - order.index(stage)
            own = State.SUCCEEDED if place < 0 else state if place == 0 else State.PENDING
            tasks.append(Task(name=name, state=own, error=error if place == 0 else None))
        whole = State.RUNNING
        if state is State.FAILED or (state is State.SUCCEEDED and stage is order[-1]):
            whole = state
        self.jobs[job_id] = self.jobs[job_id].model_copy(
            update={
                "state": whole,
                "tasks": tasks,
                "error": error,
                "ended_at": self._clock.now() if whole.ended else None,
            }
        )

    def _fail(self) -> None:
        if self.fault:
            fault, self.fault = self.fault, None
            raise fault


class FakeData:
    """`profiles` by URI or table; one that is not there is a missing file. `price` is that of
    reading a column, in bytes; `read` holds the columns that it was asked of."""

    def __init__(self) -> None:
        self.price: int | None = None
        self.read: list[tuple[str, ...]] = []
        self.profiles: dict[str, Profile] = {}
        self.profiled: list[str] = []
        self.rows: dict[str, list[Any]] = {}

    def look(self, source: Source) -> Look:
        return Look(source, self.inspect(source))

    def inspect(self, source: Source) -> list[Column]:
        return [
            column.model_copy(update={"statistics": None}) for column in self._find(source).columns
        ]

    def first_rows(self, source: Source, columns: Sequence[str]) -> dict[str, list[Any]]:
        self._find(source)
        return {name: self.rows[name] for name in columns if name in self.rows}

    def source_fingerprint(self, source: Source) -> str | None:
        return self._find(source).source_fingerprint

    def profile(
        self,
        source: Source,
        mapping: Mapping[str, str] = NO_ROLES,
        latest: int | None = None,
        tables: Tables | None = None,
    ) -> Profile:
        profile = self._find(source)
        self.profiled.append(_name(source))
        return profile

    def bytes_read(
        self, source: Source, columns: Sequence[str], view: View | None = None
    ) -> int | None:
        self._find(source)
        self.read.append(tuple(columns))
        return None if self.price is None else self.price * len(columns)

    def _find(self, source: Source) -> Profile:
        name = _name(source)
        if name not in self.profiles:
            raise InvalidError(
                [
                    Problem(
                        path="spec.source.uri",
                        code="not_found",
                        message="There is no such file.",
                        received=name,
                    )
                ]
            )
        return self.profiles[name]


def _name(source: Source) -> str:
    return source.named if source.kind == "bigquery" else source.uri


class FakePredictor:
    """Recommends what a customer has, then `new`. `bought` by customer; `fault` is raised by the
    next call; `asked` holds the URIs of the models that were asked."""

    def __init__(self) -> None:
        self.bought: dict[str, list[str]] = {"c1": ["p1", "p1", "p2"]}
        self.fault: Exception | None = None
        self.asked: list[str] = []

    def describe(
        self, artifacts_uri: str, *, search: str | None = None, limit: int = 20
    ) -> PredictionInputs:
        self._ask(artifacts_uri)
        found = [
            Customer(customer_id=customer, purchases=len(products))
            for customer, products in self.bought.items()
            if (search or "") in customer
        ]
        return PredictionInputs(
            columns=[QueryColumn(column="customer", type=RawType.TEXT, example="c1")],
            customer_column="customer",
            customers=found[:limit],
            customer_count=len(self.bought),
            recommends=True,
            rates=False,
            rating_column=None,
            max_k=100,
            looks_back=True,
        )

    def predict(self, artifacts_uri: str, request: PredictionRequest) -> Prediction:
        self._ask(artifacts_uri)
        if unknown := sorted(set(request.values) - {"customer"}):
            path = f"values.{unknown[0]}"
            raise InvalidError(
                [Problem(path=path, code="unknown_column", message="No such column.")]
            )
        customer = request.customer_id or str(request.values.get("customer"))
        products = self.bought.get(customer, [])
        ages = dict.fromkeys(products, 3.0)
        if request.history is not None:
            products = [one.product_id for one in request.history]
            ages = {one.product_id: one.days_ago for one in request.history}
        had = sorted(set(products))
        lists = {ListName.ALL: [*had, "new"], ListName.BUY_AGAIN: had, ListName.DISCOVER: ["new"]}
        return Prediction(
            known=customer in self.bought,
            query={"customer": customer},
            recommendations=[
                Recommendation(
                    product_id=product,
                    name=None,
                    score=1.0 / (place + 1),
                    bought_before=product in had,
                    last_bought_days_ago=ages.get(product),
                )
                for place, product in enumerate(lists[request.list][: request.k])
            ],
            ratings=[],
            history=[
                Bought(product_id=product, name=None, count=products.count(product))
                for product in had
            ],
            products_bought=len(had),
            applied=request.rules and self._applied(request.rules),
        )

    def _applied(self, rules: Rules) -> Applied:
        """Each filter leaves out ten products."""
        return Applied(rules=[], products=100, fitting=100 - 10 * len(rules.filters))

    def _ask(self, artifacts_uri: str) -> None:
        self.asked.append(artifacts_uri)
        if self.fault:
            fault, self.fault = self.fault, None
            raise fault


class FakeTracker:
    """`runs` by id, in the order in which they were made. While `down`, nothing is to be had.
    `meanwhile` runs once, after a run was written: the place for another writer."""

    def __init__(self) -> None:
        self.runs: dict[str, RunRecord] = {}
        self.down = False
        self.calls = 0
        self.meanwhile: Callable[[], None] | None = None
        self._made = 0

    def record(self, record: RunRecord) -> TrackedRun:
        self._call()
        found = [run_id for run_id, run in self.runs.items() if run.key == record.key]
        return self.write(record, found[0] if found else None)

    def write(self, record: RunRecord, run_id: str | None = None) -> TrackedRun:
        """What `record` does once it has looked; without an id, it found none."""
        if run_id is None:
            self._made += 1
            run_id = f"run-{self._made}"
        self.runs[run_id] = record
        if self.meanwhile:
            other, self.meanwhile = self.meanwhile, None
            other()
        return TrackedRun(run_id, f"memory://{run_id}")

    def keep_only(self, key: str, run_id: str) -> TrackedRun | None:
        self._call()
        if run_id not in self.runs or self.runs[run_id].key != key:
            return None
        self.runs = {k: run for k, run in self.runs.items() if k == run_id or run.key != key}
        return TrackedRun(run_id, f"memory://{run_id}")

    def forget(self, key: str) -> None:
        self._call()
        self.runs = {run_id: run for run_id, run in self.runs.items() if run.key != key}

    def _call(self) -> None:
        self.calls += 1
        if self.down:
            raise UnavailableError("The tracker does not answer.")


class FakeClock:
    def __init__(self) -> None:
        self.time = datetime(2025, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def advance(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


class FakeMessenger:
    """`sent` holds URL, headers and body of each message; `faults` are raised by the next calls."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Mapping[str, str], Any]] = []
        self.faults: list[BaseException] = []

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> None:
        if self.faults:
            raise self.faults.pop(0)
        self.sent.append((url, headers, json.loads(body)))


@dataclass
class Fakes:
    """All ports; `ports` is what a handler gets."""

    clock: FakeClock = field(default_factory=FakeClock)
    documents: FakeDocuments = field(default_factory=FakeDocuments)
    events: FakeEvents = field(default_factory=FakeEvents)
    artifacts: FakeArtifacts = field(default_factory=FakeArtifacts)
    data: FakeData = field(default_factory=FakeData)
    predictor: FakePredictor = field(default_factory=FakePredictor)
    tracker: FakeTracker = field(default_factory=FakeTracker)

    def __post_init__(self) -> None:
        self.pipelines = FakePipelines(self.clock)
        self.ports = Ports(
            documents=self.documents,
            events=self.events,
            artifacts=self.artifacts,
            pipelines=self.pipelines,
            data=self.data,
            clock=self.clock,
            predictor=self.predictor,
            tracker=self.tracker,
            look_again_seconds=0.005,
        )
