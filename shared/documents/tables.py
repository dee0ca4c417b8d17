"""What a dataset's rows are made of: a source, which of its rows count and as what, and tables of
products and customers."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from shared.documents.source import Source
from shared.models import Moment, SpecModel

ColumnName = Annotated[str, Field(min_length=1, max_length=300)]
Text = Annotated[str, Field(max_length=1000)]
Value = bool | int | Annotated[float, Field(allow_inf_nan=False)] | Text

Comparison = Literal["==", "!=", "<", "<=", ">", ">=", "in", "not in", "missing", "present"]
# Of one value, of several, of none.
OF_LISTS, OF_NOTHING = ("in", "not in"), ("missing", "present")

Part = Literal["target", "history", "negative", "left_out"]
Weight = Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)]


class RowFilter(SpecModel):
    """A condition on a row.

    Attributes:
        column: of any of the tables, as the dataset calls it.
        op: `==`, `!=`, `<`, `<=`, `>`, `>=`, `in`, `not in`, `missing` or `present`. A missing
            value equals nothing: `!=` and `not in` keep it, and it is neither less nor more.
        value: what it is compared with: a number, a text, true or false, or a time in ISO 8601, by
            the column's type.
        values: the same for `in` and `not in`.
    """

    column: ColumnName
    op: Comparison
    value: Value | None = None
    values: list[Value] = Field(default=[], max_length=1000)

    @model_validator(mode="after")
    def _values_fit(self) -> RowFilter:
        listed, none = self.op in OF_LISTS, self.op in OF_NOTHING
        if listed and (self.value is not None or not self.values):
            raise ValueError(
                f"{self.op!r} takes `values`, a list with at least one, and no `value`."
            )
        if none and (self.value is not None or self.values):
            raise ValueError(f"{self.op!r} takes neither `value` nor `values`.")
        if not listed and not none and (self.value is None or self.values):
            raise ValueError(f"{self.op!r} takes one `value`, and no `values`.")
        return self

    @model_serializer(mode="wrap")
    def _written(self, write: SerializerFunctionWrapHandler):  # type: ignore[no-untyped-def]
        return _without(write(self), value=None, values=[])

    @property
    def given(self) -> list[Value]:
        """What it is compared with."""
        return self.values if self.value is None else [self.value]


class Dates(SpecModel):
    """A window of time: rows outside it, and those of which the time is not known, are left out.

    Attributes:
        since: the first moment that belongs to it; None: there is no beginning.
        until: the first moment after it; None: there is no end.
    """

    since: Moment | None = None
    until: Moment | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Dates:
        if self.since is None and self.until is None:
            raise ValueError("A window has `since`, `until` or both.")
        if self.since is not None and self.until is not None and self.since >= self.until:
            raise ValueError(
                f"`since` ({self.since.isoformat()}) comes before `until`"
                f" ({self.until.isoformat()})."
            )
        return self


class Events(SpecModel):
    """What rows of each kind are.

    Attributes:
        column: which says a row's kind.
        kinds: by value of the column ("" is a missing one): `target`, which is learned and
            measured, such as a purchase; `history`, which is read as the customer's past alone,
            such as a view; `negative`, which takes back the customer's latest target of the same
            product before it, such as a return; or `left_out`. Kinds that are not named are left
            out.
        weights: what an event counts in a history, by kind: of targets and of kinds that are
            history. Kinds that are not named count 1.
    """

    column: ColumnName
    kinds: dict[Text, Part] = Field(min_length=1, max_length=200)
    weights: dict[Text, Weight] = {}

    @model_serializer(mode="wrap")
    def _written(self, write: SerializerFunctionWrapHandler):  # type: ignore[no-untyped-def]
        return _without(write(self), weights={})

    @model_validator(mode="after")
    def _has_targets(self) -> Events:
        if "target" not in self.kinds.values():
            raise ValueError("`kinds` names at least one kind as a target, such as purchases.")
        for kind in self.weights:
            if self.kinds.get(kind) not in ("target", "history"):
                raise ValueError(
                    f"`weights` names {kind!r}, which is neither a target nor history: only those "
                    "count in a history."
                )
        return self

    def of(self, part: Part) -> list[str]:
        """The kinds that have a part to play."""
        return [kind for kind, one in self.kinds.items() if one == part]

    @property
    def weighs(self) -> bool:
        """Whether events differ in what they are to a history."""
        return bool(self.of("history")) or any(weight != 1 for weight in self.weights.values())

    def weight(self, kind: str) -> float:
        """What an event of a kind counts in a history."""
        return self.weights.get(kind, 1.0)


class SideTable(SpecModel):
    """A table of products or customers, one row each.

    Of several rows with one key, the latest counts, or where nothing says which that is, always the
    same one.

    Attributes:
        source: of the same sort as the dataset's: files, or a BigQuery table or query.
        key: its column of ids, which are those of the events' `product_id` or `customer_id`.
        latest_by: its column that says which of several rows with one key is the latest.
    """

    source: Source
    key: ColumnName
    latest_by: ColumnName | None = None

    @model_serializer(mode="wrap")
    def _written(self, write: SerializerFunctionWrapHandler):  # type: ignore[no-untyped-def]
        return _without(write(self), latest_by=None, available=None)


class ProductTable(SideTable):
    """The catalogue. Its products are candidates even where nobody has bought them.

    Attributes:
        available: a condition on its columns; products that do not meet it are in no list that is
            recommended.
    """

    available: RowFilter | None = None


class Tables(SpecModel):
    """What a dataset's rows are made of.

    Attributes:
        source: the purchases, or events of several kinds.
        products: a table of products, with attributes; those that nobody has bought are candidates
            too.
        customers: a table of customers, with attributes.
        where: conditions that a row meets, all of them.
        dates: a window of time that rows lie in, by the column of the role `transaction_date`.
        events: what rows of each kind are; left out, every row is a purchase.
    """

    source: Source
    products: ProductTable | None = None
    customers: SideTable | None = None
    where: list[RowFilter] = Field(default=[], max_length=50)
    dates: Dates | None = None
    events: Events | None = None

    @property
    def plain(self) -> bool:
        """Whether it is a source as it is."""
        return not (self.sides or self.where or self.dates or self.events)

    @property
    def sides(self) -> dict[str, SideTable]:
        """The further tables, by the name of their field."""
        given = {"products": self.products, "customers": self.customers}
        return {name: side for name, side in given.items() if side is not None}


def _without(written: dict[str, object], **usual: object) -> dict[str, object]:
    return {
        name: value for name, value in written.items() if name not in usual or value != usual[name]
    }


def is_whole(value: Value) -> bool:
    """Whether a value is a whole number."""
    if isinstance(value, bool | str):
        return False
    return math.isfinite(value) and float(value).is_integer()
