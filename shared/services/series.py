"""What sweeps and tunings do alike while they run."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal, Protocol

from shared.documents.base import Collection, read_status
from shared.documents.quick_test import (
    QuickTest,
    QuickTestSpec,
    QuickTestStatus,
    TestState,
    TimelineEntry,
)
from shared.documents.series import SeriesStatus, SweepState
from shared.ports import Filter, JsonObject, Ports, Transaction
from shared.prices import Prices
from shared.problems import InvalidError
from shared.services.document_kind import (
    DocumentT,
    Kind,
    StatusT,
    version_data,
    version_path,
)
from shared.services.estimates import read_of, seconds_worked
from shared.services.store import QUICK_TEST

Field = Literal["sweep_id", "tuning_id"]

_ORDER = [TestState.PENDING, TestState.RUNNING]
_LONGEST_NAME = 255


class Bounded(Protocol):
    """A spec with a budget."""

    @property
    def budget_minutes(self) -> float | None: ...

    @property
    def budget_usd(self) -> float | None: ...


def as_validated(
    kind: Kind[DocumentT, StatusT],
    document_id: str,
    data: JsonObject,
    status: StatusT,
    transaction: Transaction,
) -> DocumentT | None:
    """The document with the spec that its status was made from; None where somebody has wrecked
    it."""
    path = version_path(kind.collection.path(document_id), status.validation.revision)
    version = transaction.get(path)
    spec = version.data.get("spec") if version is not None else data.get("spec")
    try:
        return kind.parse(document_id, {**data, "spec": spec})
    except InvalidError:
        return None


def note(status: SeriesStatus, now: datetime, what: str) -> None:
    status.timeline.append(TimelineEntry(at=now, what=what))


def begin(status: SeriesStatus, now: datetime) -> None:
    if status.state is SweepState.PENDING:
        status.state = SweepState.RUNNING
        status.started_at = now
        note(status, now, "started")


def end(status: SeriesStatus, state: SweepState, now: datetime) -> None:
    """Ends what has not ended."""
    assert state.ended
    assert not status.state.ended
    status.state = state
    status.ended_at = now
    if status.started_at is not None:
        status.duration_seconds = max(0.0, (now - status.started_at).total_seconds())
    note(status, now, state.value)


def tests_of(field: Field, document_id: str, ports: Ports) -> dict[str, QuickTestStatus]:
    """How the quick tests stand that name a sweep or a tuning, by id."""
    wanted = [Filter(f"spec.{field}", "==", document_id)]
    found = ports.documents.query(Collection.QUICK_TESTS, wanted)
    return {snapshot.id: read_status(QuickTestStatus, snapshot.data) for snapshot in found}


def made_by(data: Any, field: Field) -> Any:
    """Which sweep or tuning a stored quick test names."""
    spec = data.get("spec") if isinstance(data, dict) else None
    return spec.get(field) if isinstance(spec, dict) else None


def further(one: TestState, other: TestState) -> bool:
    """Whether a test that is at `other` has moved on at `one`."""
    return not other.ended and (one.ended or _ORDER.index(one) > _ORDER.index(other))


def spent(
    spec: Bounded,
    tests: Iterable[QuickTestStatus],
    now: datetime,
    prices: Prices | None,
    *,
    reserved: int = 0,
) -> bool:
    """Whether the tests so far, those under way included, have used up what they may take.

    Args:
        reserved: so many more tests are to be paid for, each as long as those that have ended.
    """
    found = list(tests)
    worked = [(test, seconds_worked(test, now)) for test in found]
    ended = [seconds for test, seconds in worked if test.state is TestState.COMPLETED]
    each = sum(ended) / len(ended) if ended else 0.0
    seconds = sum(took for _, took in worked) + reserved * each
    if spec.budget_minutes is not None and seconds >= spec.budget_minutes * 60:
        return True
    if spec.budget_usd is None or prices is None:
        return False
    costs = [prices.usd("quick_test", took, read_of(test)) for test, took in worked if took > 0]
    more = reserved * (sum(costs) / len(costs) if costs else 0.0)
    return sum(costs) + more >= spec.budget_usd


def new_test(
    test_id: str, name: str, spec: QuickTestSpec, created_by: str | None, now: datetime
) -> QuickTest:
    return QuickTest(
        id=test_id,
        name=name[:_LONGEST_NAME],
        spec=spec,
        created_at=now,
        updated_at=now,
        created_by=created_by,
    )


def store_test(test: QuickTest, now: datetime, transaction: Transaction) -> None:
    data, path = test.data(), QUICK_TEST.collection.path(test.id)
    transaction.create(path, data)
    transaction.set(version_path(path, 1), version_data(data, now))


def series_name(name: str) -> str:
    """A sweep's or a tuning's part of its tests' names."""
    return name[: _LONGEST_NAME // 3]
