"""Varying attribute."""

from __future__ import annotations

from collections.abc import Iterator

from shared.problems import Problem, path_of
from shared.rules.fixes import Fix, Tried, take_out
from shared.rules.warnings.base import Finished, ResultWarning, rounded_percent

_VARYING = 0.05  # share of the products


class VaryingAttribute(ResultWarning):
    """Attributes of the purchase that pose as attributes of the product."""

    name = "varying_attribute"
    label = "Varying attribute"
    help = "A column of the product tower has more than one value for some products."
    remedy = "features"
    position = 160

    def check(self, finished: Finished) -> Iterator[Problem]:
        for column, share in finished.results.varying_attributes.items():
            if share > _VARYING:
                yield self.problem(
                    path_of("status.results.varying_attributes", (column,)),
                    f"{rounded_percent(share)} of the products have more than one value of "
                    f"{column!r}. As a candidate, a product has its most frequent one only, which "
                    "is not what the model was trained on. Leave it out of the product tower, or "
                    "put it into the buyer tower where it is known when recommending.",
                    share,
                )

    def fixes(self, problem: Problem, tried: Tried) -> Iterator[Fix]:
        found = tried.test.status.results.varying_attributes if tried.test.status.results else {}
        for column in found:
            if problem.path == path_of("status.results.varying_attributes", (column,)):
                yield from take_out(tried, "product", column)
