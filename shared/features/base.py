"""What each kind of feature knows of itself."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple, Self

from pydantic import Field

from shared.columns import Column, ColumnType, RawType
from shared.kinds import Described
from shared.models import SpecModel
from shared.problems import Problem, shorten
from shared.transforms.bag import Splitting
from shared.transforms.base import Code, Output, Read
from shared.transforms.vocabulary import VocabularySettings

ColumnName = Annotated[str, Field(min_length=1, max_length=300)]


class Part(NamedTuple):
    """A part of a tower's input: its name as shown, and the outputs that it consists of."""

    name: str
    outputs: tuple[Output, ...]


class FeatureModel(SpecModel, Described):
    """What becomes of a column in a tower.

    Attributes:
        column_types: of the columns that it takes.
        suits: of the columns for which it is suggested.
        raw: as what the column is read.
        of_past: it reads the customer's past purchases instead of the row.
        of_moment: it reads the moment of the row, too.
        endings: of its outputs' keys, after its own key and an underscore.
        example: settings for the documentation, besides the column.
        advice: what to know of a transform of such a column, by the transform's name.
    """

    if TYPE_CHECKING:
        type: str  # each kind's own, and its second field
    column_types: ClassVar[tuple[ColumnType, ...]]
    suits: ClassVar[tuple[ColumnType, ...]] = ()
    raw: ClassVar[RawType]
    of_past: ClassVar[bool] = False
    of_moment: ClassVar[bool] = False
    endings: ClassVar[tuple[str, ...]] = ()
    example: ClassVar[dict[str, Any]] = {}
    advice: ClassVar[dict[str, str]] = {}

    column: ColumnName

    @classmethod
    def suggested(cls, column: Column) -> Self:
        """With settings that go with a column's values, as far as they are known."""
        return cls.model_validate({"column": column.name})

    @classmethod
    def is_for(cls, column: Column) -> bool:
        """Whether it is what such a column is for in the first place. Of several kinds that are,
        the one that lists show last is the most particular."""
        return column.type in cls.suits

    @abstractmethod
    def parts(self, key: str) -> list[Part]:
        """Its parts of the tower's input, whose outputs' keys begin with `key`. A part may be
        empty."""

    @abstractmethod
    def code(self, key: str, read: Read) -> list[Code]:
        """The code of its outputs. `read.number` is the name of a variable that is free to use."""

    @abstractmethod
    def in_words(self) -> str:
        """A few words, for comparisons: `embedding 32, seen at least 3×`."""

    @property
    def item_key(self) -> str:
        return self.column

    def item_words(self) -> str:
        """`city (embedding 32)`, `price (number, 100 buckets, embedding 8)`."""
        words, kind = self.in_words(), self.label.lower()
        return f"{shorten(self.column)} ({words if words.startswith(kind) else f'{kind}, {words}'})"

    def outputs(self, key: str) -> tuple[Output, ...]:
        return tuple(output for part in self.parts(key) for output in part.outputs)

    def check(self, path: str, column: Column | None) -> Iterator[Problem]:
        """What is wrong with its settings, for the column as far as that is known."""
        yield from ()

    def share(self, widths: Mapping[str, int | None]) -> None:
        """Takes over what it shares: the widths of the product tower's embeddings, by column."""

    def check_among(
        self, path: str, tower: str, features: Mapping[str, Sequence[FeatureModel]], timed: bool
    ) -> Iterator[Problem]:
        """What is wrong with its place among the others.

        Args:
            features: of both towers, by tower.
            timed: whether the dataset says when each purchase was.
        """
        yield from ()

    @property
    def vocabulary(self) -> VocabularySettings | None:
        """Which values get a row of their own, where values do."""
        return None

    @property
    def splitting(self) -> Splitting | None:
        """How a text of the column becomes several values, where it does."""
        return None

    @property
    def embedding_width(self) -> int | None:
        """Width of the embedding of the column's values, where they have one."""
        return None

    @property
    def buckets(self) -> int | None:
        """Number of the buckets that a cross takes, where it takes buckets."""
        return None

    @property
    def cross_name(self) -> str | None:
        """What a cross calls it; None where it can be in none."""
        return None

    def crossed(self, key: str, raw: str) -> str:
        """What a cross combines: an expression of strings or int64, [batch]. For features that
        have a `cross_name`."""
        raise NotImplementedError

    def not_crossed(self, name: str, tower: str) -> str | None:
        """Why a cross cannot use it by `name`, which is not its `cross_name`; None where `name` is
        not meant for it."""
        if name == self.column:
            return f"{name!r} is a {self.type} feature, which a cross cannot use."
        return None

    def enrich(self, values: int | None) -> None:
        """More of what it gives, for the template that gives most.

        Args:
            values: number of the column's values, if it is known.
        """
