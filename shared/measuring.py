"""What a metric is computed from: the held-out rows in numbers, ranks, and predicted ratings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from shared.arrays import Booleans, Codes, Integers, Reals, blocks, counts_of, np, room
from shared.statistics import Rows

# Products in the list of each customer.
LISTED = 10
# Training rows of the customers whose own products are looked at together.
_PART_ROWS = 1_000_000


@dataclass(frozen=True)
class RowKind:
    """Held-out rows that are measured apart.

    Attributes:
        suffix: of the metrics' names.
        which: [held-out rows].
        in_list: by their places in the list of the customer's own products, or of all others,
            instead of those in the list of all.
    """

    suffix: str
    which: Booleans
    rows: Rows
    in_list: bool = False


@dataclass(frozen=True)
class HeldOut:
    """Customers are numbered by their ids' order, products by the candidates' rows.

    Attributes:
        customers: how many have held-out rows.
        candidates: how many products there are.
        customer, product: [held-out rows].
        train_buyer: [training rows], the same numbers; from `customers` on those who have no
            held-out rows, in the order of their first training rows. Like `train_product`, they
            may have 32 bits: convert them to 64 before computing with them.
        train_product: [training rows].
        train_time: [training rows], in seconds since 1970; the least integer where nobody knows.
        train_timed: [training rows], whether somebody knows.
        category: [candidates], the number of each product's category, -1 where it has none; None
            where no column says.
    """

    customers: int
    candidates: int
    customer: Integers
    product: Integers
    train_buyer: Codes
    train_product: Codes
    train_time: Integers
    train_timed: Booleans
    category: Integers | None = None

    @cached_property
    def train_customer(self) -> Codes:
        """[training rows], -1 for those who have no held-out rows."""
        return np.where(self.train_buyer < self.customers, self.train_buyer, -1)

    @cached_property
    def buyers(self) -> int:
        """Customers with held-out rows or training rows."""
        return max(self.customers, int(self.train_buyer.max(initial=-1)) + 1)

    @cached_property
    def by_buyer(self) -> tuple[Codes, Integers]:
        """The training rows by their customers, each one's in their order, [training rows]; and
        where each customer's begin among these, [buyers + 1]."""
        starts = np.zeros(self.buyers + 1, np.int64)
        np.cumsum(counts_of(self.train_buyer, self.buyers), out=starts[1:])
        rows = room(len(self.train_buyer), np.int32)
        free = starts[:-1].copy()
        for block in blocks(len(rows)):
            order = np.argsort(self.train_buyer[block], kind="stable")
            buyer, first, count = np.unique(
                self.train_buyer[block][order], return_index=True, return_counts=True
            )
            rows[np.arange(len(order)) + np.repeat(free[buyer] - first, count)] = (
                block.start + order
            )
            free[buyer] += count
        return rows, starts

    @cached_property
    def repeat(self) -> Booleans:
        """[held-out rows], whether the customer has the product among the training rows."""
        return self._owned[0]

    @cached_property
    def _owned(self) -> tuple[Booleans, Integers]:
        """`repeat`, and how many products each customer has among the training rows."""
        repeat = np.empty(len(self.customer), np.bool_)
        products = np.empty(self.customers, np.int64)
        for part in parts(self):
            some = part.held_out
            repeat[part.rows] = np.isin(some.pairs(some.customer, some.product), some.own)
            counts = np.bincount(some.own // some.candidates, minlength=some.customers)
            products[part.start : part.start + some.customers] = counts
        return repeat, products

    @cached_property
    def own(self) -> Integers:
        """Every product that a customer with held-out rows has among the training rows, once, as
        `pairs`, ascending. As many as rows: of some customers, not of all."""
        known = self.train_customer >= 0
        return np.unique(self.pairs(self.train_customer[known], self.train_product[known]))

    @cached_property
    def first(self) -> Booleans:
        """[held-out rows], whether no row before it is of the same customer."""
        first = np.zeros(len(self.customer), np.bool_)
        first[np.unique(self.customer, return_index=True)[1]] = True
        return first

    @cached_property
    def rows(self) -> Rows:
        return Rows(self.customer, self.customers)

    @cached_property
    def kinds(self) -> list[RowKind]:
        """All rows, those of products that their customer already has, and the others, the last
        two by their places in the list of all and in a list of their own, and those of products
        that no training row has; none of them without rows."""
        repeat, new = self.rows.only(self.repeat), self.rows.only(~self.repeat)
        trained = counts_of(self.train_product, self.candidates) > 0
        unseen = ~trained[self.product]
        kinds = (
            RowKind("", np.ones_like(self.repeat), self.rows),
            RowKind("_repeat", self.repeat, repeat),
            RowKind("_new", ~self.repeat, new),
            RowKind("_unseen", unseen, self.rows.only(unseen)),
            RowKind("_buy_again", self.repeat, repeat, in_list=True),
            RowKind("_discover", ~self.repeat, new, in_list=True),
        )
        return [kind for kind in kinds if kind.which.any()]

    @cached_property
    def list_sizes(self) -> Integers:
        """How many products the list has that a row's product belongs to: those that the customer
        has among the training rows, or all others, [held-out rows]."""
        owned = self._owned[1][self.customer]
        return np.where(self.repeat, owned, self.candidates - owned)

    def own_until(self, places: Integers) -> Integers:
        """How many of the customer's own products come no later than the row's product in an order
        of all products, [held-out rows].

        Args:
            places: of the products in the order, [candidates].
        """
        customer, product = np.divmod(self.own, self.candidates)
        own = np.sort(self.pairs(customer, places[product]))
        wanted = self.pairs(self.customer, places[self.product])
        starts = np.searchsorted(own, self.customer * self.candidates)
        found: Integers = np.searchsorted(own, wanted, side="right") - starts
        return found

    def pairs(self, customer: Codes, product: Codes) -> Integers:
        """A number for each pair, in the order of customers and then of products."""
        return customer.astype(np.int64) * self.candidates + product


@dataclass(frozen=True)
class Ranked:
    """Attributes:
    ranks: [queries], of the true candidates, from 1 to the number of candidates.
    lists: [listed queries, LISTED or all candidates], rows of the best, in no order.
    in_list: [queries], ranks in the list that the true candidate belongs to: that of products
        that the customer has had before, or that of all others; None where there are no such
        lists.
    """

    ranks: Integers
    lists: Integers
    in_list: Integers | None = None


def split_lists(ranks: Integers, own_until: Integers, held_out: HeldOut) -> Integers:
    """Ranks in the list of own products, or in that of all others, where one order makes both.

    Args:
        ranks: in the whole order, [held-out rows].
        own_until: how many of the customer's own products come no later than the row's, [held-out
            rows].
    """
    return np.where(held_out.repeat, own_until, ranks - own_until)


@dataclass(frozen=True)
class Part:
    """Some of the customers with held-out rows, whose numbers follow each other.

    Attributes:
        held_out: of these customers, with their rows alone.
        start: the first one's number among all.
        rows: which of all held-out rows are theirs.
    """

    held_out: HeldOut
    start: int
    rows: Integers | slice


def parts(held_out: HeldOut) -> Iterator[Part]:
    """All customers with held-out rows, some at a time, so that memory holds only what is made of
    their rows; all at once where these are few."""
    number = -(-len(held_out.train_buyer) // _PART_ROWS)
    if number <= 1:
        yield Part(held_out, 0, slice(None))
        return
    by_buyer, starts = held_out.by_buyer
    step = -(-held_out.customers // number)
    for start in range(0, held_out.customers, step):
        stop = min(start + step, held_out.customers)
        rows = np.flatnonzero((start <= held_out.customer) & (held_out.customer < stop))
        train_rows = np.sort(by_buyer[starts[start] : starts[stop]])
        some = replace(
            held_out,
            customers=stop - start,
            customer=held_out.customer[rows] - start,
            product=held_out.product[rows],
            train_buyer=held_out.train_buyer[train_rows] - start,
            train_product=held_out.train_product[train_rows],
            train_time=held_out.train_time[train_rows],
            train_timed=held_out.train_timed[train_rows],
        )
        yield Part(some, start, rows)


def ranked_in_parts(held_out: HeldOut, ranked: Callable[[Part], Ranked]) -> Ranked:
    """Ranks part by part. Args: ranked: ranks one part; its `in_list` is not None."""
    ranks = np.empty(len(held_out.customer), np.int64)
    in_list = np.empty_like(ranks)
    lists = np.empty((held_out.customers, min(LISTED, held_out.candidates)), np.int64)
    for part in parts(held_out):
        found = ranked(part)
        assert found.in_list is not None
        ranks[part.rows], in_list[part.rows] = found.ranks, found.in_list
        lists[part.start : part.start + part.held_out.customers] = found.lists
    return Ranked(ranks, lists, in_list)


@dataclass(frozen=True)
class Ratings:
    """Predicted ratings of the held-out rows.

    Attributes:
        predicted, labels: [rows].
        probabilities: [rows], what was predicted as probabilities of a label of 1.
        binary: whether all labels, of the training rows too, are 0 or 1.
    """

    predicted: Reals
    probabilities: Reals
    labels: Reals
    binary: bool
    rows: Rows

    @cached_property
    def positive(self) -> Booleans:
        """[rows]"""
        positive: Booleans = self.labels == 1
        return positive
