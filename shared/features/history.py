"""The customer's past purchases, pooled by weights that decay with age."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from shared.columns import ColumnType, RawType
from shared.features.base import FeatureModel, Part
from shared.problems import Problem, shorten
from shared.transforms.base import Code, Output, Pool, Read
from shared.transforms.vocabulary import EmbeddingDim

_ENDING = "history"
MAX_LENGTH = 500

HalfLife = Annotated[float, Field(ge=0.01, le=3650)]


class History(FeatureModel):
    """What the customer bought before: the embeddings of a product column's values, added up by
    weights that decay with age.

    Attributes:
        column: of the product tower: the product's id, or what describes it.
        length: how many of the newest purchases count at most.
        half_lives: in days, of the decays that a weight is mixed from. The mix is learned.
        own_table: whether it learns embeddings of its own, instead of using the product tower's.
        embedding_dim: width of the embeddings; of shared ones that of the product tower's.
    """

    label: ClassVar[str] = "History"
    help: ClassVar[str] = "What the customer bought before, the newest counting most."
    position: ClassVar[int] = 4
    column_types: ClassVar[tuple[ColumnType, ...]] = (
        ColumnType.STRING,
        ColumnType.INTEGER,
        ColumnType.BOOLEAN,
    )
    raw: ClassVar[RawType] = RawType.TEXT
    endings: ClassVar[tuple[str, ...]] = (_ENDING,)
    of_past: ClassVar[bool] = True

    type: Literal["history"] = "history"
    length: int = Field(
        default=50,
        ge=1,
        le=MAX_LENGTH,
        title="Length",
        description="How many of the newest purchases count.",
        examples=[20, 50, 100],
    )
    half_lives: list[HalfLife] = Field(
        default=[5.0, 20.0, 90.0],
        min_length=1,
        max_length=8,
        title="Half-lives (days)",
        description="After so many days a purchase counts half. Weights are mixed from all of "
        "these, and the mix is learned.",
    )
    own_table: bool = Field(
        default=False,
        title="Embeddings of its own",
        description="Learns what a past purchase says of the customer apart from what the product "
        "is. Shared with the product tower otherwise, which needs fewer purchases.",
    )
    embedding_dim: EmbeddingDim = 32

    def parts(self, key: str) -> list[Part]:
        pool = Pool(tuple(self.half_lives), self.length, self.own_table)
        output = Output(f"{key}_{_ENDING}", self.embedding_dim, "float32", pool=pool)
        return [Part(f"{self.column}_{_ENDING}", (output,))]

    def code(self, key: str, read: Read) -> list[Code]:
        return []  # the trainer looks it up among the training rows

    def in_words(self) -> str:
        lives = " / ".join(f"{days:g}" for days in self.half_lives)
        own = f", {self.embedding_dim} wide of its own" if self.own_table else ""
        return f"newest {self.length}, half-lives {lives} days{own}"

    def item_words(self) -> str:
        return f"history of {shorten(self.column)} ({self.in_words()})"

    def share(self, widths: Mapping[str, int | None]) -> None:
        if not self.own_table:
            self.embedding_dim = widths.get(self.column) or self.embedding_dim

    def check_among(
        self, path: str, tower: str, features: Mapping[str, Sequence[FeatureModel]], timed: bool
    ) -> Iterator[Problem]:
        shared = next((one for one in features["product"] if one.column == self.column), None)
        if tower == "product":
            yield Problem(
                path=f"{path}.type",
                code="history_of_product",
                message="A history is of the customer: put it into the buyer tower.",
                received=self.type,
            )
        elif shared is None or shared.embedding_width is None:
            yield Problem(
                path=f"{path}.column",
                code="history_column",
                message="A history is of a column that the product tower embeds. "
                f"{_embedded(features['product'])}",
                received=self.column,
            )
        elif not self.own_table and shared.embedding_width != self.embedding_dim:
            yield Problem(
                path=f"{path}.embedding_dim",
                code="history_width",
                message=f"The history of {self.column!r} shares the product tower's table, which "
                f"is {shared.embedding_width} wide. Set embedding_dim to {shared.embedding_width}, "
                "or own_table to true.",
                received=self.embedding_dim,
            )
        if not timed:
            yield Problem(
                path=path,
                code="history_without_time",
                message="A history needs to know what was bought before what. Give a column of "
                "the dataset the role transaction_date, or leave the history out; without times, "
                "tests may hold out one purchase of each customer (split leave_one_out).",
                received=self.type,
            )


def _embedded(features: Sequence[FeatureModel]) -> str:
    columns = [repr(one.column) for one in features if one.embedding_width is not None]
    if not columns:
        return "It embeds none: add the product's id to it as string_embedding."
    return f"Those are {', '.join(columns)}."
