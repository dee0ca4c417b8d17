"""Columns of a dataset: their types and what was found in them."""

from __future__ import annotations

from enum import StrEnum

from shared.columns.text_form import WORDS, TextForm
from shared.models import StatusModel


class ColumnType(StrEnum):
    STRING = "STRING"
    INTEGER = "INTEGER"
    FLOAT = "FLOAT"
    TIMESTAMP = "TIMESTAMP"
    BOOLEAN = "BOOLEAN"

    @property
    def is_numeric(self) -> bool:
        return self in (ColumnType.INTEGER, ColumnType.FLOAT)


class RawType(StrEnum):
    """Types of raw features. A missing value is "", NaN or MISSING_TIMESTAMP."""

    TEXT = "text"  # tf.string
    NUMBER = "number"  # tf.float32
    TIMESTAMP = "timestamp"  # tf.int64, seconds since 1970-01-01T00:00:00Z


class ValueCount(StatusModel):
    value: str
    count: int


class ColumnStatistics(StatusModel):
    """What was found in one column. Moments are over non-null, finite values.

    Numbers for INTEGER and FLOAT (TIMESTAMP: `min` and `max` as seconds since 1970, UTC);
    `skewness` is Fisher–Pearson's adjusted coefficient.

    Attributes:
        histogram: values in equally wide bins from `min` to `max`; of INTEGER, FLOAT and TIMESTAMP.
        numbers: how many numbers each of the frequent values of STRING holds, where it is a vector,
            such as "[0.1, -2.5]"; 0 where they are none, or of several lengths; None: not known.
        top_values: frequent values of STRING and BOOLEAN, the most frequent first.
        missing: texts that were taken as missing, such as "NULL", the most frequent first; they are
            counted in `null_count`.
    """

    unique_count: int
    null_count: int
    min: float | None = None
    max: float | None = None
    mean: float | None = None
    median: float | None = None
    std: float | None = None
    skewness: float | None = None
    samples: list[str] = []
    numbers: int | None = None
    histogram: list[int] = []
    top_values: list[ValueCount] = []
    missing: list[ValueCount] = []


class Column(StatusModel):
    name: str
    type: ColumnType
    statistics: ColumnStatistics | None = None

    @property
    def likely(self) -> ColumnStatistics:
        """Its statistics; before it is profiled, those of a usual column."""
        return self.statistics or ColumnStatistics(unique_count=10_000, null_count=0)

    @property
    def text_form(self) -> TextForm:
        """How its values are written where they are used as text."""
        if self.type is ColumnType.INTEGER:
            return TextForm.INTEGER
        if self.type is ColumnType.BOOLEAN:
            return TextForm.BOOLEAN
        missing = self.statistics.missing if self.statistics else []
        code = any(found.value in WORDS for found in missing)
        return TextForm.CODE if code else TextForm.WRITTEN
