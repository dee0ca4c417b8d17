"""A sweep while it runs: its tests are made a few at a time, as earlier ones end."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from shared.documents.base import Collection, read_status
from shared.documents.quick_test import QuickTest, QuickTestStatus, TestState, TimelineEntry
from shared.documents.sweep import Sweep, SweepSpec, SweepState, SweepStatus, SweepTest
from shared.handlers.cancel_quick_test import cancel_quick_test
from shared.handlers.estimates import read_of, seconds_worked
from shared.handlers.store import QUICK_TEST, SWEEP, change_status, version_data, version_path
from shared.ports import Filter, JsonObject, NotFound, Ports, Transaction
from shared.prices import Prices
from shared.problems import Invalid
from shared.rules.sweep import quick_test_spec

_ORDER = [TestState.PENDING, TestState.RUNNING]
_LONGEST_NAME = 255


def advance_sweep(sweep_id: str, ports: Ports) -> SweepStatus | None:
    """Brings a sweep to where its tests stand: takes over how far they are, makes the next ones or
    leaves them out, and ends the sweep with the last. Whatever was lost before, one call mends it.

    Returns the status as it now is; None where there is no such sweep.
    """
    status = _advance(sweep_id, ports)
    if status is None or status.state.ended or not status.cancel_requested:
        return status
    for test in status.tests:
        if not test.state.ended:
            with contextlib.suppress(NotFound):
                cancel_quick_test(test.quick_test_id, ports)
    return _advance(sweep_id, ports)


def cancel_sweep(sweep_id: str, ports: Ports) -> SweepStatus:
    """Cancels a sweep and its tests; one that has ended stays as it is.

    Returns the status as it now is. Raises NotFound.
    """
    now = ports.clock.now()

    def write(_: JsonObject, status: SweepStatus) -> None:
        if status.state.ended or status.cancel_requested:
            return
        status.cancel_requested = True
        note(status, now, "cancel requested")
        if not status.tests:
            end(status, SweepState.CANCELLED, now)

    change_status(SWEEP, sweep_id, write, ports)
    status = advance_sweep(sweep_id, ports)
    if status is None:
        raise NotFound(SWEEP.collection.path(sweep_id))
    return status


def note(status: SweepStatus, now: datetime, what: str) -> None:
    status.timeline.append(TimelineEntry(at=now, what=what))


def end(status: SweepStatus, state: SweepState, now: datetime) -> None:
    """Ends a sweep that has not ended."""
    assert state.ended
    assert not status.state.ended
    status.state = state
    status.ended_at = now
    if status.started_at is not None:
        status.duration_seconds = max(0.0, (now - status.started_at).total_seconds())
    note(status, now, state.value)


def _advance(sweep_id: str, ports: Ports) -> SweepStatus | None:
    path = SWEEP.collection.path(sweep_id)
    tests = _tests(sweep_id, ports)
    now = ports.clock.now()

    def change(transaction: Transaction) -> SweepStatus | None:
        snapshot = transaction.get(path)
        if snapshot is None or not isinstance(snapshot.data, dict):
            return None
        status = read_status(SweepStatus, snapshot.data)
        if status.state.ended or not status.tests:
            return status
        before = status.model_dump(mode="json")
        sweep = _as_validated(sweep_id, snapshot.data, status, transaction)
        known = _take_over(sweep_id, status, tests, transaction)
        _begin(status, now)
        made = _next(status, sweep.spec if sweep else None, known, now, ports.prices)
        new = [
            _quick_test(sweep, entry, now)
            for entry in made
            if sweep is not None and transaction.get(_path(entry)) is None
        ]
        _sum_up(status, known, now)
        after = status.model_dump(mode="json")
        for test in new:
            data, test_path = test.data(), QUICK_TEST.collection.path(test.id)
            transaction.create(test_path, data)
            transaction.set(version_path(test_path, 1), version_data(data, now))
        if after != before:
            transaction.update(path, {"status": {**snapshot.data["status"], **after}})
        return status

    return ports.documents.transact(change)


def _path(test: SweepTest) -> str:
    return QUICK_TEST.collection.path(test.quick_test_id)


def _tests(sweep_id: str, ports: Ports) -> dict[str, QuickTestStatus]:
    """How the sweep's tests stand, by id."""
    found = ports.documents.query(Collection.QUICK_TESTS, [Filter("spec.sweep_id", "==", sweep_id)])
    return {snapshot.id: read_status(QuickTestStatus, snapshot.data) for snapshot in found}


def _as_validated(
    sweep_id: str, data: JsonObject, status: SweepStatus, transaction: Transaction
) -> Sweep | None:
    """The sweep with the spec that its grid was made from; None where somebody has wrecked it."""
    version = transaction.get(
        version_path(SWEEP.collection.path(sweep_id), status.validation.revision)
    )
    spec = version.data.get("spec") if version is not None else data.get("spec")
    try:
        return SWEEP.parse(sweep_id, {**data, "spec": spec})
    except Invalid:
        return None


def _take_over(
    sweep_id: str,
    status: SweepStatus,
    tests: Mapping[str, QuickTestStatus],
    transaction: Transaction,
) -> dict[str, QuickTestStatus]:
    """Writes down how the tests stand. One that has been deleted, or in whose place somebody has
    put another, counts as cancelled.

    Returns what is known of each test. Some may have been made only after `tests` was read.
    """
    known: dict[str, QuickTestStatus] = {}
    for entry in status.tests:
        found = tests.get(entry.quick_test_id)
        if found is None and entry.created and not entry.state.ended:
            snapshot = transaction.get(_path(entry))
            if snapshot is None or _sweep_of(snapshot.data) != sweep_id:
                entry.state = TestState.CANCELLED
                continue
            found = read_status(QuickTestStatus, snapshot.data)
        if found is None:
            continue
        known[entry.quick_test_id] = found
        entry.created = True
        if not entry.state.ended and (found.state.ended or _further(found.state, entry.state)):
            entry.state = found.state
        entry.progress = max(entry.progress, found.progress)
        if entry.state is TestState.COMPLETED and found.results is not None:
            entry.metrics = found.results.metrics
    return known


def _sweep_of(data: Any) -> Any:
    spec = data.get("spec") if isinstance(data, dict) else None
    return spec.get("sweep_id") if isinstance(spec, dict) else None


def _further(one: TestState, other: TestState) -> bool:
    return _ORDER.index(one) > _ORDER.index(other)


def _begin(status: SweepStatus, now: datetime) -> None:
    if status.state is SweepState.PENDING:
        status.state = SweepState.RUNNING
        status.started_at = now
        note(status, now, "started")


def _next(
    status: SweepStatus,
    spec: SweepSpec | None,
    known: Mapping[str, QuickTestStatus],
    now: datetime,
    prices: Prices | None,
) -> list[SweepTest]:
    """The tests to make now, as many as there is room for. Where there are to be no more, those
    that have not been made are left out."""
    waiting = [test for test in status.tests if not test.created and not test.state.ended]
    if not waiting:
        return []
    spent = spec is not None and _spent(spec, known.values(), now, prices)
    if spec is None or spent or status.cancel_requested:
        for test in waiting:
            test.state = TestState.CANCELLED
        why = "the budget is spent" if spent else ""
        why = why or ("cancelled" if spec is not None else "the sweep cannot be read any more")
        note(status, now, f"{len(waiting)} tests left out: {why}")
        status.budget_spent = status.budget_spent or spent
        return []
    under_way = sum(test.created and not test.state.ended for test in status.tests)
    made = waiting[: max(0, spec.in_flight - under_way)]
    for test in made:
        test.created = True
    return made


def _spent(
    spec: SweepSpec, tests: Iterable[QuickTestStatus], now: datetime, prices: Prices | None
) -> bool:
    """Whether the tests so far, those under way included, have used up what the sweep may take."""
    worked = [(test, seconds_worked(test, now)) for test in tests]
    seconds = sum(each for _, each in worked)
    if spec.budget_minutes is not None and seconds >= spec.budget_minutes * 60:
        return True
    if spec.budget_usd is None or prices is None:
        return False
    costs = [prices.usd("quick_test", each, read_of(test)) for test, each in worked if each > 0]
    return sum(costs) >= spec.budget_usd


def _quick_test(sweep: Sweep, entry: SweepTest, now: datetime) -> QuickTest:
    name = f"{sweep.name[: _LONGEST_NAME // 3]}: {entry.label}"[:_LONGEST_NAME]
    return QuickTest(
        id=entry.quick_test_id,
        name=name,
        spec=quick_test_spec(sweep.id, sweep.spec, entry),
        created_at=now,
        updated_at=now,
        created_by=sweep.created_by,
    )


def _sum_up(status: SweepStatus, known: Mapping[str, QuickTestStatus], now: datetime) -> None:
    """Progress and costs; and the end, where all tests have ended."""
    done = [100 if test.state.ended else test.progress for test in status.tests]
    status.progress = max(status.progress, sum(done) // len(done))
    costs = [test.cost_usd for test in known.values() if test.cost_usd is not None]
    status.cost_usd = sum(costs) if costs else status.cost_usd
    if not all(test.state.ended for test in status.tests):
        return
    states = {test.state for test in status.tests}
    if status.cancel_requested:
        end(status, SweepState.CANCELLED, now)
    elif TestState.COMPLETED in states:
        end(status, SweepState.COMPLETED, now)
    elif TestState.FAILED in states:
        status.error = _why(status, known)
        end(status, SweepState.FAILED, now)
    else:
        end(status, SweepState.CANCELLED, now)


def _why(status: SweepStatus, known: Mapping[str, QuickTestStatus]) -> str:
    failed = next(test for test in status.tests if test.state is TestState.FAILED)
    found = known.get(failed.quick_test_id)
    cause = found.error.message if found and found.error else "it is gone."
    return f"None of {len(status.tests)} tests has completed. {failed.label}: {cause}"
