"""A sweep: a grid of quick tests that are made, run and compared together."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from shared.documents.base import Document, Status
from shared.documents.quick_test import Estimate, LeftOut, Split, TestState, TimelineEntry
from shared.models import SpecModel, StatusModel
from shared.problems import Problem

# More tests than this are not a sweep but a search, which wants a better method than a grid.
MAX_TESTS = 50

Id = Annotated[str, Field(min_length=1, max_length=200)]


class Overrides(SpecModel):
    """One column of the grid: what its tests set. None leaves the sweep's or the config's value."""

    epochs: int | None = Field(default=None, ge=1, le=100)
    batch_size_override: int | None = Field(default=None, ge=2, le=65536)
    learning_rate_override: float | None = Field(default=None, gt=0, le=10)
    training_seed: int | None = Field(default=None, ge=0, le=2**31 - 1)
    leave_out: list[LeftOut] = Field(default=[], max_length=100)


class SweepSpec(SpecModel):
    """The user's part: every feature config × every model config × every set of overrides.

    Attributes:
        ablation: instead of `overrides`, one test with all columns and one without each of them.
        max_tests: refuse a grid with more tests than this.
        in_flight: tests that are under way at the same time. A laptop trains one after another.
        budget_minutes, budget_usd: no further test is started once the sweep's tests have worked
            so long, all together, or cost so much; what is left is cancelled. Tests that are under
            way then go on to their end. None: no such bound.
    """

    feature_config_ids: list[Id] = Field(min_length=1, max_length=20)
    model_config_ids: list[Id] = Field(min_length=1, max_length=20)
    overrides: list[Overrides] = Field(default=[Overrides()], min_length=1, max_length=MAX_TESTS)
    ablation: bool = False
    rating_column: str | None = Field(default=None, min_length=1, max_length=300)
    data_sample_percent: float = Field(default=10.0, gt=0, le=100)
    sample_by: Literal["customer", "row"] = "customer"
    split: Split = Split()
    seed: int = Field(default=42, ge=0, le=2**31 - 1)
    epochs: int = Field(default=2, ge=1, le=100)
    max_tests: int = Field(default=20, ge=1, le=MAX_TESTS)
    in_flight: int = Field(default=2, ge=1, le=10)
    budget_minutes: float | None = Field(default=None, gt=0, le=100_000)
    budget_usd: float | None = Field(default=None, gt=0, le=100_000)
    runner: Literal["direct", "tfx"] = "direct"


class SweepState(StrEnum):
    """`pending → running → completed | failed | cancelled`, never back.

    A sweep has failed where none of its tests has completed.
    """

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        return self in (SweepState.COMPLETED, SweepState.FAILED, SweepState.CANCELLED)


class SweepTest(StatusModel):
    """One test of the grid.

    Attributes:
        label: what sets it apart within the sweep.
        created: whether its quick test has been made; one that is gone since has been deleted.
    """

    quick_test_id: str
    label: str
    feature_config_id: str
    model_config_id: str
    feature_config_revision: int
    model_config_revision: int
    overrides: Overrides = Overrides()
    created: bool = False
    state: TestState = TestState.PENDING
    progress: int = 0
    metrics: dict[str, float] = {}


class SweepStatus(Status):
    """The system's part.

    Attributes:
        tests: the grid, fixed when the sweep is validated.
        progress: 0 to 100, the mean of the tests'; one that has ended counts as 100.
        budget_spent: tests were left out for it.
        estimate: the sum of the tests'.
        cost_usd: of the tests so far; None on a laptop.
    """

    state: SweepState = SweepState.PENDING
    tests: list[SweepTest] = []
    progress: int = 0
    cancel_requested: bool = False
    budget_spent: bool = False
    estimate: Estimate | None = None
    warnings: list[Problem] = []
    error: str | None = None
    timeline: list[TimelineEntry] = []
    started_at: datetime | None = None
    ended_at: datetime | None = None
    duration_seconds: float | None = None
    cost_usd: float | None = None


class Sweep(Document[SweepSpec, SweepStatus]):
    status: SweepStatus = SweepStatus()
