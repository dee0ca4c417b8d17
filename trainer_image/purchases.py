"""The training rows of a job, by customer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from shared.examples import MISSING_TIMESTAMP, ExamplesSpec, RawType
from trainer_image.examples import MISSING


class Purchases:
    """Who bought what, and the raw values that the rows have.

    Args:
        rows: the training rows, with the columns of `columns_of`.
    """

    def __init__(self, rows: pa.Table, spec: ExamplesSpec) -> None:
        self._columns = {name: rows[name].combine_chunks() for name in rows.column_names}
        self._types = {feature.key: feature.type for feature in spec.features}
        times = (
            feature.key
            for feature in spec.features
            if feature.column == spec.timestamp_column and feature.type is RawType.TIMESTAMP
        )
        time_key = next(times, None)
        self._times = self._columns[time_key].to_numpy() if time_key is not None else None
        products = self._columns[spec.product_key].dictionary_encode()
        self._products: list[str] = products.dictionary.to_pylist()
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

    def history(self, customer: str) -> list[tuple[str, int]]:
        """The products of a customer's rows and how many rows each has; most first, ties by id."""
        codes, counts = np.unique(self._product_codes[self._of(customer)], return_counts=True)
        pairs = zip((self._products[code] for code in codes), counts.tolist(), strict=True)
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))

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


def _missing(value: Any, kind: RawType) -> bool:
    if kind is RawType.TIMESTAMP:
        return bool(value == MISSING_TIMESTAMP)
    return bool(value == MISSING[kind] or value != value)


def _short(value: Any, kind: RawType) -> Any:
    """A number with no more digits than a float32 needs: 2.99, not 2.990000009536743."""
    return float(str(np.float32(value))) if kind is RawType.NUMBER else value
