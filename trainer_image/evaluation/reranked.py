"""Ranks in the lists that a re-ranker serves."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shared.arrays import Booleans, Integers
from shared.examples import ExamplesSpec
from shared.measuring import LISTED, HeldOut, Ranked
from trainer_image.examples.read import Examples
from trainer_image.serving.served import ServedModel, calls

# Queries at a time: each has some hundred candidates of two dozen numbers.
_QUERIES = 512
# The rank of what is in no list: found at no k.
NOWHERE = 2**40


def reranked(
    model: ServedModel, spec: ExamplesSpec, examples: Examples, held_out: HeldOut, towers: Integers
) -> Ranked:
    """Ranks each row's true product in the order of the re-ranker.

    A product that the re-ranker does not order comes after those that it does, by its rank among
    all products in the order of the towers. In the list of products that a customer has had before,
    as the model knows it, one that is missing is nowhere. Rows with the same query share one list.

    Args:
        towers: ranks by the towers, [held-out rows].
    """
    ranks, in_list = np.empty(len(towers), np.int64), np.empty(len(towers), np.int64)
    lists: dict[int, Integers] = {}
    for rows, query, products, own in orders(model, spec, examples):
        mine = products[query]
        hits = mine == held_out.product[rows, np.newaxis]
        found_at = np.where(hits.any(axis=1), hits.argmax(axis=1), -1)
        sizes = np.count_nonzero(products >= 0, axis=1)[query]
        behind = np.minimum(sizes + towers[rows], held_out.candidates)
        ranks[rows] = np.where(found_at >= 0, found_at + 1, behind)

        # The same, with one of the two kinds of products left out.
        own_until = np.cumsum(own, axis=1, dtype=np.int32)
        until, repeat = own_until[query, found_at], held_out.repeat[rows]
        place = np.where(repeat, until, found_at + 1 - until)
        missing = np.where(repeat, NOWHERE, sizes - own_until[query, -1] + towers[rows])
        listed = (found_at >= 0) & (own[query, found_at] == repeat)
        in_list[rows] = np.where(listed, place, missing)
        for first in np.flatnonzero(held_out.first[rows]):
            lists[int(rows[first])] = mine[first, :LISTED]
    width = min(LISTED, held_out.candidates)
    best = [lists[row][:width] for row in np.flatnonzero(held_out.first).tolist()]
    return Ranked(ranks, np.array(best, np.int64).reshape(-1, width), in_list)


def orders(
    model: ServedModel, spec: ExamplesSpec, examples: Examples
) -> Iterator[tuple[Integers, Integers, Integers, Booleans]]:
    """What the re-ranker makes of the held-out rows, part by part.

    Returns:
        rows: numbers of held-out rows.
        query: of each, the place of its list among those that follow.
        products: rows of the products that the re-ranker orders, best first, -1 after the last,
            [lists, products].
        own: which of them the customer has had before, [lists, products].
    """
    queries, query_of = _distinct(_as_of(spec, examples))
    order = np.argsort(query_of, kind="stable")
    ascending = query_of[order]
    done = 0
    for found in calls(model.signatures["candidates"], queries, _QUERIES):
        products, own = found["products"].numpy(), found["own"].numpy()
        part = slice(*np.searchsorted(ascending, [done, done + len(products)]))
        yield order[part], ascending[part] - done, products, own
        done += len(products)


def _as_of(spec: ExamplesSpec, examples: Examples) -> pa.Table:
    """The held-out queries. After all training rows the past stays what it is: moments that nothing
    but the past depends on are set to the first one after them, which most rows share then."""
    queries = examples.eval.select(spec.query_keys)
    if spec.past_key is None or len(examples.train) == 0:
        return queries
    end = pc.add(pc.max(examples.train_times), 1)
    moments = pc.min_element_wise(queries[spec.past_key], end)
    place = queries.column_names.index(spec.past_key)
    return queries.set_column(place, spec.past_key, moments)


def _distinct(rows: pa.Table) -> tuple[pa.Table, Integers]:
    """The distinct rows of a table, and for each row the number of its like."""
    numbers = np.zeros(len(rows), np.int64)
    for column in rows.columns:
        encoded = column.combine_chunks().dictionary_encode()
        codes = np.asarray(encoded.indices.fill_null(-1), np.int64) + 1
        together = numbers * (len(encoded.dictionary) + 1) + codes
        numbers = np.unique(together, return_inverse=True)[1]
    _, first = np.unique(numbers, return_index=True)
    return rows.take(first), numbers
