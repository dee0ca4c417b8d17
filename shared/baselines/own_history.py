"""What the customer bought before."""

from __future__ import annotations

from dataclasses import dataclass

from shared.arrays import Floats, Integers, np
from shared.baselines.base import RankingBaseline
from shared.baselines.popularity import places, popular_order
from shared.measuring import LISTED, HeldOut, Part, Ranked, ranked_in_parts, split_lists


class OwnHistory(RankingBaseline):
    """Everyone is recommended their own products again: those with the most training rows first, of
    equally many the one bought last, then the more popular one; after them all other products by
    popularity."""

    name = "own_history"
    label = "What they bought before"
    help = "Everyone is recommended their own products again, and after them what is popular."
    term = "own history"
    doing = "recommending what the customer bought before"
    exactly = "recommending customers what they bought before"
    means = (
        "A list of past purchases is as good or better; the recall of products that are new to "
        "the customer shows what the model adds to it."
    )
    helps = (
        "See that both towers have their ids; wider embeddings of them and more epochs help to "
        "remember."
    )
    remedy = "features"
    position = 20

    def ranked(self, held_out: HeldOut) -> Ranked:
        order = popular_order(held_out.train_product, held_out.candidates)

        def ranked(part: Part) -> Ranked:
            own = OwnProducts.of(part.held_out)
            # Not `-last`: the least integer, which stands for no time, has no opposite.
            keys = (places(order)[own.product], ~own.last, -own.count)
            return own_first(part.held_out, own.sorted(*keys), order)

        return ranked_in_parts(held_out, ranked)


@dataclass(frozen=True)
class OwnProducts:
    """Every product that a held-out customer has training rows with, once, by customer.

    Attributes:
        customer, product: [pairs].
        count: [pairs], how many training rows.
        last: [pairs], the latest one's time.
        rows: the training rows of these customers, by pair and then by time.
        starts: [pairs], where each pair's rows begin among `rows`.
    """

    customer: Integers
    product: Integers
    count: Integers
    last: Integers
    rows: Integers
    starts: Integers

    @staticmethod
    def of(held_out: HeldOut) -> OwnProducts:
        known = np.flatnonzero(held_out.train_customer >= 0)
        pairs = held_out.pairs(held_out.train_customer[known], held_out.train_product[known])
        times = held_out.train_time[known]
        by_time = np.lexsort((times, pairs))
        pair, start, count = np.unique(pairs[by_time], return_index=True, return_counts=True)
        customer, product = np.divmod(pair, held_out.candidates)
        last = times[by_time][start + count - 1]
        return OwnProducts(customer, product, count, last, known[by_time], start)

    def sorted(self, *keys: Integers | Floats) -> tuple[Integers, Integers]:
        """Customers and products, by customer and then in the order of recommendation.

        Args:
            keys: [pairs] each, the last one first, ascending.
        """
        order = np.lexsort((*keys, self.customer))
        return self.customer[order], self.product[order]


def own_first(held_out: HeldOut, own: tuple[Integers, Integers], order: Integers) -> Ranked:
    """Recommends own products, and after them all others.

    Args:
        own: customers, ascending, and their products in the order of recommendation.
        order: [candidates], that of the others, the same to everyone.
    """
    customer, product = own
    place = places(order)
    starts = np.searchsorted(customer, np.arange(held_out.customers + 1))
    lengths = np.diff(starts)

    # Of products that are not one's own, these are all before them.
    owned = lengths[held_out.customer]
    ranks = place[held_out.product] + 1 + owned - held_out.own_until(place)

    pairs = held_out.pairs(customer, product)
    by_pair = np.argsort(pairs)
    repeat = held_out.repeat
    repeated = held_out.pairs(held_out.customer[repeat], held_out.product[repeat])
    found = by_pair[np.searchsorted(pairs, repeated, sorter=by_pair)]
    ranks[repeat] = found - starts[held_out.customer[repeat]] + 1
    in_list = split_lists(ranks, np.where(repeat, ranks, owned), held_out)
    return Ranked(ranks, _lists(held_out, customer, product, starts, order), in_list)


def _lists(
    held_out: HeldOut, customer: Integers, product: Integers, starts: Integers, order: Integers
) -> Integers:
    """[customers, LISTED], their own products first, then the first others."""
    width = min(LISTED, held_out.candidates)
    lists = np.full((held_out.customers, width), -1, np.int64)
    place = np.arange(len(customer)) - starts[customer]
    listed = place < width
    lists[customer[listed], place[listed]] = product[listed]

    # Of twice as many products, enough are not among a history shorter than the list.
    others = order[: 2 * width]
    pairs = np.sort(held_out.pairs(customer, product))
    short = np.flatnonzero(lists[:, -1] < 0)
    own = np.isin(held_out.pairs(short[:, np.newaxis], others[np.newaxis]), pairs)
    free = np.argsort(own, axis=1, kind="stable")[:, :width]
    both = np.concatenate([lists[short], others[free]], axis=1)
    first = np.argsort(both < 0, axis=1, kind="stable")[:, :width]
    lists[short] = np.take_along_axis(both, first, axis=1)
    return lists
