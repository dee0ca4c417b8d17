"""The held-out purchases in numbers, beside the training purchases of the same customers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shared.examples import ExamplesSpec
from trainer_image.bootstrap import Rows
from trainer_image.examples import Examples
from trainer_image.ranking import Booleans, Integers


@dataclass(frozen=True)
class Kind:
    """Held-out rows that are measured apart.

    Attributes:
        suffix: of the metrics' names.
        which: [held-out rows].
    """

    suffix: str
    which: Booleans
    rows: Rows


@dataclass(frozen=True)
class HeldOut:
    """Customers are numbered by their ids' order, products by the candidates' rows.

    Attributes:
        customers: how many have held-out rows.
        candidates: how many products there are.
        customer, product: [held-out rows].
        train_customer: [training rows], -1 for those who have no held-out rows.
        train_product, train_time: [training rows].
    """

    customers: int
    candidates: int
    customer: Integers
    product: Integers
    train_customer: Integers
    train_product: Integers
    train_time: Integers

    @cached_property
    def repeat(self) -> Booleans:
        """[held-out rows], whether the customer has the product among the training rows."""
        known = self.train_customer >= 0
        trained = self.pairs(self.train_customer[known], self.train_product[known])
        return np.isin(self.pairs(self.customer, self.product), trained)

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
    def kinds(self) -> list[Kind]:
        """All rows, those of products that their customer already has, and the others; none of
        them without rows."""
        kinds = (("", np.ones_like(self.repeat)), ("_repeat", self.repeat), ("_new", ~self.repeat))
        return [
            Kind(suffix, which, self.rows.only(which)) for suffix, which in kinds if which.any()
        ]

    def pairs(self, customer: Integers, product: Integers) -> Integers:
        """A number for each pair, in the order of customers and then of products."""
        return customer * self.candidates + product


def numbered(spec: ExamplesSpec, examples: Examples) -> HeldOut:
    ids = pc.unique(examples.eval[spec.customer_key])
    customers = ids.take(pc.array_sort_indices(ids))
    products = examples.candidates[spec.product_key]
    return HeldOut(
        customers=len(customers),
        candidates=len(products),
        customer=places(examples.eval[spec.customer_key], customers),
        product=places(examples.eval[spec.product_key], products),
        train_customer=places(examples.train[spec.customer_key], customers),
        train_product=places(examples.train[spec.product_key], products),
        train_time=examples.train_times.to_numpy(zero_copy_only=False),
    )


def places(values: pa.Array | pa.ChunkedArray, of: pa.Array | pa.ChunkedArray) -> Integers:
    """The place of each value in `of`, -1 where it is not there."""
    whole = of.combine_chunks() if isinstance(of, pa.ChunkedArray) else of
    found = pc.fill_null(pc.index_in(values, value_set=whole), -1)
    return np.asarray(found, np.int64)
