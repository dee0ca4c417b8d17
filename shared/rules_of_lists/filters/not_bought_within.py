"""Products that the customer has not bought lately."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import Field

from shared.rules_of_lists.base import Filter, LastBought


class NotBoughtWithin(Filter):
    """No product that the customer bought less than `days` ago. A purchase of which the time is not
    known counts as one of today."""

    label: ClassVar[str] = "Not bought lately"
    help: ClassVar[str] = "No product that the customer bought within so many days."
    position: ClassVar[int] = 4

    type: Literal["not_bought_within"] = "not_bought_within"
    days: float = Field(gt=0, le=36_500, title="Days")

    def leaves_out(self, bought: LastBought) -> Iterator[str]:
        return (product for product, ago in bought.items() if ago is None or ago < self.days)

    def in_words(self) -> str:
        return f"not bought within {self.days:g} days"
