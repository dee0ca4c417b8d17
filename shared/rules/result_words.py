"""Results in sentences that need no knowledge of the metrics."""

from __future__ import annotations

from shared.baselines import baseline as baseline_of
from shared.documents.quick_test import BestComparison
from shared.jobs import MetricsReport
from shared.metrics import metric as metric_of
from shared.rules.differences import difference_words
from shared.wording import listed


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
    return f"{words}.{worse_segments_words(comparison)}"


def worse_segments_words(comparison: BestComparison) -> str:
    """` But for new customers (-3.1 to -1.2 points) it is clearly worse.`; "" without any."""
    told = [
        f"{one.segment} ({difference_words(comparison.metric, one.difference)})"
        for one in comparison.worse_segments
    ]
    return f" But it is clearly worse for {listed(told)}." if told else ""


def skipped_words(results: MetricsReport) -> str:
    """Baselines that were not measured, and why; "" where all were."""
    told = [f"{baseline_of(name).label} ({reason})" for name, reason in results.skipped.items()]
    return f"Not measured: {'; '.join(told)}." if told else ""
