"""The re-ranker: a second stage that orders what the towers find, by what customers did before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from shared.models import SpecModel
from shared.tasks.base import Constant, SettingInWords

# In days, by which a customer's purchases of a product are counted.
_COUNT_HALF_LIVES = (5.0, 15.0, 40.0, 125.0, 375.0)
# What else it knows of a candidate: how the towers score it (2), what the customer did with it (9)
# and what all customers did (5), how much the customer buys (2), and how well it goes with what
# they have (2).
_OTHER_FEATURES = 20

Units = Annotated[int, Field(ge=1, le=512)]


class Reranker(SpecModel):
    """Orders the index's best products, the customer's own, those that go with them, and recently
    popular ones anew. It is fitted listwise on the fitting slice, the latest training rows, which
    the towers have not seen then; after that they are trained on these too.

    Attributes:
        candidates: how many of the index's best it orders.
        popular: how many of the products that are bought most in 28 days.
        item_item: how many of the products that go best with those that the customer has.
        units: widths of its hidden layers.
        fitting_percent: of the training rows, the latest that it is fitted to.
    """

    candidates: int = Field(
        default=300,
        ge=10,
        le=2000,
        title="Candidates",
        description="How many of the towers' best products it orders.",
        examples=[100, 300, 1000],
    )
    popular: int = Field(
        default=100,
        ge=1,
        le=1000,
        title="Popular products",
        description="How many of the products bought most in the last 28 days it orders too.",
        examples=[50, 100, 200],
    )
    item_item: int = Field(
        default=150,
        ge=1,
        le=1000,
        title="Item-item products",
        description="How many of the products that go best with the customer's own, by who else "
        "bought both, it orders too.",
        examples=[50, 150, 300],
    )
    units: list[Units] = Field(
        default=[32, 32],
        min_length=1,
        max_length=4,
        title="Units",
        description="Widths of its hidden layers.",
    )
    fitting_percent: float = Field(
        default=10.0,
        ge=1,
        le=50,
        title="Fitting slice (%)",
        description="The latest training rows, which it is fitted to. The towers are trained on "
        "them afterwards.",
        examples=[5, 10, 20],
    )

    @property
    def width(self) -> int:
        """How many features of a candidate it reads."""
        return _OTHER_FEATURES + len(_COUNT_HALF_LIVES)

    def in_words(self) -> str:
        units = "–".join(map(str, self.units))
        return (
            f"{self.candidates} candidates, {self.popular} popular, {self.item_item} item-item, "
            f"{units}, "
            f"fitted to {self.fitting_percent:g}%"
        )

    def item_words(self) -> str:
        return self.in_words()

    def constants(self) -> Iterator[Constant]:
        found = "How many of the towers' best products the re-ranker orders."
        yield Constant("RERANKED", self.candidates, found)
        yield Constant("POPULAR", self.popular, "How many recently popular ones it orders besides.")
        goes = "How many that go best with the customer's own."
        yield Constant("ITEM_ITEM", self.item_item, goes)
        yield Constant("RERANKER_UNITS", self.units, "Widths of its hidden layers.")
        yield Constant("RECENT_DAYS", 28.0, "How long ago recent purchases are at most.")
        lives = "Half-lives in days by which own purchases are counted."
        yield Constant("COUNT_HALF_LIVES", [*_COUNT_HALF_LIVES], lives)
        yield Constant("ITEM_HALF_LIFE", 125.0, "The same for what goes with them.")
        neighbours = "How many products add to the item-item score of each."
        yield Constant("NEIGHBOURS", 100, neighbours)
        yield Constant("EASE_L2", 200.0, "Of EASE, which says how much.")
        yield Constant("FITTING_STEPS", 150, "Steps in which it is fitted.")
        yield Constant("FITTING_LISTS", 100, "Lists in each step, each of one customer.")
        yield Constant("FITTING_RATE", 0.02, "Learning rate of the first step, which falls to 0.")


def reranker_in_words(reranker: Reranker | None) -> SettingInWords:
    return SettingInWords("reranker", "Re-ranker", reranker.in_words() if reranker else "none")
