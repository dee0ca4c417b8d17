"""Recall@k."""

from __future__ import annotations

from shared.arrays import Integers, Reals, np
from shared.metrics.base import RankedMetric


class Recall(RankedMetric):
    """Share of the rows whose product is among the k best; each row has one right product."""

    name = "recall"
    label = "Recall"
    term = "recall"
    help = "Found among the first {k} recommendations"
    brief = ""
    heading = "recall"
    cutoffs = (10, 50, 100)
    position = 10

    def values(self, ranks: Integers, k: int) -> Reals:
        return (ranks <= k).astype(np.float64)
