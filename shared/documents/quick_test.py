"""A quick test: a feature config and a model config, trained on a sample and measured."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from shared.documents.base import CodeArtifact, Document, Status
from shared.jobs import (
    EpochProgress,
    Interval,
    MetricsReport,
    Purpose,
    Stage,
    Task,
    VocabularyReport,
)
from shared.models import SpecModel, StatusModel
from shared.problems import Problem


class Split(SpecModel):
    """Which rows are held out for evaluation.

    `auto` is temporal where the dataset maps a `transaction_date`, else random by hash.
    """

    strategy: Literal["auto", "temporal", "random"] = "auto"
    holdout_percent: float = Field(default=10.0, ge=1, le=50)


class LeftOut(SpecModel):
    """A column that one tower does without, and with it every cross that uses it there."""

    tower: Literal["buyer", "product"]
    column: str = Field(min_length=1, max_length=300)


class QuickTestSpec(SpecModel):
    """The user's part. Overrides of None leave the model config's value.

    Attributes:
        feature_config_revision, model_config_revision: revisions to use; None takes the present
            ones. A sweep's tests all use the revisions that the sweep was validated with.
        rating_column: what ranking and multitask models predict; retrieval ignores it.
        seed: of the sample and the split: tests of unlike seeds are not comparable.
        training_seed: of initial weights, shuffling and dropout; None takes `seed`.
        leave_out: columns of the feature config that this test goes without.
        purpose: a full training keeps its model, and promotes the feature config.
        early_stopping_patience: end after so many epochs without a lower validation loss, and
            keep the best epoch's weights; None trains all epochs.
        source_test_id: the completed quick test whose configs a full training trains.
        sweep_id: the sweep that made this test.
    """

    feature_config_id: str = Field(min_length=1, max_length=200)
    model_config_id: str = Field(min_length=1, max_length=200)
    feature_config_revision: int | None = Field(default=None, ge=1)
    model_config_revision: int | None = Field(default=None, ge=1)
    rating_column: str | None = Field(default=None, min_length=1, max_length=300)
    data_sample_percent: float = Field(default=10.0, gt=0, le=100)
    sample_by: Literal["customer", "row"] = "customer"
    split: Split = Split()
    seed: int = Field(default=42, ge=0, le=2**31 - 1)
    training_seed: int | None = Field(default=None, ge=0, le=2**31 - 1)
    epochs: int = Field(default=2, ge=1, le=100)
    batch_size_override: int | None = Field(default=None, ge=2, le=65536)
    learning_rate_override: float | None = Field(default=None, gt=0, le=10)
    leave_out: list[LeftOut] = Field(default=[], max_length=100)
    purpose: Purpose = "quick_test"
    early_stopping_patience: int | None = Field(default=None, ge=1, le=50)
    source_test_id: str | None = Field(default=None, min_length=1, max_length=200)
    sweep_id: str | None = Field(default=None, min_length=1, max_length=200)
    runner: Literal["direct", "tfx"] = "direct"


class TestState(StrEnum):
    """`pending → running → completed | failed | cancelled`, never back."""

    __test__ = False  # no pytest class

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        return self in (TestState.COMPLETED, TestState.FAILED, TestState.CANCELLED)


class TimelineEntry(StatusModel):
    """What happened, in the order in which the system learned of it."""

    at: datetime
    what: str


class TestError(StatusModel):
    """Why a test failed. `stage` is None where it failed before its first stage."""

    __test__ = False

    stage: Stage | None = None
    message: str


class PipelineJob(StatusModel):
    job_id: str
    attempt: int = 1


class GeneratedCode(StatusModel):
    preprocessing: CodeArtifact
    trainer: CodeArtifact


class Pinned(StatusModel):
    """The revisions that the test uses, fixed when it is validated."""

    feature_config_revision: int
    model_config_revision: int
    dataset_id: str
    dataset_fingerprint: str
    dataset_revision: int | None = None


class Range(StatusModel):
    """A likely value, with bounds between which it should lie four times in five."""

    low: float
    likely: float
    high: float


class RunSize(StatusModel):
    """What the duration of a run depends on, as far as it is known before.

    Attributes:
        dataset_rows: what the examples stage reads.
        rows: of the sample, held-out ones included.
        holdout_rows: of those, the ones to evaluate on.
        products: candidates that each held-out row is ranked against.
        features: parts of the two towers' inputs, crosses included.
        layer_parameters: of both towers and the rating head.
        embedding_parameters: of all embedding tables.
    """

    dataset_rows: int
    rows: int
    holdout_rows: int
    products: int
    features: int
    layer_parameters: int
    embedding_parameters: int
    batch_size: int
    epochs: int


class Estimate(StatusModel):
    """What a test was expected to take, before it was launched.

    Attributes:
        seconds: from the start of the job's process to its end.
        cost_usd: by the price table; None on a laptop, which costs nothing.
        basis: what it rests on, for people: "12 earlier runs on this system".
        size: what it was made for; None for a sweep, whose estimate is the sum of its tests'.
        bytes_read: of BigQuery, in the costs; None where reading costs nothing.
    """

    seconds: Range
    cost_usd: Range | None = None
    basis: str
    size: RunSize | None = None
    bytes_read: int | None = None


class BestComparison(StatusModel):
    """A completed test against the best comparable one before it on the same feature config's
    dataset.

    Attributes:
        metric: what they are ranked by.
        difference: this test's minus the other's, paired by customer.
        verdict: `better` or `worse` only where the interval excludes zero.
        reason: why there is no interval; None where there is one.
    """

    quick_test_id: str
    name: str
    metric: str
    value: float
    previous: float
    difference: Interval | None
    verdict: Literal["better", "worse", "no_clear_difference"]
    reason: str | None = None


class Tracking(StatusModel):
    """The test's run in MLflow. `error`: why it is not there yet; it is tried again."""

    run_id: str | None = None
    url: str | None = None
    error: str | None = None


class QuickTestStatus(Status):
    """The system's part.

    Attributes:
        progress: 0 to 100, never falls.
        duration_seconds: from `started_at` to `ended_at`, waiting for a free machine left out.
        cost_usd: by the stages' real times and the price table; None on a laptop.
        estimate_error: actual over estimated seconds, minus 1: 0.2 took a fifth longer. None where
            stages were reused, which no estimate foresees.
        artifacts_uri: the folder of everything that the job left, with `model/` in it.
        heard_at: when anything of this status last changed.
        asked_at: since when it is noted that there is no news; None where there is.
    """

    state: TestState = TestState.PENDING
    stage: Stage | None = None
    progress: int = 0
    stages: list[Task] = []
    epochs: list[EpochProgress] = []
    pinned: Pinned | None = None
    code: GeneratedCode | None = None
    job: PipelineJob | None = None
    results: MetricsReport | None = None
    vocabulary: list[VocabularyReport] = []
    warnings: list[Problem] = []
    error: TestError | None = None
    timeline: list[TimelineEntry] = []
    artifacts_uri: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    duration_seconds: float | None = None
    estimate: Estimate | None = None
    estimate_error: float | None = None
    cost_usd: float | None = None
    comparison: BestComparison | None = None
    tracking: Tracking = Tracking()
    heard_at: datetime | None = None
    asked_at: datetime | None = None


class QuickTest(Document[QuickTestSpec, QuickTestStatus]):
    status: QuickTestStatus = QuickTestStatus()
