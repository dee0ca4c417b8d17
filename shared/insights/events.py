"""The rows of a dataset as kinds of findings ask about them, whichever database holds them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from shared.columns import Column
from shared.insights.sizes import Sizes

T = TypeVar("T")
# Asks a query of one row: its values by name.
Ask = Callable[[str], Mapping[str, Any]]
DAY = 86_400
# Of the rows with a time: what tests hold out by default.
_LATEST = 0.1
COLUMNS_A_SCAN = 10


class Dialect(ABC):
    """What databases say in different words. All else is SQL that both understand."""

    @abstractmethod
    def listed(self, query: str, *names: str) -> str:
        """A query of one row, whose `found` holds the rows of another as structs of some names."""

    @abstractmethod
    def quantiles(self, value: str, parts: int) -> str:
        """An aggregate: about the values that part the rows evenly, the least and the greatest
        among them, as a list."""


@dataclass(frozen=True)
class Examined:
    """A column that was examined.

    Attributes:
        hashed: SQL of its value's hash; null where it is missing.
        number: SQL of its value as a number, of a time in seconds since 1970; None of others.
    """

    column: Column
    hashed: str
    number: str | None

    @property
    def name(self) -> str:
        return self.column.name


@dataclass(frozen=True)
class Events:
    """Attributes:
    rows: a table expression of all rows that name a customer and a product: `customer` and
        `product`, each a hash, and `moment`, in seconds since 1970, null where it is not known.
    examined_rows: the same with the examined columns, of all customers or of a sample of them.
    examined: the columns but the two ids and the time of purchase.
    timed: whether a column says when purchases were made.
    """

    ask: Ask
    dialect: Dialect
    rows: str
    examined_rows: str
    examined: Sequence[Examined]
    timed: bool

    @cached_property
    def customers(self) -> Sizes:
        return self.sizes("customer")

    @cached_property
    def products(self) -> Sizes:
        return self.sizes("product")

    def sizes(self, of: str) -> Sizes:
        """How many customers, say, have how many rows."""
        counts = f"SELECT COUNT(*) AS n FROM {self.rows} AS r GROUP BY {of}"
        found = self.listed(f"SELECT n, COUNT(*) AS k FROM ({counts}) AS c GROUP BY n", "n", "k")
        return Sizes.of((int(one["n"]), int(one["k"])) for one in found)

    @cached_property
    def days(self) -> dict[int, int]:
        """How many rows each day has that has any, by days since 1970, ascending."""
        days = (
            f"SELECT FLOOR(moment / {DAY}) AS d, COUNT(*) AS n FROM {self.rows} AS r "
            "WHERE moment IS NOT NULL GROUP BY FLOOR(moment / 86400)"
        )
        found = self.listed(days, "d", "n") if self.timed else []
        return dict(sorted((int(one["d"]), int(one["n"])) for one in found))

    @property
    def moments(self) -> str:
        """A query of every known `moment` and how many rows have it, `n`."""
        known = f"{self.rows} AS r WHERE moment IS NOT NULL"
        return f"SELECT moment, COUNT(*) AS n FROM {known} GROUP BY moment"

    @cached_property
    def cut(self) -> int | None:
        """The moment from which on rows are what a test would hold out: the earliest that leaves
        at most a tenth of all, or else the last; None where no row has a time, or all have one."""
        if not self.timed:
            return None
        ends = (
            f"SELECT moment, SUM(n) OVER (ORDER BY moment DESC) AS later FROM ({self.moments}) AS m"
        )
        found = self.ask(
            f"SELECT MIN(CASE WHEN later <= {_LATEST} * {self.customers.rows} THEN moment END) AS "
            "c, "
            f"MAX(moment) AS last_one, MIN(moment) AS first_one FROM ({ends}) AS e"
        )
        cut = found["last_one"] if found["c"] is None else found["c"]
        return None if cut is None or cut == found["first_one"] else int(cut)

    def listed(self, query: str, *names: str) -> list[Mapping[str, Any]]:
        """All rows of a query, which must be few enough for memory."""
        return list(self.ask(self.dialect.listed(query, *names))["found"] or [])

    def by_owner(self, owner: str) -> dict[str, tuple[int, int]]:
        """By column, how many customers, say, have a value of it, and how many more than one."""
        found: dict[str, tuple[int, int]] = {}
        for some in batches(self.examined, COLUMNS_A_SCAN):
            ends = ", ".join(
                f"MIN({one.hashed}) AS l{i}, MAX({one.hashed}) AS h{i}"
                for i, one in enumerate(some)
            )
            counts = ", ".join(
                f"COUNT(l{i}) AS k{i}, COUNT(CASE WHEN l{i} < h{i} THEN 1 END) AS v{i}"
                for i in range(len(some))
            )
            row = self.ask(
                f"SELECT {counts} FROM "
                f"(SELECT {ends} FROM {self.examined_rows} AS e GROUP BY {owner}) AS o"
            )
            for i, one in enumerate(some):
                found[one.name] = int(row[f"k{i}"]), int(row[f"v{i}"])
        return found

    @cached_property
    def within_products(self) -> dict[str, float]:
        """By column with values, the share of the products with any that have several."""
        return _shares(self.by_owner("product"))

    @cached_property
    def within_customers(self) -> dict[str, float]:
        return _shares(self.by_owner("customer"))

    @cached_property
    def values(self) -> dict[str, Values]:
        """By column, what its values say of the rows that have them."""
        queries = {one.name: self._values(one) for one in self.examined}
        found = self.each(queries, "v", "n", "r", "p", "e")
        return {
            name: Values(*(int(row[count] or 0) for count in ("v", "n", "r", "p", "e")))
            for name, row in found.items()
        }

    def _values(self, one: Examined) -> str:
        ends = ", ".join(
            f"MIN({name}) AS l{name}, MAX({name}) AS h{name}"
            for name in ("customer", "product", "moment")
        )
        values = (
            f"SELECT COUNT(*) AS n, {ends} FROM {self.examined_rows} AS e "
            f"WHERE {one.hashed} IS NOT NULL GROUP BY {one.hashed}"
        )
        of_one_event = "lcustomer = hcustomer AND (lmoment = hmoment OR lmoment IS NULL)"
        return (
            "SELECT COUNT(*) AS v, SUM(n) AS n, SUM(CASE WHEN n > 1 THEN n END) AS r, "
            "SUM(CASE WHEN n > 1 AND lproduct = hproduct THEN n END) AS p, "
            f"SUM(CASE WHEN {of_one_event} THEN n END) AS e FROM ({values}) AS u"
        )

    def each(self, queries: Mapping[str, str], *names: str) -> dict[str, Mapping[str, Any]]:
        """The rows of queries of one row, a few at a time in one query.

        Args:
            names: of the values in each of the rows.
        """
        found: dict[str, Mapping[str, Any]] = {}
        for some in batches(list(queries), COLUMNS_A_SCAN):
            parts = [
                f"SELECT {number} AS number, {', '.join(names)} FROM ({queries[name]}) AS q{number}"
                for number, name in enumerate(some)
            ]
            for row in self.listed(" UNION ALL ".join(parts), "number", *names):
                found[some[int(row["number"])]] = row
        return found


@dataclass(frozen=True)
class Values:
    """What the values of a column say of the rows that have them.

    Attributes:
        values: how many there are.
        rows: that have one.
        repeated: rows whose value others have too.
        of_one_product: of these, rows whose value only rows of one product have.
        of_one_event: rows whose value only rows of one customer at one moment have.
    """

    values: int
    rows: int
    repeated: int
    of_one_product: int
    of_one_event: int


def _shares(counts: Mapping[str, tuple[int, int]]) -> dict[str, float]:
    return {name: several / known for name, (known, several) in counts.items() if known}


def batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))
