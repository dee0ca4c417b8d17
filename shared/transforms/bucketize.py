"""Bucketize: quantile buckets, then a learned embedding of the bucket."""

from __future__ import annotations

from pydantic import Field

from shared.models import SpecModel
from shared.transforms.base import Code, Output, output_target
from shared.transforms.vocabulary import EmbeddingDim

_HELPER = '''
def _bucketize(values: tf.Tensor, buckets: int) -> tf.Tensor:
    """Number of the quantile bucket, 0 to buckets - 1; missing values get a bucket after them."""
    known = tf.math.is_finite(values)
    seen = tf.cast(tf.boolean_mask(values, known), tf.float32)
    boundaries = tft.quantiles(seen, buckets, epsilon=0.1 / buckets)
    bucket = tft.apply_buckets(tf.cast(values, tf.float32), boundaries)
    return tf.where(known, bucket, tf.constant(buckets, tf.int64))
'''


class Bucketize(SpecModel):
    """Buckets hold about equally many training rows each."""

    enabled: bool = False
    buckets: int = Field(default=100, ge=2, le=10_000)
    embedding_dim: EmbeddingDim = 32

    def outputs(self, key: str) -> tuple[Output, ...]:
        if not self.enabled:
            return ()
        return (Output(f"{key}_bucket", self.embedding_dim, "int64", rows=self.buckets + 1),)

    def code(self, key: str, source: str) -> Code:
        """Args: source: expression of a float64 tensor, shape [batch], NaN where missing."""
        return Code(
            target=output_target(f"{key}_bucket"),
            function="_bucketize",
            arguments=(source, f"buckets={self.buckets}"),
            helpers=(_HELPER,),
        )
