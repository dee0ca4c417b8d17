"""Results as rows of a table: what frames and notebooks show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import singledispatch
from typing import Any

from recsmith_client import models
from recsmith_client.base import Model

Row = dict[str, Any]


@singledispatch
def rows_of(thing: object) -> Iterator[Row]:
    """The rows of one result; of whatever can be iterated over, those of its items, one beneath the
    other.

    Raises:
        TypeError: it is no table.
    """
    if not isinstance(thing, Iterable) or isinstance(thing, str | bytes | dict | Model):
        raise TypeError(f"A {type(thing).__name__} is no table.")
    for one in thing:
        yield from rows_of(one)


@rows_of.register
def _(test: models.QuickTest) -> Iterator[Row]:
    """A row for each metric; none before there are results."""
    results = test.status.results
    if results is None:
        return
    for metric, value in results.metrics.items():
        yield {
            "quick_test_id": test.id,
            "name": test.name,
            "metric": metric,
            "value": value,
            **_bounds("", results.intervals.get(metric)),
        }


def baseline_rows(test: models.QuickTest) -> Iterator[Row]:
    """A row for each metric of each baseline, with the interval of the difference from it."""
    results = test.status.results
    if results is None:
        return
    for baseline, metrics in results.baselines.items():
        for metric, value in metrics.items():
            own = results.metrics.get(metric)
            yield {
                "quick_test_id": test.id,
                "name": test.name,
                "baseline": baseline,
                "metric": metric,
                "value": value,
                "difference": None if own is None else own - value,
                **_bounds("difference_", results.differences.get(baseline, {}).get(metric)),
            }


@rows_of.register
def _(comparison: models.Comparison) -> Iterator[Row]:
    """A row for each test, best first in each group of those that were measured alike."""
    labels = {field.key: field.label for field in comparison.differing}
    for number, group in enumerate(comparison.groups, start=1):
        for test in group.rows:
            to_base = test.to_base
            yield {
                "group": number,
                "rank": test.rank,
                "best": test.best,
                "quick_test_id": test.quick_test_id,
                "name": test.name,
                "metric": comparison.metric,
                "value": test.value,
                **_bounds("", test.intervals.get(comparison.metric)),
                "verdict": test.verdict,
                **_bounds("difference_", test.difference),
                "base_verdict": to_base.verdict if to_base else None,
                **_bounds("base_difference_", to_base.difference if to_base else None),
                "baselines": test.judged.label,
                **{labels[key]: value for key, value in test.fields.items() if key in labels},
            }


@rows_of.register
def _(heatmap: models.Heatmap) -> Iterator[Row]:
    """A row for each cell that has a test: the best of them, and how far they lie apart."""
    rows, columns = heatmap.rows, heatmap.columns
    for cell in heatmap.cells:
        yield {
            rows.label: rows.values[cell.row],
            columns.label: columns.values[cell.column],
            "metric": heatmap.metric,
            "value": cell.value,
            **_bounds("", cell.interval),
            "tests": cell.count,
            "lowest": cell.low,
            "highest": cell.high,
            "best": cell.best,
            "quick_test_id": cell.quick_test_id,
        }


@rows_of.register
def _(table: models.SegmentTable) -> Iterator[Row]:
    """A row for each segment and each thing that it is held against, that of all rows first."""
    split = [(one.name, row) for one in table.splits for row in one.rows]
    for name, row in [("all", table.whole), *split]:
        held_against: list[models.Against | None] = [*row.against] or [None]
        for against in held_against:
            yield {
                "split": name,
                "segment": row.label,
                "rows": row.rows,
                "customers": row.customers,
                "metric": table.metric,
                "value": row.value,
                **_bounds("", row.interval),
                "against": against.name if against else None,
                "against_value": against.value if against else None,
                **_bounds("difference_", against.difference if against else None),
                "verdict": against.verdict if against else None,
            }


@rows_of.register
def _(prediction: models.Prediction) -> Iterator[Row]:
    """A row for each recommended product, best first."""
    for rank, product in enumerate(prediction.recommendations, start=1):
        yield {
            "rank": rank,
            "product_id": product.product_id,
            "name": product.name,
            "score": product.score,
            "rating": product.rating,
            "bought_before": product.bought_before,
            "pinned": product.pinned,
        }


def _bounds(prefix: str, interval: models.Interval | None) -> Row:
    return {
        f"{prefix}low": interval.low if interval else None,
        f"{prefix}high": interval.high if interval else None,
    }
