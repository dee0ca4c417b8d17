"""Same list for many."""

from __future__ import annotations

from collections.abc import Iterator

from shared.problems import Problem
from shared.rules.fixes import Fix, Tried, cooler, train_longer
from shared.rules.warnings.base import Finished, ResultWarning, rounded_percent

_SAME_LIST = 0.5  # share of the customers


class SameList(ResultWarning):
    """Not of one customer alone, nor where all lists hold all products."""

    name = "same_list"
    label = "Same list for many"
    help = "More than half of the customers get the very same ten products."
    remedy = "features"
    position = 50

    def check(self, finished: Finished) -> Iterator[Problem]:
        protocol = finished.results.protocol
        share = finished.results.metrics.get("identical_top_10")
        if share is None or protocol.holdout_customers < 2 or protocol.candidates <= 10:
            return
        if share > _SAME_LIST:
            yield self.problem(
                "status.results.metrics.identical_top_10",
                f"{rounded_percent(share)} of the customers get the very same ten products: the "
                "model hardly tells customers apart. Give the buyer tower the customer id or more "
                "about the customer, train more epochs, or lower the temperature.",
                share,
            )

    def fixes(self, problem: Problem, tried: Tried) -> Iterator[Fix]:
        yield from train_longer(tried)
        yield from cooler(tried)
