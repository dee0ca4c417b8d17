"""A linear model of which products go together, in closed form."""

from __future__ import annotations

from collections.abc import Callable

from shared.arrays import Floats, Integers, Reals, Sparse, np
from shared.baselines.base import LEARN_MORE
from shared.baselines.popularity import popular_order
from shared.baselines.scoring import (
    Scores,
    ScoringBaseline,
    purchases,
    sold,
)
from shared.item_item import in_threads, ridge_inverse, sampled
from shared.measuring import HeldOut

# The least of the three that Steck (2019) settled on, for the data set with the fewest customers
# for each product; they were 200 to 1,000.
L2 = 200.0
# Cubed, the multiplications of an inverse: some seconds on two cores, and 130 MB.
_MOST_INVERTED = 4_000
_MOST_PRODUCTS = 20_000
_MOST_PAIRS = 2_000_000_000
_MOST_MULTIPLIED = 40_000_000_000  # a fraction of the time that as many rows are trained for


class Ease(ScoringBaseline):
    """EASE (Steck 2019, "Embarrassingly shallow autoencoders for sparse data"): the ridge
    regression of each product on all others. Weights are log2(1 + training rows): where nothing is
    bought twice, the published method.

    With X [customers, products] and P = (X'X + L2 I)^-1, products score X (I - P / diag P). Where
    customers are fewer than products, the same comes of K = (XX' + L2 I)^-1: XP = KX and
    diag P = (1 - diag X'KX) / L2 (Woodbury's identity). Where both are more than 4,000, it is
    fitted to the 4,000 products with the most training rows.
    """

    name = "ease"
    label = "EASE"
    help = (
        "Everyone is recommended what goes with the products that they bought, by a linear model "
        "of all pairs of products (EASE)."
    )
    term = "EASE"
    doing = "recommending what goes with the customer's products (EASE)"
    means = "A linear model of pairs of products is as good or better."
    helps = LEARN_MORE
    position = 28

    def skipped(self, held_out: HeldOut) -> str | None:
        if held_out.candidates > _MOST_PRODUCTS and held_out.buyers > _MOST_INVERTED:
            return (
                f"{held_out.candidates:,} products, at most {_MOST_PRODUCTS:,} of more than "
                f"{_MOST_INVERTED:,} customers"
            )
        rows, side = len(held_out.train_product), min(held_out.buyers, held_out.candidates)
        most = _MOST_MULTIPLIED // min(side, _MOST_INVERTED)
        return None if rows <= most else f"{rows:,} purchases, at most {most:,}"

    def order(self, held_out: HeldOut) -> Integers:
        return popular_order(held_out.train_product, held_out.candidates)

    def scores(self, held_out: HeldOut) -> Scores:
        weights = purchases(held_out)
        most = held_out.candidates if held_out.buyers <= _MOST_INVERTED else _MOST_INVERTED
        width = min(most, sold(weights))
        weights = weights[:, :width]
        by = _by_customers if held_out.buyers <= width else _by_products
        score, has_any = by(weights), np.diff(weights.indptr) > 0

        def write(start: int, stop: int, scores: Floats) -> None:
            known = has_any[start:stop]
            scores[known] = score(start, stop)[known]

        return Scores(width, write)


# From and to which customer; returns [customers, products].
_Score = Callable[[int, int], Reals]


def _by_products(weights: Sparse) -> _Score:
    fitting = sampled(weights, _MOST_PAIRS)
    gram = (fitting.T @ fitting).toarray()
    inverse = ridge_inverse(gram, L2)
    coefficients = inverse / -np.diag(inverse)
    np.fill_diagonal(coefficients, 0)
    coefficients = coefficients.astype(np.float32)
    return lambda start, stop: weights[start:stop].astype(np.float32) @ coefficients


def _by_customers(weights: Sparse) -> _Score:
    inverse = ridge_inverse((weights @ weights.T).toarray(), L2)
    by_product = weights.T.tocsr()
    parts: dict[int, Reals] = {}

    def times_weights(start: int, stop: int) -> Reals:
        found: Reals = (by_product @ np.ascontiguousarray(inverse[:, start:stop])).T
        return found

    def explain(start: int, stop: int) -> None:
        both = weights[start:stop].multiply(times_weights(start, stop))
        parts[start] = np.asarray(both.sum(axis=0)).ravel()

    in_threads(explain, weights.shape[0], weights.shape[1])
    diagonal = (1 - np.sum([parts[start] for start in sorted(parts)], axis=0)) / L2
    return lambda start, stop: weights[start:stop].toarray() - times_weights(start, stop) / diagonal
