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

# What a test is run for: to decide what to do next, or to keep its model.
Purpose = Literal["quick_test", "full_training"]


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
        raw_key: raw feature that it is made from.
        min_frequency: values with fewer training rows are not in it.
    """

    key: str
    raw_key: str
    column: str
    tower: Literal["buyer", "product"]
    max_size: int
    min_frequency: int = 1


class JobRequest(BaseModel):
    """Everything a job needs; nothing in it refers to the document store.

    Attributes:
        job_id: `[a-z][-a-z0-9]{0,127}`, made from the quick test and the attempt.
        purpose: a full training gets the larger machine where there is one.
        output_uri: folder for everything the job leaves.
    """

    model_config = ConfigDict(frozen=True)

    job_id: str = Field(pattern=r"^[a-z][-a-z0-9]{0,127}$")
    quick_test_id: str
    attempt: int = 1
    purpose: Purpose = "quick_test"
    runner: Literal["direct", "tfx"] = "direct"
    preprocessing: CodeArtifact
    trainer: CodeArtifact
    examples: ExamplesSpec
    vocabularies: list[VocabularyRef]
    epochs: int
    output_uri: str


class Task(BaseModel):
    """One stage of a job.

    Attributes:
        reused: it took over what an earlier job has made of the same rows and features.
    """

    name: Stage
    state: State = State.PENDING
    started_at: datetime | None = None
    ended_at: datetime | None = None
    error: str | None = None
    reused: bool = False


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
REQUEST_FILE = "request.json"  # the JobRequest, written by the launcher
METRICS_FILE = "metrics.json"  # MetricsReport
VOCABULARY_FILE = "vocabulary.json"  # list of VocabularyReport
TENSORS_FILE = "sample_tensors.json"  # SampleTensors
REPLICATES_FILE = "bootstrap.json"  # Replicates
STAGES_FILE = "stages.json"  # list of Task, replaced at each change, where one task is all stages


class EpochProgress(BaseModel):
    """One epoch. Losses are means per example."""

    epoch: int
    loss: float
    validation_loss: float | None = None
    seconds: float


class EvaluationProtocol(BaseModel):
    """How a metric came about; numbers of unlike protocols are never compared.

    Attributes:
        holdout_fingerprint: equal where the very same rows are held out.
        candidates_fingerprint: equal where the very same products are to choose from.
        repeat_rows: held-out rows whose customer has the product among the training rows.
        seen_items_included: whether products that a customer already had count as candidates.
        rating_column: what is predicted; None where nothing is.
    """

    split: str  # "temporal" or "random"
    holdout_fraction: float
    sample_percent: float
    sample_by: str
    seed: int
    train_rows: int
    holdout_rows: int
    holdout_customers: int
    candidates: int
    holdout_fingerprint: str = ""
    candidates_fingerprint: str = ""
    repeat_rows: int | None = None
    seen_items_included: bool = True
    rating_column: str | None = None


class Interval(BaseModel):
    """A 95 % interval by bootstrap over customers."""

    low: float
    high: float

    def excludes_zero(self) -> bool:
        return self.low > 0 or self.high < 0


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
    """What was measured over the held-out rows, and each baseline under the same protocol.

    Attributes:
        metrics: by name: `recall_at_100` (share, 0 to 1), `recall_at_100_repeat` and `…_new` (over
            rows with a product that the customer already had, or had not), `mrr`, `ndcg_at_10`,
            `coverage_at_10` (share of the products that are in anybody's top 10),
            `identical_top_10` (share of customers with the most common list); `rmse`, `mae` (in
            the rating's unit), `auc`, `log_loss`.
        intervals: of the metrics that are means over customers' rows.
        baselines: metrics by baseline: `popularity`, `random`, `own_history`; `global_mean`,
            `customer_product_means`.
        differences: the model's metric minus the baseline's, by baseline, paired by customer.
        varying_attributes: by column of the product tower, the share of products for which it has
            more than one value.
    """

    metrics: dict[str, float]
    intervals: dict[str, Interval] = {}
    baselines: dict[str, dict[str, float]]
    differences: dict[str, dict[str, Interval]] = {}
    varying_attributes: dict[str, float] = {}
    protocol: EvaluationProtocol
    index: IndexReport | None = None


class Replicates(BaseModel):
    """Bootstrap replicates of a test's metrics: what a paired comparison of two tests needs.

    Replicate i of every test over the same held-out rows drew the same customers, so that
    replicates of two comparable tests may be subtracted one by one.

    Attributes:
        metrics: for each metric one value per replicate.
    """

    holdout_fingerprint: str
    customers: int
    metrics: dict[str, list[float]]


class VocabularyReport(BaseModel):
    """One feature's vocabulary.

    Attributes:
        oov_rate: share of held-out rows whose value is not in it; the sum of the four that follow.
        missing_rate: which have no value.
        unseen_rate: whose value is in no training row.
        rare_rate: whose value has fewer training rows than `min_frequency`.
        cut_rate: whose value is frequent enough, but beyond `max_size`.
    """

    key: str
    column: str
    tower: Literal["buyer", "product"]
    vocabulary_size: int
    oov_rate: float
    missing_rate: float = 0.0
    unseen_rate: float = 0.0
    rare_rate: float = 0.0
    cut_rate: float = 0.0
    truncated: bool = False


class SampleTensors(BaseModel):
    """What the trained towers are fed: the tensor of one training row of a customer, and of a
    product, by id. Parts of a tensor are in the order of the tower's breakdown."""

    customers: dict[str, list[float]]
    products: dict[str, list[float]]
