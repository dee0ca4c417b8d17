"""Cross: the combination of two or three features as one, hashed and embedded."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from shared.models import SpecModel
from shared.transforms.base import Code, Output, output_target

_HELPER = '''
def _cross(*parts: tf.Tensor, buckets: int) -> tf.Tensor:
    """Hash bucket of the combination of several values."""
    texts = [part if part.dtype == tf.string else tf.strings.as_string(part) for part in parts]
    joined = tf.strings.join(texts, separator="\\x1f")
    return tf.strings.to_hash_bucket_strong(joined, buckets, key=[17, 42])
'''


class Cross(SpecModel):
    """`features` names string columns of the same tower, or `<column>_bucket` for a number or
    timestamp of the same tower that is bucketised."""

    features: list[Annotated[str, Field(min_length=1, max_length=310)]] = Field(
        min_length=2, max_length=3
    )
    hash_bucket_size: int = Field(ge=100, le=100_000)
    embedding_dim: int = Field(default=16, ge=4, le=64)

    def outputs(self, key: str) -> tuple[Output, ...]:
        return (Output(key, self.embedding_dim, "int64", rows=self.hash_bucket_size),)

    def code(self, key: str, parts: list[str]) -> Code:
        """Args: parts: expressions of string or int64 tensors, shape [batch]."""
        return Code(
            target=output_target(key),
            function="_cross",
            arguments=(*parts, f"buckets={self.hash_bucket_size}"),
            helpers=(_HELPER,),
        )
