"""Which rows of a dataset cannot be used, or not as their owner may think."""

from __future__ import annotations

from collections.abc import Iterator

from shared.columns.source_rows import SourceRows, rows_words, times_words
from shared.documents.dataset import CUSTOMER_ID, PRODUCT_ID, TRANSACTION_DATE, DatasetSpec
from shared.problems import Problem, path_of

# Of all rows, and of those that are used. docs/comparing.md gives it.
FEW = 0.03
_MAPPING = "spec.column_mapping"


def check_rows(spec: DatasetSpec, rows: SourceRows | None) -> Iterator[Problem]:
    """Warnings about a dataset, by what its profile has counted."""
    if rows is None:
        return
    if many_dropped(rows):
        worst = CUSTOMER_ID if rows.without_customer >= rows.without_product else PRODUCT_ID
        yield Problem(
            path=_path(spec, worst),
            code="rows_dropped",
            message=f"{rows_words(rows).capitalize()}. They are in no training and in no test. "
            "Fill in what they lack, or map other columns.",
            received=rows.dropped,
            level="warning",
        )
    if doubtful_times(rows):
        yield Problem(
            path=_path(spec, TRANSACTION_DATE),
            code="unknown_times",
            message=f"Of the {rows.used:,} rows that are used, {times_words(rows)}. A temporal "
            "split trains on them, and never holds them out.",
            received=rows.without_time,
            level="warning",
        )


def many_dropped(rows: SourceRows) -> bool:
    return rows.dropped > FEW * rows.read


def doubtful_times(rows: SourceRows) -> bool:
    """Whether times are wrong, however few; or missing, in more than a few rows."""
    wrong = rows.unreadable_time + rows.implausible_time
    return bool(wrong) or (rows.without_time or 0) > FEW * rows.used


def _path(spec: DatasetSpec, role: str) -> str:
    column = spec.column_of(role)
    return _MAPPING if column is None else path_of(_MAPPING, [column])
