"""Results in sentences that need no knowledge of the metrics."""

from __future__ import annotations

from collections.abc import Iterator

from shared.documents.quick_test import BestComparison
from shared.jobs import EvaluationProtocol, Interval, MetricsReport
from shared.rules.differences import against_baseline
from shared.rules.metrics import main_metrics
from shared.rules.metrics import metric as metric_of

# What each baseline does instead of a model, by its name in a MetricsReport.
BASELINES = {
    "popularity": "recommending what is popular",
    "own_history": "recommending what the customer bought before",
    "random": "recommending at random",
    "global_mean": "predicting the mean for everything",
    "customer_product_means": "predicting from each customer's and each product's mean",
}
_JUDGED_BY = ("popularity", "own_history", "global_mean", "customer_product_means")


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
    clauses = list(_against_baselines(metric_name, results))
    return f"{first} {_joined(clauses)}".strip()


def _against_baselines(metric_name: str, results: MetricsReport) -> Iterator[str]:
    metric, value = metric_of(metric_name), results.metrics[metric_name]
    for baseline in _JUDGED_BY:
        plain = results.baselines.get(baseline, {}).get(metric_name)
        if plain is None:
            continue
        found = against_baseline(metric_name, baseline, results)
        if found is None:  # an older test, without intervals
            word = "better than" if metric.better(value, plain) else "no better than"
        else:
            word = {
                "better": "clearly better than",
                "worse": "clearly worse than",
                "no_clear_difference": "not clearly different from",
            }[found]
        yield f"{word} {BASELINES[baseline]} ({metric.said(plain)})"


def comparison_sentence(comparison: BestComparison) -> str:
    """How a test stands against the best comparable one before it."""
    metric = metric_of(comparison.metric)
    word = {
        "better": "This is an improvement: it is clearly better than",
        "worse": "It is clearly worse than",
        "no_clear_difference": "There is no clear difference from",
    }[comparison.verdict]
    words = (
        f"{word} the best comparable test before it, {comparison.name} "
        f"({metric.label} {metric.said(comparison.previous)})"
    )
    if comparison.difference is not None:
        words += f": {difference_words(comparison.metric, comparison.difference)}"
    elif comparison.reason:
        words += f". {comparison.reason.rstrip('.')}"
    return f"{words}."


def difference_words(metric_name: str, interval: Interval) -> str:
    """`+0.3 to +2.1 points`; points are hundredths of a share."""
    metric = metric_of(metric_name)
    if metric.share:
        return f"{100 * interval.low:+.1f} to {100 * interval.high:+.1f} points"
    return f"{interval.low:+.4f} to {interval.high:+.4f}"


def protocol_words(protocol: EvaluationProtocol) -> str:
    """How a group of comparable tests was measured, in a line."""
    of = "customers" if protocol.sample_by == "customer" else "rows"
    split = "latest" if protocol.split == "temporal" else "random"
    return (
        f"{protocol.sample_percent:g} % of the {of} (seed {protocol.seed}), the {split} "
        f"{100 * protocol.holdout_fraction:g} % of the rows held out"
    )


def _interval_words(metric_name: str, interval: Interval | None) -> str:
    if interval is None:
        return ""
    metric = metric_of(metric_name)
    return f" (95 % interval: {metric.said(interval.low)} to {metric.said(interval.high)})"


def _joined(clauses: list[str]) -> str:
    if not clauses:
        return ""
    *before, last = clauses
    listed = f"{', '.join(before)} and {last}" if before else last
    return f"That is {listed}."
