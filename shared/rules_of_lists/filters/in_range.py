"""Products with a number within bounds in a column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, model_validator

from shared.arrays import np
from shared.problems import Problem
from shared.rules_of_lists.base import OfColumn, wrong_type
from shared.rules_of_lists.products import Products, RuleColumn

if TYPE_CHECKING:
    from shared.arrays import Booleans


class InRange(OfColumn):
    """Only products with a number from `min` to `max`, both of which may be reached. One without a
    number is left out."""

    label: ClassVar[str] = "Number in a range"
    help: ClassVar[str] = "Only products with a number, such as a price, within bounds."
    position: ClassVar[int] = 3

    type: Literal["range"] = "range"
    min: float | None = Field(default=None, title="At least")
    max: float | None = Field(default=None, title="At most")

    @model_validator(mode="after")
    def _in_order(self) -> InRange:
        if self.min is None and self.max is None:
            raise ValueError("A range has `min`, `max` or both.")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"`min` ({self.min:g}) is above `max` ({self.max:g}).")
        return self

    def check(self, columns: Mapping[str, RuleColumn], path: str) -> Iterator[Problem]:
        yield from super().check(columns, path)
        column = columns.get(self.column)
        if column is not None and not column.is_number:
            numbers = [repr(name) for name, one in columns.items() if one.is_number]
            message = f"{self.column!r} holds texts, which have no range. "
            message += f"Columns of numbers are {', '.join(numbers)}." if numbers else "Use `in`."
            yield wrong_type(f"{path}.column", message, self.column)

    def keeps(self, products: Products) -> Booleans:
        numbers = products.columns[self.column].numbers
        found: Booleans = ~np.isnan(numbers)
        if self.min is not None:
            found &= numbers >= np.float32(self.min)
        if self.max is not None:
            found &= numbers <= np.float32(self.max)
        return found

    def in_words(self) -> str:
        if self.max is None:
            return f"{self.column} from {self.min:g}"
        if self.min is None:
            return f"{self.column} up to {self.max:g}"
        return f"{self.column} from {self.min:g} to {self.max:g}"
