"""Metrics as statistics: numbers that can be computed for any draw of the customers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

from shared.arrays import Booleans, Integers, Reals, np, room


@dataclass(frozen=True)
class Mean:
    """A metric that is a mean over rows, as sums over each customer's rows.

    Attributes:
        sums: [customers], of what the rows add to the metric.
        rows: [customers], how many rows.
        root: the metric is the square root of the mean.
    """

    sums: Reals
    rows: Reals
    root: bool = False

    @property
    def value(self) -> float:
        return float(self.of(self.sums.sum(), self.rows.sum()))

    def of(self, sums: Reals, rows: Reals) -> Reals:
        """The metric, from its sums over all customers; NaN where there are no rows."""
        with np.errstate(invalid="ignore"):
            mean = sums / rows
        return np.sqrt(mean) if self.root else mean


@dataclass(frozen=True)
class Rows:
    """Rows over which metrics are means.

    Attributes:
        customer: [rows], whose each is, from 0.
        customers: how many there are, those without rows among them.
    """

    customer: Integers
    customers: int

    @cached_property
    def counts(self) -> Reals:
        """[customers], how many rows."""
        return np.bincount(self.customer, minlength=self.customers).astype(np.float64)

    def mean(self, values: Reals, *, root: bool = False) -> Mean:
        """Args: values: [rows], what each adds to the metric."""
        sums = np.bincount(self.customer, values, self.customers).astype(np.float64, copy=False)
        return Mean(sums, self.counts, root)

    def only(self, which: Booleans) -> Rows:
        return Rows(self.customer[which], self.customers)


@dataclass(frozen=True)
class AreaUnderCurve:
    """The share of all pairs of a positive and a negative row that are scored in the right order,
    where equal scores count half (Mann and Whitney 1947; Hanley and McNeil 1982).

    Attributes:
        customer: [rows], by ascending score.
        positive: [rows], 1 where the label is, else 0.
        starts: where each run of equal scores begins.
    """

    customer: Integers
    positive: Reals
    starts: Integers

    @property
    def value(self) -> float:
        return self.of(np.ones(self.customer.max() + 1))

    @cached_property
    def rows(self) -> Reals:
        """[customers up to the last], how many rows."""
        return np.bincount(self.customer).astype(np.float64)

    def of(self, counts: Reals) -> float:
        """The area where each customer counts `counts` times, [customers]; NaN where all rows that
        count are of one class."""
        weights = counts.take(self.customer)
        positive = np.add.reduceat(weights * self.positive, self.starts)
        negative = np.add.reduceat(weights, self.starts) - positive
        below = np.cumsum(negative) - negative
        pairs = positive.sum() * negative.sum()
        return float(positive @ (below + negative / 2) / pairs) if pairs else float("nan")


def area_under_curve(scores: Reals, positive: Booleans, customer: Integers) -> AreaUnderCurve:
    """Args: scores, positive, customer: [rows]."""
    order = np.argsort(scores, kind="stable")
    ascending = scores[order]
    starts = np.flatnonzero(np.concatenate([[True], ascending[1:] != ascending[:-1]]))
    return AreaUnderCurve(customer[order], positive[order].astype(np.float64), starts)


# A metric that can be computed for any draw of the customers.
Statistic = Mean | AreaUnderCurve
# By name: a metric over customers' rows, or a number that is no mean over them or that no draw of
# customers changes.
Measured = Mapping[str, Statistic | float]


_Key = TypeVar("_Key")
_Metric = TypeVar("_Metric", bound=Statistic | float)


def stored(measured: Mapping[_Key, _Metric]) -> dict[_Key, _Metric]:
    """The same metrics, with the sums of all in one array, which lies in a file if it is large."""
    means = {name: one for name, one in measured.items() if isinstance(one, Mean)}
    if not means:
        return dict(measured)
    sums = room((len(means), *next(iter(means.values())).sums.shape), np.float64)
    for row, one in zip(sums, means.values(), strict=True):
        row[:] = one.sums
    kept = {
        name: replace(one, sums=row) for row, (name, one) in zip(sums, means.items(), strict=True)
    }
    return {**measured, **kept}
