"""A quick test: a feature config and a model config, trained on a sample and measured."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ModelWrapValidatorHandler, model_validator

from shared.documents.base import CodeArtifact, Status
from shared.documents.estimate import Estimate
from shared.documents.marks import MarkedDocument
from shared.documents.settings import (
    BatchSize,
    Epochs,
    JudgedPercent,
    LearningRate,
    ModelName,
    PatienceOverride,
    SampleBy,
    SamplePercent,
    Seed,
    TrainedPercent,
    TrainingSeed,
)
from shared.examples import JudgedOn, Ties
from shared.jobs import (
    EpochProgress,
    Interval,
    MetricsReport,
    Purpose,
    Stage,
    Task,
    VocabularyReport,
)
from shared.models import Moment, SpecModel, StatusModel, is_finite
from shared.problems import Problem
from shared.segments import MOST_COLUMNS


class Split(SpecModel):
    """Which rows are held out for evaluation.

    `auto` is temporal where the dataset maps a `transaction_date`, else random by hash.
    `leave_one_out` is one purchase of each customer who has several, whatever the share: the
    latest, or where no time is known one by hash. `products` is all purchases of a share of the
    products, by hash: no training row has them, so that it measures how attributes carry a product
    that is new.

    Attributes:
        ties: what a temporal split does with rows of one moment: `whole` never tears them apart, so
            that it may hold out more or less than was asked for; `hash` cuts within the moment, by
            a hash of customer and product, so that the share is what was asked for.
        judged_on: `validation` leaves the rows out that `test` would hold out, and holds out those
            before them, as large a share of what remains: for choosing among many settings.
    """

    strategy: Literal["auto", "temporal", "random", "leave_one_out", "products"] = Field(
        default="auto",
        title="Split",
        json_schema_extra={
            "x-options": [
                {"value": "auto", "label": "Automatic"},
                {"value": "temporal", "label": "Latest"},
                {"value": "random", "label": "Random"},
                {"value": "leave_one_out", "label": "One of each customer"},
                {"value": "products", "label": "Whole products"},
            ]
        },
    )
    holdout_percent: float = Field(default=10.0, ge=1, le=50, title="Held-out share")
    ties: Ties = Field(
        default="whole",
        title="Split within a moment",
        description="Where many of the latest purchases have the same time, hold out a random part "
        "of them to come to the share. Otherwise all of them are held out, or none.",
    )
    judged_on: JudgedOn = Field(
        default="test",
        title="Judged on",
        description="The validation slice is what comes before the test slice, which is then not "
        "read at all: settings are chosen there, and judged once by the test slice.",
        json_schema_extra={
            "x-options": [
                {"value": "test", "label": "Test slice"},
                {"value": "validation", "label": "Validation slice"},
            ]
        },
    )


class LeftOut(SpecModel):
    """A column that one tower does without, and with it every cross that uses it there."""

    tower: Literal["buyer", "product"]
    column: str = Field(min_length=1, max_length=300)


LeaveOut = Annotated[
    list[LeftOut],
    Field(
        max_length=100,
        title="Columns to leave out",
        description="To see what they are worth. The features themselves stay as they are.",
    ),
]


SegmentColumns = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=300)]],
    Field(
        max_length=MOST_COLUMNS,
        title="Columns to split results by",
        description="Metrics are also given for each value of such a column, beside those for "
        "new and heavy customers and for head and tail products. It may have few values only, and "
        "need be in no tower.",
    ),
]

RuleSetId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        title="Rule set",
        description="The model's lists are measured under its rules too, beside those without, to "
        "see what the rules cost. It makes no difference to the model.",
    ),
]

Settings = Annotated[
    dict[str, float],
    Field(
        max_length=20,
        title="Settings in place of the configs'",
        description="By name, as a tuning searches them: the catalogue lists them as tunables.",
    ),
]


class QuickTestSpec(SpecModel):
    """The user's part. Overrides of None leave the model config's value.

    Attributes:
        feature_config_revision, model_config_revision: revisions to use; None takes the present
            ones. A sweep's tests all use the revisions that the sweep was validated with.
        rating_column: what models that rate predict; others ignore it. None takes the
            column that the dataset maps to `rating`.
        trained_percent, judged_percent: of the sample's customers, in one order of theirs, so that
            a larger share holds a smaller one. Whoever is judged by is trained on.
        seed: of the sample and the split: tests of unlike seeds are not comparable.
        training_seed: of initial weights, shuffling and dropout; None takes `seed`.
        leave_out: columns of the feature config that this test goes without.
        segment_columns: columns by whose values results are split.
        rule_set_id: a rule set under which the model's lists are measured besides, as it is when
            the test is validated.
        settings: in place of what the configs say, such as `{"temperature": 0.05}`.
        purpose: a full training keeps its model, and promotes the feature config.
        early_stopping_patience: end after so many epochs without a lower validation loss, and
            keep the best epoch's weights; 0 trains all epochs, None takes the model's.
        source_test_id: the completed quick test whose configs a full training trains.
        sweep_id, tuning_id: the sweep or the tuning that made this test.
        champion_test_id: the full training whose saved model is measured over this one's held-out
            rows too, as it serves, so that the two can be compared; of full trainings only.
        warm_start_test_id: the full training with whose weights this one begins, in place of
            weights that are drawn; of full trainings only.
        model_name: the registered model that a full training becomes a version of, whatever the
            case of its letters; None takes that which has a version of the same configs, else the
            dataset's name.
    """

    feature_config_id: str = Field(min_length=1, max_length=200)
    model_config_id: str = Field(min_length=1, max_length=200)
    feature_config_revision: int | None = Field(default=None, ge=1)
    model_config_revision: int | None = Field(default=None, ge=1)
    rating_column: str | None = Field(default=None, min_length=1, max_length=300)
    data_sample_percent: SamplePercent = 10.0
    sample_by: SampleBy = "customer"
    trained_percent: TrainedPercent = 100.0
    judged_percent: JudgedPercent = 100.0
    split: Split = Split()
    seed: Seed = 42
    training_seed: TrainingSeed | None = None
    epochs: Epochs = 2
    batch_size_override: BatchSize | None = None
    learning_rate_override: LearningRate | None = None
    leave_out: LeaveOut = []
    segment_columns: SegmentColumns = []
    rule_set_id: RuleSetId | None = None
    settings: Settings = {}
    purpose: Purpose = "quick_test"
    early_stopping_patience: PatienceOverride | None = None
    source_test_id: str | None = Field(default=None, min_length=1, max_length=200)
    sweep_id: str | None = Field(default=None, min_length=1, max_length=200)
    tuning_id: str | None = Field(default=None, min_length=1, max_length=200)
    champion_test_id: str | None = Field(default=None, min_length=1, max_length=200)
    warm_start_test_id: str | None = Field(default=None, min_length=1, max_length=200)
    model_name: ModelName | None = None
    runner: Literal["direct", "tfx"] = "direct"

    @property
    def of_all_customers(self) -> bool:
        """Whether all customers of the sample are trained on and judged by."""
        return self.trained_percent == self.judged_percent == 100

    @property
    def of_whole_configs(self) -> bool:
        """Whether it says something of its configs as they stand, on rows that judge them."""
        changed = self.leave_out or self.settings or not self.of_all_customers
        return not changed and self.split.judged_on == "test"


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

    at: Moment
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


class PinnedRules(StatusModel):
    """A rule set as it was when the test was validated.

    Attributes:
        told: its rules in words.
    """

    id: str
    name: str
    revision: int
    told: list[str] = []


class PinnedRevisions(StatusModel):
    """The revisions that the test uses, fixed when it is validated.

    Attributes:
        early_stopping_patience: by which its training stops, be it the test's own or the model's;
            None trains all epochs.
    """

    feature_config_revision: int
    model_config_revision: int
    dataset_id: str
    early_stopping_patience: int | None = None


class Pinned(PinnedRevisions):
    """What the test uses, fixed when it is validated.

    Attributes:
        dataset_fingerprint, source_fingerprint: of the dataset's profile. What was really read is
            in the results' protocol.
        rule_set: under which its lists are measured besides; None: under none.
    """

    dataset_fingerprint: str
    dataset_revision: int | None = None
    source_fingerprint: str | None = None
    rule_set: PinnedRules | None = None


class WorseSegment(StatusModel):
    """Where a test that is better over all rows is clearly worse.

    Attributes:
        segment: in words, as after "for": "new customers".
        difference: this test's metric minus the other's there, paired by customer.
    """

    segment: str
    value: float
    previous: float
    difference: Interval


class BestComparison(StatusModel):
    """A completed test against the best comparable one before it on the same feature config's
    dataset.

    Attributes:
        metric: what they are ranked by.
        difference: this test's minus the other's, paired by customer.
        verdict: `better` or `worse` only where the interval excludes zero.
        reason: why there is no interval; None where there is one.
        worse_segments: where it is clearly worse all the same, of a test that is better.
        sentence: all of this, for people; made whenever the test is read.
    """

    quick_test_id: str
    name: str
    metric: str
    value: float
    previous: float
    difference: Interval | None
    verdict: Literal["better", "worse", "no_clear_difference"]
    reason: str | None = None
    worse_segments: list[WorseSegment] = []
    sentence: str = ""


class Judged(StatusModel):
    """A completed test compared with simple baselines.

    Attributes:
        standing: `better` where it is clearly better than every baseline, `worse` where it is
            clearly worse than one, `no_clear_difference` where it is neither, `unknown` where
            there are no intervals to judge by.
        label: the same in two or three words: "Worse than own history".
    """

    standing: Literal["better", "no_clear_difference", "worse", "unknown"]
    label: str


class ListVerdict(StatusModel):
    """How a list that the model serves beside that of all products stands against what recommends
    such products without a model.

    Attributes:
        list: as predictions ask for it.
        metric: what it is judged by.
        baseline: what it is held against; None where nothing was measured.
        verdict: None where there is no interval.
    """

    list: str
    label: str
    metric: str
    baseline: str | None
    verdict: Literal["better", "worse", "no_clear_difference"] | None
    sentence: str


class RuledMetric(StatusModel):
    """A metric under a rule set, beside the same without it.

    Attributes:
        list: the name of the list that it is measured in; "" for the list of all products.
        difference: under the rules minus without, paired by customer; None where there are too few.
    """

    metric: str
    label: str
    list: str = ""
    without: float
    under: float
    difference: Interval | None
    verdict: Literal["better", "worse", "no_clear_difference"] | None


class RulesVerdict(StatusModel):
    """What a rule set costs.

    Attributes:
        rule_set_id, name, revision: whose rules they are.
        told: the rules in words.
        standing: of the metric that the list of all products is judged by; None where there is no
            interval, or nothing was measured.
        sentences: what they cost, what they leave out, and where lists came short; of each list.
    """

    rule_set_id: str
    name: str
    revision: int
    told: list[str]
    standing: Literal["better", "worse", "no_clear_difference"] | None
    sentences: list[str]
    metrics: list[RuledMetric] = []


class TestVerdict(Judged):
    """What is to be made of a completed test, by the metric of each of its tasks.

    Attributes:
        sentence: for people who read no further.
        against: verdicts by baseline and metric, where there are intervals.
        lists: of a model that serves lists beside that of all products.
        rules: what the rule set costs that the test names; None where it names none.
    """

    __test__ = False

    sentence: str
    against: dict[str, dict[str, Literal["better", "worse", "no_clear_difference"]]]
    lists: list[ListVerdict] = []
    rules: RulesVerdict | None = None


class Registration(StatusModel):
    """Which version of which registered model a full training is."""

    model_id: str
    name: str
    version: int


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
        verdict: made of the results whenever the test is read; what is stored is not looked at.
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
    started_at: Moment | None = None
    ended_at: Moment | None = None
    duration_seconds: float | None = None
    estimate: Estimate | None = None
    estimate_error: float | None = None
    cost_usd: float | None = None
    comparison: BestComparison | None = None
    verdict: TestVerdict | None = None
    tracking: Tracking = Tracking()
    registered: Registration | None = None
    heard_at: Moment | None = None
    asked_at: Moment | None = None

    @model_validator(mode="wrap")
    @classmethod
    def _of_numbers(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """What a job leaves may hold others; they are never taken over."""
        made = handler(value)
        if made is not value and not is_finite(
            [made.stages, made.epochs, made.results, made.vocabulary]
        ):
            raise ValueError("Numbers of results are finite.")
        return made


class QuickTest(MarkedDocument[QuickTestSpec, QuickTestStatus]):
    status: QuickTestStatus = QuickTestStatus()
