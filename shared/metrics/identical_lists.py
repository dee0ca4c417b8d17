"""How many customers are recommended the very same list."""

from __future__ import annotations

from shared.arrays import Integers, np
from shared.metrics.base import ListMetric


class IdenticalLists(ListMetric):
    """Share of the customers whose list has the same members as the most common one."""

    name = "identical_top_10"
    label = "Customers with the most common top ten"
    term = "identical top 10"
    help = "Customers with the most common first 10"
    lower_is_better = True
    position = 50

    def value(self, lists: Integers, candidates: int) -> float:
        _, counts = np.unique(np.sort(lists, axis=1), axis=0, return_counts=True)
        return float(counts.max() / len(lists))
