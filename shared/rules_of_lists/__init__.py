"""Rules of lists: which products may be in them, at most how many of a kind, and which stand at
given places."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Annotated, Union

from pydantic import Field, model_validator

from shared.kinds import registry, tag
from shared.models import SpecModel
from shared.problems import Problem, shorten
from shared.rules_of_lists import filters
from shared.rules_of_lists.base import ColumnName, Filter, ProductId, check_column
from shared.rules_of_lists.products import RuleColumn, RuleValue

# By `type`.
FILTERS: dict[str, type[Filter]] = registry(filters.__name__, Filter, tag)
FILTER_TAGS = frozenset(FILTERS)
MOST_NAMED = 20_000  # values and products, by all filters together

if TYPE_CHECKING:
    AnyFilter = Filter
else:
    AnyFilter = Annotated[Union[tuple(FILTERS.values())], Field(discriminator="type")]  # noqa: UP007


class Cap(SpecModel):
    """At most so many products with the same value in a column; products without a value are not
    counted."""

    column: ColumnName
    at_most: int = Field(ge=1, le=1000, title="At most")

    @property
    def item_key(self) -> str:
        return self.column

    def item_words(self) -> str:
        return f"at most {self.at_most:,} of each {shorten(self.column)}"


class Pin(SpecModel):
    """A product at a place of the list; the first is 1."""

    product_id: ProductId
    place: int = Field(ge=1, le=1000, title="Place")

    @property
    def item_key(self) -> str:
        return self.product_id

    def item_words(self) -> str:
        return f"{shorten(self.product_id)} at place {self.place:,}"


class Rules(SpecModel):
    """What holds for a list.

    Attributes:
        filters: a product is listed only where all keep it.
        caps: applied from the best product down. Pinned ones are counted first, and never left out
            by a cap.
        pins: a pinned product is shown only where it fits: where it is available, in the list that
            is asked for, and kept by all filters.
    """

    filters: list[AnyFilter] = Field(default=[], max_length=50)
    caps: list[Cap] = Field(default=[], max_length=10)
    pins: list[Pin] = Field(default=[], max_length=50)

    @model_validator(mode="after")
    def _within_bounds(self) -> Rules:
        named = sum(len(of.values) for one in self.filters if (of := one.names()) is not None)
        if named > MOST_NAMED:
            raise ValueError(
                f"`filters` name {named:,} values and products. Name at most {MOST_NAMED:,} in all."
            )
        places = [pin.place for pin in self.pins]
        products = [pin.product_id for pin in self.pins]
        columns = [cap.column for cap in self.caps]
        if (place := _twice(places)) is not None:
            raise ValueError(f"`pins` have two products at place {place}. Pin one there.")
        if (product := _twice(products)) is not None:
            raise ValueError(f"`pins` have product {product!r} at two places. Pin it once.")
        if (column := _twice(columns)) is not None:
            raise ValueError(f"`caps` have two of column {column!r}. Leave one.")
        return self

    def in_words(self) -> list[str]:
        """A few words for each rule: `price up to 20`, `at most 2 of each brand`."""
        return [
            *(one.in_words() for one in self.filters),
            *(cap.item_words() for cap in self.caps),
            *(pin.item_words() for pin in self.pins),
        ]

    @property
    def are_none(self) -> bool:
        return not (self.filters or self.caps or self.pins)

    def with_ids(self, write: Callable[[str], str]) -> Rules:
        """The same with ids of products as a model's are written."""
        pins = [one.model_copy(update={"product_id": write(one.product_id)}) for one in self.pins]
        filters = [one.with_ids(write) for one in self.filters]
        return self.model_copy(update={"filters": filters, "pins": pins})

    def with_first_pins(self) -> Rules:
        """The same with the first pin of each product alone."""
        first = {pin.product_id: pin for pin in reversed(self.pins)}
        pins = [pin for pin in self.pins if first[pin.product_id] is pin]
        return self.model_copy(update={"pins": pins})

    def joined(self, later: Rules) -> Rules:
        """Both together: all filters, and where both cap a column or pin a product or a place, the
        later ones."""
        capped = {cap.column for cap in later.caps}
        pinned = {pin.product_id for pin in later.pins} | {pin.place for pin in later.pins}
        return Rules.model_construct(
            filters=[*self.filters, *later.filters],
            caps=[*(cap for cap in self.caps if cap.column not in capped), *later.caps],
            pins=[
                *(pin for pin in self.pins if not {pin.product_id, pin.place} & pinned),
                *later.pins,
            ],
        )


def _twice(values: Sequence[object]) -> object | None:
    return next((value for value in values if values.count(value) > 1), None)


def check_rules(rules: Rules, columns: Mapping[str, RuleColumn], path: str) -> Iterator[Problem]:
    """What is wrong with rules for products with these columns, by name.

    Args:
        path: of the rules.
    """
    for place, one in enumerate(rules.filters):
        yield from one.check(columns, f"{path}.filters[{place}]")
    for place, other in _contradictions(rules.filters):
        both = " and ".join(rules.filters[which].in_words() for which in (place, other))
        message = f"No product can fit: {both}. Leave one of the two filters out."
        yield Problem(path=f"{path}.filters[{place}]", code="contradictory", message=message)
    for place, cap in enumerate(rules.caps):
        yield from check_column(cap.column, columns, f"{path}.caps[{place}].column")


def _contradictions(filters: Sequence[Filter]) -> Iterator[tuple[int, int]]:
    """Places of two filters, the first of which leaves out all that the second keeps."""
    named = [(place, of) for place, one in enumerate(filters) if (of := one.names()) is not None]
    # By column and value the filters that leave it out: bits at their places.
    left_out: dict[tuple[str | None, RuleValue], int] = {}
    for place, of in named:
        if not of.kept:
            for value in of.values:
                left_out[of.column, value] = left_out.get((of.column, value), 0) | 1 << place
    for place, of in named:
        if of.kept:
            by = reduce(and_, (left_out.get((of.column, value), 0) for value in of.values))
            yield from ((other, place) for other in range(len(filters)) if by >> other & 1)


__all__ = [
    "FILTERS",
    "FILTER_TAGS",
    "MOST_NAMED",
    "AnyFilter",
    "Cap",
    "Filter",
    "Pin",
    "Rules",
    "check_rules",
]
