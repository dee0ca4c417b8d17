"""Normalized discounted cumulative gain at k."""

from __future__ import annotations

from shared.arrays import Integers, Reals, np
from shared.metrics.base import RankedMetric


class Ndcg(RankedMetric):
    """With one right product per row the ideal gain is 1, so NDCG is 1 ÷ log2(rank + 1) (Järvelin
    and Kekäläinen 2002)."""

    name = "ndcg"
    label = "NDCG"
    term = "NDCG"
    help = "Found, and high up, among the first {k}"
    cutoffs = (10,)
    position = 30

    def values(self, ranks: Integers, k: int) -> Reals:
        return np.where(ranks <= k, 1 / np.log2(ranks + 1), 0)
