"""How far a metric would move, had other customers of the same kind been held out.

The bootstrap of Efron and Tibshirani (An Introduction to the Bootstrap, 1993) with customers as
what is drawn: a customer's rows are alike, so that drawing rows would promise too much.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from shared.arrays import Integers, Reals
from shared.jobs import Interval
from shared.measuring import Mean, Statistic

REPLICATES = 1000
# Fewer say too little of their own spread: intervals come out far too narrow.
FEWEST_CUSTOMERS = 10
DIGITS = 6  # significant
_SEED = 20240229
# Each draw goes through all rows of an area under the curve.
_MOST_AREA_ROWS = 250_000
_BLOCK_COUNTS = 4_000_000  # 32 MB of float64


Key = TypeVar("Key")


def replicates(metrics: Mapping[Key, Statistic], customers: int) -> dict[Key, Reals]:
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
    areas = {name: metric for name, metric in enough.items() if not isinstance(metric, Mean)}
    tables = _tables({name: one for name, one in enough.items() if isinstance(one, Mean)})
    found = {name: np.empty(REPLICATES) for name in enough}
    done = 0
    for counts in _draws(customers):
        part = slice(done, done + len(counts))
        for table in tables:
            totals = (counts if table.whole else counts[:, table.members]) @ table.columns
            for place, (name, metric) in enumerate(table.means.items()):
                found[name][part] = metric.of(totals[:, place], totals[:, -1])
        for name, area in areas.items():
            found[name][part] = [area.of(one) for one in counts]
        done += len(counts)
    return {name: values for name, values in found.items() if np.isfinite(values).all()}


@dataclass(frozen=True)
class _Table(Generic[Key]):
    """Metrics over the same rows.

    Attributes:
        members: the customers who have such rows; `whole`: that is all of them.
        columns: [members, metrics + 1], each metric's sums, and last how many rows.
    """

    means: dict[Key, Mean]
    members: Integers
    whole: bool
    columns: Reals


def _tables(means: Mapping[Key, Mean]) -> list[_Table[Key]]:
    alike: dict[int, dict[Key, Mean]] = {}
    for name, metric in means.items():
        alike.setdefault(id(metric.rows), {})[name] = metric
    tables = []
    for group in alike.values():
        rows = next(iter(group.values())).rows
        members = np.flatnonzero(rows)
        columns = [*(metric.sums for metric in group.values()), rows]
        table = np.stack([column[members] for column in columns], axis=1)
        tables.append(_Table(group, members, len(members) == len(rows), table))
    return tables


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
