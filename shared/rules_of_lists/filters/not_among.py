"""Products with none of some values in a column."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from shared.rules_of_lists.base import Named
from shared.rules_of_lists.filters.among import OfValues
from shared.rules_of_lists.products import Products

if TYPE_CHECKING:
    from shared.arrays import Booleans


class NotAmong(OfValues):
    """No product with one of the values. One without a value is kept."""

    label: ClassVar[str] = "Column not in"
    help: ClassVar[str] = "No product with one of some values in a column."
    position: ClassVar[int] = 2

    type: Literal["not_in"] = "not_in"

    def names(self) -> Named:
        return Named(self.column, self.values, kept=False)

    def keeps(self, products: Products) -> Booleans:
        return ~products.columns[self.column].holding(self.values)

    def in_words(self) -> str:
        return f"{self.column} is not {self.said()}"
