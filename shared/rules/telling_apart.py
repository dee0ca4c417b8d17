"""What a sample of some size can tell apart, by the intervals that earlier tests on the data had.

The half width of a difference's 95 % interval is 1.96 standard errors, and a standard error over n
customers is σ / √n (Efron and Tibshirani 1993, chapter 2): from n to m customers the half width
changes by √(n / m). A true difference as large as the half width is clear of zero in half of all
samples, and a smaller one more rarely; what is to show in 80 % of them is 1.43 times as large
((1.96 + 0.84) / 1.96).
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from shared.documents.quick_test import BestComparison
from shared.jobs import MetricsReport
from shared.metrics import metric as metric_of
from shared.rules.metrics import main_metric
from shared.wording import percentage, plural

# A larger sample that is told of too: what an interval takes to be half as wide.
_LARGER = 4
# docs/small-tests.md: an interval is about other customers, not about more to learn from.
_LEARNING = "With more purchases to learn from, the order of models may still change."


@dataclass(frozen=True)
class Spread:
    """How well a test was told apart from another.

    Attributes:
        half_width: of the interval of their difference.
        customers: who had held-out rows.
    """

    metric: str
    half_width: float
    customers: int
    sample_percent: float


def spread_of(results: MetricsReport, comparison: BestComparison | None) -> Spread | None:
    """By the best test before, as alike as tests are that are to be told apart; without one by the
    baseline that is nearest, from which a model differs more than from another model."""
    protocol, metric = results.protocol, main_metric(results.metrics)
    if metric is None or protocol.sample_by != "customer" or not protocol.holdout_customers:
        return None
    if not protocol.of_all_customers:
        return None
    interval = comparison.difference if comparison and comparison.metric == metric else None
    if interval is None:
        found = [of[metric] for of in results.differences.values() if metric in of]
        interval = min(found, key=lambda one: one.high - one.low, default=None)
    if interval is None:
        return None
    half = (interval.high - interval.low) / 2
    return Spread(metric, half, protocol.holdout_customers, protocol.sample_percent)


def telling_apart(spreads: Sequence[Spread], sample_percent: float) -> str | None:
    """What a sample of the customers shows, in words: "Differences below 1.2 points of Recall@100
    will hardly show with about 204 customers; 40% of them would show 0.6 points.", and that a
    ranking is of models that learned from so much; None where no earlier test says so.

    Args:
        spreads: of earlier tests with the same split on the same data, all of one metric.
    """
    if not spreads:
        return None
    metric = spreads[0].metric
    # What a difference over one customer would have, and the customers of one percent.
    of_one = statistics.median(one.half_width * math.sqrt(one.customers) for one in spreads)
    of_percent = statistics.median(one.customers / one.sample_percent for one in spreads)
    customers = max(1.0, of_percent * sample_percent)
    told = (
        f"Differences below {_said(metric, of_one / math.sqrt(customers))} of "
        f"{metric_of(metric).label} will hardly show with about "
        f"{plural(round(customers), 'customer')}"
    )
    larger = min(100.0, _LARGER * sample_percent)
    if larger <= sample_percent:
        return f"{told}."
    smallest = _said(metric, of_one / math.sqrt(of_percent * larger))
    return f"{told}; {percentage(larger)} of the customers would show {smallest}. {_LEARNING}"


def _said(metric: str, difference: float) -> str:
    return f"{100 * difference:.1f} points" if metric_of(metric).share else f"{difference:.4f}"
