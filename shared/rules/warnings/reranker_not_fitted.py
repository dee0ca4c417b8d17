"""Re-ranker not fitted."""

from __future__ import annotations

from collections.abc import Iterator

from shared.problems import Problem
from shared.rules.fixes import Fix, Tried, fit_more, sample_more
from shared.rules.warnings.base import Finished, ResultWarning
from shared.wording import plural

_FEWEST_LISTS = 2


class RerankerNotFitted(ResultWarning):
    """There was nothing to fit the re-ranker to, so that it keeps the order of the towers."""

    name = "reranker_not_fitted"
    label = "Re-ranker not fitted"
    help = "Fewer than two customers bought something in the fitting slice."
    remedy = "data"
    position = 28

    def check(self, finished: Finished) -> Iterator[Problem]:
        index = finished.results.index
        if index is None or index.fitted_lists is None or index.fitted_lists >= _FEWEST_LISTS:
            return
        lists = plural(index.fitted_lists, "customer") if index.fitted_lists else "no customer"
        yield self.problem(
            "status.results.index.fitted_lists",
            f"The re-ranker serves the towers' order: in the fitting slice {lists} bought one of "
            f"its candidates, of at least {_FEWEST_LISTS} that it needs. Raise data_sample_percent "
            "or the re-ranker's fitting_percent, and see that times of purchase are known.",
            index.fitted_lists,
        )

    def fixes(self, problem: Problem, tried: Tried) -> Iterator[Fix]:
        yield from sample_more(tried)
        yield from fit_more(tried)
