"""A sweep while it runs: its tests are made a few at a time, as earlier ones end."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import datetime

from shared.documents.base import read_status
from shared.documents.quick_test import QuickTest, QuickTestStatus, TestState
from shared.documents.sweep import Sweep, SweepSpec, SweepState, SweepStatus, SweepTest
from shared.errors import NotFoundError
from shared.ports import JsonObject, Ports, Transaction
from shared.prices import Prices
from shared.rules.sweep import belongs, quick_test_spec
from shared.rules.verdict import judge
from shared.services.cancel_quick_test import cancel_quick_test
from shared.services.series import (
    as_validated,
    begin,
    end,
    further,
    made_by,
    new_test,
    note,
    series_name,
    spent,
    store_test,
    tests_of,
)
from shared.services.store import QUICK_TEST, SWEEP, change_status
from shared.wording import plural


def advance_sweep(sweep_id: str, ports: Ports) -> SweepStatus | None:
    """Brings a sweep to where its tests stand: takes over how far they are, makes the next ones or
    leaves them out, and ends the sweep with the last. Whatever was lost before, one call mends it.

    Returns the status as it now is; None where there is no such sweep.
    """
    status = _advance(sweep_id, ports)
    if status is None or status.state.ended or not status.cancel_requested:
        return status
    own = tests_of("sweep_id", sweep_id, ports)
    for test in status.tests:
        if not test.state.ended and test.quick_test_id in own:
            with contextlib.suppress(NotFoundError):
                cancel_quick_test(test.quick_test_id, ports)
    return _advance(sweep_id, ports)


def cancel_sweep(sweep_id: str, ports: Ports) -> SweepStatus:
    """Cancels a sweep and its tests; one that has ended stays as it is.

    Returns the status as it now is. Raises NotFoundError.
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
        raise NotFoundError(SWEEP.collection.noun, sweep_id)
    return status


def _advance(sweep_id: str, ports: Ports) -> SweepStatus | None:
    path = SWEEP.collection.path(sweep_id)
    tests = tests_of("sweep_id", sweep_id, ports)
    now = ports.clock.now()

    def change(transaction: Transaction) -> SweepStatus | None:
        snapshot = transaction.get(path)
        if snapshot is None or not isinstance(snapshot.data, dict):
            return None
        status = read_status(SweepStatus, snapshot.data)
        if status.state.ended or not status.tests:
            return status
        before = status.model_dump(mode="json")
        sweep = as_validated(SWEEP, sweep_id, snapshot.data, status, transaction)
        if not belongs(sweep_id, sweep.spec if sweep else None, status.tests):
            status.error = "The tests in its status are not those that its spec makes."
            end(status, SweepState.FAILED, now)
            after = status.model_dump(mode="json")
            transaction.update(path, {"status": {**snapshot.data["status"], **after}})
            return status
        known = _take_over(sweep_id, status, tests, transaction)
        begin(status, now)
        made = _next(status, sweep.spec if sweep else None, known, now, ports.prices)
        new = [
            _quick_test(sweep, entry, now)
            for entry in made
            if sweep is not None and transaction.get(_path(entry)) is None
        ]
        _sum_up(status, known, now)
        after = status.model_dump(mode="json")
        for test in new:
            store_test(test, now, transaction)
        if after != before:
            transaction.update(path, {"status": {**snapshot.data["status"], **after}})
        return status

    return ports.documents.transact(change)


def _path(test: SweepTest) -> str:
    return QUICK_TEST.collection.path(test.quick_test_id)


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
            if snapshot is None or made_by(snapshot.data, "sweep_id") != sweep_id:
                entry.state = TestState.CANCELLED
                continue
            found = read_status(QuickTestStatus, snapshot.data)
        if found is None:
            continue
        known[entry.quick_test_id] = found
        entry.created = True
        if further(found.state, entry.state):
            entry.state = found.state
        entry.progress = max(entry.progress, found.progress)
        if entry.state is TestState.COMPLETED and found.results is not None:
            entry.metrics = found.results.metrics
            entry.judged = judge(found.results)
    return known


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
    over = spec is not None and spent(spec, known.values(), now, prices)
    if spec is None or over or status.cancel_requested:
        for test in waiting:
            test.state = TestState.CANCELLED
        why = "the budget is spent" if over else ""
        why = why or ("cancelled" if spec is not None else "the sweep cannot be read any more")
        note(status, now, f"{plural(len(waiting), 'test')} left out: {why}")
        status.budget_spent = status.budget_spent or over
        return []
    under_way = sum(test.created and not test.state.ended for test in status.tests)
    made = waiting[: max(0, spec.in_flight - under_way)]
    for test in made:
        test.created = True
    return made


def _quick_test(sweep: Sweep, entry: SweepTest, now: datetime) -> QuickTest:
    return new_test(
        entry.quick_test_id,
        f"{series_name(sweep.name)}: {entry.label}",
        quick_test_spec(sweep.id, sweep.spec, entry),
        sweep.created_by,
        now,
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
    return f"None of {plural(len(status.tests), 'test')} has completed. {failed.label}: {cause}"
