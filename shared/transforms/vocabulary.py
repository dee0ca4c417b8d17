"""Vocabulary: a category or an id becomes the number of its row in an embedding table."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from shared.literals import literal
from shared.models import SpecModel
from shared.transforms.base import Code, Output, output_target

EmbeddingDim = Annotated[int, Field(ge=4, le=256)]

_HELPER = '''
def _vocabulary(
    values: tf.Tensor, name: str, max_size: int, min_frequency: int, oov_buckets: int
) -> tf.Tensor:
    """Row numbers, the most frequent value first.

    Values that are missing, rare or unseen share the `oov_buckets` rows after the vocabulary.
    """
    return tft.compute_and_apply_vocabulary(
        values,
        top_k=max_size,
        frequency_threshold=min_frequency,
        num_oov_buckets=oov_buckets,
        vocab_filename=name,
    )
'''


class VocabularySettings(SpecModel):
    """Which values get a row of their own.

    Attributes:
        max_size: at most so many, the most frequent.
        oov_buckets: rows for all other values, by hash.
        min_frequency: training rows that a value needs to get a row.
    """

    max_size: int = Field(default=100_000, ge=1, le=5_000_000)
    oov_buckets: int = Field(default=10, ge=1, le=10_000)
    min_frequency: int = Field(default=5, ge=1, le=1_000_000)

    def outputs(self, key: str, embedding_dim: int) -> tuple[Output, ...]:
        return (Output(key, embedding_dim, "int64", oov_buckets=self.oov_buckets),)

    def code(self, key: str, source: str) -> Code:
        """Args: source: expression of a string tensor, shape [batch]."""
        return Code(
            target=output_target(key),
            function="_vocabulary",
            arguments=(
                source,
                literal(key),
                f"max_size={self.max_size}",
                f"min_frequency={self.min_frequency}",
                f"oov_buckets={self.oov_buckets}",
            ),
            helpers=(_HELPER,),
        )
