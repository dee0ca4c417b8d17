"""Whether a model is better or worse in a segment, where several segments are looked at.

Of twenty intervals of 95 % one misses. So a segment is called better or worse only where its own
interval is clear of zero, and Holm's step-down procedure (Holm 1979, "A simple sequentially
rejective multiple test procedure") rejects "no difference" at 5 % over all segments and baselines
that are looked at together: the chance of any wrong word is then 5 % at most, however the segments
overlap. The p-values are those of the difference over its bootstrap standard error (Efron and
Tibshirani 1993, chapter 12), by Student's t with as many degrees of freedom as customers, less one:
a thousand replicates do not reach into the tails that so many comparisons ask for.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shared.baselines import baseline as baseline_of
from shared.jobs import Interval, MetricsReport
from shared.metrics import metric as metric_of
from shared.rules.differences import Verdict, against_baseline, percentile_interval, verdict
from shared.segment_reports import Segment, SegmentReplicates, SegmentReport, SegmentSplit

LEVEL = 0.05
RULE = (
    "Better or worse is said only where the 95% interval is clear of zero and stays so when "
    "corrected for all segments looked at (Holm, 5%)."
)


@dataclass(frozen=True)
class Looked:
    """A difference in a segment that is looked at.

    Attributes:
        value: of the metric, not of a draw.
        customers: how many the segment has.
    """

    value: float
    interval: Interval
    standard_error: float
    customers: int

    @property
    def p_value(self) -> float:
        """Two-sided, of there being no difference."""
        if self.standard_error == 0:
            return float(self.value == 0)
        freedom = max(self.customers - 1, 1)
        t = self.value / self.standard_error
        # Student's t as a normal deviate (Wallace 1959, "Bounds on normal approximations to
        # Student's and the chi-square distributions").
        z = math.sqrt(freedom * math.log1p(t * t / freedom))
        z *= (8 * freedom + 1) / (8 * freedom + 3)
        return math.erfc(z / math.sqrt(2))


def verdicts(looked: Sequence[Looked], metric: str) -> list[Verdict]:
    """What is said of each of all differences that are looked at together."""
    clear = _rejected([one.p_value for one in looked])
    return [
        verdict(metric, one.interval) if rejected else "no_clear_difference"
        for one, rejected in zip(looked, clear, strict=True)
    ]


def _rejected(p_values: Sequence[float]) -> list[bool]:
    """Holm's procedure: the smallest against LEVEL / n, the next against LEVEL / (n - 1), up to the
    first that is not small enough."""
    found = [False] * len(p_values)
    for place, number in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        if p_values[number] > LEVEL / (len(p_values) - place):
            break
        found[number] = True
    return found


def against_baselines(report: SegmentReport, metric: str) -> dict[str, dict[str, Verdict]]:
    """The model's verdicts by segment and baseline, where there are intervals; without baselines
    that anything beats."""
    looked = {
        (name, baseline): Looked(
            segment.metrics[metric] - segment.baselines[baseline][metric],
            Interval(low=found[metric].low, high=found[metric].high),
            found[metric].standard_error,
            segment.customers,
        )
        for name, _, segment in report.each()
        for baseline, found in segment.differences.items()
        if metric in found and not baseline_of(baseline).obvious
    }
    said: dict[str, dict[str, Verdict]] = {}
    words = verdicts(list(looked.values()), metric)
    for (name, baseline), word in zip(looked, words, strict=True):
        said.setdefault(name, {})[baseline] = word
    return said


@dataclass(frozen=True)
class HiddenLoss:
    """A segment in which a model is clearly worse than a baseline that it is better than over all
    rows; of several such baselines, the best in that segment. Where segments are chosen by the
    popularity of what is to be found, only the strongest baseline over all rows is held against:
    one that knows nothing but bestsellers always wins among these."""

    name: str
    segment: Segment
    baseline: str


def hidden_losses(
    results: MetricsReport, report: SegmentReport, metric: str
) -> Iterator[HiddenLoss]:
    said = against_baselines(report, metric)
    sign = 1 if metric_of(metric).lower_is_better else -1
    beaten = [
        baseline
        for baseline in results.differences
        if against_baseline(metric, baseline, results) == "better"
    ]
    plain = {name: of[metric] for name, of in results.baselines.items() if metric in of}
    strongest = min(plain, key=lambda one: sign * plain[one], default=None)
    for name, split, segment in report.each():
        rivals = [one for one in beaten if one == strongest or not split.by_popularity]
        lost = [one for one in rivals if said.get(name, {}).get(one) == "worse"]
        if lost:
            best = min(lost, key=lambda one: sign * segment.baselines[one][metric])
            yield HiddenLoss(name, segment, best)


@dataclass(frozen=True)
class Drawn:
    """What a test measured by segment; `replicates` None where they are not there."""

    report: SegmentReport
    replicates: SegmentReplicates | None


@dataclass(frozen=True)
class SegmentPair:
    """A segment of two tests over the same held-out rows.

    Attributes:
        difference: the first one's metric minus the other's; None where it cannot be known.
    """

    name: str
    split: SegmentSplit
    one: Segment
    other: Segment
    difference: Interval | None
    verdict: Verdict


def paired_segments(one: Drawn, other: Drawn, metric: str) -> list[SegmentPair]:
    """Segments of the same rows in both, with the metric in both; the first one's verdicts."""
    theirs = {name: segment for name, _, segment in other.report.each()}
    pairs = [
        (name, split, segment, theirs[name])
        for name, split, segment in one.report.each()
        if name in theirs
        and segment.fingerprint == theirs[name].fingerprint
        and metric in segment.metrics
        and metric in theirs[name].metrics
    ]
    looked = {
        name: found
        for name, _, segment, opposite in pairs
        if (found := _looked(name, segment, opposite, one, other, metric)) is not None
    }
    said = dict(zip(looked, verdicts(list(looked.values()), metric), strict=True))
    return [
        SegmentPair(
            name,
            split,
            segment,
            opposite,
            looked[name].interval if name in looked else None,
            said.get(name, "no_clear_difference"),
        )
        for name, split, segment, opposite in pairs
    ]


def _looked(
    name: str, segment: Segment, opposite: Segment, one: Drawn, other: Drawn, metric: str
) -> Looked | None:
    if one.replicates is None or other.replicates is None:
        return None
    if one.replicates.holdout_fingerprint != other.replicates.holdout_fingerprint:
        return None
    ours = one.replicates.segments.get(name, {}).get(metric, [])
    theirs = other.replicates.segments.get(name, {}).get(metric, [])
    if len(ours) != len(theirs) or len(ours) < 2:
        return None
    values = [a - b for a, b in zip(ours, theirs, strict=True)]
    if not all(map(math.isfinite, values)):
        return None
    return Looked(
        segment.metrics[metric] - opposite.metrics[metric],
        percentile_interval(values),
        statistics.stdev(values),
        segment.customers,
    )
