"""A column of numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar, Literal

from shared.columns import Column, ColumnType, RawType
from shared.features.transformed import TransformedFeature, Transforms, with_all
from shared.transforms import Transform
from shared.transforms.base import Code, Read
from shared.transforms.bucketize import Bucketize
from shared.transforms.log import Log
from shared.transforms.normalize import Normalize
from shared.transforms.vocabulary import embedding_dim

if TYPE_CHECKING:  # for what generated modules have of this file
    import tensorflow as tf

_SKEWED = 2.0


@with_all("numeric")
class NumericTransforms(Transforms):
    normalize: Normalize = Normalize(enabled=True)
    bucketize: Bucketize = Bucketize()
    log_transform: bool = False

    def steps(self) -> list[Transform]:
        return [Log(enabled=self.log_transform), *super().steps()]


class Numeric(TransformedFeature):
    """A column of numbers."""

    label: ClassVar[str] = "Number"
    help: ClassVar[str] = "Numbers: scaled, in buckets with embeddings, or both."
    position: ClassVar[int] = 2
    column_types: ClassVar[tuple[ColumnType, ...]] = (ColumnType.INTEGER, ColumnType.FLOAT)
    suits: ClassVar[tuple[ColumnType, ...]] = (ColumnType.INTEGER, ColumnType.FLOAT)
    raw: ClassVar[RawType] = RawType.NUMBER

    type: Literal["numeric"] = "numeric"
    transforms: NumericTransforms = NumericTransforms()

    def number(self, read: Read) -> Code:
        return Code(read.number, as_number, (read.raw,))

    @classmethod
    def suggested(cls, column: Column) -> Numeric:
        buckets = max(2, min(100, column.likely.unique_count))
        bucketize = Bucketize(enabled=True, buckets=buckets, embedding_dim=embedding_dim(buckets))
        skewed = (column.likely.skewness or 0.0) > _SKEWED
        transforms = NumericTransforms(bucketize=bucketize, log_transform=skewed)
        return cls(column=column.name, transforms=transforms)


def as_number(values: tf.Tensor) -> tf.Tensor:
    """float64, so that large numbers keep their digits; infinite becomes missing."""
    values = tf.cast(values, tf.float64)
    return tf.where(tf.math.is_finite(values), values, tf.constant(math.nan, tf.float64))
