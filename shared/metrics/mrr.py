"""Mean reciprocal rank."""

from __future__ import annotations

from shared.arrays import Integers, Reals
from shared.metrics.base import RankedMetric


class MeanReciprocalRank(RankedMetric):
    """1 ÷ rank of the right product, over all candidates."""

    name = "mrr"
    label = "Mean reciprocal rank"
    term = "MRR"
    help = "1 ÷ its place, on average"
    share = False
    position = 20

    def values(self, ranks: Integers, k: int) -> Reals:
        reciprocal: Reals = 1 / ranks
        return reciprocal
