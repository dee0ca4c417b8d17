"""The ports in memory: small, and as strict as the real ones.

Documents are copied through JSON, transactions are optimistic, and the change feed and the events
are lists, so that a test may deliver them in any order and as often as it likes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from indexes import check_query

from shared.columns import Column
from shared.documents.dataset import Source
from shared.events import Event
from shared.examples import RawType
from shared.experiments import RunRecord, TrackedRun
from shared.jobs import Job, JobRequest, Stage, State, Task
from shared.paths import project
from shared.ports import (
    AlreadyExists,
    Conflict,
    DocumentChange,
    Filter,
    JsonObject,
    NotFound,
    Ports,
    Profile,
    Snapshot,
    Unavailable,
)
from shared.predictions import (
    Bought,
    Customer,
    Prediction,
    PredictionInputs,
    PredictionRequest,
    QueryColumn,
    Recommendation,
)
from shared.problems import Invalid, Problem

T = TypeVar("T")
_MISSING = object()


def _copy(data: Any) -> Any:
    return json.loads(json.dumps(data, allow_nan=False))


def _field(data: Any, path: str) -> Any:
    for part in path.split("."):
        if not isinstance(data, dict) or part not in data:
            return _MISSING
        data = data[part]
    return data


def _holds(condition: Filter, data: JsonObject) -> bool:
    value, wanted = _field(data, condition.field), condition.value
    if value is _MISSING:
        return False
    if condition.op == "in":
        return value in wanted
    if condition.op == "==":
        return bool(value == wanted)
    if condition.op == "!=":
        return bool(value != wanted)
    if type(value) is not type(wanted):
        return False
    compare = {"<": value < wanted, "<=": value <= wanted, ">": value > wanted}
    return bool(compare.get(condition.op, value >= wanted))


class FakeTransaction:
    def __init__(self, documents: dict[str, Snapshot]) -> None:
        self._documents = documents
        self.read: dict[str, Snapshot | None] = {}
        self.writes: list[tuple[str, str, JsonObject]] = []

    def get(self, path: str) -> Snapshot | None:
        assert not self.writes, "reads come before writes"
        self.read[path] = found = self._documents.get(path)
        return found and Snapshot(found.path, _copy(found.data), found.version)

    def create(self, path: str, data: JsonObject) -> None:
        self.writes.append(("create", path, _copy(data)))

    def set(self, path: str, data: JsonObject) -> None:
        self.writes.append(("set", path, _copy(data)))

    def update(self, path: str, fields: JsonObject) -> None:
        self.writes.append(("update", path, _copy(fields)))

    def delete(self, path: str) -> None:
        self.writes.append(("delete", path, {}))


class FakeDocuments:
    """`changes` is the feed. `meanwhile` runs once, between a transaction's change and its commit:
    the place for another writer."""

    def __init__(self) -> None:
        self.documents: dict[str, Snapshot] = {}
        self.changes: list[DocumentChange] = []
        self.meanwhile: Callable[[], None] | None = None
        self._version = 0

    def get(self, path: str) -> Snapshot | None:
        found = self.documents.get(path)
        return found and Snapshot(found.path, _copy(found.data), found.version)

    def data(self, path: str) -> JsonObject:
        found = self.get(path)
        assert found is not None, f"no document {path}"
        return found.data

    def query(
        self,
        collection: str,
        where: Sequence[Filter] = (),
        *,
        order_by: str | None = None,
        descending: bool = False,
        limit: int | None = None,
        start_after: str | None = None,
        fields: Sequence[str] | None = None,
    ) -> list[Snapshot]:
        check_query(collection, where, order_by, descending=descending)

        def key(snapshot: Snapshot) -> tuple[Any, ...]:
            value = _field(snapshot.data, order_by) if order_by else _MISSING
            return (value is not _MISSING, "" if value is _MISSING else value, snapshot.id)

        depth = collection.count("/") + 1
        found = [
            Snapshot(s.path, _copy(s.data), s.version)
            for s in self.documents.values()
            if s.path.startswith(f"{collection}/")
            and s.path.count("/") == depth
            and isinstance(s.data, dict)
            and all(_holds(condition, s.data) for condition in where)
        ]
        found.sort(key=key, reverse=descending)
        if start_after is not None:
            ids = [snapshot.id for snapshot in found]
            found = found[ids.index(start_after) + 1 :] if start_after in ids else []
        if fields is not None:
            found = [Snapshot(s.path, project(s.data, fields), s.version) for s in found]
        return found[:limit]

    def transact(self, change: Callable[[FakeTransaction], T]) -> T:
        for _ in range(5):
            transaction = FakeTransaction(self.documents)
            result = change(transaction)
            if self.meanwhile:
                other, self.meanwhile = self.meanwhile, None
                other()
            if all(self.documents.get(path) is seen for path, seen in transaction.read.items()):
                self._commit(transaction)
                return result
        raise Conflict("lost too often")

    def _commit(self, transaction: FakeTransaction) -> None:
        after = dict(self.documents)
        for kind, path, data in transaction.writes:
            if kind == "create" and path in after:
                raise AlreadyExists(path)
            if kind == "update" and path not in after:
                raise NotFound(path)
            if kind == "delete":
                after.pop(path, None)
                continue
            self._version += 1
            merged = {**after[path].data, **data} if kind == "update" else data
            after[path] = Snapshot(path, merged, self._version)
        for path in {path for _, path, _ in transaction.writes}:
            before, now = self.documents.get(path), after.get(path)
            self.changes.append(
                DocumentChange(
                    path,
                    _copy(before.data) if before else None,
                    _copy(now.data) if now else None,
                )
            )
        self.documents = after

    def write(self, path: str, data: Any) -> None:
        """A write past all rules, as by a console or a script."""
        self.transact(lambda transaction: transaction.set(path, data))


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
            raise AlreadyExists(uri)
        self.files[uri] = content
        return uri

    def read(self, uri: str) -> bytes:
        if uri not in self.files:
            raise NotFound(uri)
        return self.files[uri]

    def exists(self, uri: str) -> bool:
        return uri in self.files


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
            raise AlreadyExists(request.job_id)
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
            raise NotFound(job_id)
        return self.jobs[job_id].model_copy(deep=True)

    def cancel(self, job_id: str) -> None:
        self._fail()
        job = self.get(job_id)
        self.cancelled.append(job_id)
        if not job.state.ended:
            self.jobs[job_id] = job.model_copy(
                update={"state": State.CANCELLED, "ended_at": self._clock.now()}
            )

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
    """`profiles` by URI; a URI that is not there is a missing file. `price` is that of reading a
    column, in bytes; `read` holds the columns that it was asked of."""

    def __init__(self) -> None:
        self.price: int | None = None
        self.read: list[tuple[str, ...]] = []
        self.profiles: dict[str, Profile] = {}
        self.profiled: list[str] = []

    def inspect(self, source: Source) -> list[Column]:
        return [
            column.model_copy(update={"statistics": None}) for column in self._find(source).columns
        ]

    def profile(self, source: Source) -> Profile:
        profile = self._find(source)
        self.profiled.append(source.uri if source.kind != "bigquery" else source.table)
        return profile

    def bytes_read(self, source: Source, columns: Sequence[str]) -> int | None:
        self._find(source)
        self.read.append(tuple(columns))
        return None if self.price is None else self.price * len(columns)

    def _find(self, source: Source) -> Profile:
        assert source.kind != "bigquery"
        if source.uri not in self.profiles:
            raise Invalid(
                [
                    Problem(
                        path="spec.source.uri",
                        code="not_found",
                        message="There is no such file.",
                        received=source.uri,
                    )
                ]
            )
        return self.profiles[source.uri]


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
        )

    def predict(self, artifacts_uri: str, request: PredictionRequest) -> Prediction:
        self._ask(artifacts_uri)
        if unknown := sorted(set(request.values) - {"customer"}):
            path = f"values.{unknown[0]}"
            raise Invalid([Problem(path=path, code="unknown_column", message="No such column.")])
        customer = request.customer_id or str(request.values.get("customer"))
        products = self.bought.get(customer, [])
        had = sorted(set(products))
        return Prediction(
            known=customer in self.bought,
            query={"customer": customer},
            recommendations=[
                Recommendation(
                    product_id=product,
                    name=None,
                    score=1.0 / (place + 1),
                    bought_before=product in had,
                )
                for place, product in enumerate([*had, "new"][: request.k])
            ],
            ratings=[],
            history=[
                Bought(product_id=product, name=None, count=products.count(product))
                for product in had
            ],
            products_bought=len(had),
        )

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

    def keep_only(self, key: str, run_id: str) -> None:
        self._call()
        self.runs = {k: run for k, run in self.runs.items() if k == run_id or run.key != key}

    def _call(self) -> None:
        self.calls += 1
        if self.down:
            raise Unavailable("The tracker does not answer.")


class FakeClock:
    def __init__(self) -> None:
        self.time = datetime(2025, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def advance(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


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
        )
