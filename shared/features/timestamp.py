"""A column of moments."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar, Literal

from shared.columns import Column, ColumnStatistics, ColumnType, RawType
from shared.features.transformed import TransformedFeature, Transforms, with_all
from shared.transforms.base import Code, Read
from shared.transforms.bucketize import Bucketize
from shared.transforms.cyclical import Cyclical
from shared.transforms.normalize import Normalize

if TYPE_CHECKING:  # for what generated modules have of this file
    import tensorflow as tf

_ENOUGH_ROUNDS = 8


@with_all("timestamp")
class TimestampTransforms(Transforms):
    normalize: Normalize = Normalize(enabled=True)
    bucketize: Bucketize = Bucketize()
    cyclical: Cyclical = Cyclical()


class Timestamp(TransformedFeature):
    """A column of moments, in seconds since 1970, UTC."""

    label: ClassVar[str] = "Time"
    help: ClassVar[str] = "Moments: cycles of the year, week or day, scaled, or in buckets."
    position: ClassVar[int] = 3
    column_types: ClassVar[tuple[ColumnType, ...]] = (ColumnType.TIMESTAMP,)
    suits: ClassVar[tuple[ColumnType, ...]] = (ColumnType.TIMESTAMP,)
    raw: ClassVar[RawType] = RawType.TIMESTAMP
    advice: ClassVar[dict[str, str]] = {
        "normalize": "Purchases to come are later than all training rows, and lie at the very end "
        "of this scale. Cycles do not have this problem."
    }

    type: Literal["timestamp"] = "timestamp"
    transforms: TimestampTransforms = TimestampTransforms()

    def number(self, read: Read) -> Code:
        return Code(read.number, days_since_2000, (read.raw,))

    @classmethod
    def suggested(cls, column: Column) -> Timestamp:
        """Without the moment itself: held-out purchases are later than all that is trained on.

        Nor with months and quarters that the values have not gone through several times: where in
        such a cycle a purchase lies is where it lies in the data.
        """
        statistics = column.likely
        cycles = Cyclical(
            quarterly=_rounds(statistics, 91.3) >= _ENOUGH_ROUNDS,
            monthly=_rounds(statistics, 30.4) >= _ENOUGH_ROUNDS,
            weekly=True,
            daily=_times_of_day(statistics) > 1,
        )
        transforms = TimestampTransforms(normalize=Normalize(enabled=False), cyclical=cycles)
        return cls(column=column.name, transforms=transforms)

    def enrich(self, values: int | None) -> None:
        self.transforms.cyclical.annual = True


def _rounds(statistics: ColumnStatistics, days: float) -> float:
    """How many cycles of so many days the values go through."""
    if statistics.min is None or statistics.max is None:
        return math.inf
    return (statistics.max - statistics.min) / (days * 86_400)


def _times_of_day(statistics: ColumnStatistics) -> int:
    """How many times of day the samples show; 1 for dates, which are all at midnight."""
    moments = map(_seconds, statistics.samples)
    return len({moment % 86_400 for moment in moments if moment is not None})


def _seconds(sample: str) -> float | None:
    try:
        return float(sample)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(sample)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def days_since_2000(seconds: tf.Tensor) -> tf.Tensor:
    """Days since 2000-01-01 UTC as float64, NaN where missing."""
    days = tf.cast(seconds, tf.float64) / 86_400 - 10_957
    return tf.where(seconds == tf.int64.min, tf.constant(math.nan, tf.float64), days)
