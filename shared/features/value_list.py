"""A column of lists: several categories in one text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from shared.columns import Column, ColumnType
from shared.features.bag import BagFeature, Most
from shared.transforms.bag import Splitting

_USUAL_DELIMITERS = ("|", ";", ",")
# Commas are in names too: whoever has lists of them says so.
_TELLING_DELIMITERS = ("|", ";")
# A text with fewer lists than this share of its samples is not taken for one of lists.
_MOSTLY = 0.5
# Longer parts are phrases, not categories.
_LONGEST_CATEGORY = 30


def _visible(delimiter: str) -> str:
    if not delimiter.strip() or not delimiter.isprintable():
        raise ValueError("must be visible characters, such as | or ;")
    return delimiter


class ValueList(BagFeature):
    """A column of lists, as text with a delimiter between the values: "Drama|Comedy". Each value
    gets a learned vector.

    Attributes:
        delimiter: what stands between two values; spaces around a value do not count.
        length: how many values of a list count, the first ones.
    """

    label: ClassVar[str] = "List"
    help: ClassVar[str] = "Several categories in one text: each gets a learned vector."
    position: ClassVar[int] = 6

    type: Literal["list"] = "list"
    delimiter: Annotated[str, AfterValidator(_visible)] = Field(
        default="|",
        min_length=1,
        max_length=5,
        title="Delimiter",
        description="What stands between two values.",
        examples=list(_USUAL_DELIMITERS),
    )
    length: Most = Field(
        default=10, title="Length", description="How many values of a list count, the first ones."
    )

    @classmethod
    def suggested(cls, column: Column) -> ValueList:
        delimiter = _delimiter(column.likely.samples) or _USUAL_DELIMITERS[0]
        return cls(column=column.name, delimiter=delimiter)

    @classmethod
    def is_for(cls, column: Column) -> bool:
        return column.type is ColumnType.STRING and _delimiter(column.likely.samples) is not None

    @property
    def splitting(self) -> Splitting:
        return Splitting(re.escape(self.delimiter), self.length)

    def in_words(self) -> str:
        return f"split at {self.delimiter!r}, first {self.length}, {super().in_words()}"


def _delimiter(samples: Sequence[str]) -> str | None:
    """The delimiter of a column of lists, by some of its values; None where they are no lists."""

    def lists(delimiter: str) -> bool:
        split = [sample.split(delimiter) for sample in samples]
        short = all(len(part.strip()) <= _LONGEST_CATEGORY for parts in split for part in parts)
        return short and sum(len(parts) > 1 for parts in split) >= _MOSTLY * len(samples)

    return next((one for one in _TELLING_DELIMITERS if samples and lists(one)), None)
