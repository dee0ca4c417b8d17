"""A dataset's rows as they are read: a source, what is left out of it, and what is joined to it.

It is made of a dataset's spec and of what its columns are known to be. Whoever reads rows, to
profile them or to train on them, asks for the same rows by it.
"""

from __future__ import annotations

from collections.abc import Collection

from pydantic import BaseModel

from shared.columns import ColumnType
from shared.columns.text_form import TextForm
from shared.documents.source import Source
from shared.documents.tables import Comparison, Value


class Key(BaseModel):
    """A column whose values are compared as text."""

    column: str
    form: TextForm = TextForm.WRITTEN


class Condition(BaseModel):
    """A condition on a column of a known type. Times are compared in whole seconds since 1970."""

    column: str
    type: ColumnType
    form: TextForm
    op: Comparison
    values: list[Value] = []


class KindsOf(BaseModel):
    """Rows of which kinds are targets, which take one back, and which are history alone.

    Attributes:
        weights: what an event counts in a history, by kind: targets and histories.
        customer, product: whose, and of what; time: when, where that is known.
    """

    kind: Key
    targets: list[str]
    negatives: list[str]
    histories: list[str] = []
    weights: dict[str, float] = {}
    customer: Key
    product: Key
    time: str | None = None


class SideView(BaseModel):
    """A table that is joined, one row for each key.

    Attributes:
        key: of the table; of, the column of the events that has the same ids.
        columns: what its columns are called among those of the events, by their own names.
        latest_by: one of its own columns, the latest of which counts.
        available: conditions on its columns by their own names, of the products that may be
            recommended.
    """

    source: Source
    key: Key
    of: Key
    columns: dict[str, str]
    latest_by: str | None = None
    available: list[Condition] = []

    def of_columns(self, wanted: Collection[str]) -> SideView:
        """The same with those of its columns that are wanted, by what the dataset calls them."""
        asked = {one.column for one in self.available}
        columns = {
            own: name for own, name in self.columns.items() if name in wanted or own in asked
        }
        return self.model_copy(update={"columns": columns})


class View(BaseModel):
    """Attributes:
    where: conditions on the source's own columns.
    where_joined: the same on columns that are joined.
    """

    where: list[Condition] = []
    kinds: KindsOf | None = None
    products: SideView | None = None
    customers: SideView | None = None
    where_joined: list[Condition] = []

    @property
    def sides(self) -> dict[str, SideView]:
        given = {"products": self.products, "customers": self.customers}
        return {name: side for name, side in given.items() if side is not None}

    def of_columns(self, wanted: Collection[str]) -> View:
        """The same with no more of the further tables than is wanted, or asked of them."""
        wanted = {*wanted, *(one.column for one in self.where_joined)}
        sides = {
            name: side.of_columns(wanted) if side is not None else None
            for name, side in {"products": self.products, "customers": self.customers}.items()
        }
        return self.model_copy(update=sides)

    @property
    def of_source(self) -> View:
        """The same of the source's own columns, with none that is joined."""
        return View(where=self.where, kinds=self.kinds)

    @property
    def costly(self) -> bool:
        """Whether to make it takes more than a look at each row."""
        return bool(self.sides) or (self.kinds is not None and bool(self.kinds.negatives))
