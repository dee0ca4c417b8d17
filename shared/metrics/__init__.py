"""Metrics, one file each: what it is called, which way is better, and how it is computed.

Whatever shows or measures metrics reads this registry; nothing outside it names one, save what
tests are ranked by (`shared/rules/metrics.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache

from shared.arrays import Integers, Reals, np
from shared.kinds import registry
from shared.measuring import HeldOut, Ranked, Ratings
from shared.metrics.base import (
    ROW_KINDS,
    ListMetric,
    Metric,
    MetricKind,
    RankedMetric,
    RatingMetric,
)
from shared.statistics import Statistic, stored

__all__ = ["Metric", "brief_metrics", "metric", "metric_kinds", "metrics"]

_RANKED = re.compile(rf"(.+?)(?:_at_(\d+))?(?:_({'|'.join(ROW_KINDS)}))?")


@cache
def metric_kinds() -> dict[str, MetricKind]:
    """By name, in the order in which they are measured."""
    found = registry(__name__, MetricKind, lambda kind: kind.name)
    return {name: kind() for name, kind in found.items()}


def metrics() -> Iterator[Metric]:
    """Every metric that a test may have."""
    for kind in metric_kinds().values():
        yield from kind.metrics()


def brief_metrics() -> list[Metric]:
    """What the command line's tables tell: all rows first, then rows of their kinds."""
    return [metric for metric in metrics() if metric.brief is not None]


@lru_cache(maxsize=1024)
def metric(name: str) -> Metric:
    """A metric by its name in a MetricsReport; one that is not known is taken as it is called."""
    known = metric_kinds()
    if (kind := known.get(name)) is not None and not isinstance(kind, RankedMetric):
        return kind.made(name)
    if (match := _RANKED.fullmatch(name)) is not None:
        kind = known.get(match[1])
        if isinstance(kind, RankedMetric):
            return kind.of(int(match[2] or 0), match[3] or "")
    words = name.replace("_", " ")
    return Metric(name, words, name, words)


def of_ranks(ranks: Integers) -> Iterator[tuple[str, Reals]]:
    """By metric, what each row adds to it: a metric is the mean over its rows, of one true product
    each."""
    for kind in metric_kinds().values():
        if isinstance(kind, RankedMetric):
            yield from kind.measure(ranks)


def cutoffs() -> list[int]:
    """How many places lists have that a metric looks at, ascending."""
    kinds = (kind for kind in metric_kinds().values() if isinstance(kind, RankedMetric))
    return sorted({k for kind in kinds for k in kind.cutoffs})


def of_short_lists(ranks: Mapping[int, Integers]) -> Iterator[tuple[str, Reals]]:
    """As `of_ranks`, by metric that looks at the first k places alone. One that looks at the whole
    list is taken of the longest lists, in which what has no place adds next to nothing.

    Args:
        ranks: in lists of k places, by k of `cutoffs`.
    """
    for kind in metric_kinds().values():
        if isinstance(kind, RankedMetric):
            for k in kind.cutoffs or (max(ranks),):
                yield kind.named(k), kind.values(ranks[k], k)


def of_lists(lists: Integers, candidates: int) -> dict[str, float]:
    """Args: lists: [customers, LISTED], rows of the candidates, -1 where a list is shorter."""
    return {
        kind.name: kind.value(lists, candidates)
        for kind in metric_kinds().values()
        if isinstance(kind, ListMetric)
    }


def of_ranking(ranked: Ranked, held_out: HeldOut) -> dict[str, Statistic | float]:
    """Each metric over all rows, apart over `_repeat` and `_new` rows where there are such, and in
    lists of their own where it says how they rank there."""
    measured: dict[str, Statistic | float] = {
        name + rows.suffix: rows.rows.mean(values[rows.which])
        for ranks, in_list in ((ranked.ranks, False), (ranked.in_list, True))
        if ranks is not None
        for name, values in of_ranks(ranks)
        for rows in held_out.kinds
        if rows.in_list == in_list
    }
    return stored(measured | of_lists(ranked.lists, held_out.candidates))


def of_random_ranking(held_out: HeldOut) -> dict[str, Statistic | float]:
    """What is expected of a random order of all products, and of each list."""
    ranks = np.arange(1, held_out.candidates + 1)
    measured: dict[str, Statistic | float] = {}
    for name, values in of_ranks(ranks):
        expected = np.cumsum(values) / ranks  # in lists of one, of two, ... products
        for rows in held_out.kinds:
            sizes = held_out.list_sizes[rows.which]
            measured[name + rows.suffix] = (
                rows.rows.mean(expected[sizes - 1]) if rows.in_list else float(values.mean())
            )
    for kind in metric_kinds().values():
        if isinstance(kind, ListMetric) and (value := kind.at_random(held_out)) is not None:
            measured[kind.name] = value
    return stored(measured)


def of_blocks(before: Integers, sizes: Integers, held_out: HeldOut) -> dict[str, Statistic | float]:
    """What is expected where each row's product is anywhere in a block of the list of all products.

    Args:
        before: how many products come before the block, [held-out rows].
        sizes: how many products the block has, [held-out rows].
    """
    measured: dict[str, Statistic | float] = {}
    for name, values in of_ranks(np.arange(1, held_out.candidates + 1)):
        upto = np.concatenate([[0.0], np.cumsum(values)])
        expected = (upto[before + sizes] - upto[before]) / sizes
        for rows in held_out.kinds:
            if not rows.in_list:
                measured[name + rows.suffix] = rows.rows.mean(expected[rows.which])
    return stored(measured)


def of_ratings(ratings: Ratings) -> dict[str, Statistic]:
    """Those that have a meaning for these ratings."""
    return {
        kind.name: statistic
        for kind in metric_kinds().values()
        if isinstance(kind, RatingMetric) and (statistic := kind.measure(ratings)) is not None
    }
