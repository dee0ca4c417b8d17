"""A quick test: a feature config and a model config, trained on a sample and measured."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from shared.documents.base import CodeArtifact, Document, Status
from shared.jobs import EpochProgress, MetricsReport, Stage, Task, VocabularyReport
from shared.models import SpecModel, StatusModel
from shared.problems import Problem


class Split(SpecModel):
    """Which rows are held out for evaluation.

    `auto` is temporal where the dataset maps a `transaction_date`, else random by hash.
    """

    strategy: Literal["auto", "temporal", "random"] = "auto"
    holdout_percent: float = Field(default=10.0, ge=1, le=50)


class QuickTestSpec(SpecModel):
    """The user's part. Overrides of None leave the model config's value.

    Attributes:
        rating_column: what ranking and multitask models predict; retrieval ignores it.
    """

    feature_config_id: str = Field(min_length=1, max_length=200)
    model_config_id: str = Field(min_length=1, max_length=200)
    rating_column: str | None = Field(default=None, min_length=1, max_length=300)
    data_sample_percent: float = Field(default=10.0, gt=0, le=100)
    sample_by: Literal["customer", "row"] = "customer"
    split: Split = Split()
    seed: int = Field(default=42, ge=0, le=2**31 - 1)
    epochs: int = Field(default=2, ge=1, le=100)
    batch_size_override: int | None = Field(default=None, ge=2, le=65536)
    learning_rate_override: float | None = Field(default=None, gt=0, le=10)
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


class QuickTestStatus(Status):
    """The system's part.

    Attributes:
        progress: 0 to 100, never falls.
        artifacts_uri: the folder of everything that the job left, with `model/` in it.
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


class QuickTest(Document[QuickTestSpec, QuickTestStatus]):
    status: QuickTestStatus = QuickTestStatus()
