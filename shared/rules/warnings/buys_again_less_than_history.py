"""Buys again less than history."""

from __future__ import annotations

from collections.abc import Iterator

from shared.problems import Problem
from shared.rules.fixes import Fix, Tried, add_history, fit_more, sample_more
from shared.rules.lists import BUY_AGAIN
from shared.rules.warnings.base import Finished, ResultWarning, worse_list


class BuysAgainLessThanHistory(ResultWarning):
    """The list to buy again is worse than the customer's own products in a plain order."""

    name = "buys_again_less_than_history"
    label = "Buy again below own history"
    help = "The list to buy again is clearly worse than own products, the latest first."
    remedy = "model"
    position = 39

    def check(self, finished: Finished) -> Iterator[Problem]:
        if (lost := worse_list(BUY_AGAIN, finished.results)) is not None:
            yield self.problem(
                lost.path,
                f"{lost.said}. Fit the re-ranker to more customers: raise data_sample_percent, or "
                "the re-ranker's fitting_percent.",
                lost.value,
            )

    def fixes(self, problem: Problem, tried: Tried) -> Iterator[Fix]:
        yield from sample_more(tried)
        yield from fit_more(tried)
        yield from add_history(tried)
