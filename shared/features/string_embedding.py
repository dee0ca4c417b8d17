"""A column of categories or ids: vocabulary, then a learned embedding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar, Literal

from pydantic import Field

from shared.columns import Column, ColumnType, RawType
from shared.features.base import FeatureModel, Part
from shared.problems import Problem
from shared.transforms.base import Code, Read
from shared.transforms.vocabulary import EmbeddingDim, VocabularySettings, embedding_dim, wider
from shared.wording import percent, plural

_NARROWEST_USUAL = 8
_LARGEST_VOCABULARY = 100_000


class StringEmbedding(FeatureModel):
    """A column of categories or ids: vocabulary, then a learned embedding."""

    label: ClassVar[str] = "Embedding"
    help: ClassVar[str] = "Categories or ids: each value gets a learned vector."
    position: ClassVar[int] = 1
    column_types: ClassVar[tuple[ColumnType, ...]] = (
        ColumnType.STRING,
        ColumnType.INTEGER,
        ColumnType.BOOLEAN,
    )
    suits: ClassVar[tuple[ColumnType, ...]] = (ColumnType.STRING, ColumnType.BOOLEAN)
    raw: ClassVar[RawType] = RawType.TEXT

    type: Literal["string_embedding"] = "string_embedding"
    embedding_dim: EmbeddingDim = 32
    vocab_settings: VocabularySettings = VocabularySettings()
    id_dropout: float = Field(
        default=0.0,
        ge=0,
        le=0.9,
        title="Id dropout",
        description="Share of the training rows in which the value is taken for one that is not in "
        "the vocabulary, so that the tower's other features learn to stand without it. Of the "
        "product's id, it is what recommends new products; it costs some recall of known ones.",
        examples=[0, 0.02, 0.1, 0.3],
    )

    @classmethod
    def suggested(
        cls, column: Column, largest_vocabulary: int = _LARGEST_VOCABULARY
    ) -> StringEmbedding:
        values = column.likely.unique_count
        return cls(
            column=column.name,
            embedding_dim=embedding_dim(values),
            vocab_settings=VocabularySettings(max_size=min(max(1, values * 2), largest_vocabulary)),
        )

    def parts(self, key: str) -> list[Part]:
        (output,) = self.vocab_settings.outputs(key, self.embedding_dim)
        return [Part(self.column, (replace(output, dropped=self.id_dropout),))]

    def code(self, key: str, read: Read) -> list[Code]:
        return [self.vocab_settings.code(key, read.raw)]

    def in_words(self) -> str:
        words = [f"embedding {self.embedding_dim}", *self.vocab_settings.in_words()]
        if self.id_dropout:
            words.append(f"id dropout {percent(self.id_dropout, 0)}")
        return ", ".join(words)

    def check(self, path: str, column: Column | None) -> Iterator[Problem]:
        if column is None or column.statistics is None:
            return
        values = min(column.statistics.unique_count, self.vocab_settings.max_size)
        enough = max(values, _NARROWEST_USUAL)
        if self.embedding_dim > enough:
            yield Problem(
                path=f"{path}.embedding_dim",
                code="wide_embedding",
                message=f"An embedding {self.embedding_dim} wide for the "
                f"{plural(values, 'value')} of {self.column!r} is wider than its "
                f"vocabulary. {enough} or less is enough.",
                received=self.embedding_dim,
                level="warning",
            )

    @property
    def vocabulary(self) -> VocabularySettings:
        return self.vocab_settings

    @property
    def embedding_width(self) -> int:
        return self.embedding_dim

    @property
    def cross_name(self) -> str:
        return self.column

    def crossed(self, key: str, raw: str) -> str:
        return raw

    def enrich(self, values: int | None) -> None:
        """The next width of the recommended ones, where there are as many values."""
        width = wider(self.embedding_dim)
        if values is None or values >= width:
            self.embedding_dim = width
