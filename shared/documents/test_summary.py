"""A quick test in short: what lists of many show of it."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from shared.documents.base import Status
from shared.documents.marks import MarkedDocument
from shared.documents.quick_test import (
    Judged,
    PinnedRevisions,
    QuickTestSpec,
    TestError,
    TestState,
)
from shared.jobs import EpochProgress, Interval, Stage
from shared.models import Moment, StatusModel, is_finite


class ResultsSummary(StatusModel):
    """What was measured, without baselines.

    Attributes:
        intervals: of the metrics that tests are ranked by.
    """

    metrics: dict[str, float]
    intervals: dict[str, Interval] = {}


class ComparisonSummary(StatusModel):
    """A completed test against the best comparable one before it."""

    quick_test_id: str
    verdict: Literal["better", "worse", "no_clear_difference"]


class QuickTestSummaryStatus(Status):
    """Part of a quick test's status, under the same names."""

    state: TestState = TestState.PENDING
    stage: Stage | None = None
    progress: int = 0
    epochs: list[EpochProgress] = []
    pinned: PinnedRevisions | None = None
    results: ResultsSummary | None = None
    error: TestError | None = None
    started_at: Moment | None = None
    ended_at: Moment | None = None
    duration_seconds: float | None = None
    cost_usd: float | None = None
    comparison: ComparisonSummary | None = None
    verdict: Judged | None = None

    @model_validator(mode="after")
    def _of_numbers(self) -> Self:
        if not is_finite([self.epochs, self.results]):
            raise ValueError("Numbers of results are finite.")
        return self


class QuickTestSummary(MarkedDocument[QuickTestSpec, QuickTestSummaryStatus]):
    """A quick test in short: what lists show. What it has is as in the whole test."""

    status: QuickTestSummaryStatus = QuickTestSummaryStatus()
