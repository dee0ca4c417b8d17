"""What sweeps and tunings have in common: they make quick tests one after another, and end."""

from __future__ import annotations

from enum import StrEnum

from shared.documents.base import Status
from shared.documents.estimate import Estimate
from shared.documents.quick_test import TimelineEntry
from shared.models import Moment
from shared.problems import Problem


class SweepState(StrEnum):
    """`pending → running → completed | failed | cancelled`, never back.

    A sweep or a tuning has failed where none of its tests has completed.
    """

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        return self in (SweepState.COMPLETED, SweepState.FAILED, SweepState.CANCELLED)


class SeriesStatus(Status):
    """The system's part of a document that makes quick tests.

    Attributes:
        progress: 0 to 100, the mean of the tests'; one that has ended counts as 100.
        budget_spent: tests were left out for it.
        estimate: the sum of the tests'.
        cost_usd: of the tests so far; None on a laptop.
    """

    state: SweepState = SweepState.PENDING
    progress: int = 0
    cancel_requested: bool = False
    budget_spent: bool = False
    estimate: Estimate | None = None
    warnings: list[Problem] = []
    error: str | None = None
    timeline: list[TimelineEntry] = []
    started_at: Moment | None = None
    ended_at: Moment | None = None
    duration_seconds: float | None = None
    cost_usd: float | None = None
