"""What the metrics are called, which way is better, and how a value is said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

RANKED_BY = "recall_at_100"
RATED_BY = "rmse"

_RANKED = re.compile(r"(recall|ndcg|mrr)(?:_at_(\d+))?(?:_(repeat|new))?")
_NAMES = {"recall": "Recall", "ndcg": "NDCG", "mrr": "Mean reciprocal rank"}
_ROWS = {None: "", "repeat": ", bought before", "new": ", new to the customer"}


@dataclass(frozen=True)
class Metric:
    """`share`: lies between 0 and 1. `rating`: of predicted ratings, not of ranked products."""

    name: str
    label: str
    share: bool = True
    lower_is_better: bool = False
    rating: bool = False

    def better(self, one: float, other: float) -> bool:
        return one < other if self.lower_is_better else one > other

    def said(self, value: float) -> str:
        """`24.9 %` or `0.7362`."""
        return f"{100 * value:.1f} %" if self.share else f"{value:.4f}"


_KNOWN = {
    metric.name: metric
    for metric in (
        Metric("coverage_at_10", "Coverage of the products in top tens"),
        Metric("identical_top_10", "Customers with the most common top ten", lower_is_better=True),
        Metric("rmse", "RMSE", share=False, lower_is_better=True, rating=True),
        Metric("mae", "MAE", share=False, lower_is_better=True, rating=True),
        Metric("auc", "AUC", share=False, rating=True),
        Metric("log_loss", "Log loss", share=False, lower_is_better=True, rating=True),
    )
}


def metric(name: str) -> Metric:
    """A metric by its name in a MetricsReport; one that is not known is taken as it is called."""
    if found := _RANKED.fullmatch(name):
        kind, k, rows = found.groups()
        at_k = f"@{k}" if k else ""
        return Metric(name, f"{_NAMES[kind]}{at_k}{_ROWS[rows]}", share=kind != "mrr")
    return _KNOWN.get(name, Metric(name, name, share=False))


def main_metrics(metrics: Mapping[str, float]) -> list[str]:
    """One of each task of the model, what it is ranked by first."""
    return [name for name in (RANKED_BY, RATED_BY) if name in metrics]


def main_metric(metrics: Mapping[str, float]) -> str | None:
    """What a test is ranked by: recall where it recommends, the error where it only rates."""
    return next(iter(main_metrics(metrics)), None)
