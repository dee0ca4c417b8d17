"""Some products alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from shared.rules_of_lists.base import Filter, Named, ProductId
from shared.rules_of_lists.products import Products
from shared.wording import plural

if TYPE_CHECKING:
    from shared.arrays import Booleans

ProductIds = Annotated[list[ProductId], Field(min_length=1, max_length=10_000, title="Products")]


class OfProducts(Filter):
    """A filter that names products."""

    product_ids: ProductIds

    def with_ids(self, write: Callable[[str], str]) -> Filter:
        return self.model_copy(update={"product_ids": list(map(write, self.product_ids))})


class Only(OfProducts):
    """Only these products, as far as the model has them."""

    label: ClassVar[str] = "Only these products"
    help: ClassVar[str] = "No other product than those named."
    position: ClassVar[int] = 5

    type: Literal["only"] = "only"

    def names(self) -> Named:
        return Named(None, self.product_ids, kept=True)

    def keeps(self, products: Products) -> Booleans:
        return products.marked(self.product_ids)

    def in_words(self) -> str:
        return f"one of {plural(len(self.product_ids), 'product')}"
