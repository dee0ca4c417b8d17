"""High out-of-vocabulary rate."""

from __future__ import annotations

from collections.abc import Iterator

from shared.problems import Problem
from shared.rules.fixes import Fix, Tried, larger_vocabulary, rarer_values, sample_more
from shared.rules.vocabulary import HIGH_OOV_RATE
from shared.rules.warnings.base import Finished, ResultWarning, reported, rounded_percent

# Which rate of a vocabulary says why values are not in it; what it means; the setting that helps.
_CAUSES: tuple[tuple[str, str, str], ...] = (
    ("rare_rate", "have too few training rows", "Lower min_frequency."),
    ("cut_rate", "did not fit into it", "Raise max_size."),
    (
        "unseen_rate",
        "are in no training row",
        "Sample more (data_sample_percent), or add attributes that new values share.",
    ),
    ("missing_rate", "have no value", "Fill the column in, or leave it out."),
)
_UNKNOWN_CAUSE = "Lower min_frequency, raise max_size, or sample more."


class HighOovRate(ResultWarning):
    name = "high_oov_rate"
    label = "High out-of-vocabulary rate"
    help = "More than a fifth of the held-out rows have a value that is not in the vocabulary."
    remedy = "features"
    position = 140

    def check(self, finished: Finished) -> Iterator[Problem]:
        for number, report in enumerate(finished.vocabulary):
            if report.oov_rate <= HIGH_OOV_RATE:
                continue
            causes = [
                (rate, why, helps)
                for name, why, helps in _CAUSES
                if (rate := getattr(report, name)) > 0
            ]
            causes.sort(key=lambda cause: -cause[0])
            parts = ", ".join(f"{rounded_percent(rate)} {why}" for rate, why, _ in causes)
            because = f": {parts}" if parts else ""
            helps = causes[0][2] if causes else _UNKNOWN_CAUSE
            yield self.problem(
                f"status.vocabulary[{number}]",
                f"In {rounded_percent(report.oov_rate)} of the held-out rows the value of "
                f"{report.column!r} is not in the {report.tower} tower's vocabulary{because}. The "
                f"model treats all of them alike. {helps}",
                report.oov_rate,
            )

    def fixes(self, problem: Problem, tried: Tried) -> Iterator[Fix]:
        for report in reported(problem, tried.test.status.vocabulary):
            tower, column = report.tower, report.column
            cause, _, _ = max(_CAUSES, key=lambda cause: getattr(report, cause[0]))
            match cause:
                case "rare_rate":
                    yield from rarer_values(tried, tower, column)
                case "cut_rate":
                    yield from larger_vocabulary(tried, tower, column)
                case "unseen_rate":
                    yield from sample_more(tried)
