"""How far a metric would move, had other customers of the same kind been held out.

The bootstrap of Efron and Tibshirani (An Introduction to the Bootstrap, 1993) with customers as
what is drawn: a customer's rows are alike, so that drawing rows would promise too much.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np

from shared.jobs import Interval
from trainer_image.ranking import Booleans, Integers, Reals

REPLICATES = 1000
# Fewer say too little of their own spread: intervals come out far too narrow.
FEWEST_CUSTOMERS = 10
DIGITS = 6  # significant
_SEED = 20240229
# Each draw goes through all rows of an area under the curve.
_MOST_AREA_ROWS = 250_000
_BLOCK_COUNTS = 4_000_000  # 32 MB of float64


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
        sums = np.bincount(self.customer, values, self.customers).astype(np.float64)
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


Metric = Mean | AreaUnderCurve
Key = TypeVar("Key")


def replicates(metrics: Mapping[Key, Metric], customers: int) -> dict[Key, Reals]:
    """Each metric over REPLICATES draws of as many customers as there are, with replacement.

    Draw i is the same for any metrics of as many customers. Left out are metrics whose rows are of
    fewer than FEWEST_CUSTOMERS, or that some draw leaves without rows, and areas under the curve of
    more than _MOST_AREA_ROWS.
    """
    enough = {
        name: metric
        for name, metric in metrics.items()
        if np.count_nonzero(metric.rows) >= FEWEST_CUSTOMERS
        and (isinstance(metric, Mean) or len(metric.customer) <= _MOST_AREA_ROWS)
    }
    means = {name: metric for name, metric in enough.items() if isinstance(metric, Mean)}
    areas = {name: metric for name, metric in enough.items() if not isinstance(metric, Mean)}
    # Metrics over the same rows share a column.
    row_columns = {id(metric.rows): metric.rows for metric in means.values()}
    columns = [metric.sums for metric in means.values()] + list(row_columns.values())
    table = np.stack(columns, axis=1) if columns else np.empty((customers, 0))
    totals = np.empty((REPLICATES, len(columns)))
    found = {name: np.empty(REPLICATES) for name in enough}
    done = 0
    for counts in _draws(customers):
        part = slice(done, done + len(counts))
        totals[part] = counts @ table
        for name, area in areas.items():
            found[name][part] = [area.of(one) for one in counts]
        done += len(counts)
    place_of = {key: len(means) + place for place, key in enumerate(row_columns)}
    for place, (name, metric) in enumerate(means.items()):
        found[name] = metric.of(totals[:, place], totals[:, place_of[id(metric.rows)]])
    return {name: values for name, values in found.items() if np.isfinite(values).all()}


def _draws(customers: int) -> Iterator[Reals]:
    """Blocks of [draws, customers], how often each customer is drawn; REPLICATES draws in all.

    PCG64's raw numbers stay what they are in every version of NumPy. Their upper half times the
    number of customers is a draw that is even to one part in 2^32 / customers (Lemire 2019).
    """
    bits = np.random.PCG64(_SEED)
    block = min(REPLICATES, max(1, _BLOCK_COUNTS // customers))
    for start in range(0, REPLICATES, block):
        counts = np.empty((min(block, REPLICATES - start), customers))
        for one in counts:
            raw = bits.random_raw(customers)
            drawn = ((raw >> np.uint64(32)) * np.uint64(customers)) >> np.uint64(32)
            one[:] = np.bincount(drawn.astype(np.int64), minlength=customers)
        yield counts


def interval(values: Reals) -> Interval:
    """The 95 % percentile interval of replicates."""
    low, high = np.percentile(values, [2.5, 97.5])
    return Interval(low=rounded(low), high=rounded(high))


def rounded(value: float) -> float:
    """To DIGITS significant digits, which is plenty and keeps reports small."""
    return float(f"{value:.{DIGITS}g}")
