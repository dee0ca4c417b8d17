"""What was bought by those who bought the same."""

from __future__ import annotations

from shared.arrays import Floats, Integers
from shared.baselines.base import LEARN_MORE
from shared.baselines.popularity import popular_order
from shared.baselines.scoring import (
    Scores,
    ScoringBaseline,
    purchases,
    sold,
    write_sparse,
)
from shared.item_item import cosine_pairs, sampled
from shared.measuring import HeldOut

# A few seconds on two cores; what follows stays below 1 GB.
NEIGHBOURS = 100
_MOST_PAIRS = 400_000_000
_MOST_PRODUCTS = 100_000


class ItemKnn(ScoringBaseline):
    """Products like those that a customer bought: a product scores the sum of the cosines with its
    100 nearest neighbours, itself among them, times the weights that the customer has for these
    (Sarwar and others 2001, "Item-based collaborative filtering recommendation algorithms").
    Weights are log2(1 + training rows). Where customers have more than 400 million pairs of
    products, every n-th customer makes the cosines."""

    name = "item_knn"
    label = "Item-kNN"
    help = (
        "Everyone is recommended the products whose buyers are most like those of the products "
        "that they bought (item-based nearest neighbours, cosine)."
    )
    term = "item-kNN"
    doing = "recommending products like those that the customer bought (item-kNN)"
    means = "The model has learned no more than which products are bought by the same customers."
    helps = LEARN_MORE
    position = 24

    def skipped(self, held_out: HeldOut) -> str | None:
        if held_out.candidates <= _MOST_PRODUCTS:
            return None
        return f"{held_out.candidates:,} products, at most {_MOST_PRODUCTS:,}"

    def order(self, held_out: HeldOut) -> Integers:
        return popular_order(held_out.train_product, held_out.candidates)

    def scores(self, held_out: HeldOut) -> Scores:
        weights = purchases(held_out)
        nearest = cosine_pairs(sampled(weights, _MOST_PAIRS), NEIGHBOURS).T.tocsr()

        def write(start: int, stop: int, scores: Floats) -> None:
            write_sparse(weights[start:stop] @ nearest, scores)

        return Scores(sold(weights), write)
