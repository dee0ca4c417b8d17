"""Rows dropped."""

from __future__ import annotations

from collections.abc import Iterator

from shared.columns.source_rows import rows_words
from shared.problems import Problem
from shared.rules.source_rows import many_dropped
from shared.rules.warnings.base import Finished, ResultWarning


class RowsDropped(ResultWarning):
    name = "rows_dropped"
    label = "Rows dropped"
    help = "Rows lack a customer, a product or a rating, and cannot be used."
    remedy = "data"
    position = 100

    def check(self, finished: Finished) -> Iterator[Problem]:
        rows = finished.results.rows
        if rows is None:
            return
        if many_dropped(rows):
            yield self.problem(
                "status.results.rows",
                f"{rows_words(rows).capitalize()}. The test says nothing of them, and no "
                "setting of it brings them back. Fill in what they lack in the source, or map "
                "other columns.",
                rows.dropped,
            )
