"""What each kind of filter knows of itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from shared.kinds import Described
from shared.models import SpecModel
from shared.problems import Problem, shorten
from shared.rules_of_lists.products import Products, RuleColumn, RuleValue
from shared.wording import first_of

if TYPE_CHECKING:
    from shared.arrays import Booleans

_MOST_NAMED = 20

ColumnName = Annotated[str, Field(min_length=1, max_length=300, title="Column")]
ProductId = Annotated[str, Field(min_length=1, max_length=1000)]
# When a customer bought each product last, in days before now; None where that is not known.
LastBought = Mapping[str, float | None]


@dataclass(frozen=True)
class Named:
    """What a filter names.

    Attributes:
        column: that has the values; None: they are ids of products.
        kept: whether it keeps only products with one of the values, or only all others.
    """

    column: str | None
    values: Sequence[RuleValue]
    kept: bool


class Filter(SpecModel, Described):
    """Which products may be in a list."""

    if TYPE_CHECKING:
        type: str  # each kind's own, and its first field
    item_noun: ClassVar[str] = "filter"

    def item_words(self) -> str:
        return self.in_words()

    def check(self, columns: Mapping[str, RuleColumn], path: str) -> Iterator[Problem]:
        """What is wrong with it for products with these columns."""
        yield from ()

    def names(self) -> Named | None:
        """The values or products that it names; None: it names none."""
        return None

    def keeps(self, products: Products) -> Booleans | None:
        """Which products it keeps for everybody, [products]; None: all."""
        return None

    def leaves_out(self, bought: LastBought) -> Iterator[str]:
        """Products that it leaves out for one customer besides."""
        yield from ()

    def with_ids(self, write: Callable[[str], str]) -> Filter:
        """The same with ids of products as a model's are written."""
        return self

    def in_words(self) -> str:
        """A few words: `price from 2 to 20`."""
        raise NotImplementedError


class OfColumn(Filter):
    """A filter that reads a column of the products."""

    column: ColumnName

    def check(self, columns: Mapping[str, RuleColumn], path: str) -> Iterator[Problem]:
        yield from check_column(self.column, columns, f"{path}.column")


def check_column(name: str, columns: Mapping[str, RuleColumn], path: str) -> Iterator[Problem]:
    if name not in columns:
        known = first_of([repr(one) for one in columns], _MOST_NAMED)
        message = f"Products have no column {shorten(name)!r} that rules can read. "
        message += f"Those that they have are {known}." if columns else "They have none."
        yield Problem(path=path, code="unknown_column", message=message, received=shorten(name))


def wrong_type(path: str, message: str, received: object) -> Problem:
    return Problem(path=path, code="wrong_type", message=message, received=shorten(received))
