"""A training job: what it is asked to do, and what the pipeline service says of it.

This is the contract between the launcher, the pipeline services and the trainer image.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Literal, Self, cast

from pydantic import BaseModel, ConfigDict, Field, computed_field, model_validator
from pydantic.config import JsonDict

from shared.baselines import baselines
from shared.columns.source_rows import SourceRows
from shared.documents.base import CodeArtifact
from shared.examples import ExamplesSpec, JudgedOn, Ties
from shared.metrics import metrics
from shared.models import Moment
from shared.rules_of_lists.stored import StoredRuleSet
from shared.transforms.bag import Splitting
from shared.wording import percentage

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
        splitting: of a feature with several values in each row.
    """

    key: str
    raw_key: str
    column: str
    tower: Literal["buyer", "product"]
    max_size: int
    min_frequency: int = 1
    splitting: Splitting | None = None


class ChampionModel(BaseModel):
    """Another full training, whose saved model is measured over the same held-out rows.

    Attributes:
        artifacts_uri: its job's folder, in the store of this job's.
    """

    model_config = ConfigDict(frozen=True)

    quick_test_id: str
    artifacts_uri: str


class WarmTable(BaseModel):
    """An embedding table whose rows are taken over.

    Attributes:
        name: of the weights, as `trainer_image.training.weights` names them.
        column: whose values have the rows.
        vocabulary: key of the vocabulary that numbers the values, in both trainings; None where
            rows are numbered by what needs none, such as buckets and hashes.
        oov_buckets: rows after the vocabulary's.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    column: str
    vocabulary: str | None = None
    oov_buckets: int = 0


class WarmStart(BaseModel):
    """Another full training, with whose weights this one begins.

    Attributes:
        artifacts_uri: its job's folder, in the store of this job's.
        tables: that the two have in common.
        parts: what else of the model they have in common: names of weights begin so.
    """

    model_config = ConfigDict(frozen=True)

    quick_test_id: str
    artifacts_uri: str
    tables: list[WarmTable] = []
    parts: list[str] = []


class JobRequest(BaseModel):
    """Everything a job needs; nothing in it refers to the document store.

    Attributes:
        job_id: `[a-z][-a-z0-9]{0,127}`, made from the quick test and the attempt.
        purpose: a full training gets the larger machine where there is one.
        output_uri: folder for everything the job leaves.
        rules: a rule set as it was when the test was validated, under which lists are measured
            besides; None: under none.
        champion: what is measured besides, into a file of its own.
        warm_start: what the training begins with; None: with weights that are drawn.
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
    rules: StoredRuleSet | None = None
    champion: ChampionModel | None = None
    warm_start: WarmStart | None = None


class Task(BaseModel):
    """One stage of a job.

    Attributes:
        reused: it took over what an earlier job has made of the same rows and features.
        doing: what it does while it runs, in a few words.
        done: how much of it is done while it runs, 0 to 1.
    """

    name: Stage
    state: State = State.PENDING
    started_at: Moment | None = None
    ended_at: Moment | None = None
    error: str | None = None
    reused: bool = False
    doing: Annotated[str, Field(max_length=200)] | None = None
    done: float = Field(default=0.0, ge=0, le=1)


class Job(BaseModel):
    """
    Attributes:
        taken_up: how often another process went on with it, after one was killed.
    """

    job_id: str
    quick_test_id: str
    state: State
    tasks: list[Task]
    started_at: Moment | None = None
    ended_at: Moment | None = None
    error: str | None = None
    taken_up: int = 0


# What a job leaves under its output_uri.
MODEL_FILE = "model/saved_model.pb"  # with what else belongs to a SavedModel
PROGRESS_FILE = "progress.json"  # list of EpochProgress, replaced after each epoch
REQUEST_FILE = "request.json"  # the JobRequest, written by the launcher
METRICS_FILE = "metrics.json"  # MetricsReport
VOCABULARY_FILE = "vocabulary.json"  # list of VocabularyReport
TENSORS_FILE = "sample_tensors.json"  # SampleTensors
REPLICATES_FILE = "bootstrap.json"  # Replicates
CHAMPION_FILE = "champion.json"  # ChampionReport, where one was to be measured
# Of a full training, the weights before the pass over the newest rows: a later one may begin with
# them.
WEIGHTS_FILE = "weights.npz"
WARM_START_FILE = "warm_start.json"  # WarmStartReport, where there was one
STAGES_FILE = "stages.json"  # list of Task, replaced at each change, where one task is all stages


class EpochProgress(BaseModel):
    """One epoch. Losses are means per example.

    Attributes:
        newest_rows: it is none of those that were asked for: once what the fitting slice is for is
            settled, the towers are trained on it, and on as long a time before it, once.
    """

    epoch: int
    loss: float
    validation_loss: float | None = None
    seconds: float
    newest_rows: bool = False


def asked_epochs(epochs: Sequence[EpochProgress]) -> list[EpochProgress]:
    """Epochs over the training rows, without the pass over the newest ones that may follow."""
    return [epoch for epoch in epochs if not epoch.newest_rows]


class EvaluationProtocol(BaseModel):
    """How a metric came about; numbers of unlike protocols are never compared.

    Attributes:
        holdout_fraction: the share of the rows to hold out that was asked for.
        holdout_share: what it came to, by the counts of rows; of a share of the customers, which
            has no such counts, that which was asked for.
        trained_percent, judged_percent: of the sample's customers, those who were trained on and
            whose held-out rows these are.
        ties: what a temporal split did with rows of one moment.
        judged_on: `validation` where the rows held out lie before the test slice, which was not
            read.
        rows_without_time: rows of the sample whose time nobody knows, which a temporal split trains
            on; None where no column is the time of purchase.
        holdout_fingerprint: equal where the very same rows are held out.
        candidates_fingerprint: equal where the very same products are to choose from.
        source_fingerprint: of the source as it was read (`files_fingerprint`); "" where that is
            not known, as of tables and buckets.
        as_of: the moment that a table was read as of; None of what was read as it was.
        repeat_rows: held-out rows whose customer has the product among the training rows.
        seen_items_included: whether products that a customer already had count as candidates.
        rating_column: what is predicted; None where nothing is.
        told: what was sampled and held out, in words.
    """

    split: str  # "temporal", "random", "leave_one_out" or "products"
    holdout_fraction: float
    holdout_share: float = 0.0
    ties: Ties = "whole"
    judged_on: JudgedOn = "test"
    sample_percent: float
    sample_by: str
    trained_percent: float = 100.0
    judged_percent: float = 100.0
    seed: int
    train_rows: int
    holdout_rows: int
    holdout_customers: int
    candidates: int
    holdout_fingerprint: str = ""
    candidates_fingerprint: str = ""
    source_fingerprint: str = ""
    as_of: Moment | None = None
    repeat_rows: int | None = None
    rows_without_time: int | None = None
    seen_items_included: bool = True
    rating_column: str | None = None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def told(self) -> str:
        """`10% of the customers (seed 42), the latest 9.8% of the rows held out`."""
        of = "customers" if self.sample_by == "customer" else "rows"
        if self.split == "leave_one_out":
            return (
                f"{percentage(self.sample_percent)} of the {of} (seed {self.seed}), one purchase "
                f"of each customer held out{self.customers}"
            )
        if self.split == "products":
            asked = percentage(round(100 * self.holdout_fraction, 1))
            return (
                f"{percentage(self.sample_percent)} of the {of} (seed {self.seed}), all purchases "
                f"of {asked} of the products held out"
            )
        split = "latest" if self.split == "temporal" else "random"
        validation = self.judged_on == "validation"
        held_out = "before the test slice held out" if validation else "held out"
        read = f", the table as of {self.as_of:%Y-%m-%d %H:%M} UTC" if self.as_of else ""
        return (
            f"{percentage(self.sample_percent)} of the {of} (seed {self.seed}), the {split} "
            f"{self.held_out} of the rows {held_out}{self.cut}{read}{self.customers}"
        )

    @property
    def of_all_customers(self) -> bool:
        return self.trained_percent == self.judged_percent == 100

    @property
    def customers(self) -> str:
        """What follows where some of the sample's customers were trained on or judged by."""
        if self.of_all_customers:
            return ""
        trained, judged = percentage(self.trained_percent), percentage(self.judged_percent)
        return f"; of the sample's customers {trained} trained on, {judged} judged by"

    @property
    def held_out(self) -> str:
        """The share that is held out, and that which was asked for where the two differ: `9.8%`,
        `58.3% (asked: 10%)`."""
        asked, share = (
            percentage(round(100 * part, 1)) for part in (self.holdout_fraction, self.holdout_share)
        )
        if self.split in ("leave_one_out", "products"):  # which ask for no share of the rows
            return share
        return share if share == asked else f"{share} (asked: {asked})"

    @property
    def cut(self) -> str:
        """What follows the share where rows of one moment were torn apart."""
        return ", cut within a moment" if self.ties == "hash" else ""

    @model_validator(mode="after")
    def _count_the_share(self) -> Self:
        rows = self.train_rows + self.holdout_rows
        self.holdout_share = self.holdout_rows / rows if rows > 0 else 0.0
        if not self.of_all_customers:
            self.holdout_share = self.holdout_fraction
        return self


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
        fitted_lists: how many customers' lists the re-ranker was fitted to; with fewer than two it
            keeps the order of the towers. None where there is no re-ranker.
    """

    algorithm: Literal["brute_force", "scann"]
    wanted: Literal["brute_force", "scann"]
    num_leaves: int = 0
    leaves_to_search: int = 0
    recall: float = 1.0
    fitted_lists: int | None = None


class ShortLists(BaseModel):
    """Of lists of `k` places, how many have fewer products than they would have without rules."""

    k: int
    rows: int


class RuledList(BaseModel):
    """A list under a rule set.

    Attributes:
        name: as predictions ask for it.
        rows: held-out rows that it was made for, each with one right product.
        left_out: of how many of them a filter leaves out the right product, so that no order of
            products finds it.
        short: for how many of them the rules leave the list short, by its places.
    """

    name: str
    rows: int
    left_out: int
    short: list[ShortLists] = []


class MeasuredRules(BaseModel):
    """What a rule set makes of a model's lists, over held-out rows.

    Attributes:
        rule_set_id, name, revision: whose rules they are; the rules themselves are those of the
            job's request.
        told: the rules in words.
        rows: how many held-out rows were measured: all, or of very many as many as there is time
            for.
        metrics: under the rules, by name.
        intervals: of those.
        without: the same metrics over the same rows without the rules.
        differences: under the rules minus without, paired by customer.
        lists: that were measured.
        seconds: how long it took.
        skipped: why nothing was measured; "" where it was.
    """

    rule_set_id: str
    name: str
    revision: int
    told: list[str] = []
    rows: int = 0
    metrics: dict[str, float] = {}
    intervals: dict[str, Interval] = {}
    without: dict[str, float] = {}
    differences: dict[str, Interval] = {}
    lists: list[RuledList] = []
    seconds: float = 0.0
    skipped: str = ""


def _names_of_today(schema: JsonDict) -> None:
    """Names every metric and baseline that there is."""
    properties = cast(dict[str, JsonDict], schema["properties"])
    for field, known in (("metrics", metrics()), ("baselines", baselines().values())):
        named = [f"`{one.name}` ({one.help.rstrip('.')})" for one in known]
        properties[field]["description"] = f"By name: {', '.join(named)}."


class TakenTable(BaseModel):
    """Attributes:
    rows: of the table.
    taken: how many of them are those that the earlier training had of the same value.
    """

    column: str
    rows: int
    taken: int


class WarmStartReport(BaseModel):
    """What a training has taken over of an earlier one.

    Attributes:
        quick_test_id: the earlier full training.
        tables: of embeddings.
        parts: what else was taken over, in words.
        fresh: what began with weights that were drawn, in words.
    """

    quick_test_id: str
    tables: list[TakenTable] = []
    parts: list[str] = []
    fresh: list[str] = []


class MetricsReport(BaseModel):
    """What was measured over the held-out rows, and each baseline under the same protocol.

    Attributes:
        metrics: by name, as `GET /api/catalogue/` lists them. Those that end in `_repeat` and
            `_new` are over rows with a product that the customer already had, or had not, by their
            places in the list of all products; those that end in `_buy_again` and `_discover` are
            over the same rows, by their places in lists of such products alone, of models that
            serve them.
        intervals: of the metrics that are means over customers' rows.
        baselines: metrics by baseline, as `GET /api/catalogue/` lists them.
        differences: the model's metric minus the baseline's, by baseline, paired by customer.
        skipped: by baseline that was not measured, why: "120,000 products, at most 20,000".
        varying_attributes: by column of the product tower, the share of products for which it has
            more than one value.
        rows: what became of all rows of the source; None in tests of before they were counted.
        rules: the same lists under a rule set; None where the test names none.
        warm_start: what the training began with, where it was not weights that were drawn.
    """

    model_config = ConfigDict(json_schema_extra=_names_of_today)

    metrics: dict[str, float]
    intervals: dict[str, Interval] = {}
    baselines: dict[str, dict[str, float]]
    differences: dict[str, dict[str, Interval]] = {}
    skipped: dict[str, str] = {}
    varying_attributes: dict[str, float] = {}
    protocol: EvaluationProtocol
    rows: SourceRows | None = None
    index: IndexReport | None = None
    rules: MeasuredRules | None = None
    warm_start: WarmStartReport | None = None


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


class ChampionReport(BaseModel):
    """What another model is worth over the held-out rows of this job, as it serves.

    Attributes:
        problem: why it could not be measured, in words; there is nothing else then.
        report, replicates: as of the job's own model, without baselines.
    """

    quick_test_id: str
    problem: str | None = None
    report: MetricsReport | None = None
    replicates: Replicates | None = None


class VocabularyReport(BaseModel):
    """One feature's vocabulary.

    Attributes:
        oov_rate: share of held-out rows whose value is not in it; the sum of the four that follow.
        missing_rate: which have no value.
        unseen_rate: whose value is in no training row.
        rare_rate: whose value has fewer training rows than `min_frequency`.
        cut_rate: whose value is frequent enough, but beyond `max_size`.
        standing, label: how much of it was met again; made whenever the test is read.
        causes: why values are not in it, the largest part first; likewise.
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
    standing: Literal["good", "some_unknown", "much_unknown"] = "good"
    label: str = ""
    causes: str = ""


class SampleTensors(BaseModel):
    """What the trained towers are fed: the tensor of one training row of a customer, and of a
    product, by id. Parts of a tensor are in the order of the tower's breakdown."""

    customers: dict[str, list[float]]
    products: dict[str, list[float]]
