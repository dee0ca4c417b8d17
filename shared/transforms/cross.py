"""Cross: the combination of two or three features as one, hashed and embedded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from shared.kinds import Described
from shared.models import SpecModel
from shared.transforms.base import Code, Output, output_target
from shared.transforms.vocabulary import vocabulary_keys

if TYPE_CHECKING:  # for what generated modules have of this file
    import tensorflow as tf


class Cross(SpecModel, Described):
    """`features` names string columns of the same tower, or `<column>_bucket` for a number or
    timestamp of the same tower that is bucketised."""

    label: ClassVar[str] = "Cross"
    help: ClassVar[str] = (
        "The combination of two or three features as one, hashed and embedded: what this customer "
        "buys in this city, and not in another. It helps where the combination says more than its "
        "parts."
    )
    example: ClassVar[dict[str, Any]] = {"features": ["a", "b"], "hash_bucket_size": 10_000}

    features: list[Annotated[str, Field(min_length=1, max_length=310)]] = Field(
        min_length=2,
        max_length=3,
        title="Features to combine",
        description="Two or three embedded columns, or bucketized numbers, of this tower.",
    )
    hash_bucket_size: int = Field(
        ge=100,
        le=100_000,
        title="Hash buckets",
        description="With fewer buckets, more combinations share one.",
        examples=[1_000, 5_000, 10_000, 50_000],
    )
    embedding_dim: int = Field(
        default=16, ge=4, le=64, title="Embedding dimension", examples=[8, 16, 32, 64]
    )

    @property
    def name(self) -> str:
        """`category × brand`."""
        return " × ".join(self.features)

    @property
    def item_key(self) -> str:
        return self.name

    def item_words(self) -> str:
        return f"cross {self.in_words()}"

    def outputs(self, key: str) -> tuple[Output, ...]:
        return (Output(key, self.embedding_dim, "int64", rows=self.hash_bucket_size),)

    def code(self, key: str, parts: list[str]) -> Code:
        """Args: parts: expressions of string or int64 tensors, shape [batch]."""
        return Code(
            target=output_target(key),
            function=cross,
            arguments=(*parts, f"buckets={self.hash_bucket_size}"),
        )

    def in_words(self) -> str:
        """`category × brand (5,000 buckets, embedding 16)`."""
        return f"{self.name} ({self.hash_bucket_size:,} buckets, embedding {self.embedding_dim})"


def cross(*parts: tf.Tensor, buckets: int) -> tf.Tensor:
    """Hash bucket of the combination of several values."""
    texts = [
        vocabulary_keys(part) if part.dtype == tf.string else tf.strings.as_string(part)
        for part in parts
    ]
    joined = tf.strings.join(texts, separator="\x1f")
    return tf.strings.to_hash_bucket_strong(joined, buckets, key=[17, 42])
