"""Vocabulary truncated."""

from __future__ import annotations

from collections.abc import Iterator

from shared.problems import Problem
from shared.rules.fixes import Fix, Tried, larger_vocabulary
from shared.rules.warnings.base import Finished, ResultWarning, reported


class VocabularyTruncated(ResultWarning):
    name = "vocabulary_truncated"
    label = "Vocabulary truncated"
    help = "A vocabulary was cut off at its maximum size."
    remedy = "features"
    position = 150

    def check(self, finished: Finished) -> Iterator[Problem]:
        for number, report in enumerate(finished.vocabulary):
            if report.truncated:
                yield self.problem(
                    f"status.vocabulary[{number}]",
                    f"The {report.tower} tower's vocabulary of {report.column!r} was cut off at "
                    f"{report.vocabulary_size:,} values, the most frequent ones. Raise max_size to "
                    "keep more.",
                    report.vocabulary_size,
                )

    def fixes(self, problem: Problem, tried: Tried) -> Iterator[Fix]:
        for report in reported(problem, tried.test.status.vocabulary):
            yield from larger_vocabulary(tried, report.tower, report.column)
