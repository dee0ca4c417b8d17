"""Which columns results may be split by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from shared.columns import Column
from shared.documents.dataset import Dataset
from shared.problems import Problem, shorten
from shared.segments import MOST_VALUES
from shared.wording import first_of

_MOST_NAMED = 8


def segment_columns(dataset: Dataset) -> list[Column]:
    """Those of few values, more than one; in the dataset's order."""
    return [
        column
        for column in dataset.status.columns
        if column.statistics is not None and 1 < column.statistics.unique_count <= MOST_VALUES
    ]


def check_segment_columns(columns: Sequence[str], dataset: Dataset) -> Iterator[Problem]:
    """Each marked column is one of the dataset's, named once, of few values."""

    def problem(code: str, message: str, level: Literal["error", "warning"] = "error") -> Problem:
        path = f"spec.segment_columns[{number}]"
        return Problem(path=path, code=code, message=message, received=name, level=level)

    for number, name in enumerate(columns):
        column = dataset.status.column(name)
        if name in columns[:number]:
            message = f"{shorten(name)!r} is named twice. Name it once."
            yield problem("segment_column_repeated", message)
        elif column is None:
            yield problem(
                "segment_column_unknown",
                f"Dataset {dataset.name!r} has no column {shorten(name)!r} to split results by. "
                f"{_choices(dataset)}",
            )
        elif column.statistics is None:
            continue
        elif (values := column.statistics.unique_count) > MOST_VALUES:
            yield problem(
                "segment_column_values",
                f"{name!r} has {values:,} values; results are split by a column of at most "
                f"{MOST_VALUES}. {_choices(dataset)}",
            )
        elif values == 0:
            yield problem(
                "segment_column_empty",
                f"{name!r} has no values to split results by. {_choices(dataset)}",
            )
        elif values == 1:
            yield problem(
                "segment_column_constant",
                f"{name!r} has only one value, so that results are not split by it.",
                "warning",
            )


def _choices(dataset: Dataset) -> str:
    names = [repr(column.name) for column in segment_columns(dataset)]
    if not names:
        return "None of its columns has so few; leave this out."
    return f"Columns of few values are {first_of(names, _MOST_NAMED)}."
