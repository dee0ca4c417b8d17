"""Columns of a dataset: their types and what was found in them."""

from __future__ import annotations

from enum import StrEnum

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


class ValueCount(StatusModel):
    value: str
    count: int


class ColumnStatistics(StatusModel):
    """What was found in one column. Moments are over non-null, finite values.

    Numbers for INTEGER and FLOAT (TIMESTAMP: `min` and `max` as seconds since 1970, UTC);
    `skewness` is Fisher–Pearson's adjusted coefficient.

    Attributes:
        histogram: values in equally wide bins from `min` to `max`; of INTEGER, FLOAT and TIMESTAMP.
        top_values: frequent values of STRING and BOOLEAN, the most frequent first.
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
    histogram: list[int] = []
    top_values: list[ValueCount] = []


class Column(StatusModel):
    name: str
    type: ColumnType
    statistics: ColumnStatistics | None = None
