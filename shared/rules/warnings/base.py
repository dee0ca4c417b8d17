"""What each warning of a test's results knows of itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from shared.baselines import baseline as baseline_of
from shared.baselines.base import Remedy
from shared.jobs import EpochProgress, MetricsReport, VocabularyReport
from shared.kinds import Described
from shared.metrics import metric as metric_of
from shared.problems import Problem
from shared.rules.differences import against_baseline
from shared.rules.fixes import Fix, Tried
from shared.rules.lists import ServedList
from shared.segment_reports import SegmentReport
from shared.wording import percent


@dataclass(frozen=True)
class Finished:
    """What a job that succeeded left.

    Attributes:
        keeps_best: the model is that of the best epoch.
        segments: None in tests of before there were any.
        profiled: fingerprint of the source when the dataset was profiled; None: not known.
    """

    results: MetricsReport
    vocabulary: Sequence[VocabularyReport] = ()
    epochs: Sequence[EpochProgress] = ()
    keeps_best: bool = False
    profiled: str | None = None
    segments: SegmentReport | None = None


@dataclass(frozen=True)
class Code:
    """A warning's code in documents, its name, when it is given, and where to mend its cause."""

    name: str
    label: str
    help: str
    remedy: Remedy


class ResultWarning(Described, ABC):
    """One file of this package: when results warn, with their numbers, what they mean, and the
    setting that would help. Its threshold stands beside it, and in docs/comparing.md.

    Attributes:
        name: its code.
        help: when it is given.
        position: what is told first.
    """

    name: ClassVar[str]
    remedy: ClassVar[Remedy] = "settings"

    @abstractmethod
    def check(self, finished: Finished) -> Iterator[Problem]:
        """A problem for each thing to warn of."""

    def codes(self) -> Iterator[Code]:
        """All codes that `check` gives."""
        yield Code(self.name, self.label, self.help, self.remedy)

    def fixes(self, problem: Problem, tried: Tried) -> Iterator[Fix]:
        """Changes that would help with one of its problems, the best first; none where it takes
        more than a setting."""
        yield from ()

    def problem(self, path: str, message: str, received: object, code: str = "") -> Problem:
        return Problem(
            path=path,
            code=code or self.name,
            message=message,
            received=received,
            level="warning",
        )


def reported(
    problem: Problem, vocabulary: Sequence[VocabularyReport]
) -> Iterator[VocabularyReport]:
    """The vocabulary that a problem is about; none where its path is of no such."""
    for number, report in enumerate(vocabulary):
        if problem.path == f"status.vocabulary[{number}]":
            yield report


@dataclass(frozen=True)
class WorseList:
    """A list that is worse than its own baseline; `said`: so, as a sentence without its end."""

    path: str
    said: str
    value: float


def worse_list(served: ServedList, results: MetricsReport) -> WorseList | None:
    """None where it was not measured, or is not clearly worse."""
    name = served.metric(results)
    rival = served.rival(results, name) if name else None
    if name is None or rival is None or against_baseline(name, rival, results) != "worse":
        return None
    metric, value = metric_of(name), results.metrics[name]
    plain = metric.said(results.baselines[rival][name])
    said = (
        f"{metric.label} is {metric.said(value)}, worse than {baseline_of(rival).in_full} ({plain})"
    )
    return WorseList(f"status.results.metrics.{name}", said, value)


def rounded_percent(share: float) -> str:
    """`42%`, and below a tenth `4.2%`."""
    return percent(share, 0 if share >= 0.1 or share == 0 else 1)
