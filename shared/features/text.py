"""A column of words, such as names and descriptions."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from shared.columns import Column, ColumnType
from shared.features.bag import BagFeature, Most
from shared.transforms.bag import Splitting

# Letters of all scripts with their marks, and digits, are words; all else stands between them.
_BETWEEN_WORDS = r"[^\pL\pM\pN]+"


class Text(BagFeature):
    """A column of words, such as names and descriptions: each word, and each pair of neighbouring
    words, gets a learned vector. Products with words in common are alike from the start.

    Attributes:
        length: how many words of a text count, the first ones.
        pairs: whether pairs of neighbouring words count besides.
    """

    label: ClassVar[str] = "Text"
    help: ClassVar[str] = "Names and descriptions: each word gets a learned vector."
    position: ClassVar[int] = 5

    type: Literal["text"] = "text"
    length: Most = Field(
        default=20, title="Length", description="How many words of a text count, the first ones."
    )
    pairs: bool = Field(
        default=True,
        title="Pairs of words",
        description="Neighbouring words count together too: “ice cream” is neither ice nor cream.",
    )

    @staticmethod
    def reads(column: Column) -> bool:
        """Whether a column holds words: most of its samples have several."""
        samples = column.likely.samples if column.type is ColumnType.STRING else []
        return sum(len(one.split()) > 1 for one in samples) > len(samples) / 2

    @property
    def splitting(self) -> Splitting:
        return Splitting(_BETWEEN_WORDS, self.length, lower=True, pairs=self.pairs)

    def in_words(self) -> str:
        words = "words and pairs" if self.pairs else "words"
        return f"{words}, first {self.length}, {super().in_words()}"
