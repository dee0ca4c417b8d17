"""Too few products for recall."""

from __future__ import annotations

from collections.abc import Iterator

from shared.metrics import metric as metric_of
from shared.problems import Problem
from shared.rules.metrics import RANKED_BY, RANKED_BY_OF_FEW, RECALLS, telling_recall
from shared.rules.warnings.base import Finished, ResultWarning
from shared.wording import plural


class TooFewProductsForRecall(ResultWarning):
    """All of them are among the best 100, whatever the model does."""

    name = "too_few_products_for_recall"
    label = "Too few products for recall"
    help = "There are at most 100 products, which are all among the best 100."
    remedy = "data"
    position = 20

    def check(self, finished: Finished) -> Iterator[Problem]:
        results = finished.results
        candidates = results.protocol.candidates
        if RANKED_BY in results.metrics and 0 < candidates <= RECALLS[RANKED_BY]:
            telling = metric_of(telling_recall(results) or RANKED_BY_OF_FEW).label
            yield self.problem(
                f"status.results.metrics.{RANKED_BY}",
                f"With {plural(candidates, 'product')} to choose from, every one is among the best "
                f"100: any model has a recall of 100%, which tells nothing. No setting "
                f"changes that. Compare by {telling}.",
                candidates,
            )
