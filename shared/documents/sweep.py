"""A sweep: a grid of quick tests that are made, run and compared together."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from shared.documents.marks import MarkedDocument
from shared.documents.quick_test import Judged, LeaveOut, Settings, Split, TestState
from shared.documents.series import SeriesStatus, SweepState
from shared.documents.settings import (
    BatchSize,
    Epochs,
    JudgedPercent,
    LearningRate,
    PatienceOverride,
    SampleBy,
    SamplePercent,
    Seed,
    TrainedPercent,
    TrainingSeed,
)
from shared.models import SpecModel, StatusModel

__all__ = [
    "MAX_TESTS",
    "Id",
    "Overrides",
    "Sweep",
    "SweepSpec",
    "SweepState",
    "SweepStatus",
    "SweepTest",
]

# More tests than this are not a sweep but a search, which wants a better method than a grid.
MAX_TESTS = 50

Id = Annotated[str, Field(min_length=1, max_length=200)]


class Overrides(SpecModel):
    """One column of the grid: what its tests set. None leaves the sweep's or the config's value."""

    trained_percent: TrainedPercent | None = None
    epochs: Epochs | None = None
    batch_size_override: BatchSize | None = None
    learning_rate_override: LearningRate | None = None
    training_seed: TrainingSeed | None = None
    early_stopping_patience: PatienceOverride | None = None
    leave_out: LeaveOut = []
    settings: Settings = {}


class SweepSpec(SpecModel):
    """The user's part: every feature config × every model config × every set of overrides.

    Attributes:
        ablation: instead of `overrides`, one test with all columns and one without each of them.
        learning_curve: the overrides are points of one config's learning curves: shares of the
            customers with the sweep's epochs, and numbers of epochs with all customers.
        judged_percent: of the sample's customers, those whose held-out rows all tests are judged
            by.
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
    learning_curve: bool = False
    rating_column: str | None = Field(default=None, min_length=1, max_length=300)
    data_sample_percent: SamplePercent = 10.0
    sample_by: SampleBy = "customer"
    judged_percent: JudgedPercent = 100.0
    split: Split = Split()
    seed: Seed = 42
    epochs: Epochs = 2
    max_tests: int = Field(default=20, ge=1, le=MAX_TESTS, title="Maximum number of tests")
    in_flight: int = Field(default=2, ge=1, le=10, title="Parallel tests")
    budget_minutes: float | None = Field(
        default=None, gt=0, le=100_000, title="Time budget in minutes"
    )
    budget_usd: float | None = Field(default=None, gt=0, le=100_000, title="Budget in US dollars")
    runner: Literal["direct", "tfx"] = "direct"


class SweepTest(StatusModel):
    """One test of the grid.

    Attributes:
        label: what sets it apart within the sweep.
        judged: compared with simple baselines, once it has completed.
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
    judged: Judged | None = None


class SweepStatus(SeriesStatus):
    """The system's part.

    Attributes:
        tests: the grid, fixed when the sweep is validated.
    """

    tests: list[SweepTest] = []


class Sweep(MarkedDocument[SweepSpec, SweepStatus]):
    status: SweepStatus = SweepStatus()
