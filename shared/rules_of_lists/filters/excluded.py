"""All but some products."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from shared.rules_of_lists.base import Named
from shared.rules_of_lists.filters.only import OfProducts
from shared.rules_of_lists.products import Products
from shared.wording import plural

if TYPE_CHECKING:
    from shared.arrays import Booleans


class Excluded(OfProducts):
    """None of these products."""

    label: ClassVar[str] = "Not these products"
    help: ClassVar[str] = "No product of those named."
    position: ClassVar[int] = 6

    type: Literal["except"] = "except"

    def names(self) -> Named:
        return Named(None, self.product_ids, kept=False)

    def keeps(self, products: Products) -> Booleans:
        return ~products.marked(self.product_ids)

    def in_words(self) -> str:
        return f"none of {plural(len(self.product_ids), 'product')}"
