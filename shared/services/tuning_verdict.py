"""Whether what a tuning found is better than the default."""

from __future__ import annotations

from shared.documents.quick_test import TestState
from shared.documents.tuning import ConfirmingTest, TuningStatus, TuningVerdict
from shared.jobs import Replicates
from shared.metrics import metric as metric_of
from shared.ports import Ports
from shared.rules.differences import difference_words, mean_replicates, paired_difference
from shared.services.document_kind import find
from shared.services.quick_tests import status_of
from shared.services.replicates import read_replicates
from shared.services.store import QUICK_TEST
from shared.wording import plural


def conclude(tuning_id: str, status: TuningStatus, ports: Ports) -> TuningVerdict:
    """By the paired bootstrap of the training seeds' means, on the test slice."""
    metric = status.metric or ""
    if status.best == 1:
        return TuningVerdict(
            verdict="default_as_good",
            metric=metric,
            sentence="The default is as good: none of "
            f"{plural(len(status.trials) - 1, 'other trial')} was better on the validation slice.",
        )
    completed = [test for test in status.confirming if test.state is TestState.COMPLETED]
    best, default = (
        [test for test in completed if test.of == of and test.value is not None]
        for of in ("best", "default")
    )
    if not best or not default:
        why = "the budget was spent before" if status.budget_spent else "its tests did not complete"
        return TuningVerdict(
            verdict="unknown",
            metric=metric,
            sentence=f"Trial {status.best} was the best on the validation slice. Whether it is "
            f"better than the default is not known: {why}.",
        )
    replicates = [
        mean_replicates([_replicates(test, ports) for test in tests]) for tests in (best, default)
    ]
    found = paired_difference(replicates[0], replicates[1], metric)
    value, default_value = (
        sum(test.value or 0.0 for test in each) / len(each) for each in (best, default)
    )
    told = metric_of(metric)
    values = f"{told.label} {told.said(value)} against {told.said(default_value)}"
    if found.interval is None:
        return TuningVerdict(
            verdict="unknown",
            metric=metric,
            value=value,
            default_value=default_value,
            sentence=f"Trial {status.best} has {values} of the default. Whether that is a clear "
            f"difference is not known. {found.reason}",
        )
    seeds = f"the means of {plural(min(len(best), len(default)), 'training seed')}"
    words = f"{values} on the test slice, {difference_words(metric, found.interval)}, {seeds}"
    if found.verdict == "better":
        sentence = f"Trial {status.best} is clearly better than the default: {words}."
    else:
        less = {"worse": " or better", "no_clear_difference": ""}[found.verdict]
        sentence = (
            f"The default is as good{less}: trial {status.best}, the best on the validation slice, "
            f"has {words}."
        )
    return TuningVerdict(
        verdict="better" if found.verdict == "better" else "default_as_good",
        metric=metric,
        value=value,
        default_value=default_value,
        difference=found.interval,
        sentence=sentence,
    )


def _replicates(test: ConfirmingTest, ports: Ports) -> Replicates | None:
    snapshot = find(QUICK_TEST.collection, test.quick_test_id, ports)
    return None if snapshot is None else read_replicates(status_of(snapshot, ports), ports)
