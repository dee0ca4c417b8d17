"""The training rows of a job, by customer."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from shared.examples import MISSING_TIMESTAMP, ExamplesSpec, RawType
from trainer_image.examples.raw_rows import MISSING

_DAY = 86_400


@dataclass(frozen=True)
class Had:
    """What a customer did with a product: how often they bought it, and how many days ago last,
    which may not be known."""

    count: int
    days_ago: float | None


class Purchases:
    """Who bought what, and the raw values that the rows have.

    Args:
        rows: the training rows, with the columns of `columns_of`.
        times: of the rows, in seconds since 1970, for when customers bought what; None: not known.
    """

    def __init__(
        self, rows: pa.Table, spec: ExamplesSpec, times: np.ndarray[Any, Any] | None = None
    ) -> None:
        self._columns = {name: rows[name].combine_chunks() for name in rows.column_names}
        self._types = {feature.key: feature.type for feature in spec.features}
        time_keys = (
            feature.key
            for feature in spec.features
            if feature.column == spec.timestamp_column and feature.type is RawType.TIMESTAMP
        )
        time_key = next(time_keys, None)
        self._times = self._columns[time_key].to_numpy() if time_key is not None else None
        if times is None:
            times = np.full(len(rows), MISSING_TIMESTAMP) if self._times is None else self._times
        self._bought_at = times
        dated = times[times != MISSING_TIMESTAMP]
        # Ages are counted from the first second after all purchases, as models that look back do.
        self._first = int(dated.min()) if len(dated) else 0
        self._end = int(dated.max()) + 1 if len(dated) else 1
        products = self._columns[spec.product_key].dictionary_encode()
        self._products: list[str] = products.dictionary.to_pylist()
        self._product_set = frozenset(self._products)
        self._product_codes = products.indices.to_numpy()
        customers = self._columns[spec.customer_key].dictionary_encode()
        self._customers: list[str] = customers.dictionary.to_pylist()
        codes = customers.indices.to_numpy()
        # Rows of customer n are order[starts[n]:starts[n + 1]], in the file's order.
        self._order = np.argsort(codes, kind="stable")
        counts = np.bincount(codes, minlength=len(self._customers))
        self._starts = np.concatenate([[0], np.cumsum(counts)])
        self._places = {customer: place for place, customer in enumerate(self._customers)}
        self._busiest = np.argsort(-counts, kind="stable")

    @property
    def end(self) -> int | None:
        """The first second after all purchases; None where no time is known."""
        if self._times is None or not (known := self._times[self._times != MISSING_TIMESTAMP]).size:
            return None
        return int(known.max()) + 1

    @staticmethod
    def columns_of(spec: ExamplesSpec) -> list[str]:
        """The columns of the training rows that are needed here."""
        wanted = {spec.customer_key, spec.product_key, *spec.query_keys}
        wanted |= {f.key for f in spec.features if f.column == spec.timestamp_column}
        return [feature.key for feature in spec.features if feature.key in wanted]

    def __contains__(self, customer: str) -> bool:
        return customer in self._places

    def __len__(self) -> int:
        """How many customers there are."""
        return len(self._customers)

    def customers(self, search: str | None, limit: int) -> list[tuple[str, int]]:
        """Customers whose id holds the text, case aside, and how many rows they have; most rows
        first."""
        found: list[tuple[str, int]] = []
        text = (search or "").casefold()
        for place in self._busiest:
            if len(found) == limit:
                break
            customer = self._customers[place]
            if text in customer.casefold():
                found.append((customer, int(self._starts[place + 1] - self._starts[place])))
        return found

    def past(self, customer: str) -> dict[str, Had]:
        """The products of all rows of a customer, in the order of `had`."""
        rows = self._of(customer)
        return self._had(rows, self._ages(rows, self._end))

    def past_before(self, customer: str, moment: int | None) -> dict[str, Had]:
        """The products that a customer bought strictly before a moment, as models that look back
        know them: rows without a time are left out, and ages do not grow after the last purchase
        of all.

        Args:
            moment: seconds since 1970; None: after all purchases.
        """
        rows = self._of(customer)
        ages = self._ages(rows, self.asked_at(moment))
        return self._had(rows[ages > 0], ages[ages > 0])

    def last_bought(self, customer: str, moment: int | None) -> dict[str, float | None]:
        """How many days before a moment a customer bought products last: None where the time of one
        of the purchases is not known, which may be any."""
        rows = self._of(customer)
        ages = self._ages(rows, self.asked_at(moment))
        before = ~(ages <= 0)
        products = (self._products[code] for code in self._product_codes[rows[before]])
        return last_bought(zip(products, ages[before].tolist(), strict=True))

    def asked_at(self, moment: int | None) -> int:
        """The moment as of which the past is told: later ones than all purchases are alike."""
        if moment is None or moment == MISSING_TIMESTAMP:
            return self._end
        return min(max(moment, self._first), self._end)

    def bought(self, product: str) -> bool:
        """Whether anybody has the product."""
        return product in self._product_set

    def _ages(self, rows: np.ndarray[Any, Any], moment: int) -> np.ndarray[Any, Any]:
        """In days, NaN where the time is not known."""
        times = self._bought_at[rows]
        return np.where(times == MISSING_TIMESTAMP, np.nan, (moment - times) / _DAY)

    def _had(self, rows: np.ndarray[Any, Any], ages: np.ndarray[Any, Any]) -> dict[str, Had]:
        products = (self._products[code] for code in self._product_codes[rows])
        return had(zip(products, ages.tolist(), strict=True))

    def latest(self, customer: str) -> dict[str, Any]:
        """Raw values of a customer's latest row, None where missing; empty for strangers.

        Where the model takes no time, the rows cannot be told apart by it: then it is the first.
        """
        rows = self._of(customer)
        if not len(rows):
            return {}
        row = rows[0]
        if self._times is not None:
            row = rows[int(np.argmax(self._times[rows]))]
        return self.row(int(row))

    def row(self, number: int) -> dict[str, Any]:
        """Raw values of a row, None where missing."""
        values = {key: column[number].as_py() for key, column in self._columns.items()}
        return {
            key: None if _missing(value, self._types[key]) else _short(value, self._types[key])
            for key, value in values.items()
        }

    def _of(self, customer: str) -> np.ndarray[Any, Any]:
        place = self._places.get(customer)
        if place is None:
            return np.empty(0, np.int64)
        return self._order[self._starts[place] : self._starts[place + 1]]


def had(purchases: Iterable[tuple[str, float]]) -> dict[str, Had]:
    """What was done with each product, those bought most first, ties by id.

    Args:
        purchases: products with how many days ago they were bought, NaN where that is not known.
    """
    found: dict[str, list[float]] = {}
    for product, age in purchases:
        found.setdefault(product, []).append(age)
    by_count = sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return {product: Had(len(of), _newest(of)) for product, of in by_count}


def last_bought(purchases: Iterable[tuple[str, float]]) -> dict[str, float | None]:
    """The least age of each product's purchases, as `had` takes them; None where one is not
    known."""
    found: dict[str, list[float]] = {}
    for product, age in purchases:
        found.setdefault(product, []).append(age)
    return {product: None if any(map(math.isnan, of)) else min(of) for product, of in found.items()}


def _newest(ages: list[float]) -> float | None:
    known = [age for age in ages if not math.isnan(age)]
    return round(min(known), 4) if known else None


def _missing(value: Any, kind: RawType) -> bool:
    if kind is RawType.TIMESTAMP:
        return bool(value == MISSING_TIMESTAMP)
    return bool(value == MISSING[kind] or value != value)


def _short(value: Any, kind: RawType) -> Any:
    """A number with no more digits than a float32 needs: 2.99, not 2.990000009536743."""
    return float(str(np.float32(value))) if kind is RawType.NUMBER else value
