"""What recommends products without a model, ranked over the same rows and candidates as the model.

Each baseline gives every customer one order of all products.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from trainer_image.held_out import HeldOut
from trainer_image.ranking import LISTED, Integers, Ranked


def popular_order(train_product: Integers, candidates: int) -> Integers:
    """Rows of the candidates, those with the most training rows first, then by their ids."""
    counts = np.bincount(train_product, minlength=candidates)
    return np.argsort(-counts, kind="stable")


def popularity(held_out: HeldOut) -> Ranked:
    """Everyone is recommended the products with the most training rows."""
    order = popular_order(held_out.train_product, held_out.candidates)
    lists = np.tile(order[:LISTED], (held_out.customers, 1))
    return Ranked(_places(order)[held_out.product] + 1, lists)


def own_history(held_out: HeldOut) -> Ranked:
    """Everyone is recommended their own products again: those with the most training rows first, of
    equally many the one bought last, then the more popular one; after them all other products by
    popularity."""
    order = popular_order(held_out.train_product, held_out.candidates)
    popular = _places(order)
    history = _histories(held_out, popular)
    starts = np.searchsorted(history.customer, np.arange(held_out.customers + 1))
    lengths = np.diff(starts)

    # By customer and popularity, so that those above a product can be counted.
    above = np.sort(held_out.pairs(history.customer, popular[history.product]))
    wanted = held_out.pairs(held_out.customer, popular[held_out.product])
    own_above = np.searchsorted(above, wanted) - starts[held_out.customer]
    ranks = popular[held_out.product] + 1 + lengths[held_out.customer] - own_above

    pairs = held_out.pairs(history.customer, history.product)
    by_pair = np.argsort(pairs)
    repeat = held_out.repeat
    repeated = held_out.pairs(held_out.customer[repeat], held_out.product[repeat])
    found = by_pair[np.searchsorted(pairs, repeated, sorter=by_pair)]
    ranks[repeat] = found - starts[held_out.customer[repeat]] + 1
    return Ranked(ranks, _lists(held_out, history, starts, order))


def random_coverage(held_out: HeldOut) -> float:
    """Share of the products that is expected to be in any list where each customer's is drawn."""
    missed = 1 - min(LISTED, held_out.candidates) / held_out.candidates
    return float(1 - missed**held_out.customers)


@dataclass(frozen=True)
class _Histories:
    """Every product that a held-out customer has training rows with, once, by customer and then in
    the order of recommendation."""

    customer: Integers
    product: Integers


def _histories(held_out: HeldOut, popular: Integers) -> _Histories:
    known = held_out.train_customer >= 0
    rows = pa.table(
        {
            "pair": held_out.pairs(held_out.train_customer[known], held_out.train_product[known]),
            "time": held_out.train_time[known],
        }
    )
    grouped = rows.group_by("pair").aggregate([("time", "count"), ("time", "max")])
    customer, product = np.divmod(grouped["pair"].to_numpy(), held_out.candidates)
    count, last = grouped["time_count"].to_numpy(), grouped["time_max"].to_numpy()
    # Not `-last`: the least integer, which stands for no time, has no opposite.
    order = np.lexsort((popular[product], ~last, -count, customer))
    return _Histories(customer[order], product[order])


def _lists(held_out: HeldOut, history: _Histories, starts: Integers, order: Integers) -> Integers:
    """[customers, LISTED], their own products first, then the most popular others."""
    width = min(LISTED, held_out.candidates)
    lists = np.full((held_out.customers, width), -1, np.int64)
    place = np.arange(len(history.customer)) - starts[history.customer]
    listed = place < width
    lists[history.customer[listed], place[listed]] = history.product[listed]

    # Of twice as many popular products, enough are not among a history shorter than the list.
    others = order[: 2 * width]
    pairs = np.sort(held_out.pairs(history.customer, history.product))
    short = np.flatnonzero(lists[:, -1] < 0)
    own = np.isin(held_out.pairs(short[:, np.newaxis], others[np.newaxis]), pairs)
    free = np.argsort(own, axis=1, kind="stable")[:, :width]
    both = np.concatenate([lists[short], others[free]], axis=1)
    first = np.argsort(both < 0, axis=1, kind="stable")[:, :width]
    lists[short] = np.take_along_axis(both, first, axis=1)
    return lists


def _places(order: Integers) -> Integers:
    places = np.empty_like(order)
    places[order] = np.arange(len(order))
    return places
