"""How often the right product comes first."""

from __future__ import annotations

from shared.arrays import Integers, Reals, np
from shared.metrics.base import RankedMetric


class FirstPlace(RankedMetric):
    name = "first_place"
    label = "First place"
    term = "first place"
    help = "The right product comes first"
    brief = "first place"

    def values(self, ranks: Integers, k: int) -> Reals:
        return (ranks == 1).astype(np.float64)
