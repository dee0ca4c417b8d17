"""Vocabulary: a category or an id becomes the number of its row in an embedding table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import inf
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from shared.literals import literal
from shared.models import SpecModel
from shared.transforms.base import Code, Output, output_target
from shared.wording import plural

if TYPE_CHECKING:  # for what generated modules have of this file
    import tensorflow as tf
    import tensorflow_transform as tft

# Embedding width by number of values: from, below, width.
CARDINALITY_TO_DIM: tuple[tuple[float, float, int], ...] = (
    (0, 50, 8),
    (50, 500, 16),
    (500, 5_000, 32),
    (5_000, 50_000, 64),
    (50_000, 500_000, 96),
    (500_000, inf, 128),
)

EmbeddingDim = Annotated[
    int,
    Field(
        ge=4,
        le=256,
        title="Embedding dimension",
        description="More can tell finer differences apart, and needs more purchases to learn.",
        examples=[dim for _, _, dim in CARDINALITY_TO_DIM],
    ),
]

# By the character after a backslash in a key: what the two stand for.
_ESCAPES = {"\\": "\\", "n": "\n", "r": "\r", "0": "\0", "u": "\x1f", "s": " "}


class VocabularySettings(SpecModel):
    """Which values get a row of their own.

    Attributes:
        max_size: at most so many, the most frequent.
        oov_buckets: rows for all other values, by hash.
        min_frequency: training rows that a value needs to get a row.
    """

    max_size: int = Field(
        default=100_000,
        ge=1,
        le=5_000_000,
        title="Maximum size",
        description="Values with a row of their own; the most frequent ones.",
    )
    oov_buckets: int = Field(
        default=10,
        ge=1,
        le=10_000,
        title="Out-of-vocabulary buckets",
        description="Rows that rare, unseen and missing values share.",
    )
    min_frequency: int = Field(
        default=5,
        ge=1,
        le=1_000_000,
        title="Minimum frequency",
        description="Training rows that a value needs for a row of its own.",
    )

    def in_words(self) -> Iterator[str]:
        """What is unusual about them."""
        usual = type(self)()
        if self.min_frequency != usual.min_frequency:
            yield f"seen at least {self.min_frequency:,}×"
        if self.max_size != usual.max_size:
            yield f"at most {plural(self.max_size, 'value')}"
        if self.oov_buckets != usual.oov_buckets:
            yield f"{plural(self.oov_buckets, 'row')} for others"

    def outputs(self, key: str, embedding_dim: int) -> tuple[Output, ...]:
        return (Output(key, embedding_dim, "int64", oov_buckets=self.oov_buckets),)

    def code(self, key: str, source: str) -> Code:
        """Args: source: expression of a string tensor, shape [batch]."""
        return Code(
            target=output_target(key),
            function=vocabulary_rows,
            arguments=(
                source,
                literal(key),
                f"max_size={self.max_size}",
                f"min_frequency={self.min_frequency}",
                f"oov_buckets={self.oov_buckets}",
            ),
        )


def embedding_dim(cardinality: int) -> int:
    """Recommended width of an embedding for so many values."""
    return next(dim for low, high, dim in CARDINALITY_TO_DIM if low <= cardinality < high)


def wider(dim: int) -> int:
    """The next of the recommended widths; `dim` itself where it is the widest."""
    return next((wide for _, _, wide in CARDINALITY_TO_DIM if wide > dim), dim)


def value_of(key: bytes) -> bytes:
    """The value that a line of a vocabulary's file stands for: `vocabulary_keys`, back."""
    return re.sub(rb"\\(.)", lambda found: _ESCAPES[found[1].decode()].encode(), key)


def vocabulary_keys(values: tf.Tensor) -> tf.Tensor:
    """The values as lines of a vocabulary's file: backslashes, line breaks, carriage returns, NULs
    and unit separators are escaped, so that different values stay different."""

    def escaped() -> tf.Tensor:
        keys = tf.strings.regex_replace(values, r"\\", r"\\\\")
        keys = tf.strings.regex_replace(keys, r"\n", r"\\n")
        keys = tf.strings.regex_replace(keys, r"\r", r"\\r")
        keys = tf.strings.regex_replace(keys, r"\x00", r"\\0")
        return tf.strings.regex_replace(keys, r"\x1f", r"\\u")

    # Most columns have none of these, and one look at all values at once takes next to no time.
    plain = tf.strings.regex_full_match(tf.strings.reduce_join(values), r"[^\\\n\r\x00\x1f]*")
    return tf.cond(plain, lambda: values, escaped)


def vocabulary_rows(
    values: tf.Tensor, name: str, max_size: int, min_frequency: int, oov_buckets: int
) -> tf.Tensor:
    """Row numbers, the most frequent value first.

    Values that are missing, rare or unseen share the `oov_buckets` rows after the vocabulary.
    """
    return tft.compute_and_apply_vocabulary(
        vocabulary_keys(values),
        top_k=max_size,
        frequency_threshold=min_frequency,
        num_oov_buckets=oov_buckets,
        vocab_filename=name,
    )
