"""One verdict on a test, and one on a set of tests: what is worth having, and which is best.

Whoever marks a test, in the console, on the command line, in a report or on a document, goes by
these two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from shared.baselines import baseline as baseline_of
from shared.baselines import baselines
from shared.documents.quick_test import Judged, TestVerdict
from shared.jobs import Interval, MetricsReport, Replicates
from shared.metrics import Metric
from shared.metrics import metric as metric_of
from shared.rules.differences import Difference, Verdict, against_baseline, paired_difference
from shared.rules.lists import judge_lists
from shared.rules.measured_rules import judge_rules
from shared.rules.metrics import (
    RANKED_BY,
    RANKED_BY_OF_FEW,
    RATED_BY,
    Measured,
    main_metrics,
    telling_recall,
)
from shared.wording import listed

_MOST_NAMED = 4
# Of more baselines the strongest is named, and the others are counted.
_MOST_NAMED_BASELINES = 3


@dataclass(frozen=True)
class _Rival:
    """A baseline; `verdict`: the model's against it, None where nothing can be said."""

    baseline: str
    verdict: Verdict | None


def judge_test(results: MetricsReport, column: str | None = None) -> TestVerdict:
    """What is to be made of a test.

    Args:
        column: what is predicted, for a model that rates.
    """
    judged = judge(results)
    return TestVerdict(
        standing=judged.standing,
        label=judged.label,
        sentence=verdict_sentences("The model", results, column),
        against={
            baseline: {
                name: found
                for name in metrics
                if (found := against_baseline(name, baseline, results)) is not None
            }
            for baseline, metrics in results.differences.items()
        },
        lists=list(judge_lists(results)),
        rules=judge_rules(results),
    )


def judge(results: Measured) -> Judged:
    """A test beside its baselines, by the metric of each of its tasks."""
    found = [rivals for name in telling_metrics(results) if (rivals := _rivals(results, name))]
    everybody = [rival for rivals in found for rival in rivals]
    if not everybody:
        return Judged(standing="unknown", label="No baselines")
    for verdict, words in (("worse", "Worse than"), ("no_clear_difference", "No clear gain over")):
        lost = next((rival for rival in everybody if rival.verdict == verdict), None)
        if lost is not None:
            return Judged(standing=lost.verdict, label=f"{words} {baseline_of(lost.baseline).term}")
    # Of weaker baselines, a better value is enough.
    if any(rivals[0].verdict is None for rivals in found):
        return Judged(standing="unknown", label="No intervals")
    (one, *more) = everybody
    return Judged(
        standing="better",
        label="Beats all baselines" if more else f"Beats {baseline_of(one.baseline).term}",
    )


def beats_baselines(results: MetricsReport, metric: str) -> bool:
    """Whether a test is clearly better than every baseline: in what it is judged by, and in this
    metric, where there are baselines of it."""
    rivals = _rivals(results, metric)
    strongest = not rivals or rivals[0].verdict == "better"
    no_loss = all(rival.verdict in ("better", None) for rival in rivals)
    return judge(results).standing == "better" and strongest and no_loss


def telling_metrics(results: Measured) -> list[str]:
    """What each task is judged by: of few products, not by a recall that all of them reach."""
    names = [RATED_BY] if RATED_BY in results.metrics else []
    if RANKED_BY in results.metrics:
        recall = telling_recall(results)
        names.insert(0, recall if recall in results.metrics else RANKED_BY_OF_FEW)
    return [name for name in names if name in results.metrics]


def _rivals(results: Measured, name: str) -> list[_Rival]:
    """The baselines that have a metric, strongest first."""
    metric, value = metric_of(name), results.metrics[name]
    sign = 1 if metric.lower_is_better else -1
    plain = {
        baseline: values[name] for baseline, values in results.baselines.items() if name in values
    }
    found = []
    for baseline in sorted(plain, key=lambda one: sign * plain[one]):
        verdict = against_baseline(name, baseline, results)
        if verdict is None and not metric.better(value, plain[baseline]):
            verdict = "no_clear_difference"
        found.append(_Rival(baseline, verdict))
    return found


@dataclass(frozen=True)
class Candidate:
    """One of a set that may be ranked: a test, or several with the same settings.

    Attributes:
        value: of several tests, the mean.
        replicates: of several tests, their means; None where there are none.
    """

    id: str
    value: float
    results: Sequence[MetricsReport]
    replicates: Replicates | None


class BestOf(BaseModel):
    """Which of a set is best.

    Attributes:
        best: the one with the star: clearly better than every other, and than every baseline. None
            where there is no such one.
        leading: those that cannot be told apart from the best value, with that value first.
        beats_baselines: whether the best value's is clearly better than every baseline.
        any_beats_baselines: whether any of the set is.
    """

    best: str | None
    leading: list[str]
    beats_baselines: bool
    any_beats_baselines: bool


def ranked(candidates: Sequence[Candidate], metric: str) -> list[Candidate]:
    """By value, best first; equally good ones by id."""
    sign = 1 if metric_of(metric).lower_is_better else -1
    return sorted(candidates, key=lambda one: (sign * one.value, one.id))


def differences_to_first(order: Sequence[Candidate], metric: str) -> list[Difference | None]:
    """Each one's difference to the first; None for that one itself."""
    first, *others = order
    return [
        None,
        *(paired_difference(one.replicates, first.replicates, metric) for one in others),
    ]


def best_of(order: Sequence[Candidate], found: Sequence[Difference | None], metric: str) -> BestOf:
    """Args:
    order: at least one, as `ranked`.
    found: their `differences_to_first`.
    """
    first = order[0]
    leading = [
        one.id
        for one, difference in zip(order, found, strict=True)
        if difference is None or difference.verdict != "worse"
    ]
    beating = [all(beats_baselines(results, metric) for results in one.results) for one in order]
    clear = len(order) > 1 and len(leading) == 1
    return BestOf(
        best=first.id if clear and beating[0] else None,
        leading=leading,
        beats_baselines=beating[0],
        any_beats_baselines=any(beating),
    )


def best_sentence(found: BestOf, told: Mapping[str, tuple[str, float]], metric: str) -> str:
    """What comes of a set, in words.

    Args:
        told: name and value of each one, by id.
    """
    info = metric_of(metric)
    names = [told[one][0] for one in found.leading]
    values = [info.said(told[one][1]) for one in found.leading]
    first, said = names[0], f"{info.label} {values[0]}"
    if len(told) == 1:
        alone = f"{first} stands alone: {said}. Nothing else here was measured alike."
        return alone if found.beats_baselines else f"{alone} {_NOT_BEATING_IT}"
    if found.best is not None:
        return f"{first} is clearly the best: {said}."
    none = "" if found.any_beats_baselines else f" {_NOT_BEATING}"
    if len(names) > 1:
        more = len(names) - _MOST_NAMED
        named = [*names[:_MOST_NAMED], f"{more} more"] if more > 0 else names
        which = f"{info.label} {listed(values)}" if more <= 0 else f"{said} and close to it"
        return f"No clear best: {listed(named)} cannot be told apart ({which}).{none}"
    extreme = "lowest" if info.lower_is_better else "highest"
    but = "" if none else f" {_NOT_BEATING_IT}"
    return f"{first} has the {extreme} value: {said}.{but}{none}"


_NOT_BEATING_IT = "It does not clearly beat the simple baselines."
_NOT_BEATING = "None of them clearly beats the simple baselines."


def verdict_sentences(name: str, results: MetricsReport, column: str | None = None) -> str:
    """What a test's main metric says, and how it stands against each baseline; of a model with two
    tasks both.

    Args:
        column: what is predicted, for a model that rates.
    """
    told = [
        _verdict_sentences(who, metric_name, results, column)
        for who, metric_name in zip((name, "It"), main_metrics(results.metrics), strict=False)
    ]
    return " ".join(told) or f"{name} has no metric that says how good it is."


def _verdict_sentences(
    name: str, metric_name: str, results: MetricsReport, column: str | None
) -> str:
    metric, value = metric_of(metric_name), results.metrics[metric_name]
    interval = _interval_words(metric_name, results.intervals.get(metric_name))
    if metric.rating:
        what = f"the {column}" if column else "the rating"
        first = f"{name} predicts {what} with an error (RMSE) of {metric.said(value)}{interval}."
    else:
        first = (
            f"{name} has the product that a customer bought among its best 100 in "
            f"{metric.said(value)} of the held-out purchases{interval}."
        )
    told = list(_against_baselines(metric_name, results))
    if len(told) <= _MOST_NAMED_BASELINES:
        clauses = [f"{word} {named}" for word, named, _ in told]
    else:
        clauses = _strongest_first(told, metric)
    return f"{first} {_joined(clauses)}".strip()


# How a test stands against a baseline, what that is and its value in words, and its value.
_Told = tuple[str, str, float]


def _against_baselines(metric_name: str, results: MetricsReport) -> Iterator[_Told]:
    metric, value = metric_of(metric_name), results.metrics[metric_name]
    for name, baseline in baselines().items():
        plain = results.baselines.get(name, {}).get(metric_name)
        if plain is None:
            continue
        found = against_baseline(metric_name, name, results)
        if baseline.obvious and (found == "better" or metric.better(value, plain)):
            continue  # which goes without saying
        if found is None:  # an older test, without intervals
            word = "better than" if metric.better(value, plain) else "no better than"
        else:
            word = {
                "better": "clearly better than",
                "worse": "clearly worse than",
                "no_clear_difference": "not clearly different from",
            }[found]
        yield word, f"{baseline.doing} ({metric.said(plain)})", plain


def _strongest_first(told: list[_Told], metric: Metric) -> list[str]:
    """The strongest baseline by its name, and how many others there are of each standing."""
    (word, named, _), *others = sorted(
        told, key=lambda one: one[2] if metric.lower_is_better else -one[2]
    )
    counted = Counter(word for word, _, _ in others)
    last = list(counted)[-1]
    return [f"{word} the strongest baseline, {named}"] + [
        f"{word} {'the other ' if word == last else ''}{number}"
        f"{'' if word == last else ' of the others'}"
        for word, number in counted.items()
    ]


def _interval_words(metric_name: str, interval: Interval | None) -> str:
    if interval is None:
        return ""
    metric = metric_of(metric_name)
    return f" (95% interval: {metric.said(interval.low)} to {metric.said(interval.high)})"


def _joined(clauses: list[str]) -> str:
    if not clauses:
        return ""
    return f"That is {listed(clauses)}."
