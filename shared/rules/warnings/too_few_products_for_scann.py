"""Too few products for ScaNN."""

from __future__ import annotations

from collections.abc import Iterator

from shared.problems import Problem
from shared.rules.fixes import Fix, Tried, model
from shared.rules.warnings.base import Finished, ResultWarning


class TooFewProductsForScann(ResultWarning):
    """The model searches in another way than its config asks for."""

    name = "too_few_products_for_scann"
    label = "Too few products for ScaNN"
    help = "The model searches in another way than its config asks for."
    remedy = "model"
    position = 170

    def check(self, finished: Finished) -> Iterator[Problem]:
        index, protocol = finished.results.index, finished.results.protocol
        if index is not None and index.algorithm != index.wanted:
            yield self.problem(
                "status.results.index.algorithm",
                f"{protocol.candidates:,} products are too few for ScaNN's leaves, so the model "
                "searches all of them, which is exact. Lower scann_num_leaves, or take "
                "brute_force.",
                index.wanted,
            )

    def fixes(self, problem: Problem, tried: Tried) -> Iterator[Fix]:
        yield from model(tried, "Search all products", retrieval_algorithm="brute_force")
