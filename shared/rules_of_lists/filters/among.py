"""Products with one of some values in a column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from shared.problems import Problem, shorten
from shared.rules_of_lists.base import Named, OfColumn, wrong_type
from shared.rules_of_lists.products import Products, RuleColumn, RuleValue
from shared.wording import alternatives

if TYPE_CHECKING:
    from shared.arrays import Booleans

MOST_VALUES = 1000
_MOST_SAID = 5
Values = Annotated[
    list[
        bool
        | int
        | Annotated[float, Field(allow_inf_nan=False)]
        | Annotated[str, Field(min_length=1, max_length=1000)]
    ],
    Field(min_length=1, max_length=MOST_VALUES, title="Values"),
]


class OfValues(OfColumn):
    """A filter that compares a column with some values."""

    values: Values

    def check(self, columns: Mapping[str, RuleColumn], path: str) -> Iterator[Problem]:
        yield from super().check(columns, path)
        column = columns.get(self.column)
        for place, value in enumerate(self.values if column is not None else []):
            if column is not None and column.value(value) is None:
                kind = "numbers" if column.is_number else "texts; this one means a missing value"
                message = f"The values of {self.column!r} are {kind}."
                yield wrong_type(f"{path}.values[{place}]", message, value)

    def said(self) -> str:
        """Its values in words."""
        named = [str(shorten(_text(value))) for value in self.values[:_MOST_SAID]]
        more = len(self.values) - len(named)
        return f"{', '.join(named)} and {more} more" if more else alternatives(named)


def _text(value: RuleValue) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


class Among(OfValues):
    """Only products with one of the values. One without a value has none of them."""

    label: ClassVar[str] = "Column in"
    help: ClassVar[str] = "Only products with one of some values in a column."
    position: ClassVar[int] = 1

    type: Literal["in"] = "in"

    def names(self) -> Named:
        return Named(self.column, self.values, kept=True)

    def keeps(self, products: Products) -> Booleans:
        return products.columns[self.column].holding(self.values)

    def in_words(self) -> str:
        return f"{self.column} is {self.said()}"
