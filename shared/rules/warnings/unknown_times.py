"""Unknown times."""

from __future__ import annotations

from collections.abc import Iterator

from shared.columns.source_rows import times_words
from shared.problems import Problem
from shared.rules.source_rows import doubtful_times
from shared.rules.warnings.base import Finished, ResultWarning


class UnknownTimes(ResultWarning):
    name = "unknown_times"
    label = "Unknown times"
    help = "Rows of a temporal split have no time, or one that cannot be right."
    remedy = "data"
    position = 110

    def check(self, finished: Finished) -> Iterator[Problem]:
        rows, protocol = finished.results.rows, finished.results.protocol
        if rows is None:
            return
        if protocol.split == "temporal" and doubtful_times(rows):
            yield self.problem(
                "status.results.rows.without_time",
                f"Of the {rows.used:,} rows that are used, {times_words(rows)}. The split trains "
                "on them, and holds none of them out: some may be later than what is measured. "
                "No setting of the test mends that: give them a time in the source, or leave them "
                "out by the dataset's rows that count.",
                rows.without_time,
            )
