"""What is popular."""

from __future__ import annotations

from shared.arrays import Codes, Integers, counts_of, np
from shared.baselines.base import LEARN_MORE, RankingBaseline
from shared.measuring import LISTED, HeldOut, Part, Ranked, ranked_in_parts, split_lists


class Popularity(RankingBaseline):
    """Everyone is recommended the products with the most training rows."""

    name = "popularity"
    label = "What is popular"
    help = "Everyone is recommended the products with the most training rows."
    term = "popularity"
    doing = "recommending what is popular"
    exactly = "recommending everybody the most popular products"
    means = "The model has not learned yet who wants what."
    helps = LEARN_MORE
    position = 10

    def ranked(self, held_out: HeldOut) -> Ranked:
        order = popular_order(held_out.train_product, held_out.candidates)
        return same_to_all(order, held_out)


def same_to_all(order: Integers, held_out: HeldOut) -> Ranked:
    """Recommends one order of all products, [candidates], to everyone."""
    place = places(order)

    def ranked(part: Part) -> Ranked:
        some = part.held_out
        ranks = place[some.product] + 1
        lists = np.tile(order[:LISTED], (some.customers, 1))
        return Ranked(ranks, lists, split_lists(ranks, some.own_until(place), some))

    return ranked_in_parts(held_out, ranked)


def popular_order(train_product: Codes, candidates: int) -> Integers:
    """Rows of the candidates, those with the most training rows first, then by their ids."""
    return np.argsort(-counts_of(train_product, candidates), kind="stable")


def places(order: Integers) -> Integers:
    """Where each product is in an order."""
    places = np.empty_like(order)
    places[order] = np.arange(len(order))
    return places
