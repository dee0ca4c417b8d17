"""A column of dates, by how long before the purchase they were."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

from shared.columns import Column, ColumnType, RawType
from shared.features.base import FeatureModel
from shared.features.transformed import TransformedFeature, Transforms, with_all
from shared.problems import Problem
from shared.transforms.base import Code, Read
from shared.transforms.bucketize import Bucketize
from shared.transforms.normalize import Normalize

if TYPE_CHECKING:  # for what generated modules have of this file
    import tensorflow as tf
    import tensorflow_transform as tft


@with_all("days_since")
class DaysSinceTransforms(Transforms):
    normalize: Normalize = Normalize(enabled=True)
    bucketize: Bucketize = Bucketize()


class DaysSince(TransformedFeature):
    """A column of dates of the customer, such as when they signed up: the days from then to the
    purchase, below 0 where it was later. Recommendations are asked for as of a moment; where none
    is given, it is the last one of the training rows."""

    label: ClassVar[str] = "Days since"
    help: ClassVar[str] = "Dates of the customer: how many days before the purchase they were."
    position: ClassVar[int] = 4
    column_types: ClassVar[tuple[ColumnType, ...]] = (ColumnType.TIMESTAMP,)
    raw: ClassVar[RawType] = RawType.TIMESTAMP
    of_moment: ClassVar[bool] = True

    type: Literal["days_since"] = "days_since"
    transforms: DaysSinceTransforms = DaysSinceTransforms()

    def number(self, read: Read) -> Code:
        return Code(read.number, days_until, (read.raw, read.moment))

    @classmethod
    def suggested(cls, column: Column) -> DaysSince:
        """In buckets too: whether it was this week or this month is seldom a straight line."""
        return cls(column=column.name, transforms=DaysSinceTransforms(bucketize=_BUCKETS))

    def check_among(
        self, path: str, tower: str, features: Mapping[str, Sequence[FeatureModel]], timed: bool
    ) -> Iterator[Problem]:
        if tower == "product":
            yield Problem(
                path=f"{path}.type",
                code="days_since_of_product",
                message="Products are indexed once, and not as of each purchase. Use timestamp, "
                "or put the column into the buyer tower where it is a date of the customer.",
                received=self.type,
            )
        if not timed:
            yield Problem(
                path=f"{path}.type",
                code="days_since_without_time",
                message="Days are counted up to the purchase. Give a column of the dataset the "
                "role transaction_date, or use timestamp.",
                received=self.type,
            )


_BUCKETS = Bucketize(enabled=True, buckets=20, embedding_dim=8)


def days_until(seconds: tf.Tensor, moments: tf.Tensor) -> tf.Tensor:
    """Days from each date to the moment of its row as float64, NaN where the date is missing. A row
    without a moment has the last one of the training rows."""
    missing = tf.int64.min
    moments = tf.where(moments == missing, tft.max(moments), moments)
    days = (tf.cast(moments, tf.float64) - tf.cast(seconds, tf.float64)) / 86_400
    known = (seconds != missing) & (moments != missing)
    return tf.where(known, days, tf.constant(math.nan, tf.float64))
