"""Results as data frames. Neither pandas nor polars is needed for anything else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from recsmith_client import models
from recsmith_client.rows import Row, baseline_rows, rows_of

Library = Literal["pandas", "polars"]


def frame(thing: Any, library: Library = "pandas") -> Any:
    """A quick test, a comparison, a heatmap, a table of segments or recommendations as a data
    frame; several of a kind beneath each other. `low` and `high` are the bounds of 95% intervals,
    `difference_low` and `difference_high` those of differences; unknown ones are missing.

    Raises:
        TypeError: it is no table.
        ImportError: the library is not installed.
    """
    return _framed(list(rows_of(thing)), library)


def baselines_frame(
    tests: models.QuickTest | Iterable[models.QuickTest], library: Library = "pandas"
) -> Any:
    """What baselines reach on the same rows: one row for each test, baseline and metric, with the
    interval of the test's difference from it."""
    given = [tests] if isinstance(tests, models.QuickTest) else tests
    return _framed([row for test in given for row in baseline_rows(test)], library)


def _framed(rows: list[Row], library: Library) -> Any:
    """Numbers stay numbers where the first rows have none."""
    if library == "polars":
        import polars

        return polars.DataFrame(rows, infer_schema_length=None)
    if library == "pandas":
        import pandas

        return pandas.DataFrame(rows)
    raise ValueError(f"library is 'pandas' or 'polars'. Received: {library!r}.")
