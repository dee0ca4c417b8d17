"""A training job: what it is asked to do, and what the pipeline service says of it.

This is the contract between the launcher, the pipeline services and the trainer image.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.documents.base import CodeArtifact
from shared.examples import ExamplesSpec


class Stage(StrEnum):
    """The stages of a quick test, in their order."""

    EXAMPLES = "examples"
    TRANSFORM = "transform"
    TRAIN = "train"
    EVALUATE = "evaluate"


class State(StrEnum):
    """States of a job or of one of its tasks, after Vertex AI's."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        return self in (State.SUCCEEDED, State.FAILED, State.CANCELLED)


class VocabularyRef(BaseModel):
    """A feature whose vocabulary is reported on.

    Attributes:
        key: name among Transform's outputs, and of the vocabulary file.
        label: how it is called in reports: the column's name, with its tower.
    """

    key: str
    column: str
    tower: Literal["buyer", "product"]
    max_size: int


class JobRequest(BaseModel):
    """Everything a job needs; nothing in it refers to the document store.

    Attributes:
        job_id: `[a-z][-a-z0-9]{0,127}`, made from the quick test and the attempt.
        output_uri: folder for everything the job leaves.
    """

    model_config = ConfigDict(frozen=True)

    job_id: str = Field(pattern=r"^[a-z][-a-z0-9]{0,127}$")
    quick_test_id: str
    attempt: int = 1
    runner: Literal["direct", "tfx"] = "direct"
    preprocessing: CodeArtifact
    trainer: CodeArtifact
    examples: ExamplesSpec
    vocabularies: list[VocabularyRef]
    epochs: int
    output_uri: str


class Task(BaseModel):
    """One stage of a job."""

    name: Stage
    state: State = State.PENDING
    started_at: datetime | None = None
    ended_at: datetime | None = None
    error: str | None = None


class Job(BaseModel):
    job_id: str
    quick_test_id: str
    state: State
    tasks: list[Task]
    started_at: datetime | None = None
    ended_at: datetime | None = None
    error: str | None = None


# What a job leaves under its output_uri, besides `model/` (a SavedModel).
PROGRESS_FILE = "progress.json"  # list of EpochProgress, replaced after each epoch
METRICS_FILE = "metrics.json"  # MetricsReport
VOCABULARY_FILE = "vocabulary.json"  # list of VocabularyReport
TENSORS_FILE = "sample_tensors.json"  # SampleTensors


class EpochProgress(BaseModel):
    """One epoch. Losses are means per example."""

    epoch: int
    loss: float
    validation_loss: float | None = None
    seconds: float


class EvaluationProtocol(BaseModel):
    """How a metric came about; numbers of unlike protocols are never compared."""

    split: str  # "temporal" or "random"
    holdout_fraction: float
    sample_percent: float
    sample_by: str
    seed: int
    train_rows: int
    holdout_rows: int
    holdout_customers: int
    candidates: int
    seen_items_included: bool = True


class IndexReport(BaseModel):
    """How the saved model finds its best products.

    Attributes:
        algorithm: what it does, which is brute force where there are too few products for ScaNN.
        wanted: what the model config asks for.
        recall: share of the exact best products that it finds, over held-out customers.
    """

    algorithm: Literal["brute_force", "scann"]
    wanted: Literal["brute_force", "scann"]
    num_leaves: int = 0
    leaves_to_search: int = 0
    recall: float = 1.0


class MetricsReport(BaseModel):
    """Metrics by name (`recall_at_100`: share, 0 to 1; `rmse`: in the rating's unit), and each
    baseline's under the same protocol (`{"popularity": {"recall_at_100": …}}`)."""

    metrics: dict[str, float]
    baselines: dict[str, dict[str, float]]
    protocol: EvaluationProtocol
    index: IndexReport | None = None


class VocabularyReport(BaseModel):
    """One feature's vocabulary. `oov_rate`: share of held-out rows whose value is not in it."""

    key: str
    column: str
    tower: Literal["buyer", "product"]
    vocabulary_size: int
    oov_rate: float
    truncated: bool = False


class SampleTensors(BaseModel):
    """What the trained towers are fed: the tensor of one training row of a customer, and of a
    product, by id. Parts of a tensor are in the order of the tower's breakdown."""

    customers: dict[str, list[float]]
    products: dict[str, list[float]]
