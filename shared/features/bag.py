"""Features whose column holds several values in each row."""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, ClassVar

from pydantic import Field

from shared.columns import ColumnType, RawType
from shared.features.base import FeatureModel, Part
from shared.transforms.bag import Splitting
from shared.transforms.base import Code, Combiner, Read
from shared.transforms.vocabulary import EmbeddingDim, VocabularySettings

MOST_VALUES = 200

Most = Annotated[int, Field(ge=1, le=MOST_VALUES, examples=[10, 20, 50])]


class BagFeature(FeatureModel):
    """A text that holds several values. Each gets a learned vector; a row has what they add up to.

    Attributes:
        combiner: what the sum of a row's vectors is divided by: "mean", their number; "sqrtn", the
            root of their number; "sum", nothing.
    """

    column_types: ClassVar[tuple[ColumnType, ...]] = (ColumnType.STRING,)
    raw: ClassVar[RawType] = RawType.TEXT

    embedding_dim: EmbeddingDim = 32
    combiner: Combiner = Field(
        default="mean",
        title="Combiner",
        description="How the vectors of a row become one: their mean, their sum, or their sum "
        "divided by the root of their number.",
    )
    vocab_settings: VocabularySettings = VocabularySettings()

    @property
    @abstractmethod
    def splitting(self) -> Splitting:
        """How a text becomes values."""

    def parts(self, key: str) -> list[Part]:
        output = self.splitting.output(key, self.embedding_dim, self.vocab_settings, self.combiner)
        return [Part(self.column, (output,))]

    def code(self, key: str, read: Read) -> list[Code]:
        (output,) = self.outputs(key)
        return self.splitting.code(output, read, self.vocab_settings)

    def in_words(self) -> str:
        return ", ".join(
            [f"embedding {self.embedding_dim}", self.combiner, *self.vocab_settings.in_words()]
        )

    @property
    def vocabulary(self) -> VocabularySettings:
        return self.vocab_settings
