"""A tuning while it runs: trials are made as earlier ones end, then the best is compared with the
default."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from shared.documents.base import read_status
from shared.documents.quick_test import QuickTest, QuickTestStatus, TestState
from shared.documents.series import SweepState
from shared.documents.tuning import (
    SEEDS,
    ConfirmingTest,
    Trial,
    Tuning,
    TuningSpec,
    TuningStatus,
    TuningTest,
)
from shared.metrics import metric as metric_of
from shared.ports import JsonObject, Ports, Transaction
from shared.prices import Prices
from shared.rules.tuning import belongs, confirming_spec, confirming_tests, trial_spec
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
from shared.services.stop_tuning import give_up
from shared.services.store import QUICK_TEST, TUNING, change_status
from shared.services.trials import Search, search_of, weigh
from shared.services.tuning_verdict import conclude
from shared.wording import plural

# So many trials that fail one after another, before any has completed, are no accident.
_FAILURES = 3


def advance_tuning(tuning_id: str, ports: Ports) -> TuningStatus | None:
    """Brings a tuning to where its tests stand: takes over how far they are, gives up the trials
    that fall behind, makes the next ones, then the tests that compare, and ends with a verdict.
    Whatever was lost before, one call mends it.

    Returns the status as it now is; None where there is no such tuning.
    """
    status = _advance(tuning_id, ports)
    if status is not None and give_up(tuning_id, status, ports):
        status = _advance(tuning_id, ports)
    if status is None or status.state.ended or not _compared(status):
        return status
    verdict = conclude(tuning_id, status, ports)
    now = ports.clock.now()

    def write(_: JsonObject, written: TuningStatus) -> None:
        if not written.state.ended and _compared(written):
            written.verdict = verdict
            written.progress = 100
            end(written, SweepState.COMPLETED, now)

    return change_status(TUNING, tuning_id, write, ports)


def _compared(status: TuningStatus) -> bool:
    """Whether there is nothing to wait for but the verdict."""
    searched = bool(status.trials) and status.why_no_more is not None
    ended = all(test.state.ended for test in _tests(status))
    return searched and ended and status.best is not None and not status.cancel_requested


def _advance(tuning_id: str, ports: Ports) -> TuningStatus | None:
    path = TUNING.collection.path(tuning_id)
    tests = tests_of("tuning_id", tuning_id, ports)
    now = ports.clock.now()
    search = search_of(tuning_id, ports)

    def change(transaction: Transaction) -> TuningStatus | None:
        snapshot = transaction.get(path)
        if snapshot is None or not isinstance(snapshot.data, dict):
            return None
        status = read_status(TuningStatus, snapshot.data)
        if status.state.ended or not status.space:
            return status
        before, completed = status.model_dump(mode="json"), _completed(status)
        tuning = as_validated(TUNING, tuning_id, snapshot.data, status, transaction)
        new: list[QuickTest] = []
        if not belongs(tuning_id, tuning.spec if tuning else None, status):
            status.error = "The trials in its status are not those that its spec makes."
            end(status, SweepState.FAILED, now)
        elif search is not None and not search.allows(status.space):
            status.error = "The space in its status is not one that its configs have."
            end(status, SweepState.FAILED, now)
        elif tuning is None:
            status.error = "The tuning cannot be read any more."
            end(status, SweepState.FAILED, now)
        else:
            begin(status, now)
            known = _take_over(tuning, status, tests, search, transaction)
            made = _next(tuning, status, known, search, now, ports.prices)
            new = [test for test in made if transaction.get(_path(test.id)) is None]
            _sum_up(tuning.spec, status, known, now)
            if _completed(status) != completed:
                status.importance = weigh(status)
        after = status.model_dump(mode="json")
        for test in new:
            store_test(test, now, transaction)
        if after != before:
            transaction.update(path, {"status": {**snapshot.data["status"], **after}})
        return status

    return ports.documents.transact(change)


def _tests(status: TuningStatus) -> list[TuningTest]:
    return [*status.trials, *status.confirming]


def _path(test_id: str) -> str:
    return QUICK_TEST.collection.path(test_id)


def _take_over(
    tuning: Tuning,
    status: TuningStatus,
    tests: Mapping[str, QuickTestStatus],
    search: Search | None,
    transaction: Transaction,
) -> dict[str, QuickTestStatus]:
    """Writes down how the tests stand. One that has been deleted, or in whose place somebody has
    put another, counts as cancelled. Returns what is known of each."""
    known: dict[str, QuickTestStatus] = {}
    for entry in _tests(status):
        if isinstance(entry, ConfirmingTest) and not entry.created:
            continue
        found = tests.get(entry.quick_test_id)
        if found is None and not entry.state.ended:
            snapshot = transaction.get(_path(entry.quick_test_id))
            if snapshot is None or made_by(snapshot.data, "tuning_id") != tuning.id:
                entry.state = TestState.CANCELLED
                continue
            found = read_status(QuickTestStatus, snapshot.data)
        if found is None:
            continue
        known[entry.quick_test_id] = found
        if entry.state.ended:
            continue
        entry.progress = max(entry.progress, found.progress)
        if further(found.state, entry.state):
            entry.state = found.state
        if entry.state is TestState.COMPLETED and found.results is not None:
            entry.value = found.results.metrics.get(status.metric or "")
        if isinstance(entry, Trial):
            losses = [epoch.validation_loss for epoch in found.epochs[: tuning.spec.epochs]]
            entry.losses = [loss for loss in losses if loss is not None]
            if search is not None:
                search.prune(entry, status, tuning.spec)
    return known


def _next(
    tuning: Tuning,
    status: TuningStatus,
    known: Mapping[str, QuickTestStatus],
    search: Search | None,
    now: datetime,
    prices: Prices | None,
) -> list[QuickTest]:
    """The tests to make now: further trials as long as there are to be any, then the comparison."""
    made: list[QuickTest] = []
    _find_best(status)
    while status.why_no_more is None:
        if why := _why_no_more(tuning.spec, status, known, search, now, prices):
            status.why_no_more = why
            note(status, now, f"no more trials: {why}")
            break
        under_way = sum(not trial.state.ended for trial in status.trials)
        number = len(status.trials) + 1
        waited_for = status.trials[: max(0, number - status.parallel)]
        if under_way >= status.parallel or not all(one.state.ended for one in waited_for):
            return made
        assert search is not None, "without it there are no more trials"
        trial = search.next_trial(status, tuning.spec)
        if trial is None:
            continue  # it has said why
        status.trials.append(trial)
        spec = trial_spec(tuning.id, tuning.spec, status, trial)
        name = f"{series_name(tuning.name)}: trial {trial.number}, {trial.label}"
        made.append(new_test(trial.quick_test_id, name, spec, tuning.created_by, now))
    if all(trial.state.ended for trial in status.trials) and not status.cancel_requested:
        made += _comparison(tuning, status, known, search, now, prices)
    return made


def _find_best(status: TuningStatus) -> None:
    """Of equally good trials, the first: the default needs no reason."""
    sign = 1 if metric_of(status.metric or "").lower_is_better else -1
    values = [(sign * trial.value, trial.number) for trial in status.trials if _counts(trial)]  # type: ignore[operator]
    status.best = min(values)[1] if values else None


def _completed(status: TuningStatus) -> int:
    return sum(map(_counts, status.trials))


def _counts(trial: Trial) -> bool:
    return trial.state is TestState.COMPLETED and not trial.pruned and trial.value is not None


def _why_no_more(
    spec: TuningSpec,
    status: TuningStatus,
    known: Mapping[str, QuickTestStatus],
    search: Search | None,
    now: datetime,
    prices: Prices | None,
) -> str | None:
    """Why there are to be no more trials; None where there are."""
    if status.stop_requested:
        return "it was stopped"
    if len(status.trials) >= spec.trials:
        return "all trials were made"
    if search is None:
        return "the configs cannot be read any more"
    ended = [trial for trial in status.trials if trial.state.ended]
    failed = [trial for trial in ended if trial.state is TestState.FAILED]
    if len(ended) == len(failed) >= _FAILURES:
        return f"the first {plural(len(failed), 'trial')} failed"
    reserved = 2 * SEEDS if len(ended) > 1 else 0
    if status.trials and spent(spec, known.values(), now, prices, reserved=reserved):
        status.budget_spent = True
        return "the budget is spent"
    return None


def _comparison(
    tuning: Tuning,
    status: TuningStatus,
    known: Mapping[str, QuickTestStatus],
    search: Search | None,
    now: datetime,
    prices: Prices | None,
) -> list[QuickTest]:
    """The next tests on the test slice; none where the default itself is the best."""
    if status.best in (None, 1) or search is None:
        return []
    if not status.confirming:
        status.confirming = confirming_tests(tuning.id, tuning.spec)
        note(status, now, f"trial {status.best} is the best: it is compared with the default")
    made = []
    for test in status.confirming:
        under_way = sum(one.created and not one.state.ended for one in status.confirming)
        if test.created or test.state.ended or under_way >= status.parallel:
            continue
        if spent(tuning.spec, known.values(), now, prices):
            status.budget_spent = True
            test.state = TestState.CANCELLED
            continue
        test.created = True
        spec = confirming_spec(tuning.id, tuning.spec, status, test)
        of = "the best" if test.of == "best" else "the default"
        name = f"{series_name(tuning.name)}: {of}, seed {test.training_seed}"
        made.append(new_test(test.quick_test_id, name, spec, tuning.created_by, now))
    return made


def _sum_up(
    spec: TuningSpec,
    status: TuningStatus,
    known: Mapping[str, QuickTestStatus],
    now: datetime,
) -> None:
    """Progress, costs and what matters; and the end of what comes to no verdict."""
    _find_best(status)
    done = sum(100 if one.state.ended else one.progress for one in _tests(status))
    planned = spec.trials if status.why_no_more is None else len(status.trials)
    whole = planned + (2 * SEEDS if status.best != 1 or status.why_no_more is None else 0)
    status.progress = max(status.progress, min(99, done // max(1, whole)))
    costs = [test.cost_usd for test in known.values() if test.cost_usd is not None]
    status.cost_usd = sum(costs) if costs else status.cost_usd
    if status.why_no_more is None or not all(one.state.ended for one in status.trials):
        return
    if status.cancel_requested:
        for test in status.confirming:
            test.state = TestState.CANCELLED if not test.created else test.state
        if all(test.state.ended for test in status.confirming):
            end(status, SweepState.CANCELLED, now)
    elif status.best is None:
        stopped = status.stop_requested
        status.error = None if stopped else _why_failed(status, known)
        end(status, SweepState.CANCELLED if stopped else SweepState.FAILED, now)


def _why_failed(status: TuningStatus, known: Mapping[str, QuickTestStatus]) -> str:
    if not status.trials:
        return f"There was no trial: {status.why_no_more}."
    failed = next((one for one in status.trials if one.state is TestState.FAILED), None)
    found = known.get(failed.quick_test_id) if failed else None
    cause = found.error.message if found and found.error else "its test is gone."
    label = (failed or status.trials[0]).label
    return f"None of {plural(len(status.trials), 'trial')} has completed. {label}: {cause}"
