"""Catalogue coverage."""

from __future__ import annotations

from shared.arrays import Integers, np
from shared.measuring import LISTED, HeldOut
from shared.metrics.base import ListMetric


class Coverage(ListMetric):
    """Share of the products that are in any customer's list."""

    name = "coverage_at_10"
    label = "Coverage of the products in top tens"
    term = "coverage@10"
    help = "Products in anybody's first 10"
    position = 40

    def value(self, lists: Integers, candidates: int) -> float:
        return len(np.unique(lists[lists >= 0])) / candidates

    def at_random(self, held_out: HeldOut) -> float:
        missed = 1 - min(LISTED, held_out.candidates) / held_out.candidates
        return float(1 - missed**held_out.customers)
