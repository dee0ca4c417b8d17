"""Bucketize: quantile buckets, then a learned embedding of the bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from shared.transforms.base import Code, Output, Read, Transform, output_target
from shared.transforms.vocabulary import EmbeddingDim

if TYPE_CHECKING:  # for what generated modules have of this file
    import tensorflow as tf
    import tensorflow_transform as tft


class Bucketize(Transform):
    """Buckets hold about equally many training rows each."""

    name: ClassVar[str] = "bucketize"
    label: ClassVar[str] = "Bucketize"
    help: ClassVar[str] = (
        "Quantile buckets, each with a learned embedding. Missing values get a bucket of their own."
    )
    position: ClassVar[int] = 3
    features: ClassVar[tuple[str, ...]] = ("numeric", "timestamp", "days_since")
    choice: ClassVar[str] = "bucketize"
    part: ClassVar[str] = "bucket"
    endings: ClassVar[tuple[str, ...]] = ("bucket",)
    example: ClassVar[dict[str, Any]] = {"enabled": True}

    enabled: bool = False
    buckets: int = Field(
        default=100,
        ge=2,
        le=10_000,
        title="Buckets",
        description="With about equally many training rows in each.",
        examples=[10, 50, 100, 500],
    )
    embedding_dim: EmbeddingDim = 32

    def outputs(self, key: str) -> tuple[Output, ...]:
        if not self.enabled:
            return ()
        return (Output(f"{key}_bucket", self.embedding_dim, "int64", rows=self.buckets + 1),)

    def code(self, key: str, read: Read) -> list[Code]:
        if not self.enabled:
            return []
        code = Code(
            target=output_target(f"{key}_bucket"),
            function=bucketize,
            arguments=(read.number, f"buckets={self.buckets}"),
        )
        return [code]

    def in_words(self) -> str:
        if not self.enabled:
            return ""
        return f"{self.buckets} buckets, embedding {self.embedding_dim}"


def bucketize(values: tf.Tensor, buckets: int) -> tf.Tensor:
    """Number of the quantile bucket, 0 to buckets - 1; missing values get a bucket after them."""
    known = tf.math.is_finite(values)
    seen = tf.cast(tf.boolean_mask(values, known), tf.float32)
    boundaries = tft.quantiles(seen, buckets, epsilon=0.1 / buckets)
    bucket = tft.apply_buckets(tf.cast(values, tf.float32), boundaries)
    return tf.where(known, bucket, tf.constant(buckets, tf.int64))
