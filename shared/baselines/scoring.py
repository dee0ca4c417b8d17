"""Baselines that score every product for every customer: purchases as a matrix, and ranks."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace

from shared.arrays import Floats, Integers, Sparse, blocks, np, room, sparse
from shared.baselines.base import RankingBaseline
from shared.baselines.popularity import places
from shared.item_item import in_threads
from shared.measuring import LISTED, HeldOut, Part, Ranked, ranked_in_parts, split_lists

# Products whose best score is looked for first.
_GROUP = 64
# Training rows that are counted together.
_ROWS_AT_ONCE = 1_000_000
# Below any score; as many products as fit are still told apart in float32.
_UNSCORED = -(2.0**20)


@dataclass(frozen=True)
class Scores:
    """Attributes:
    width: how many products, from the first, may have a score.
    write: from and to which customer, and where to: [customers, width]; what it leaves has no
        score.
    """

    width: int
    write: Callable[[int, int, Floats], None]


class ScoringBaseline(RankingBaseline):
    """Recommends by a score of each customer and product; products that have none for a customer
    come after all others, in one order for everybody, in which equal scores are listed too."""

    @abstractmethod
    def order(self, held_out: HeldOut) -> Integers:
        """[candidates], without scores; products without training rows come last."""

    @abstractmethod
    def scores(self, held_out: HeldOut) -> Scores:
        """Of customers with held-out rows.

        Args:
            held_out: in which products are numbered by their places in the order.
        """

    def ranked(self, held_out: HeldOut) -> Ranked:
        order = self.order(held_out)
        place = places(order)
        train_product = room(len(held_out.train_product), np.int32)
        for block in blocks(len(train_product)):
            train_product[block] = place[held_out.train_product[block]]
        ordered = replace(held_out, product=place[held_out.product], train_product=train_product)
        found = ranked_by(self.scores(ordered), ordered)
        return replace(found, lists=order[found.lists])


def purchases(held_out: HeldOut) -> Sparse:
    """[buyers, candidates], log2(1 + training rows): 1 for a single row, and less than twice as
    much for two."""
    rows, starts = held_out.by_buyer
    products, weights = (room(len(rows), kind) for kind in (np.int32, np.float64))
    ends = np.zeros(held_out.buyers + 1, np.int32 if len(rows) < 2**31 else np.int64)
    # Some customers at a time, so that memory holds only what is made of their rows.
    start = done = 0
    while start < held_out.buyers:
        most = np.searchsorted(starts, starts[start] + _ROWS_AT_ONCE, side="right") - 1
        stop = max(start + 1, int(most))
        own = rows[starts[start] : starts[stop]]
        places = held_out.train_buyer[own] - start, held_out.train_product[own]
        shape = stop - start, held_out.candidates
        counts = sparse.csr_matrix((np.ones(len(own)), places), shape)
        part = slice(done, done + counts.nnz)
        products[part], weights[part] = counts.indices, np.log2(1 + counts.data)
        ends[start + 1 : stop + 1] = done + counts.indptr[1:]
        start, done = stop, part.stop
    shape = held_out.buyers, held_out.candidates
    return sparse.csr_matrix((weights[:done], products[:done], ends), shape)


def sold(matrix: Sparse) -> int:
    """How many products have training rows, which come first."""
    return int(matrix.indices.max(initial=-1)) + 1


def write_sparse(found: Sparse, scores: Floats) -> None:
    """Args: found: of which no entry is stored where there is no score."""
    # Row by row, which is several times as fast as by pairs of places.
    for row, start, stop in zip(scores, found.indptr[:-1], found.indptr[1:], strict=True):
        row[found.indices[start:stop]] = found.data[start:stop]


def ranked_by(scores: Scores, held_out: HeldOut) -> Ranked:
    """Ranks as those of a model: how many products score at least as high.

    Scores are compared in float32, so that what differs by the order of additions is equal.
    """
    return ranked_in_parts(held_out, lambda part: _ranked(scores, part))


def _ranked(scores: Scores, part: Part) -> Ranked:
    held_out = part.held_out
    listed = min(LISTED, held_out.candidates)
    width = max(scores.width, listed)
    unscored = np.full(-(-width // _GROUP) * _GROUP, -np.inf, np.float32)
    unscored[:width] = _UNSCORED - np.arange(width)
    by_customer = np.argsort(held_out.customer, kind="stable")
    starts = np.searchsorted(held_out.customer[by_customer], np.arange(held_out.customers + 1))
    ranks = held_out.product + 1
    own_until = held_out.own_until(np.arange(held_out.candidates))
    first_own = np.searchsorted(
        held_out.own, np.arange(held_out.customers + 1) * held_out.candidates
    )
    lists = np.empty((held_out.customers, listed), np.int64)

    def rank(start: int, stop: int) -> None:
        found = np.tile(unscored, (stop - start, 1))
        scores.write(part.start + start, part.start + stop, found[:, : scores.width])
        lists[start:stop] = _best(found, listed)
        for customer in range(start, stop):
            theirs = found[customer - start]
            own = held_out.own[first_own[customer] : first_own[customer + 1]] % held_out.candidates
            of_own = theirs[own[own < width]]
            for row in by_customer[starts[customer] : starts[customer + 1]]:
                if held_out.product[row] < width:
                    ranks[row] = np.count_nonzero(theirs >= theirs[held_out.product[row]])
                    own_until[row] = np.count_nonzero(of_own >= theirs[held_out.product[row]])

    in_threads(rank, held_out.customers, width)
    return Ranked(ranks, lists, split_lists(ranks, own_until, held_out))


def _best(scores: Floats, count: int) -> Integers:
    """[customers, count], the best products; of equal ones the first.

    Args:
        scores: [customers, whole groups of products].
    """
    customers = len(scores)
    groups = scores.reshape(customers, -1, _GROUP)
    # So many groups whose best are best, of equal ones the first, hold so many best products.
    chosen = np.argsort(-groups.max(axis=2), axis=1, kind="stable")[:, :count]
    chosen.sort(axis=1)
    products = (chosen[:, :, np.newaxis] * _GROUP + np.arange(_GROUP)).reshape(customers, -1)
    order = np.argsort(-np.take_along_axis(scores, products, axis=1), axis=1, kind="stable")
    best: Integers = np.take_along_axis(products, order[:, :count], axis=1)
    return best
