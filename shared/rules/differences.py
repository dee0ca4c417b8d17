"""Whether one test is better than another, beyond what chance explains."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from shared.jobs import Interval, Replicates
from shared.metrics import metric as metric_of
from shared.rules.metrics import Measured

Verdict = Literal["better", "worse", "no_clear_difference"]

_TAIL = 0.025  # on each side of a 95 % interval


@dataclass(frozen=True)
class Difference:
    """One test's metric minus another's.

    Attributes:
        interval: None where it cannot be known; `reason` then says why.
    """

    interval: Interval | None
    verdict: Verdict
    reason: str | None = None


def paired_difference(one: Replicates | None, other: Replicates | None, metric: str) -> Difference:
    """The paired bootstrap of two comparable tests: both drew the same customers in each
    replicate, so that what is common to both cancels out (Efron and Tibshirani, 1993, "An
    Introduction to the Bootstrap", percentile interval).
    """
    if one is None or other is None:
        which = {(True, True): "Neither test", (True, False): "This test"}
        who = which.get((one is None, other is None), "The other test")
        verb = "has" if who == "Neither test" else "has no"
        return _unknown(f"{who} {verb} bootstrap replicates; run it again to compare it.")
    if not one.holdout_fingerprint or one.holdout_fingerprint != other.holdout_fingerprint:
        return _unknown("The two were not measured on the same held-out rows.")
    ours, theirs = one.metrics.get(metric), other.metrics.get(metric)
    if not ours or not theirs or len(ours) != len(theirs):
        return _unknown(f"The two share no bootstrap replicates of {metric_of(metric).label}.")
    differences = [a - b for a, b in zip(ours, theirs, strict=True)]
    if not all(map(math.isfinite, differences)):
        return _unknown(f"Some bootstrap replicates of {metric_of(metric).label} are no numbers.")
    interval = percentile_interval(differences)
    return Difference(interval, verdict(metric, interval))


def mean_replicates(several: Sequence[Replicates | None]) -> Replicates | None:
    """Of tests over the same held-out rows, draw by draw; None where one has none that fit."""
    first = several[0]
    if first is None or len(several) == 1:
        return first
    if any(one is None or one.holdout_fingerprint != first.holdout_fingerprint for one in several):
        return None
    metrics = {}
    for name, values in first.metrics.items():
        drawn = [one.metrics.get(name, []) for one in several if one is not None]
        if all(len(one) == len(values) for one in drawn):
            metrics[name] = [sum(draw) / len(drawn) for draw in zip(*drawn, strict=True)]
    return first.model_copy(update={"metrics": metrics})


def verdict(metric: str, difference: Interval) -> Verdict:
    """What an interval of differences says; better is lower for errors."""
    if not difference.excludes_zero():
        return "no_clear_difference"
    lower_is_better = metric_of(metric).lower_is_better
    return "better" if (difference.high < 0) == lower_is_better else "worse"


def against_baseline(metric: str, baseline: str, results: Measured) -> Verdict | None:
    """A model's verdict against a baseline; None where there is no interval to judge by."""
    interval = results.differences.get(baseline, {}).get(metric)
    return None if interval is None else verdict(metric, interval)


def percentile_interval(values: Sequence[float]) -> Interval:
    """Between the 2.5th and the 97.5th percentile of at least one value."""
    ordered = sorted(values)
    return Interval(low=_quantile(ordered, _TAIL), high=_quantile(ordered, 1 - _TAIL))


def difference_words(metric_name: str, interval: Interval) -> str:
    """`+0.3 to +2.1 points`; points are hundredths of a share."""
    metric = metric_of(metric_name)
    if metric.share:
        return f"{100 * interval.low:+.1f} to {100 * interval.high:+.1f} points"
    return f"{interval.low:+.4f} to {interval.high:+.4f}"


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Linear between the closest ranks: numpy's default, type 7 of Hyndman and Fan (1996)."""
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def _unknown(reason: str) -> Difference:
    return Difference(None, "no_clear_difference", reason)
