"""Whether a version of a registered model may take the place of the one in production."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shared.documents.quick_test import QuickTestStatus
from shared.documents.registered_model import PromotionVerdict
from shared.jobs import Interval, MetricsReport, Replicates
from shared.metrics import metric as metric_of
from shared.problems import Problem
from shared.rules.comparability import measurement, reasons_against
from shared.rules.differences import Verdict, difference_words, paired_difference
from shared.rules.verdict import telling_metrics

_WORST_FIRST: tuple[Verdict, ...] = ("worse", "better", "no_clear_difference")


@dataclass(frozen=True)
class Contender:
    """A version, with what its full training has measured.

    Attributes:
        status: None where the test is gone, or has no results that can be read.
        measured_again: whether these are its results over the rows that the other one holds out,
            by a job of the other's.
        problem: why it could not be measured so, where that was tried.
    """

    version: int
    status: QuickTestStatus | None
    replicates: Replicates | None = None
    measured_again: bool = False
    problem: str | None = None


def judge_promotion(
    challenger: Contender, champion: Contender | None, previous: int | None = None
) -> PromotionVerdict:
    """What is to be said of a challenger that is to replace the champion, by the paired intervals
    of what each task of the champion is judged by: worse in one is worse.

    Args:
        champion: what is in production; None where nothing is.
        previous: the version that the champion was promoted over, to which one may always go back;
            None where the champion was gone back to itself.
    """
    called = f"Version {challenger.version}"
    if champion is None:
        return PromotionVerdict(
            standing="first", sentence=f"{called} is the first one in production."
        )
    if challenger.version == champion.version:
        return PromotionVerdict(
            standing="unchanged", sentence=f"{called} is in production already."
        )
    beside = _beside(challenger, champion)
    if challenger.version != previous:
        return beside
    words = f"{called} was in production before version {champion.version}. {beside.sentence}"
    return beside.model_copy(
        update={"standing": "rollback", "needs_reason": False, "sentence": words}
    )


def check_reason(verdict: PromotionVerdict, reason: str | None) -> Iterator[Problem]:
    """A problem where somebody has to say why, and has not."""
    if verdict.needs_reason and not (reason or "").strip():
        yield Problem(
            path="spec.production.reason",
            code="reason_needed",
            message=f"{verdict.sentence} Give a reason to promote it all the same.",
            received=reason,
        )


def _beside(challenger: Contender, champion: Contender) -> PromotionVerdict:
    one, other = challenger.status, champion.status
    pair = f"version {champion.version}, which is in production"
    if one is None or one.results is None:
        return _not_comparable(challenger, pair, ["its results can no longer be read"])
    if other is None or other.results is None:
        gone = f"the results of version {champion.version} can no longer be read"
        return _not_comparable(challenger, pair, [gone])
    metrics = telling_metrics(other.results)
    values: dict[str, object] = {}
    if metrics:
        values = {
            "metric": metrics[0],
            "value": one.results.metrics.get(metrics[0]),
            "previous": other.results.metrics[metrics[0]],
        }
    if reasons := list(dict.fromkeys(_reasons_against(one, other, metrics))):
        if champion.problem is not None:
            reasons.append(f"it could not be measured over the newer rows: {champion.problem}")
        return _not_comparable(challenger, pair, reasons, **values)
    found = {
        metric: paired_difference(challenger.replicates, champion.replicates, metric)
        for metric in metrics
    }
    unknown = [(one.reason or "").rstrip(".") for one in found.values() if one.interval is None]
    if unknown:
        return _not_comparable(challenger, pair, list(dict.fromkeys(unknown)), **values)
    verdicts = [difference.verdict for difference in found.values()]
    standing = next(of for of in _WORST_FIRST if of in verdicts)
    # What decides is said first.
    metrics.sort(key=lambda metric: found[metric].verdict != standing)
    told = [_told(metric, one.results, other.results, found[metric].interval) for metric in metrics]
    words = {
        "better": f"is clearly better than {pair}",
        "worse": f"is clearly worse than {pair}",
        "no_clear_difference": f"shows no clear difference from {pair}",
    }[standing]
    again = champion.measured_again
    rows = f", over the rows that version {challenger.version} holds out" if again else ""
    return PromotionVerdict(
        standing=standing,
        metric=metrics[0],
        value=one.results.metrics[metrics[0]],
        previous=other.results.metrics[metrics[0]],
        difference=found[metrics[0]].interval,
        needs_reason=standing == "worse",
        sentence=f"Version {challenger.version} {words}{rows}: {'; '.join(told)}.",
    )


def _reasons_against(
    one: QuickTestStatus, other: QuickTestStatus, metrics: Sequence[str]
) -> Iterator[str]:
    """Why a challenger cannot be judged by all of the champion's metrics."""
    a, b = measurement(one), measurement(other)
    if not metrics:
        yield "the one in production has no metric to be ranked by"
    elif a is None or b is None or one.results is None:
        yield "what it was measured on is not known"
    else:
        for metric in metrics:
            if metric not in one.results.metrics:
                yield f"it has no {metric_of(metric).label}, by which that one is judged"
            yield from reasons_against(a, b, metric)


def _told(metric: str, one: MetricsReport, other: MetricsReport, interval: Interval | None) -> str:
    label, said = metric_of(metric).label, metric_of(metric).said
    between = f", {difference_words(metric, interval)}" if interval else ""
    return f"{label} {said(one.metrics[metric])} against {said(other.metrics[metric])}{between}"


def _not_comparable(
    challenger: Contender, pair: str, reasons: list[str], **values: object
) -> PromotionVerdict:
    return PromotionVerdict.model_validate(
        {
            "standing": "not_comparable",
            "reasons": reasons,
            "needs_reason": True,
            "sentence": f"Version {challenger.version} cannot be compared with {pair}: "
            f"{'; '.join(reasons)}.",
            **values,
        }
    )
