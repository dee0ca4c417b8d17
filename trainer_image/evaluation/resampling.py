"""How far a metric would move, had other customers of the same kind been held out.

The bootstrap of Efron and Tibshirani (An Introduction to the Bootstrap, 1993) with customers as
what is drawn: a customer's rows are alike, so that drawing rows would promise too much.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from shared.arrays import Reals, room
from shared.jobs import Interval
from shared.statistics import Mean, Statistic

REPLICATES = 1000
# Fewer say too little of their own spread: intervals come out far too narrow.
FEWEST_CUSTOMERS = 10
DIGITS = 6  # significant
_SEED = 20240229
# Each draw goes through all rows of an area under the curve.
_MOST_AREA_ROWS = 250_000
# Counts that are multiplied at once: 32 MB of float64.
_BLOCK_COUNTS = 4_000_000


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
    draws = _draws(customers)
    found = {
        name: np.array([area.of(one.astype(np.float64)) for one in draws])
        for name, area in enough.items()
        if not isinstance(area, Mean)
    }
    groups = _of_same_rows({name: one for name, one in enough.items() if isinstance(one, Mean)})
    totals = [np.zeros((REPLICATES, len(group) + 1)) for group in groups]
    step = max(1, _BLOCK_COUNTS // REPLICATES)
    for start in range(0, customers, step):
        part = slice(start, start + step)
        counts = draws[:, part].astype(np.float64)
        for group, total in zip(groups, totals, strict=True):
            total += _totals(counts, list(group.values()), part)
    for group, total in zip(groups, totals, strict=True):
        for place, (name, metric) in enumerate(group.items()):
            found[name] = metric.of(total[:, place], total[:, -1])
    return {name: found[name] for name in enough if np.isfinite(found[name]).all()}


def _of_same_rows(means: Mapping[Key, Mean]) -> list[dict[Key, Mean]]:
    alike: dict[int, dict[Key, Mean]] = {}
    for name, metric in means.items():
        alike.setdefault(id(metric.rows), {})[name] = metric
    return list(alike.values())


def _totals(counts: Reals, means: list[Mean], part: slice) -> Reals:
    """[draws, means + 1], the sums of each metric over some customers, and last how many rows.

    Args:
        counts: [draws, these customers], how often each is drawn.
        means: over the same rows.
    """
    rows = means[0].rows[part]
    members = np.flatnonzero(rows)
    columns = [*(one.sums[part] for one in means), rows]
    table = np.stack([column[members] for column in columns], axis=1)
    totals: Reals = (counts if len(members) == len(rows) else counts[:, members]) @ table
    return totals


@lru_cache(maxsize=1)
def _draws(customers: int) -> npt.NDArray[np.uint8]:
    """[REPLICATES, customers], how often each customer is drawn.

    PCG64's raw numbers stay what they are in every version of NumPy. Their upper half times the
    number of customers is a draw that is even to one part in 2^32 / customers (Lemire 2019).
    """
    bits = np.random.PCG64(_SEED)
    # uint8 suffices: of 256 customers or more, one is drawn 256 times in one of 10^500 draws.
    draws: npt.NDArray[np.uint8] = room((REPLICATES, customers), np.uint8)
    for one in draws:
        raw = bits.random_raw(customers)
        drawn = ((raw >> np.uint64(32)) * np.uint64(customers)) >> np.uint64(32)
        one[:] = np.bincount(drawn.astype(np.int64), minlength=customers)
    return draws


def interval(values: Reals) -> Interval:
    """The 95 % percentile interval of replicates."""
    low, high = np.percentile(values, [2.5, 97.5])
    return Interval(low=rounded(low), high=rounded(high))


def rounded(value: float) -> float:
    """To DIGITS significant digits, which is plenty and keeps reports small."""
    return float(f"{value:.{DIGITS}g}")
