"""What is popular."""

from __future__ import annotations

from shared.arrays import Integers, np
from shared.baselines.base import LEARN_MORE, RankingBaseline
from shared.measuring import LISTED, HeldOut, Ranked, ranked_in_parts, split_lists


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

    def ranked(part: HeldOut, _: Integers | slice) -> Ranked:
        ranks = place[part.product] + 1
        lists = np.tile(order[:LISTED], (part.customers, 1))
        return Ranked(ranks, lists, split_lists(ranks, part.own_until(place), part))

    return ranked_in_parts(held_out, ranked)


def popular_order(train_product: Integers, candidates: int) -> Integers:
    """Rows of the candidates, those with the most training rows first, then by their ids."""
    counts = np.bincount(train_product, minlength=candidates)
    return np.argsort(-counts, kind="stable")


def places(order: Integers) -> Integers:
    """Where each product is in an order."""
    places = np.empty_like(order)
    places[order] = np.arange(len(order))
    return places
