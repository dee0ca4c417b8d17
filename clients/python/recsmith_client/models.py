"""The API's models.

Written by clients/python/scripts/write_models.py; `make client` writes it anew.
Made of what has the SHA-256 b6d61443cb8a9633a2a95127bd5b00afbc93dbde65f84618255de7bfe97eee49.
"""

from __future__ import annotations

from builtins import list as list_aliased
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field

from recsmith_client.base import Model


class Advice(Model):
    kind: Literal[
        "more_data",
        "enough_data",
        "more_epochs",
        "enough_epochs",
        "fewer_epochs",
        "larger_model",
        "smaller_model",
        "keep_size",
        "unknown",
    ]
    sentence: str


class AdviceInfo(Model):
    """
    What to know of a transform of such a feature.
    """

    transform: str
    message: str


class Against(Model):
    """
    What a row is held against.

    Attributes:
        name: a baseline's name, or a test's id.
        difference: the test's metric minus this value, paired by customer.
        verdict: None where there is no interval, and of baselines that anything beats. Corrected
            for the number of segments, except over all rows.
    """

    name: str
    label: str
    value: float
    difference: Interval | None
    verdict: Literal["better", "worse", "no_clear_difference"] | None


class Aliases(Model):
    """
    Versions by what they are for. `previous`: what production was before.
    """

    production: RegisteredVersion | None = None
    previous: RegisteredVersion | None = None


class Among(Model):
    """
    Only products with one of the values. One without a value has none of them.
    """

    column: str
    values: list_aliased[bool | int | float | str]
    type: Literal["in"] = "in"


class Applied(Model):
    """
    What rules did to a list.

    Attributes:
        rules: the filters, in words.
        products: how many products the list had to choose among: available ones, and with
            *buy again* or *discover* those of that list.
        fitting: how many of them all filters keep.
        notes: what whoever reads the list should know, a sentence each.
    """

    rules: list_aliased[str]
    products: int
    fitting: int
    pins_left_out: Annotated[list_aliased[PinLeftOut], Field(validate_default=True)] = []
    caps_reached: Annotated[list_aliased[CapReached], Field(validate_default=True)] = []
    notes: list_aliased[str] = []


class AppliedDocument(Model):
    kind: str
    name: str
    id: str
    action: Literal["create", "update", "mark", "unchanged"]


class AppliedFiles(Model):
    """
    Attributes:
    complete: whether all that was due was written.
    documents: that were written, in their order.
    findings: why those after them were not; the same request of a new plan does the rest.
    """

    complete: bool
    documents: list_aliased[AppliedDocument]
    findings: Annotated[list_aliased[FileFinding], Field(validate_default=True)] = []


class AttributeInfo(Model):
    """
    `name`: what the roles of one side's further attributes begin with.
    """

    name: str
    tower: Literal["buyer", "product"]


class Bar(Model):
    """
    Attributes:
    value: for people.
    share: of the longest bar, 0 to 1.
    """

    label: str
    value: str
    share: float


class BaselineInfo(Model):
    """
    Attributes:
    term: in a few words.
    doing: what it does instead of a model: "recommending what is popular".
    rating: predicts ratings, and does not recommend.
    obvious: to be better goes without saying.
    """

    name: str
    label: str
    help: str
    term: str
    doing: str
    rating: bool
    obvious: bool


class BatchNorm(Model):
    """
    Scale and offset are trained; the moving mean and variance are not.
    """

    type: Literal["batch_norm"] = "batch_norm"


class BeganFrom(Model):
    """
    The full training whose weights another one began with, and what it was registered as when
    that was registered; None: it was not.
    """

    quick_test_id: str
    model_id: str | None = None
    version: int | None = None


class BestComparison(Model):
    """
    A completed test against the best comparable one before it on the same feature config's
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
    worse_segments: Annotated[list_aliased[WorseSegment], Field(validate_default=True)] = []
    sentence: str = ""


class BestFeatures(Model):
    """
    The feature configs of a dataset that were measured alike, each by its best test.

    Attributes:
        feature_config_id: the one with the star; null where there is no clear best.
        leading: those that cannot be told apart from the best value, with that value first.
        summary: what comes of it, in words.
    """

    dataset_id: str
    feature_config_id: str | None
    leading: list_aliased[str]
    summary: str


class BestFeaturesList(Model):
    items: list_aliased[BestFeatures]


class BestMetrics(Model):
    """
    The completed quick test of this config with the best value, whether or not that is a clear
    difference.

    Attributes:
        judged: compared with simple baselines.
    """

    quick_test_id: str
    metrics: dict[str, float]
    judged: Judged | None = None


class BestOf(Model):
    """
    Which of a set is best.

    Attributes:
        best: the one with the star: clearly better than every other, and than every baseline. None
            where there is no such one.
        leading: those that cannot be told apart from the best value, with that value first.
        beats_baselines: whether the best value's is clearly better than every baseline.
        any_beats_baselines: whether any of the set is.
    """

    best: str | None
    leading: list_aliased[str]
    beats_baselines: bool
    any_beats_baselines: bool


class BigQuerySource(Model):
    """
    A BigQuery table, or a query of rows.

    Attributes:
        table: `project.dataset.table`.
        query: in its place, one SELECT in GoogleSQL. Where it says `FOR SYSTEM_TIME AS OF @as_of`
            of its tables, all tests read the same rows; otherwise it is read as it is.
        as_of: the table is read as it was then, at most seven days ago. Left out, it is read as it
            was when the dataset was profiled.
    """

    kind: Literal["bigquery"] = "bigquery"
    table: str | None = None
    query: str | None = None
    as_of: AwareDatetime | None = None


class Bought(Model):
    """
    A product that the customer bought before. `count` is the number of purchases.
    """

    product_id: str
    name: str | None
    count: int
    last_bought_days_ago: float | None = None


class Bucketize(Model):
    """
    Buckets hold about equally many training rows each.
    """

    enabled: bool = False
    buckets: int = 100
    """
    With about equally many training rows in each.
    """
    embedding_dim: int = 32
    """
    More can tell finer differences apart, and needs more purchases to learn.
    """


class Cap(Model):
    """
    At most so many products with the same value in a column; products without a value are not
    counted.
    """

    column: str
    at_most: int


class CapReached(Model):
    """
    A value of which no more products were listed, although more fit.
    """

    column: str
    value: str | float
    at_most: int


class Catalogue(Model):
    """
    All kinds, each list in the order in which it is shown.

    Attributes:
        documents: `model_config`, `quick_test`, `full_training`, `sweep`, `tuning` and `schedule`.
        filters: of rules of lists.
        remedies: of all warnings; the cause of one that is missing is among a test's settings.
    """

    features: list_aliased[FeatureInfo]
    transforms: list_aliased[TransformInfo]
    crosses: list_aliased[KindInfo]
    layers: list_aliased[LayerInfo]
    tasks: list_aliased[TaskInfo]
    losses: list_aliased[LossInfo]
    optimizers: list_aliased[KindInfoOptimizerInfo]
    metrics: list_aliased[MetricInfo]
    baselines: list_aliased[BaselineInfo]
    warnings: list_aliased[WarningInfo]
    documents: list_aliased[DocumentInfo]
    roles: list_aliased[RoleInfo]
    attributes: list_aliased[AttributeInfo]
    remedies: list_aliased[RemedyInfo]
    tunables: list_aliased[TunableInfo]
    filters: list_aliased[FilterInfo]


class Changed(Model):
    """
    What has had a write after the one that was seen.

    Attributes:
        latest: the number of the latest write of all.
        documents: as `quick_tests/qt-ab12`.
        collections: of which more has changed than is told one by one.
    """

    latest: int
    documents: list_aliased[str]
    collections: list_aliased[str]


class Clone(Model):
    name: str | None = None


class CodeArtifact(Model):
    """
    A generated module, stored under its content hash.
    """

    uri: str
    sha256: str


class CodeHashes(Model):
    """
    SHA-256 of the modules that a version was trained by.
    """

    preprocessing: str
    trainer: str


class CodePreview(Model):
    """
    Both modules; empty where `is_valid` is false, which `validation_error` explains.
    """

    preprocessing_code: str
    trainer_code: str
    is_valid: bool
    validation_error: str | None
    feature_config: FeatureConfigSummary
    model_config_: Annotated[ModelConfigSummary, Field(alias="model_config")]


class CodePreviewResponse(Model):
    success: bool
    data: CodePreview


class Column(Model):
    name: str
    type: Literal["STRING", "INTEGER", "FLOAT", "TIMESTAMP", "BOOLEAN"]
    statistics: ColumnStatistics | None = None


class ColumnFeatures(Model):
    """
    What a column may become in a tower, what suits it best first.
    """

    column: str
    features: list_aliased[
        Annotated[
            StringEmbedding | Numeric | Timestamp | DaysSince | History | Text | ValueList | Vector,
            Field(discriminator="type"),
        ]
    ]


class ColumnFeaturesList(Model):
    items: list_aliased[ColumnFeatures]


class ColumnFormat(Model):
    """
    How the values of one column are read. What is left out is told by the values.

    Attributes:
        type: what they are; one that is not is missing, and counted.
        times: the forms of times: patterns as of `strptime` (`%d.%m.%Y %H:%M`), `seconds`,
            `milliseconds`, `microseconds` or `nanoseconds` since 1970, `iso`, or `iso_week`
            (`2024-W05`).
        time_of_day: another column, which says what time of the day it was.
        decimal: the decimal mark of numbers; of others, separators of thousands, signs of
            currencies and percent signs are passed over.
    """

    type: Literal["STRING", "INTEGER", "FLOAT", "TIMESTAMP", "BOOLEAN"] | None = None
    times: list_aliased[str] = []
    time_of_day: str | None = None
    decimal: Literal[".", ","] | None = None


class ColumnStatistics(Model):
    """
    What was found in one column. Moments are over non-null, finite values.

    Numbers for INTEGER and FLOAT (TIMESTAMP: `min` and `max` as seconds since 1970, UTC);
    `skewness` is Fisher–Pearson's adjusted coefficient.

    Attributes:
        histogram: values in equally wide bins from `min` to `max`; of INTEGER, FLOAT and TIMESTAMP.
        numbers: how many numbers each of the frequent values of STRING holds, where it is a vector,
            such as "[0.1, -2.5]"; 0 where they are none, or of several lengths; None: not known.
        top_values: frequent values of STRING and BOOLEAN, the most frequent first.
        missing: texts that were taken as missing, such as "NULL", the most frequent first; they are
            counted in `null_count`.
    """

    unique_count: int
    null_count: int
    min: float | None = None
    max: float | None = None
    mean: float | None = None
    median: float | None = None
    std: float | None = None
    skewness: float | None = None
    samples: list_aliased[str] = []
    numbers: int | None = None
    histogram: list_aliased[int] = []
    top_values: Annotated[list_aliased[ValueCount], Field(validate_default=True)] = []
    missing: Annotated[list_aliased[ValueCount], Field(validate_default=True)] = []


class CompareRequest(Model):
    """
    Attributes:
    metric: its name in the tests' results; null takes what most of them are ranked by.
    base: the id of one of them that the others are held against, beside the best.
    """

    quick_test_ids: list_aliased[str]
    metric: str | None = None
    base: str | None = None


class CompareSegmentsRequest(Model):
    """
    Attributes:
    quick_test_id: of the test whose segments are told.
    base_id: of the test that they are held against.
    metric: its name in the tests' results; null takes what they are ranked by.
    """

    quick_test_id: str
    base_id: str
    metric: str | None = None


class ComparedGroup(Model):
    """
    Tests that may be ranked against each other, best first.

    Attributes:
        measured: how all of them were measured, in words.
        reasons: why they are not ranked with the first group; none for that one.
        verdict: which of them is best.
        summary: the same in words.
        warnings: for whom the first is clearly worse than one that it is better than over all
            rows; looked for among the first 20.
    """

    measured: str
    reasons: list_aliased[str]
    verdict: BestOf
    summary: str
    warnings: list_aliased[str] = []
    rows: list_aliased[ComparedTest]


class ComparedTest(Model):
    """
    A row of a group.

    Attributes:
        label: the name, with the id where another of these tests has the same name.
        rank: from 1, within the group, by the metric's value alone.
        best: whether it is clearly better than all others of the group, and than every baseline.
        judged: compared with simple baselines.
        difference: its metric minus that of the first, paired by customer; None for the first
            itself, and where it cannot be known (`reason`).
        verdict: against the first; None for the first itself.
        to_base: against the base; None for the base itself, and where there is none in its group.
        fields: the fields in which the tests differ, as text.
    """

    quick_test_id: str
    name: str
    label: str
    rank: int
    best: bool
    judged: Judged
    value: float
    metrics: dict[str, float]
    intervals: dict[str, Interval]
    baselines: dict[str, dict[str, float]]
    difference: Interval | None
    verdict: Literal["better", "worse", "no_clear_difference"] | None
    reason: str | None
    to_base: ToBase | None
    fields: dict[str, str]


class Comparison(Model):
    """
    Groups by their size, largest first. Tests of different groups are never ranked.
    """

    metric: str
    metric_label: str
    lower_is_better: bool
    differing: list_aliased[DifferingField]
    groups: list_aliased[ComparedGroup]
    left_out: list_aliased[LoadingLeftOut]


class ComparisonSummary(Model):
    """
    A completed test against the best comparable one before it.
    """

    quick_test_id: str
    verdict: Literal["better", "worse", "no_clear_difference"]


class ConfirmingTest(Model):
    """
    A test of the comparison on the test slice. `of`: what it tests.
    """

    quick_test_id: str
    state: Literal["pending", "running", "completed", "failed", "cancelled"] = "pending"
    """
    `pending → running → completed | failed | cancelled`, never back.
    """
    progress: int = 0
    value: float | None = None
    of: Literal["best", "default"]
    training_seed: int
    created: bool = False


class Cross(Model):
    """
    `features` names string columns of the same tower, or `<column>_bucket` for a number or
    timestamp of the same tower that is bucketised.
    """

    features: list_aliased[str]
    """
    Two or three embedded columns, or bucketized numbers, of this tower.
    """
    hash_bucket_size: int
    """
    With fewer buckets, more combinations share one.
    """
    embedding_dim: int = 16


class CrossPart(Model):
    """
    A column; `buckets` where it is a number or timestamp that is bucketised.
    """

    column: str
    buckets: int | None = None


class CrossRecommendation(Model):
    """
    `values` of each part, null where they are not known; at most `combinations` occur.
    """

    values: list_aliased[int | None]
    combinations: int
    hash_bucket_size: int
    embedding_dim: int


class Curve(Model):
    """
    A metric against a share of the customers, or against epochs. Points ascend.
    """

    by: Literal["customers", "epochs"]
    label: str
    points: list_aliased[CurvePoint]


class CurvePoint(Model):
    """
    A test of a curve.

    Attributes:
        at: per cent of the sample's customers, or epochs.
        label: the same in words: `25% of the customers`.
        value, interval: of the metric; None before the test has completed.
        baseline: value of the strongest baseline that was trained on the same rows.
        train_rows: that it was trained on.
        epochs: that it was trained for, where early stopping ended it.
        difference, verdict: against the point before; None for the first, and where it cannot be
            known.
    """

    quick_test_id: str
    at: float
    label: str
    state: Literal["pending", "running", "completed", "failed", "cancelled"]
    """
    `pending → running → completed | failed | cancelled`, never back.
    """
    value: float | None = None
    interval: Interval | None = None
    baseline: float | None = None
    train_rows: int | None = None
    epochs: int | None = None
    difference: Interval | None = None
    verdict: Literal["better", "worse", "no_clear_difference"] | None = None


class Customer(Model):
    """
    A customer among the training rows. `purchases` counts their rows.
    """

    customer_id: str
    purchases: int


class Cyclical(Model):
    """
    Any number of cycles of one timestamp.

    Attributes:
        annual: quarter of the year.
        quarterly: month of the quarter.
        monthly: day of the month, by that month's length.
        weekly: day of the week.
        daily: hour of the day.
    """

    annual: bool = False
    """
    Quarter of the year: seasons, holidays, spring sales.
    """
    quarterly: bool = False
    """
    Month of the quarter: end-of-quarter habits.
    """
    monthly: bool = False
    """
    Day of the month: paydays and billing dates.
    """
    weekly: bool = False
    """
    Day of the week: weekdays and weekends.
    """
    daily: bool = False
    """
    Hour of the day: morning, lunch, evening.
    """


class Dataset(Model):
    id: str
    name: str
    description: str = ""
    spec: DatasetSpec
    revision: int = 1
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None
    created_by: str | None = None
    managed_by: ManagedBy | None = None
    status: Annotated[DatasetStatus, Field(validate_default=True)] = {
        "observed": {"revision": 0, "spec_hash": ""},
        "validation": {"problems": [], "revision": 0, "state": "pending"},
        "columns": [],
        "notes": [],
        "sides": {},
    }


class DatasetPage(Model):
    items: list_aliased[Dataset]
    unreadable: Annotated[dict[str, list_aliased[Problem]], Field(validate_default=True)] = {}
    next_page_token: str | None


class DatasetReport(Model):
    """
    Attributes:
    profiled_at: when the rows were read.
    rows: of the source.
    reason: why nothing is told; None where something is.
    notes: what could not be told, and of how many rows, a sentence each.
    findings: what there is to mend first.
    """

    dataset_id: str
    dataset_name: str
    profiled_at: AwareDatetime | None
    rows: int | None
    reason: str | None
    notes: list_aliased[str]
    findings: list_aliased[Finding]


class DatasetSpec(Model):
    """
    The user's part.

    Attributes:
        source: the purchases, or events of several kinds.
        products: a table of products, with attributes; those that nobody has bought are candidates
            too.
        customers: a table of customers, with attributes.
        where: conditions that a row meets, all of them.
        dates: a window of time that rows lie in, by the column of the role `transaction_date`.
        events: what rows of each kind are; left out, every row is a purchase.
        column_mapping: role of a column, by column name: `customer_id`, `product_id`,
            `transaction_date`, `rating` (a number, for models that rate to predict; no tower
            sees it by default), `revenue`, `quantity`, `category`, `subcategory`,
            `product_name`, or any `customer_…` / `product_…` attribute. Columns without a role are
            allowed.
    """

    source: Annotated[FileSource | BigQuerySource, Field(discriminator="kind")]
    products: ProductTable | None = None
    customers: SideTable | None = None
    where: Annotated[list_aliased[RowFilter], Field(validate_default=True)] = []
    dates: Dates | None = None
    events: Events | None = None
    column_mapping: dict[str, str] = {}


class DatasetStatus(Model):
    """
    The system's part: filled in by profiling.

    Attributes:
        rows: what becomes of the rows, by what they lack of the mapped columns; None where they
            have not been counted. Times later than a day after `profiled_at` are implausible.
        fingerprint: changes whenever the data does; results of unlike fingerprints are not
            comparable.
        insight: what was found in the rows together; None where no customer or no product is
            mapped, or an earlier version has profiled it.
        notes: what whoever uses the data should know of how it was read, a sentence each: columns
            that were left aside, files left out, values that do not fit.
        read_as: how files were read, so far as the spec leaves it out.
        source_fingerprint: changes whenever the files or the table are written; None where that
            cannot be known without reading them. Where the source has another one by now, the
            profile is out of date.
        as_of: the moment of the table that was profiled, which tests read it as of too; None where
            the source is read as it is when it is read.
        sides: what was found of further tables, by the name of their field.
    """

    observed: Annotated[Observed, Field(validate_default=True)] = {
        "revision": 0,
        "spec_hash": "",
    }
    validation: Annotated[Validation, Field(validate_default=True)] = {
        "state": "pending",
        "revision": 0,
        "problems": [],
    }
    columns: Annotated[list_aliased[Column], Field(validate_default=True)] = []
    row_count: int | None = None
    rows: SourceRows | None = None
    insight: Insight | None = None
    fingerprint: str | None = None
    notes: list_aliased[str] = []
    read_as: FileOptions | None = None
    source_fingerprint: str | None = None
    as_of: AwareDatetime | None = None
    sides: Annotated[dict[str, SideFound], Field(validate_default=True)] = {}
    profiled_at: AwareDatetime | None = None
    profiling: Profiling | None = None


class DatasetWrite(Model):
    name: str
    description: str = ""
    spec: DatasetSpec
    managed_by: ManagedBy | None = None


class Dates(Model):
    """
    A window of time: rows outside it, and those of which the time is not known, are left out.

    Attributes:
        since: the first moment that belongs to it; None: there is no beginning.
        until: the first moment after it; None: there is no end.
    """

    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


class DaysSince(Model):
    """
    A column of dates of the customer, such as when they signed up: the days from then to the
    purchase, below 0 where it was later. Recommendations are asked for as of a moment; where none
    is given, it is the last one of the training rows.
    """

    column: str
    type: Literal["days_since"] = "days_since"
    transforms: Annotated[DaysSinceTransforms, Field(validate_default=True)] = {
        "normalize": {"enabled": True, "range": [-1, 1]},
        "bucketize": {"buckets": 100, "embedding_dim": 32, "enabled": False},
    }


class DaysSinceTransforms(Model):
    normalize: Annotated[Normalize, Field(validate_default=True)] = {
        "enabled": True,
        "range": [-1, 1],
    }
    bucketize: Annotated[Bucketize, Field(validate_default=True)] = {
        "enabled": False,
        "buckets": 100,
        "embedding_dim": 32,
    }


class Dense(Model):
    """
    `activation(x · kernel + bias)`; `activation` null is linear.
    """

    type: Literal["dense"] = "dense"
    units: int
    """
    More units can learn more, and take longer. Powers of 2 run fastest on GPUs.
    """
    activation: Literal["relu", "leaky_relu", "gelu", "tanh", "sigmoid", "linear"] | None = "relu"
    l2_reg: float = 0.0
    """
    A penalty on large weights, against overfitting. Start with none; try 0.001 to 0.01 if results get worse with more epochs.
    """


class DescribedCross(Model):
    """
    `words`: its settings, without its name.
    """

    name: str
    dim: int
    words: str


class DescribedFeature(Model):
    """
    Attributes:
    dim: what it adds to the width of the tower's input.
    parts: what that consists of.
    words: its settings: "Embedding 32, seen at least 3×".
    cross_name: what a cross calls it; null where it can be in none.
    buckets: number of the buckets that a cross takes; null where it takes values.
    """

    column: str
    dim: int
    parts: list_aliased[TensorPart]
    words: str
    cross_name: str | None
    buckets: int | None


class DescribedFeatures(Model):
    buyer: DescribedTower
    product: DescribedTower


class DescribedTower(Model):
    """
    `tensor`: the tower's input.
    """

    tensor: TensorDims
    features: list_aliased[DescribedFeature]
    crosses: list_aliased[DescribedCross]


class Difference(Model):
    """
    A version beside the control.

    Attributes:
        measure: `converted`, `converted_shown` (rates), `purchases` or `value` (of a customer).
        value, control: of the version, and of the control.
        interval: of the version's minus the control's; None where customers are too few.
        sentence: all of this, for people.
    """

    version: int
    measure: Literal["converted", "converted_shown", "purchases", "value"]
    value: float
    control: float
    interval: Interval | None
    standing: Literal["higher", "lower", "cannot_tell_apart", "too_few"]
    sentence: str


class Differences(Model):
    """
    What differs between two revisions, in words.

    Attributes:
        changes: a sentence for each thing that differs; none where nothing does.
        effect: what it did to the metrics; null where nothing differs, and of documents that no
            quick test is made of.
        markdown: all of it as one text, for a pull request.
    """

    before: Revision
    after: Revision
    changes: list_aliased[str]
    effect: EffectOfChange | None
    markdown: str


class DifferingField(Model):
    """
    A field in which the tests differ. `key` is one of each row's `fields`.
    """

    key: str
    section: Literal["features", "model", "test"]
    label: str


class DocumentInfo(Model):
    """
    What may be set in a document, or in a request that makes one.
    """

    name: str
    settings: list_aliased[SettingInfo]


class DraftOfFile(Model):
    """
    A document as it is edited, stored or not.

    Attributes:
        kind: `dataset`, `feature_config`, `model_config`, `rule_set`, `schedule`, `sweep` or
            `tuning`.
        spec: with ids, as the kind's own resource has it.
    """

    kind: str
    name: Any
    description: Any = ""
    spec: Any


class Dropout(Model):
    """
    `rate` is the share of inputs to drop; the others are scaled by 1 / (1 - rate).
    """

    type: Literal["dropout"] = "dropout"
    rate: float = 0.2
    """
    Share of the inputs to drop. 0.1 to 0.2 is light, and a good start; 0.3 to 0.5 is strong, for models that clearly overfit. Nothing is dropped in serving.
    """


class EffectOfChange(Model):
    """
    What changed in the main metric, as *Compare* says it of the two tests.

    Attributes:
        sentence: all of this in words; where it is not known, why, and which test would tell.
        before, after: the tests that say so; null where it is not known.
        difference: after minus before, paired by customer.
        warnings: for whom the better one is clearly worse.
        like: id of a test whose settings the test that would tell should have; null where any
            will do.
    """

    sentence: str
    metric: str = ""
    metric_label: str = ""
    before: MeasuredBy | None = None
    after: MeasuredBy | None = None
    difference: Interval | None = None
    verdict: Literal["better", "worse", "no_clear_difference"] | None = None
    warnings: list_aliased[str] = []
    like: str | None = None


class EmbeddingParameters(Model):
    """
    An embedding table, or the projection of vectors, `rows` × `dim`. `estimated`: the rows are
    not known before a test.
    """

    name: str
    rows: int
    dim: int
    parameters: int
    estimated: bool = False


class EmbeddingRecommendation(Model):
    """
    How to embed a column. `unique_count` is null where the column has no statistics.
    """

    column: str
    type: Literal["STRING", "INTEGER", "FLOAT", "TIMESTAMP", "BOOLEAN"]
    role: str | None
    unique_count: int | None
    embedding_dim: int
    vocab_settings: VocabularySettings


class EmbeddingRecommendations(Model):
    """
    `widths` is the table that the widths of `items` come from.
    """

    items: list_aliased[EmbeddingRecommendation]
    widths: list_aliased[EmbeddingWidth]


class EmbeddingWidth(Model):
    """
    The width for `at_least` values and fewer than `below`; null is no bound.
    """

    at_least: int
    below: int | None
    embedding_dim: int


class EpochProgress(Model):
    """
    One epoch. Losses are means per example.

    Attributes:
        newest_rows: it is none of those that were asked for: once what the fitting slice is for is
            settled, the towers are trained on it, and on as long a time before it, once.
    """

    epoch: int
    loss: float
    validation_loss: float | None = None
    seconds: float
    newest_rows: bool = False


class Erasure(Model):
    """
    What is, or was, done about a customer's id.

    Attributes:
        removed: what goes, or is gone, in words with its numbers.
        deleted: tests that are gone with their models; of a plan, none.
        knowing: tests that know the customer, and stay unless their models are to go too.
        named_in: documents whose specs, names or descriptions name the customer: users wrote that,
            and users change it.
        sources: where the customer's rows are to be removed by whoever owns them.
    """

    removed: list_aliased[str]
    deleted: list_aliased[str]
    knowing: list_aliased[Knows]
    named_in: list_aliased[str]
    sources: list_aliased[str]


class ErrorDetail(Model):
    """
    `code` is stable and in snake_case; `message` is for people.

    A 409 for a stale update carries both versions of the document.
    """

    code: str
    message: str
    fields: Annotated[list_aliased[FieldError], Field(validate_default=True)] = []
    current: dict[str, Any] | None = None
    yours: dict[str, Any] | None = None


class ErrorResponse(Model):
    error: ErrorDetail


class Estimate(Model):
    """
    What a test was expected to take, before it was launched.

    Attributes:
        seconds: from the start of the job's process to its end.
        cost_usd: by the price table; None on a laptop, which costs nothing.
        basis: what it rests on, for people: "12 earlier runs on this system".
        size: what it was made for; None for a sweep, whose estimate is the sum of its tests'.
        bytes_read: of BigQuery, in the costs; None where reading costs nothing.
        stages: the likely seconds of each stage, by its name; empty where they are not told apart.
    """

    seconds: Range
    cost_usd: Range | None = None
    basis: str
    size: RunSize | None = None
    bytes_read: int | None = None
    stages: dict[str, float] = {}


class EvaluationProtocol(Model):
    """
    How a metric came about; numbers of unlike protocols are never compared.

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

    split: str
    holdout_fraction: float
    holdout_share: float = 0.0
    ties: Literal["whole", "hash"] = "whole"
    judged_on: Literal["test", "validation"] = "test"
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
    as_of: AwareDatetime | None = None
    repeat_rows: int | None = None
    rows_without_time: int | None = None
    seen_items_included: bool = True
    rating_column: str | None = None
    told: str
    """
    `10% of the customers (seed 42), the latest 9.8% of the rows held out`.
    """


class Events(Model):
    """
    What rows of each kind are.

    Attributes:
        column: which says a row's kind.
        kinds: by value of the column ("" is a missing one): `target`, which is learned and
            measured, such as a purchase; `history`, which is read as the customer's past alone,
            such as a view; `negative`, which takes back the customer's latest target of the same
            product before it, such as a return; or `left_out`. Kinds that are not named are left
            out.
        weights: what an event counts in a history, by kind: of targets and of kinds that are
            history. Kinds that are not named count 1.
    """

    column: str
    kinds: Annotated[
        dict[str, Literal["target", "history", "negative", "left_out"]],
        Field(max_length=200, min_length=1),
    ]
    weights: dict[str, float] = {}


class Excluded(Model):
    """
    None of these products.
    """

    product_ids: list_aliased[str]
    type: Literal["except"] = "except"


class Experiment(Model):
    """
    An experiment that runs, or has run.

    Attributes:
        versions: the control first.
        began_by, ended_by: who asked for it; None where nobody signs in.
        ended_because: somebody asked for it, another version came into production, or another
            experiment took its place.
    """

    id: str
    versions: list_aliased[ExperimentVersion]
    salt: str
    began_at: AwareDatetime
    began_by: str | None = None
    ended_at: AwareDatetime | None = None
    ended_by: str | None = None
    ended_because: Literal["asked", "promotion", "replaced"] | None = None


class ExperimentResult(Model):
    """
    Attributes:
    sample_ratio_p: how likely numbers of customers as far from the shares as these are by chance.
    customers_per_day: how many were exposed for the first time; None where that spans no time.
    left_out_words: what does not count, a sentence each.
    warnings: what speaks against believing the differences, a sentence each.
    """

    experiment_id: str
    days: float
    versions: list_aliased[MeasuredVersion]
    differences: list_aliased[Difference]
    sample_ratio_p: float
    customers_per_day: float | None
    left_out: OutcomesLeftOut
    left_out_words: list_aliased[str]
    warnings: list_aliased[str]


class ExperimentVersion(Model):
    """
    A version of an experiment. `artifacts_uri` of its folder is made of the test when read.
    """

    version: int
    share_percent: float
    quick_test_id: str


class ExperimentWish(Model):
    """
    An experiment that is to run.

    Attributes:
        versions: the control first, which has to be the version in production; shares sum to 100.
        salt: decides with a customer's id which version they get. Left out, it is the experiment's
            id; that of another experiment keeps its customers where they were, so far as the shares
            do.
        asked_at: tells a wish from the same one of before.
    """

    versions: list_aliased[VersionShare]
    salt: str | None = None
    asked_at: AwareDatetime | None = None


class ExperimentWrite(Model):
    """
    Attributes:
    versions: the control first, which is the version in production; shares sum to 100.
    salt: that of an earlier experiment keeps its customers where they were.
    """

    versions: list_aliased[VersionShare]
    salt: str | None = None


class ExplainedGroup(Model):
    """
    Parts of one kind. `value` is their sum; those that are small are told as one.

    Attributes:
        side: what they come of, the buyer or the product; null for the start.
    """

    key: Literal[
        "start", "own", "goes_with", "purchases", "customer", "product", "sales", "activity"
    ]
    """
    What parts are of.
    """
    side: Literal["buyer", "product"] | None
    name: str
    detail: str = ""
    value: float
    parts: Annotated[list_aliased[ExplainedPart], Field(validate_default=True)] = []


class ExplainedPart(Model):
    """
    A part of a score.

    Attributes:
        name: a column, a product, or what the re-ranker looks at.
        detail: its value, or what was done with it; "" where there is nothing to say.
        product_id: of a past purchase.
    """

    name: str
    detail: str = ""
    value: float
    product_id: str | None = None


class Explanation(Model):
    """
    A score as the sum of its groups.

    Attributes:
        method: how it was taken apart; `method_words` say it.
        residual: what an integration had left over, which is shared out among the parts.
    """

    method: Literal["exact", "integrated_gradients"]
    """
    How a score is taken apart.
    """
    method_words: str
    residual: float
    groups: list_aliased[ExplainedGroup]


class ExposureTable(Model):
    """
    The log of exposures, a row for each answer that was shown, by the names of its columns.

    Attributes:
        experiment_id, assigned_by: left out, they are read where the log has columns of these
            names; without, all its rows are of this experiment, and of customers who were assigned
            by their id.
        product_ids: the products that were shown; likewise.
    """

    source: Annotated[FileSource | BigQuerySource, Field(discriminator="kind")]
    customer_id: str = "customer_id"
    version: str = "version"
    time: str = "time"
    experiment_id: str | None = "experiment_id"
    assigned_by: str | None = "assigned_by"
    product_ids: str | None = "product_ids"


class FeatureConfig(Model):
    id: str
    name: str
    description: str = ""
    spec: FeatureConfigSpec
    revision: int = 1
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None
    created_by: str | None = None
    managed_by: ManagedBy | None = None
    status: Annotated[FeatureConfigStatus, Field(validate_default=True)] = {
        "observed": {"revision": 0, "spec_hash": ""},
        "validation": {"problems": [], "revision": 0, "state": "pending"},
        "lifecycle": "draft",
    }


class FeatureConfigPage(Model):
    items: list_aliased[FeatureConfig]
    unreadable: Annotated[dict[str, list_aliased[Problem]], Field(validate_default=True)] = {}
    next_page_token: str | None


class FeatureConfigSpec(Model):
    """
    The user's part. *Buyer* is the query tower, *product* the candidate tower.
    """

    dataset_id: str
    buyer_model_features: Annotated[
        list_aliased[
            Annotated[
                StringEmbedding
                | Numeric
                | Timestamp
                | DaysSince
                | History
                | Text
                | ValueList
                | Vector,
                Field(discriminator="type"),
            ]
        ],
        Field(validate_default=True),
    ] = []
    product_model_features: Annotated[
        list_aliased[
            Annotated[
                StringEmbedding
                | Numeric
                | Timestamp
                | DaysSince
                | History
                | Text
                | ValueList
                | Vector,
                Field(discriminator="type"),
            ]
        ],
        Field(validate_default=True),
    ] = []
    buyer_model_crosses: Annotated[list_aliased[Cross], Field(validate_default=True)] = []
    product_model_crosses: Annotated[list_aliased[Cross], Field(validate_default=True)] = []


class FeatureConfigStatus(Model):
    """
    The system's part.

    Attributes:
        archived_from: what the config was before it was archived.
        config_hash: equal for configs that mean the same.
    """

    observed: Annotated[Observed, Field(validate_default=True)] = {
        "revision": 0,
        "spec_hash": "",
    }
    validation: Annotated[Validation, Field(validate_default=True)] = {
        "state": "pending",
        "revision": 0,
        "problems": [],
    }
    lifecycle: Literal["draft", "tested", "promoted", "archived"] = "draft"
    archived_from: Literal["draft", "tested", "promoted", "archived"] | None = None
    config_hash: str | None = None
    buyer_tensor: TensorDims | None = None
    product_tensor: TensorDims | None = None
    preprocessing: CodeArtifact | None = None
    best: BestMetrics | None = None


class FeatureConfigSummary(Model):
    """
    `…_tensor_dim`: how many numbers a tower's input has.
    """

    id: str
    name: str
    buyer_tensor_dim: int
    product_tensor_dim: int


class FeatureConfigTemplate(Model):
    """
    `spec`, and what follows from it, is null where no dataset was named.
    """

    key: str
    name: str
    description: str
    spec: FeatureConfigSpec | None = None
    buyer_tensor: TensorDims | None = None
    product_tensor: TensorDims | None = None


class FeatureConfigTemplates(Model):
    items: list_aliased[FeatureConfigTemplate]


class FeatureConfigTrial(Model):
    """
    Attributes:
    id: the stored config that the spec is to replace, if it is.
    model_config_id: count the parameters of this model over the features.
    """

    spec: FeatureConfigSpec
    id: str | None = None
    model_config_id: str | None = None


class FeatureConfigWrite(Model):
    name: str
    description: str = ""
    spec: FeatureConfigSpec
    managed_by: ManagedBy | None = None


class FeatureInfo(Model):
    """
    Attributes:
    column_types: of the columns that it takes.
    of_past: reads the customer's past purchases: of the buyer tower, over a column that the
        product tower embeds, as wide as that.
    """

    name: str
    label: str
    help: str
    settings: list_aliased[SettingInfo]
    initial: dict[str, Any]
    column_types: list_aliased[Literal["STRING", "INTEGER", "FLOAT", "TIMESTAMP", "BOOLEAN"]]
    of_past: bool
    advice: list_aliased[AdviceInfo]


class FeaturesToDescribe(Model):
    spec: FeatureConfigSpec


class FieldChange(Model):
    """
    `was` and `now` are null where a field is missing.
    """

    path: str
    was: Any
    now: Any


class FieldError(Model):
    """
    What is wrong with one field. `path` is from the body's root: `spec.split.strategy`.
    """

    path: str
    message: str
    received: Any | None = None


class FileEntry(Model):
    """
    `size` in bytes; null for a folder.
    """

    name: str
    path: str
    kind: Literal["folder", "file"]
    size: int | None = None


class FileFinding(Model):
    """
    What is to be said of a place in a file; lines and columns count from 1. `path` is the field
    within its document.
    """

    file: str
    line: int
    column: int
    path: str
    message: str
    received: Any | None = None
    level: Literal["error", "warning"]


class FileListing(Model):
    """
    A folder: `parent` is null at the top, `truncated` says that not all entries are listed.
    """

    path: str
    parent: str | None
    entries: list_aliased[FileEntry]
    truncated: bool = False


class FileOptions(Model):
    """
    How files are read. What is left out is told by the files themselves.

    Attributes:
        encoding: of text, as Python calls it: `utf-8`, `utf-16`, `cp1252`.
        delimiter: what stands between the values of a line.
        quote: what values with delimiters stand in; "" for nothing.
        escape: what stands before a quotation mark within a value: the mark itself, or `\\`.
        header: the number of the line that has the columns' names, from 1; lines before it are
            passed over. 0: there is none, and the columns are called `column1`, `column2` …
        missing: texts that mean a missing value, beside the usual ones.
        decimal: the decimal mark of all numbers.
        day_first: whether days come before months in dates such as 03/04/2024.
        zone: of times that name none; UTC unless it is said.
        skip_bad_lines: leave lines out that cannot be read, and say how many.
        columns: how single columns are read, by their names.
    """

    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    escape: str | None = None
    header: int | None = None
    missing: list_aliased[str] = []
    decimal: Literal[".", ","] | None = None
    day_first: bool | None = None
    zone: str | None = None
    skip_bad_lines: bool = False
    columns: Annotated[dict[str, ColumnFormat], Field(validate_default=True)] = {}


class FilePlan(Model):
    """
    Attributes:
    valid: whether there is no finding of level `error`; otherwise there are no steps.
    """

    valid: bool
    findings: list_aliased[FileFinding]
    steps: Annotated[list_aliased[FileStep], Field(validate_default=True)] = []


class FileSource(Model):
    """
    Files of like columns: a path, a folder, or a glob pattern.
    """

    kind: Literal["csv", "excel", "json", "parquet"]
    uri: str
    options: Annotated[FileOptions, Field(validate_default=True)] = {}


class FileStep(Model):
    """
    What becomes of one document.

    Attributes:
        id: of the stored document; null where it is to be created.
        action: `mark` where only the file that keeps it differs.
        note: what writing it leads to, in words, such as that a sweep starts.
        known_by: what this step is known by when the plan is carried out.
    """

    kind: str
    name: str
    id: str | None
    file: str
    line: int
    column: int
    action: Literal["create", "update", "mark", "unchanged"]
    note: str
    changes: list_aliased[FieldChange]
    known_by: str


class FilesToApply(Model):
    """
    Attributes:
    files: as they were planned.
    steps: all of the plan's.
    """

    files: list_aliased[SentFile]
    steps: list_aliased[SeenStep]


class FilesToPlan(Model):
    """
    Attributes:
    judge: by all that the system knows of the data, as creating them would; else only what differs
        is told.
    """

    files: list_aliased[SentFile]
    judge: bool = True


class FilterInfo(Model):
    """
    A kind of filter in rules of lists.
    """

    name: str
    label: str
    help: str
    settings: list_aliased[SettingInfo]


class FilterPreview(Model):
    """
    How many products a filter keeps by itself, for a customer who has bought nothing.
    """

    filter: str
    fitting: int


class Finding(Model):
    """
    What was found in a dataset, what it means, and what to do about it.

    Attributes:
        kind, label: of the finding.
        level: whether there is something to mend, or only to know.
        message: what was found, with its numbers.
        next_step: what to do.
        remedy: where that is done; None where nothing is to be done.
        columns: that it is about.
        bars: how what was counted is spread.
    """

    kind: str
    label: str
    level: Literal["note", "warning"]
    message: str
    next_step: str
    remedy: Literal["settings", "features", "model", "data"] | None
    columns: list_aliased[str] = []
    bars: Annotated[list_aliased[Bar], Field(validate_default=True)] = []


class Forgetting(Model):
    """
    Attributes:
    models: delete the tests that know the customer as well, with their models.
    """

    customer_id: str | int
    dataset_id: str | None = None
    models: bool = False


class FullTraining(Model):
    """
    What differs from the quick test; null leaves its value.

    Attributes:
        name: by default the quick test's, with "(full training)".
        model_name: the registered model that it becomes a version of.
        warm_start: begin with the weights of that model's version in production; of its latest one
            where none is.
        rule_set_id: the rule set that it is measured under; "" measures it under none.
    """

    name: str | None = None
    epochs: int = 20
    """
    Passes over the training data.
    """
    early_stopping_patience: int | None = 2
    data_sample_percent: float = 100.0
    batch_size_override: int | None = None
    learning_rate_override: float | None = None
    training_seed: int | None = None
    model_name: str | None = None
    warm_start: bool = False
    """
    The training goes on from the weights of the version in production (of the latest one where none is) in place of random ones: products and customers that it knew keep what was learned of them, new ones begin afresh. It mostly takes fewer epochs.
    """
    rule_set_id: str | None = None
    runner: Literal["direct", "tfx"] | None = None


class GenerateCode(Model):
    """
    `rating_column` is what a model that rates predicts; others need none.
    """

    feature_config_id: str
    model_config_id: str
    rating_column: str | None = None


class GeneratedCode(Model):
    preprocessing: CodeArtifact
    trainer: CodeArtifact


class Health(Model):
    status: str
    version: str


class Heatmap(Model):
    """
    One group of comparable tests.

    Attributes:
        metrics: those that any of the tests has, so that it can be asked for.
        verdict: which cell is best, each by its `quick_test_id`; None without any.
        summary: the same in words.
        note: in words, what is shown and what is not.
    """

    metric: str
    metric_label: str
    lower_is_better: bool
    metrics: list_aliased[str]
    rows: HeatmapAxis
    columns: HeatmapAxis
    cells: list_aliased[HeatmapCell]
    verdict: BestOf | None
    summary: str
    dimensions: list_aliased[HeatmapDimension]
    groups: list_aliased[HeatmapGroup]
    left_out: list_aliased[LoadingLeftOut]
    note: str


class HeatmapAxis(Model):
    """
    Its values in their order: numbers by size, texts by the alphabet.
    """

    key: str
    label: str
    values: list_aliased[str]


class HeatmapCell(Model):
    """
    The tests with one combination of settings. Combinations without a test have no cell.

    Attributes:
        row, column: places among the axes' values, from 0.
        value: the metric; of several tests, the mean.
        low, high: smallest and largest value of the cell's tests.
        interval: of a single test; a mean has none.
        quick_test_id: the test, of several the best.
        count: of tests.
        best: whether it is clearly better than all others, and its tests than every baseline.
    """

    row: int
    column: int
    value: float
    low: float
    high: float
    interval: Interval | None
    quick_test_id: str
    quick_test_ids: list_aliased[str]
    count: int
    best: bool


class HeatmapDimension(Model):
    """
    `values`: how many different ones the tests have; a dimension with one is no use.
    """

    key: str
    label: str
    values: int


class HeatmapGroup(Model):
    """
    Tests that may be ranked together. Ask for one by the id of any of its tests.

    Attributes:
        reasons: why they are not in the heatmap with the group that is shown.
    """

    quick_test_id: str
    tests: int
    measured: str
    shown: bool
    reasons: list_aliased[str]


class HeatmapRequest(Model):
    """
    Either `quick_test_ids` or `dataset_id`, for all completed tests over a dataset.

    Attributes:
        group_of: the id of a test of the group to show; null shows the largest.
    """

    quick_test_ids: list_aliased[str] | None = None
    dataset_id: str | None = None
    metric: str | None = None
    rows: str | None = None
    """
    One of customer_embedding, product_embedding, crosses, feature_config, left_out, towers, model_config, optimizer, learning_rate, batch_size, temperature, epochs, training_seed, output_embedding_dim, model_type; null takes one that differs.
    """
    columns: str | None = None
    """
    One of customer_embedding, product_embedding, crosses, feature_config, left_out, towers, model_config, optimizer, learning_rate, batch_size, temperature, epochs, training_seed, output_embedding_dim, model_type; null takes one that differs.
    """
    group_of: str | None = None


class HeldOut(Model):
    """
    A product that the customer bought in the rows that the test was judged by. `count` is the
    number of purchases.
    """

    product_id: str
    name: str | None
    count: int
    bought_before: bool


class History(Model):
    """
    What the customer bought before: the embeddings of a product column's values, added up by
    weights that decay with age.

    Attributes:
        column: of the product tower: the product's id, or what describes it.
        length: how many of the newest purchases count at most.
        half_lives: in days, of the decays that a weight is mixed from. The mix is learned.
        own_table: whether it learns embeddings of its own, instead of using the product tower's.
        embedding_dim: width of the embeddings; of shared ones that of the product tower's.
    """

    column: str
    type: Literal["history"] = "history"
    length: int = 50
    """
    How many of the newest purchases count.
    """
    half_lives: list_aliased[float] = [5.0, 20.0, 90.0]
    """
    After so many days a purchase counts half. Weights are mixed from all of these, and the mix is learned.
    """
    own_table: bool = False
    """
    Learns what a past purchase says of the customer apart from what the product is. Shared with the product tower otherwise, which needs fewer purchases.
    """
    embedding_dim: int = 32
    """
    More can tell finer differences apart, and needs more purchases to learn.
    """


class InRange(Model):
    """
    Only products with a number from `min` to `max`, both of which may be reached. One without a
    number is left out.
    """

    column: str
    type: Literal["range"] = "range"
    min: float | None = None
    max: float | None = None


class IndexReport(Model):
    """
    How the saved model finds its best products.

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


class Insight(Model):
    """
    What was measured of the rows that name a customer and a product.

    Attributes:
        measured: by kind of finding, its numbers; each kind of `shared.insights` knows its own.
        examined_rows: how many rows the columns were examined in: those of a sample of customers
            where there are more.
        unexamined: how many columns were not, as there are so many.
    """

    measured: dict[str, dict[str, Any]] = {}
    examined_rows: int = 0
    unexamined: int = 0


class Inspect(Model):
    """
    What may become a dataset's. `column_mapping`: roles that are known.
    """

    source: Annotated[FileSource | BigQuerySource, Field(discriminator="kind")]
    products: ProductTable | None = None
    customers: SideTable | None = None
    where: Annotated[list_aliased[RowFilter], Field(validate_default=True)] = []
    dates: Dates | None = None
    events: Events | None = None
    column_mapping: dict[str, str] = {}


class Inspected(Model):
    """
    Attributes:
    source: with all that was understood of it among its options, to be stored so.
    column_mapping: the roles that were given, and others guessed from the columns' types, names
        and first rows.
    rows: the first few, in the columns' order, as text; null where a value is missing.
    reasons: why columns are read in their formats, by column.
    role_reasons: why columns have their roles, by column.
    option_reasons: why files are read so, by option.
    notes: what whoever uses the data should know of how it was read.
    problems: what is doubtful, such as a time that cannot be used.
    tables: what the rows are made of, with all that was understood of further tables, and kinds of
        events where a column has some that are well known and nothing was said of them.
    """

    source: Annotated[FileSource | BigQuerySource, Field(discriminator="kind")]
    columns: list_aliased[Column]
    column_mapping: dict[str, str]
    rows: list_aliased[list_aliased[str | None]] = []
    reasons: dict[str, str] = {}
    role_reasons: dict[str, str] = {}
    option_reasons: dict[str, str] = {}
    notes: list_aliased[str] = []
    problems: Annotated[list_aliased[Problem], Field(validate_default=True)] = []
    tables: Tables


class Interval(Model):
    """
    A 95 % interval by bootstrap over customers.
    """

    low: float
    high: float


class Judged(Model):
    """
    A completed test compared with simple baselines.

    Attributes:
        standing: `better` where it is clearly better than every baseline, `worse` where it is
            clearly worse than one, `no_clear_difference` where it is neither, `unknown` where
            there are no intervals to judge by.
        label: the same in two or three words: "Worse than own history".
    """

    standing: Literal["better", "no_clear_difference", "worse", "unknown"]
    label: str


class KindInfo(Model):
    """
    `initial`: what one begins with, as a document has it.
    """

    name: str
    label: str
    help: str
    settings: list_aliased[SettingInfo]
    initial: dict[str, Any]


class KindInfoOptimizerInfo(Model):
    """
    `learning_rate` is the one to begin with; above `highest_usual_rate` training usually
    diverges.
    """

    name: str
    label: str
    help: str
    learning_rate: float
    highest_usual_rate: float | None


class Knows(Model):
    """
    A quick test or full training whose files know the customer.

    Attributes:
        certain: whether its files say so; else they do not say whose rows they are, or it runs.
        reason: why it cannot be deleted now; null where it can.
        again: the command that tests the same again, once the source no longer has the customer.
    """

    id: str
    name: str
    purpose: Literal["quick_test", "full_training"]
    certain: bool
    reason: str | None
    again: str


class LayerInfo(Model):
    """
    Attributes:
    keras: its class in Keras.
    named_by: the setting that is part of its name: `units` of "Dense 64"; "" where none is.
    """

    name: str
    label: str
    help: str
    settings: list_aliased[SettingInfo]
    initial: dict[str, Any]
    keras: str
    named_by: str


class LayerNorm(Model):
    """
    Normalises each row over its features; `epsilon` keeps a constant row finite.
    """

    type: Literal["layer_norm"] = "layer_norm"
    epsilon: float = 1e-06
    """
    Added to the variance, so that a constant row stays finite. 1e-6 is right unless you know better.
    """


class LayerParameters(Model):
    type: str
    input_width: int
    output_width: int
    trainable: int
    non_trainable: int = 0


class LearningCurve(Model):
    """
    Attributes:
    name: by default the quick test's.
    shares: of the customers, in per cent, trained on with the test's epochs; all of them are
        always among these. Null: 5, 10, 25, 50 and 100, without those of fewer than 100 customers.
        Empty: no curve by customers.
    epochs: with all customers; the test's own are always among them. Null: half, twice and four
        times as many. Empty: no curve by epochs.
    data_sample_percent: of the data's customers, of whom the shares are.
    in_flight, budget_minutes, budget_usd: as of a sweep.
    """

    name: str | None = None
    shares: list_aliased[float] | None = None
    epochs: list_aliased[int] | None = None
    data_sample_percent: float = 100.0
    in_flight: int = 2
    budget_minutes: float | None = None
    budget_usd: float | None = None


class LearningCurves(Model):
    """
    Attributes:
    metric: None before a test has completed.
    baseline_label: of the baseline that is strongest with all customers.
    told: how they were measured, in words.
    advice: what follows of curves all of whose tests have ended.
    """

    metric: str | None = None
    metric_label: str = ""
    lower_is_better: bool = False
    baseline_label: str | None = None
    told: str = ""
    curves: list_aliased[Curve]
    advice: Annotated[list_aliased[Advice], Field(validate_default=True)] = []


class LeftOut(Model):
    """
    A column that one tower does without, and with it every cross that uses it there.
    """

    tower: Literal["buyer", "product"]
    column: str


class ListVerdict(Model):
    """
    How a list that the model serves beside that of all products stands against what recommends
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


class LoadingLeftOut(Model):
    """
    A test that was asked for but cannot be shown, and why.
    """

    quick_test_id: str
    name: str
    reason: str


class LossFunctionInfo(Model):
    name: str
    description: str
    key: Literal["mse", "binary_crossentropy", "huber"]
    """
    Of the rating. Binary cross-entropy is for labels from 0 to 1; the head gives its logit.
    """
    when_to_use: str


class LossFunctions(Model):
    items: list_aliased[LossFunctionInfo]


class LossInfo(Model):
    name: str
    label: str
    help: str
    when_to_use: str


class ManagedBy(Model):
    """
    The file that a document is kept in, where changes of it belong.

    Attributes:
        path: within the folder or repository that was applied.
        revision: of the document, that the file was applied as; the system says it. A later one
            was written by other means.
    """

    path: str
    revision: int = 0


class Marks(Model):
    """
    How somebody has sorted a run; nothing follows from it but how it is listed.

    Attributes:
        tags: each once.
        pinned: it comes first.
        archived: lists leave it out unless asked for it.
    """

    tags: list_aliased[str] = []
    pinned: bool = False
    archived: bool = False


class MeasureRequest(Model):
    """
    Attributes:
    experiment_id: left out, the one that runs, or else the last one.
    """

    exposures: ExposureTable
    outcomes: OutcomeTable
    days: float = 7.0
    experiment_id: str | None = None


class MeasuredBy(Model):
    """
    A test, and the metric's value in it.
    """

    quick_test_id: str
    name: str
    value: float


class MeasuredRules(Model):
    """
    What a rule set makes of a model's lists, over held-out rows.

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
    told: list_aliased[str] = []
    rows: int = 0
    metrics: dict[str, float] = {}
    intervals: Annotated[dict[str, Interval], Field(validate_default=True)] = {}
    without: dict[str, float] = {}
    differences: Annotated[dict[str, Interval], Field(validate_default=True)] = {}
    lists: Annotated[list_aliased[RuledList], Field(validate_default=True)] = []
    seconds: float = 0.0
    skipped: str = ""


class MeasuredVersion(Model):
    """
    Attributes:
    rate: `converted` of `customers`; None without customers.
    interval: of the rate, 95%.
    """

    version: int
    customers: int = 0
    converted: int = 0
    converted_shown: int | None = None
    purchases_mean: float = 0.0
    purchases_variance: float = 0.0
    value_mean: float | None = None
    value_variance: float | None = None
    rate: float | None = None
    interval: Interval | None = None


class MetricInfo(Model):
    """
    Attributes:
    term: what the field calls it, in running text.
    share: lies between 0 and 1, and is written in percent.
    unit: of its values, in words; "" where they have none.
    rating: of predicted ratings, not of ranked products.
    main: what tests of a task are ranked by.
    of_list: the name of the list that it is measured in, "Buy again"; "" for that of all products.
    """

    name: str
    label: str
    help: str
    term: str
    share: bool
    unit: str
    lower_is_better: bool
    rating: bool
    main: bool
    of_list: str


class MetricsReport(Model):
    """
    What was measured over the held-out rows, and each baseline under the same protocol.

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

    metrics: dict[str, float]
    """
    By name: `recall_at_10` (Found among the first 10 recommendations), `recall_at_10_repeat` (Found among the first 10 recommendations, bought before), `recall_at_10_new` (Found among the first 10 recommendations, new to the customer), `recall_at_10_unseen` (Found among the first 10 recommendations, of products never trained on), `recall_at_10_buy_again` (Found among the first 10 recommendations, of products to buy again), `recall_at_10_discover` (Found among the first 10 recommendations, of products to discover), `recall_at_50` (Found among the first 50 recommendations), `recall_at_50_repeat` (Found among the first 50 recommendations, bought before), `recall_at_50_new` (Found among the first 50 recommendations, new to the customer), `recall_at_50_unseen` (Found among the first 50 recommendations, of products never trained on), `recall_at_50_buy_again` (Found among the first 50 recommendations, of products to buy again), `recall_at_50_discover` (Found among the first 50 recommendations, of products to discover), `recall_at_100` (Found among the first 100 recommendations), `recall_at_100_repeat` (Found among the first 100 recommendations, bought before), `recall_at_100_new` (Found among the first 100 recommendations, new to the customer), `recall_at_100_unseen` (Found among the first 100 recommendations, of products never trained on), `recall_at_100_buy_again` (Found among the first 100 recommendations, of products to buy again), `recall_at_100_discover` (Found among the first 100 recommendations, of products to discover), `mrr` (1 ÷ its place, on average), `mrr_repeat` (1 ÷ its place, on average, bought before), `mrr_new` (1 ÷ its place, on average, new to the customer), `mrr_unseen` (1 ÷ its place, on average, of products never trained on), `mrr_buy_again` (1 ÷ its place, on average, of products to buy again), `mrr_discover` (1 ÷ its place, on average, of products to discover), `ndcg_at_10` (Found, and high up, among the first 10), `ndcg_at_10_repeat` (Found, and high up, among the first 10, bought before), `ndcg_at_10_new` (Found, and high up, among the first 10, new to the customer), `ndcg_at_10_unseen` (Found, and high up, among the first 10, of products never trained on), `ndcg_at_10_buy_again` (Found, and high up, among the first 10, of products to buy again), `ndcg_at_10_discover` (Found, and high up, among the first 10, of products to discover), `coverage_at_10` (Products in anybody's first 10), `identical_top_10` (Customers with the most common first 10), `rmse` (Typical error, large ones count more), `mae` (Average error), `auc` (Higher ratings predicted higher), `log_loss` (Surprise at the true ratings).
    """
    intervals: Annotated[dict[str, Interval], Field(validate_default=True)] = {}
    baselines: dict[str, dict[str, float]]
    """
    By name: `popularity` (Everyone is recommended the products with the most training rows), `recent_popularity` (Everyone is recommended the products with the most training rows of the last 28 days), `own_history` (Everyone is recommended their own products again, and after them what is popular), `decayed_history` (Everyone is recommended their own products again, recent purchases counting for more, and after them what was popular in the last 28 days), `item_knn` (Everyone is recommended the products whose buyers are most like those of the products that they bought (item-based nearest neighbours, cosine)), `category_popularity` (Products of the categories that sell best per product, at random within each), `tifu_knn` (Everyone is recommended what they bought often and lately, and what the 300 customers most like them did (TIFU-kNN)), `ease` (Everyone is recommended what goes with the products that they bought, by a linear model of all pairs of products (EASE)), `random` (A random order of all products for each customer), `global_mean` (The mean of the training rows' ratings), `customer_product_means` (The mean, and how far each customer's and each product's ratings lie from it), `regularised_biases` (The mean, and how far each customer's and each product's ratings lie from it, fitted together and pulled towards 0).
    """
    differences: Annotated[dict[str, dict[str, Interval]], Field(validate_default=True)] = {}
    skipped: dict[str, str] = {}
    varying_attributes: dict[str, float] = {}
    protocol: EvaluationProtocol
    rows: SourceRows | None = None
    index: IndexReport | None = None
    rules: MeasuredRules | None = None
    warm_start: WarmStartReport | None = None


class ModelChoicesOptimizerInfo(Model):
    """
    `learning_rate` is the one to begin with; above `highest_usual_rate` training usually
    diverges.
    """

    name: str
    description: str
    key: Literal["adagrad", "adam", "sgd", "rmsprop", "adamw", "ftrl"]
    learning_rate: float
    highest_usual_rate: float | None


class ModelConfig(Model):
    id: str
    name: str
    description: str = ""
    spec: ModelConfigSpec
    revision: int = 1
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None
    created_by: str | None = None
    managed_by: ManagedBy | None = None
    status: Annotated[ModelConfigStatus, Field(validate_default=True)] = {
        "observed": {"revision": 0, "spec_hash": ""},
        "validation": {"problems": [], "revision": 0, "state": "pending"},
    }


class ModelConfigPage(Model):
    items: list_aliased[ModelConfig]
    unreadable: Annotated[dict[str, list_aliased[Problem]], Field(validate_default=True)] = {}
    next_page_token: str | None


class ModelConfigSpec(Model):
    """
    The user's part; a task ignores the settings of others.

    Attributes:
        normalize_embeddings: towers end in unit vectors, so that a score is a cosine.
        output_embedding_dim: width in which both towers end, for retrieval.
        logq_correction: subtract the log of each product's sampling probability from its in-batch
            logit (Yi et al., 2019, "Sampling-Bias-Corrected Neural Modeling for Large Corpus Item
            Recommendations"); without it, popular products are punished for being popular.
        remove_accidental_hits: other rows of the batch with the same product are no negatives.
        temperature: in-batch logits are divided by it; matters with normalized embeddings.
        scann_num_leaves: None takes the square root of the number of products.
        scann_leaves_to_search: None takes as many as find 97 % of the best for a sample of
            queries.
        reranker: a second stage, which orders what the towers find; null has none.
        rating_head_layers: from both towers' outputs, concatenated, to one number; for models that
            rate.
        loss_function: of the rating; ignored by models that do not rate.
        retrieval_weight, ranking_weight: what each task's loss counts in multitask; not normalised.
        batch_size: also the number of products that a row is held against. Small batches make
            many steps: on samples of some 100,000 rows and two epochs, 512 learns far more than
            4,096.
        early_stopping_patience: end after so many epochs without a lower validation loss on the
            fitting slice, and keep the best epoch's weights, in tests of at least 3 epochs; None
            trains all epochs. A test may say otherwise.
    """

    model_type: Literal["retrieval", "ranking", "multitask"] = "retrieval"
    """
    The task. Retrieval finds products, ranking rates given ones, multitask learns both at
    once.
    """
    buyer_tower_layers: list_aliased[
        Annotated[Dense | Dropout | BatchNorm | LayerNorm, Field(discriminator="type")]
    ]
    product_tower_layers: list_aliased[
        Annotated[Dense | Dropout | BatchNorm | LayerNorm, Field(discriminator="type")]
    ]
    share_tower_weights: bool = False
    """
    One tower for both: buyer and product go through the same layers. Helps on small data, where two towers would overfit.
    """
    normalize_embeddings: bool = True
    """
    Embeddings of length 1, so that the score is a cosine. At least as good on all data that we measured.
    """
    output_embedding_dim: int = 32
    """
    Width in which both towers end: their dot product is the similarity. Wider embeddings can tell more products apart, and make serving slower.
    """
    logq_correction: bool = True
    """
    Popular products turn up more often as in-batch negatives; this makes up for it. Without it, models usually end below plain popularity.
    """
    remove_accidental_hits: bool = True
    """
    Other rows of a batch may have the same product; they are not counted as its negatives.
    """
    temperature: float = 0.1
    """
    Scores are divided by it in training. A smaller one puts more weight on the hardest negatives; 0.05 to 0.2 differ little. Use 1 for embeddings of any length.
    """
    retrieval_algorithm: Literal["brute_force", "scann"] = "brute_force"
    top_k: int = 100
    """
    Products to return for each customer, best first.
    """
    scann_num_leaves: int | None = None
    """
    Partitions of the catalogue. The square root of the number of products is usual.
    """
    scann_leaves_to_search: int | None = None
    """
    Searching more finds more, and takes longer. A tenth of them is usual.
    """
    reranker: Reranker | None = None
    """
    A second stage that orders what the towers find by what customers did before. It finds most where customers buy the same things again.
    """
    rating_head_layers: Annotated[
        list_aliased[
            Annotated[Dense | Dropout | BatchNorm | LayerNorm, Field(discriminator="type")]
        ],
        Field(validate_default=True),
    ] = []
    loss_function: Literal["mse", "binary_crossentropy", "huber"] = "mse"
    """
    Of the rating. Binary cross-entropy is for labels from 0 to 1; the head gives its logit.
    """
    retrieval_weight: float = 1.0
    """
    A higher weight finds more of what is bought next: better recall@k.
    """
    ranking_weight: float = 1.0
    """
    A higher weight predicts ratings more closely: lower RMSE.
    """
    optimizer: Literal["adagrad", "adam", "sgd", "rmsprop", "adamw", "ftrl"] = "adam"
    learning_rate: float = 0.002
    """
    Size of a training step. Too large, and training diverges; too small, and it has not converged when it ends.
    """
    batch_size: int = 512
    """
    Purchases per training step, and how many products each is held against (in-batch negatives). On samples of some 100,000 rows, 512 learns far more than 4,096. Large batches are faster and need more memory.
    """
    early_stopping_patience: int | None = None


class ModelConfigStatus(Model):
    """
    `config_hash`: equal for configs that mean the same.
    """

    observed: Annotated[Observed, Field(validate_default=True)] = {
        "revision": 0,
        "spec_hash": "",
    }
    validation: Annotated[Validation, Field(validate_default=True)] = {
        "state": "pending",
        "revision": 0,
        "problems": [],
    }
    config_hash: str | None = None


class ModelConfigSummary(Model):
    """
    `…_tower_summary`: the widths of a tower's dense layers, `128→64→32`.
    """

    id: str
    name: str
    model_type: str
    buyer_tower_summary: str
    product_tower_summary: str


class ModelConfigTrial(Model):
    """
    Attributes:
    id: the stored config that the spec is to replace, if it is.
    feature_config_id: count the model's parameters over these features; without any, those of the
        layers alone, over inputs 100 (buyer) and 50 (product) wide.
    """

    spec: ModelConfigSpec
    id: str | None = None
    feature_config_id: str | None = None


class ModelConfigWrite(Model):
    """
    A model that rates and has no `rating_head_layers` gets those that fit its buyer tower.
    """

    name: str
    description: str = ""
    spec: ModelConfigSpec
    managed_by: ManagedBy | None = None


class Normalize(Model):
    enabled: bool = False
    range: list_aliased[Any] = [-1, 1]


class NotAmong(Model):
    """
    No product with one of the values. One without a value is kept.
    """

    column: str
    values: list_aliased[bool | int | float | str]
    type: Literal["not_in"] = "not_in"


class NotBoughtWithin(Model):
    """
    No product that the customer bought less than `days` ago. A purchase of which the time is not
    known counts as one of today.
    """

    type: Literal["not_bought_within"] = "not_bought_within"
    days: float


class Numeric(Model):
    """
    A column of numbers.
    """

    column: str
    type: Literal["numeric"] = "numeric"
    transforms: Annotated[NumericTransforms, Field(validate_default=True)] = {
        "normalize": {"enabled": True, "range": [-1, 1]},
        "bucketize": {"buckets": 100, "embedding_dim": 32, "enabled": False},
        "log_transform": False,
    }


class NumericTransforms(Model):
    normalize: Annotated[Normalize, Field(validate_default=True)] = {
        "enabled": True,
        "range": [-1, 1],
    }
    bucketize: Annotated[Bucketize, Field(validate_default=True)] = {
        "enabled": False,
        "buckets": 100,
        "embedding_dim": 32,
    }
    log_transform: bool = False


class Observed(Model):
    """
    The last spec that the system has numbered.
    """

    revision: int = 0
    spec_hash: str = ""


class Only(Model):
    """
    Only these products, as far as the model has them.
    """

    product_ids: list_aliased[str]
    type: Literal["only"] = "only"


class Optimizers(Model):
    items: list_aliased[ModelChoicesOptimizerInfo]


class Option(Model):
    """
    A value to choose from, with its name for people and one line about it.
    """

    value: Any
    label: str
    help: str = ""


class OutcomeTable(Model):
    """
    What customers bought, by the names of its columns.

    Attributes:
        value: what one row is worth; left out, it is read where there is a column of this name.
    """

    source: Annotated[FileSource | BigQuerySource, Field(discriminator="kind")]
    customer_id: str = "customer_id"
    product_id: str = "product_id"
    time: str = "time"
    value: str | None = "value"


class OutcomesLeftOut(Model):
    """
    What does not count, and how much of it there is.

    Attributes:
        exposures_unreadable: rows of the log without a customer, a version or a time.
        exposures_of_others: of other experiments.
        exposures_not_assigned: answered by the control for want of a customer's id or a version.
        exposures_of_unknown_versions: of versions that are not in the experiment.
        customers_of_several_versions: who saw more than one.
        customers_not_yet_over: whose days are not over at the latest outcome.
        outcomes_unreadable: rows without a customer, a product or a time.
        outcomes_repeated: rows that say the same as another one.
        outcomes_before: of customers who count, before their first exposure.
        values_missing: outcomes without a readable value, which count as worth nothing.
    """

    exposures_unreadable: int = 0
    exposures_of_others: int = 0
    exposures_not_assigned: int = 0
    exposures_of_unknown_versions: int = 0
    customers_of_several_versions: int = 0
    customers_not_yet_over: int = 0
    outcomes_unreadable: int = 0
    outcomes_repeated: int = 0
    outcomes_before: int = 0
    values_missing: int = 0


class Overrides(Model):
    """
    One column of the grid: what its tests set. None leaves the sweep's or the config's value.
    """

    trained_percent: float | None = None
    epochs: int | None = None
    batch_size_override: int | None = None
    learning_rate_override: float | None = None
    training_seed: int | None = None
    early_stopping_patience: int | None = None
    leave_out: Annotated[list_aliased[QuickTestLeftOut], Field(validate_default=True)] = []
    """
    To see what they are worth. The features themselves stay as they are.
    """
    settings: Annotated[dict[str, float], Field(max_length=20)] = {}
    """
    By name, as a tuning searches them: the catalogue lists them as tunables.
    """


class ParameterSummary(Model):
    """
    A whole model. Layers that both towers share are in both of them, and once in the totals.

    Attributes:
        estimated: some embedding's rows are; all else is exact.
    """

    total: int
    trainable: int
    non_trainable: int
    estimated: bool
    shared_layers: bool
    buyer_tower: PartParameters
    product_tower: PartParameters
    rating_head: PartParameters | None = None
    reranker: PartParameters | None = None


class PartParameters(Model):
    """
    A tower, or the rating head or the re-ranker, which have no embeddings. `total` is all that
    it uses, shared layers included, as `count_params()` of the Keras model of this part says; but a
    table that a history shares is the product tower's.

    Attributes:
        mixes: weights by which histories mix their half-lives.
    """

    input_width: int
    output_width: int
    embeddings: list_aliased[EmbeddingParameters]
    layers: list_aliased[LayerParameters]
    mixes: int = 0
    total: int
    trainable: int
    non_trainable: int


class PastPurchase(Model):
    """
    A product that the customer bought so many days ago; 0 is now.

    Attributes:
        kind: what kind of event it was, for models that tell kinds apart; null is a purchase.
    """

    product_id: str
    days_ago: float = 0.0
    kind: str | None = None


class Pin(Model):
    """
    A product at a place of the list; the first is 1.
    """

    product_id: str
    place: int


class PinLeftOut(Model):
    """
    A pinned product that is not shown, and why.
    """

    product_id: str
    place: int
    reason: str


class Pinned(Model):
    """
    What the test uses, fixed when it is validated.

    Attributes:
        dataset_fingerprint, source_fingerprint: of the dataset's profile. What was really read is
            in the results' protocol.
        rule_set: under which its lists are measured besides; None: under none.
    """

    feature_config_revision: int
    model_config_revision: int
    dataset_id: str
    early_stopping_patience: int | None = None
    dataset_fingerprint: str
    dataset_revision: int | None = None
    source_fingerprint: str | None = None
    rule_set: PinnedRules | None = None


class PinnedRevisions(Model):
    """
    The revisions that the test uses, fixed when it is validated.

    Attributes:
        early_stopping_patience: by which its training stops, be it the test's own or the model's;
            None trains all epochs.
    """

    feature_config_revision: int
    model_config_revision: int
    dataset_id: str
    early_stopping_patience: int | None = None


class PinnedRules(Model):
    """
    A rule set as it was when the test was validated.

    Attributes:
        told: its rules in words.
    """

    id: str
    name: str
    revision: int
    told: list_aliased[str] = []


class PipelineJob(Model):
    job_id: str
    attempt: int = 1


class Prediction(Model):
    """
    What the model answers.

    Attributes:
        known: whether the customer is among the training rows. Others are welcome: the model
            answers by what else it is given.
        query: the raw values that the model was asked with, by column.
        recommendations: the best products, best first.
        ratings: of the products that were asked for, in their order.
        history: what the customer bought before, by the given history or the training rows, most
            frequent first; the first 100.
        products_bought: how many different products that were.
        unknown_products: those of the given history that are in no training row, and were left out;
            the first 100.
        applied: what rules did, where any were given.
        held_out: what the customer bought in the rows that the test was judged by, most frequent
            first; the first 100. Null where that was not asked for, or the rows are gone.
        products_held_out: how many different products that were.
    """

    known: bool
    query: dict[str, str | bool | int | float | None]
    recommendations: list_aliased[Recommendation]
    ratings: list_aliased[Rating]
    history: list_aliased[Bought]
    products_bought: int
    unknown_products: list_aliased[str] = []
    applied: Applied | None = None
    held_out: list_aliased[HeldOut] | None = None
    products_held_out: int = 0


class PredictionInputs(Model):
    """
    How to ask a test's model.

    Attributes:
        columns: the raw columns of a query; a column left out counts as missing.
        customer_column: which column holds the customer's id; a query need not take it.
        customers: some to choose from, those with most purchases first.
        customer_count: how many the training rows have, those that the search leaves out included.
        recommends: whether the model finds the best of all products by itself. One that only rates
            recommends those with the highest rating.
        rates: whether it predicts ratings.
        rating_column: what they predict.
        max_k: how many products one query may ask for.
        looks_back: whether it recommends by what the customer bought before, so that a query may
            tell of it.
        max_explained: how many recommendations one query may have explained; 0 where the model
            explains none.
        event_kinds: the kinds of events that a query may tell of; none where all are purchases.
    """

    columns: list_aliased[QueryColumn]
    customer_column: str
    customers: list_aliased[Customer]
    customer_count: int
    recommends: bool
    rates: bool
    rating_column: str | None
    max_k: int
    looks_back: bool = False
    max_explained: int = 0
    event_kinds: list_aliased[str] = []


class PredictionRequest(Model):
    """
    For whom to predict.

    Attributes:
        customer_id: a customer; the query's other raw values are those of their latest training
            row, so far as `values` does not replace them. The time of purchase is not among them
            where the model looks back: it is asked as at the end of the training data, the first
            second after all purchases, unless `values` has a time.
        values: raw values by column. Timestamps are ISO 8601 or seconds since 1970; null is
            missing.
        k: how many products to recommend.
        product_ids: products to rate, by models that rate.
        list: which products to recommend.
        history: what the customer bought before, in place of what the model knows of it; for models
            that look back. An empty one says that they bought nothing.
        rules: which products may be listed, at most how many of a kind, and which stand at given
            places.
        rule_set: the id or the name of a rule set, whose rules hold as well; where both cap one
            column or pin one product or place, those of the request count.
        explain: take the score of each recommendation apart, of 50 at most.
        held_out: tell what the customer bought in the rows that the test was judged by, too.
    """

    customer_id: str | None = None
    values: Annotated[dict[str, str | bool | int | float | None], Field(max_length=1000)] = {}
    k: int = 10
    product_ids: list_aliased[str] = []
    list: Literal["all", "buy_again", "discover"] = "all"
    """
    Which products are recommended: of all, of those that the customer has had before, or of
    those that they have never had.
    """
    history: list_aliased[PastPurchase] | None = None
    rules: Rules | None = None
    rule_set: str | None = None
    explain: bool = False
    held_out: bool = False


class Preset(Model):
    """
    A model config to start from. `key` is stable; `name` and `description` are for people.

    Attributes:
        rating_head: the one that fits its towers, for models that rate.
        parameters: over the features that were named; without any, of the layers alone, over
            inputs 100 (buyer) and 50 (product) wide.
        estimate: of a quick test with its usual settings over those features, by earlier runs on
            this system; null where no features are named, their rows are not counted, or no test
            has completed here yet.
    """

    key: str
    name: str
    description: str
    spec: ModelConfigSpec
    rating_head: list_aliased[
        Annotated[Dense | Dropout | BatchNorm | LayerNorm, Field(discriminator="type")]
    ]
    parameters: ParameterSummary
    estimate: Estimate | None


class PresetList(Model):
    items: list_aliased[Preset]


class Problem(Model):
    """
    One problem with one field.

    Attributes:
        path: where it is, from the document's root: `spec.buyer_model_features[0].column`.
        code: stable name of the rule that found it, in snake_case.
        message: what is wrong and what would be right, in one or two sentences.
        received: the offending value (shortened if long), as JSON.
        level: an error stops the document from being used, a warning does not.
    """

    path: str
    code: str
    message: str
    received: Any | None = None
    level: Literal["error", "warning"] = "error"


class ProductTable(Model):
    """
    The catalogue. Its products are candidates even where nobody has bought them.

    Attributes:
        available: a condition on its columns; products that do not meet it are in no list that is
            recommended.
    """

    source: Annotated[FileSource | BigQuerySource, Field(discriminator="kind")]
    key: str
    latest_by: str | None = None
    available: RowFilter | None = None


class ProductionWish(Model):
    """
    Which version is to be in production.

    Attributes:
        version: of the model.
        reason: why, for the audit list; needed where the version is worse than the one in
            production, or cannot be compared with it.
        asked_at: tells a wish from the same one of before.
    """

    version: int
    reason: str | None = None
    asked_at: AwareDatetime | None = None


class Profiling(Model):
    """
    A profile that is being made, and by how many tries.

    Attributes:
        revision: the spec that is profiled.
        as_of: when the first try began.
        tries: that have begun, but for those that a passing fault ended.
        until: nobody else begins before.
    """

    revision: int = 0
    as_of: AwareDatetime
    tries: int = 0
    until: AwareDatetime = "0001-01-01T00:00:00Z"


class PromotedModel(Model):
    """
    Attributes:
    model: with the wish in its spec; `status.aliases` follows within moments, once
        `status.validation.revision` is the model's.
    verdict: what the version is beside the one in production.
    """

    model: RegisteredModel
    verdict: PromotionVerdict


class Promotion(Model):
    """
    A line of the audit list.

    Attributes:
        by: who wrote the wish; None where nobody signs in.
        from_version: what was in production before; None where nothing was.
    """

    at: AwareDatetime
    by: str | None = None
    from_version: int | None = None
    to_version: int
    reason: str | None = None
    verdict: PromotionVerdict


class PromotionVerdict(Model):
    """
    What is to be said of a version that is to replace the one in production.

    Attributes:
        standing: `first` where none is in production, `unchanged` where it is that very one,
            `rollback` where it is the one before; otherwise by the paired intervals, on the same
            held-out rows, of what the one in production is judged by.
        metric: the one that decided.
        difference: the version's metric minus that of the one in production.
        reasons: why the two cannot be compared.
        needs_reason: whether a person has to say why all the same.
        sentence: all of this, for people.
    """

    standing: Literal[
        "first", "unchanged", "rollback", "better", "no_clear_difference", "worse", "not_comparable"
    ]
    metric: str | None = None
    value: float | None = None
    previous: float | None = None
    difference: Interval | None = None
    reasons: list_aliased[str] = []
    needs_reason: bool = False
    sentence: str = ""


class PromotionWrite(Model):
    """
    Attributes:
    reason: for the audit list; needed where the version is worse than the one in production, or
        cannot be compared with it.
    """

    version: int
    reason: str | None = None


class QueryColumn(Model):
    """
    A raw column that a query takes.

    Attributes:
        example: its value in a training row; null where that row has none.
    """

    column: str
    type: Literal["text", "number", "timestamp"]
    """
    Types of raw features. A missing value is "", NaN or MISSING_TIMESTAMP.
    """
    example: str | bool | int | float | None


class QuickTest(Model):
    id: str
    name: str
    description: str = ""
    spec: QuickTestSpec
    revision: int = 1
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None
    created_by: str | None = None
    managed_by: ManagedBy | None = None
    status: Annotated[QuickTestStatus, Field(validate_default=True)] = {
        "observed": {"revision": 0, "spec_hash": ""},
        "validation": {"problems": [], "revision": 0, "state": "pending"},
        "state": "pending",
        "progress": 0,
        "stages": [],
        "epochs": [],
        "vocabulary": [],
        "warnings": [],
        "timeline": [],
        "tracking": {},
    }
    marks: Annotated[Marks, Field(validate_default=True)] = {
        "tags": [],
        "pinned": False,
        "archived": False,
    }


class QuickTestCode(Model):
    """
    The two modules that a test runs, with where they are stored.
    """

    preprocessing_code: str
    trainer_code: str
    preprocessing: CodeArtifact
    trainer: CodeArtifact


class QuickTestCreate(Model):
    """
    `name` may be left out: it is then made of the two configs' names.
    """

    name: str | None = None
    description: str = ""
    spec: QuickTestSpec


class QuickTestForecast(Model):
    """
    Attributes:
    valid: whether there is no problem of level `error`.
    estimate: null where the test is not valid, or its dataset is still being profiled.
    segment_columns: of its dataset, those that results may be split by.
    tells_apart: which differences a sample of its size would show, by earlier tests on the data;
        null where there is none.
    """

    valid: bool
    problems: list_aliased[Problem]
    estimate: Estimate | None
    segment_columns: list_aliased[str]
    tells_apart: str | None


class QuickTestLeftOut(Model):
    """
    A column that one tower does without, and with it every cross that uses it there.
    """

    tower: Literal["buyer", "product"]
    column: str


class QuickTestPage(Model):
    items: list_aliased[QuickTest]
    unreadable: Annotated[dict[str, list_aliased[Problem]], Field(validate_default=True)] = {}
    next_page_token: str | None


class QuickTestReport(Model):
    """
    A completed test in words and numbers.

    Attributes:
        verdict: how good it is, in plain words.
        lists: how good the lists beside that of all products are.
        dataset_revision, dataset_fingerprint: of the data that it was measured on; the latter is
            another where the rows have changed.
        rules: what the rule set costs that it was measured under; None where it names none.
        skipped: which baselines were not measured, and why; "" where all were.
        improvement: how it stands against the best test before it; None where there was none.
        main_metric: what tests of its kind are ranked by.
        segments: that metric for each segment of customers and products.
        rows: what became of all rows of the source; None in tests of before they were counted.
        configuration: both configs and the test's settings, in words.
    """

    quick_test_id: str
    name: str
    description: str
    dataset: str
    dataset_revision: int | None
    dataset_fingerprint: str
    ended_at: AwareDatetime | None
    duration_seconds: float | None
    cost_usd: float | None
    verdict: str
    lists: list_aliased[ListVerdict]
    rules: RulesVerdict | None
    skipped: str
    improvement: str | None
    main_metric: str | None
    metrics: list_aliased[ReportMetric]
    segments: SegmentTable
    comparison: BestComparison | None
    protocol: EvaluationProtocol
    rows: SourceRows | None
    index: IndexReport | None
    warnings: list_aliased[Problem]
    vocabularies: list_aliased[VocabularyReport]
    configuration: list_aliased[ReportSection]
    epochs: list_aliased[EpochProgress]
    stages: list_aliased[ReportStage]
    code: list_aliased[ReportCode]
    timeline: list_aliased[TimelineEntry]


class QuickTestSpec(Model):
    """
    The user's part. Overrides of None leave the model config's value.

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

    feature_config_id: str
    model_config_id: str
    feature_config_revision: int | None = None
    model_config_revision: int | None = None
    rating_column: str | None = None
    data_sample_percent: float = 10.0
    sample_by: Literal["customer", "row"] = "customer"
    trained_percent: float = 100.0
    """
    Per cent of the sample's customers whose purchases are trained on. Which rows are held out, and which products can be recommended, does not depend on it. For learning curves.
    """
    judged_percent: float = 100.0
    """
    Per cent of the sample's customers whose held-out purchases are looked at: those that are trained on first. For learning curves.
    """
    split: Annotated[Split, Field(validate_default=True)] = {
        "strategy": "auto",
        "holdout_percent": 10.0,
        "ties": "whole",
        "judged_on": "test",
    }
    seed: int = 42
    """
    Of the sample and the split. Tests with different seeds cannot be compared.
    """
    training_seed: int | None = None
    epochs: int = 2
    """
    Passes over the training data.
    """
    batch_size_override: int | None = None
    learning_rate_override: float | None = None
    leave_out: Annotated[list_aliased[QuickTestLeftOut], Field(validate_default=True)] = []
    """
    To see what they are worth. The features themselves stay as they are.
    """
    segment_columns: list_aliased[str] = []
    """
    Metrics are also given for each value of such a column, beside those for new and heavy customers and for head and tail products. It may have few values only, and need be in no tower.
    """
    rule_set_id: str | None = None
    settings: Annotated[dict[str, float], Field(max_length=20)] = {}
    """
    By name, as a tuning searches them: the catalogue lists them as tunables.
    """
    purpose: Literal["quick_test", "full_training"] = "quick_test"
    early_stopping_patience: int | None = None
    source_test_id: str | None = None
    sweep_id: str | None = None
    tuning_id: str | None = None
    champion_test_id: str | None = None
    warm_start_test_id: str | None = None
    model_name: str | None = None
    runner: Literal["direct", "tfx"] = "direct"


class QuickTestStatus(Model):
    """
    The system's part.

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

    observed: Annotated[Observed, Field(validate_default=True)] = {
        "revision": 0,
        "spec_hash": "",
    }
    validation: Annotated[Validation, Field(validate_default=True)] = {
        "state": "pending",
        "revision": 0,
        "problems": [],
    }
    state: Literal["pending", "running", "completed", "failed", "cancelled"] = "pending"
    """
    `pending → running → completed | failed | cancelled`, never back.
    """
    stage: Literal["examples", "transform", "train", "evaluate"] | None = None
    progress: int = 0
    stages: Annotated[list_aliased[Task], Field(validate_default=True)] = []
    epochs: Annotated[list_aliased[EpochProgress], Field(validate_default=True)] = []
    pinned: Pinned | None = None
    code: GeneratedCode | None = None
    job: PipelineJob | None = None
    results: MetricsReport | None = None
    vocabulary: Annotated[list_aliased[VocabularyReport], Field(validate_default=True)] = []
    warnings: Annotated[list_aliased[Problem], Field(validate_default=True)] = []
    error: TestError | None = None
    timeline: Annotated[list_aliased[TimelineEntry], Field(validate_default=True)] = []
    artifacts_uri: str | None = None
    started_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
    duration_seconds: float | None = None
    estimate: Estimate | None = None
    estimate_error: float | None = None
    cost_usd: float | None = None
    comparison: BestComparison | None = None
    verdict: TestVerdict | None = None
    tracking: Annotated[Tracking, Field(validate_default=True)] = {}
    registered: Registration | None = None
    heard_at: AwareDatetime | None = None
    asked_at: AwareDatetime | None = None


class QuickTestSummary(Model):
    """
    A quick test in short: what lists show. What it has is as in the whole test.
    """

    id: str
    name: str
    description: str = ""
    spec: QuickTestSpec
    revision: int = 1
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None
    created_by: str | None = None
    managed_by: ManagedBy | None = None
    status: Annotated[QuickTestSummaryStatus, Field(validate_default=True)] = {
        "observed": {"revision": 0, "spec_hash": ""},
        "validation": {"problems": [], "revision": 0, "state": "pending"},
        "state": "pending",
        "progress": 0,
        "epochs": [],
    }
    marks: Annotated[Marks, Field(validate_default=True)] = {
        "tags": [],
        "pinned": False,
        "archived": False,
    }


class QuickTestSummaryPage(Model):
    items: list_aliased[QuickTestSummary]
    unreadable: Annotated[dict[str, list_aliased[Problem]], Field(validate_default=True)] = {}
    next_page_token: str | None


class QuickTestSummaryStatus(Model):
    """
    Part of a quick test's status, under the same names.
    """

    observed: Annotated[Observed, Field(validate_default=True)] = {
        "revision": 0,
        "spec_hash": "",
    }
    validation: Annotated[Validation, Field(validate_default=True)] = {
        "state": "pending",
        "revision": 0,
        "problems": [],
    }
    state: Literal["pending", "running", "completed", "failed", "cancelled"] = "pending"
    """
    `pending → running → completed | failed | cancelled`, never back.
    """
    stage: Literal["examples", "transform", "train", "evaluate"] | None = None
    progress: int = 0
    epochs: Annotated[list_aliased[EpochProgress], Field(validate_default=True)] = []
    pinned: PinnedRevisions | None = None
    results: ResultsSummary | None = None
    error: TestError | None = None
    started_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
    duration_seconds: float | None = None
    cost_usd: float | None = None
    comparison: ComparisonSummary | None = None
    verdict: Judged | None = None


class QuickTestTrial(Model):
    spec: QuickTestSpec


class Range(Model):
    """
    A likely value, with bounds between which it should lie four times in five.
    """

    low: float
    likely: float
    high: float


class Rating(Model):
    """
    The predicted rating of a product that was asked for.
    """

    product_id: str
    name: str | None
    rating: float
    bought_before: bool


class RatingHeadPreset(Model):
    """
    The rating head that fits the tower preset of the same key.
    """

    name: str
    description: str
    key: str
    layers: list_aliased[
        Annotated[Dense | Dropout | BatchNorm | LayerNorm, Field(discriminator="type")]
    ]


class RatingHeadPresets(Model):
    items: list_aliased[RatingHeadPreset]


class ReadableColumn(Model):
    """
    A column of the products that rules can read. `type` is `text` or `number`.
    """

    name: str
    type: Literal["text", "number", "timestamp"]
    """
    Types of raw features. A missing value is "", NaN or MISSING_TIMESTAMP.
    """


class RecommendCross(Model):
    parts: list_aliased[CrossPart]


class Recommendation(Model):
    """
    A product, best first.

    Attributes:
        score: the model's own; only the order among one query's products has a meaning.
        rating: the predicted rating, by models that rate.
        bought_before: whether the customer has had it, by the given history or the training rows.
        last_bought_days_ago: when they bought it last; null for never, and where no time is known.
        pinned: whether rules put it at its place.
        held_out: whether the customer bought it in the rows that the test was judged by; null where
            that was not asked for, or the rows are gone.
        explanation: parts that add up to the score, where that was asked for.
    """

    product_id: str
    name: str | None
    score: float
    rating: float | None = None
    bought_before: bool
    last_bought_days_ago: float | None = None
    pinned: bool = False
    held_out: bool | None = None
    explanation: Explanation | None = None


class Refusal(Model):
    """
    Settings that were drawn and are not valid, and why.
    """

    label: str
    reason: str


class RegisteredModel(Model):
    id: str
    name: str
    description: str = ""
    spec: Annotated[RegisteredModelSpec, Field(validate_default=True)] = {}
    revision: int = 1
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None
    created_by: str | None = None
    managed_by: ManagedBy | None = None
    status: Annotated[RegisteredModelStatus, Field(validate_default=True)] = {
        "observed": {"revision": 0, "spec_hash": ""},
        "validation": {"problems": [], "revision": 0, "state": "pending"},
        "versions": 0,
        "aliases": {},
        "audit": [],
        "ended_experiments": [],
        "pointer_revision": 0,
        "pointer_due": False,
    }


class RegisteredModelPage(Model):
    items: list_aliased[RegisteredModel]
    unreadable: Annotated[dict[str, list_aliased[Problem]], Field(validate_default=True)] = {}
    next_page_token: str | None


class RegisteredModelSpec(Model):
    """
    The user's part.

    Attributes:
        production: null where nobody has asked for any; what is in production stays.
        experiment: that is to run; null ends the one that does.
    """

    production: ProductionWish | None = None
    experiment: ExperimentWish | None = None


class RegisteredModelStatus(Model):
    """
    The system's part.

    A field that cannot be read takes no other with it: it has its default, and of the audit list
    and of ended experiments only the line is left out. `services.pointers.catch_up` gives aliases
    back.

    Attributes:
        versions: how many there are; the number of the latest.
        audit: promotions and rollbacks, latest first; the last 100.
        experiment: the one that runs.
        ended_experiments: latest first; the last 20.
        pointer_revision: of the file that servers read; raised with every change of an alias.
        pointer_due: it has yet to be written.
    """

    observed: Annotated[Observed, Field(validate_default=True)] = {
        "revision": 0,
        "spec_hash": "",
    }
    validation: Annotated[Validation, Field(validate_default=True)] = {
        "state": "pending",
        "revision": 0,
        "problems": [],
    }
    versions: int = 0
    latest: RegisteredVersion | None = None
    aliases: Annotated[Aliases, Field(validate_default=True)] = {}
    audit: Annotated[list_aliased[Promotion], Field(validate_default=True)] = []
    experiment: Experiment | None = None
    ended_experiments: Annotated[list_aliased[Experiment], Field(validate_default=True)] = []
    pointer_revision: int = 0
    pointer_due: bool = False
    rolls_back_to: int | None
    """
    The version that a rollback brings back; null where there is none to go back to.
    """


class RegisteredVersion(Model):
    """
    A full training, as it was when it was registered.

    Attributes:
        version: counted from 1 within the model, in the order of registration.
        artifacts_uri: the job's folder, with `model/` in it; made of the test whenever it is read.
        metric: what tests of its kind are ranked by; `value` and `interval` are of it.
        protocol: how it was measured; numbers of unlike protocols are never compared.
        dataset_fingerprint: of the data that it was trained on.
        model_deleted_at: when the test was deleted, and its model with it; None while it is there.
        began_from: whose weights it began with; None: it was trained from scratch.
    """

    version: int
    quick_test_id: str
    name: str
    artifacts_uri: str = ""
    registered_at: AwareDatetime
    created_by: str | None = None
    dataset_id: str
    dataset_fingerprint: str
    feature_config_id: str
    feature_config_revision: int
    model_config_id: str
    model_config_revision: int
    metric: str
    value: float
    interval: Interval | None = None
    protocol: EvaluationProtocol
    code: CodeHashes | None = None
    trained_at: AwareDatetime | None = None
    duration_seconds: float | None = None
    cost_usd: float | None = None
    model_deleted_at: AwareDatetime | None = None
    began_from: BeganFrom | None = None


class RegisteredVersions(Model):
    """
    All versions of a model, latest first.
    """

    items: list_aliased[RegisteredVersion]


class Registration(Model):
    """
    Which version of which registered model a full training is.
    """

    model_id: str
    name: str
    version: int


class RemedyInfo(Model):
    """
    Where the cause of a warning is mended, by its code.
    """

    name: str
    remedy: Literal["settings", "features", "model", "data"]


class ReportBaseline(Model):
    """
    A baseline's value of a metric.

    Attributes:
        difference: the model's minus the baseline's, paired by customer.
        verdict: of the model against it; None where there is no interval.
    """

    name: str
    label: str
    value: float
    difference: Interval | None
    verdict: Literal["better", "worse", "no_clear_difference"] | None


class ReportCode(Model):
    module: str
    uri: str
    sha256: str


class ReportLine(Model):
    label: str
    text: str


class ReportMetric(Model):
    name: str
    label: str
    share: bool
    lower_is_better: bool
    value: float
    interval: Interval | None
    baselines: list_aliased[ReportBaseline]


class ReportSection(Model):
    title: str
    lines: list_aliased[ReportLine]


class ReportStage(Model):
    name: Literal["examples", "transform", "train", "evaluate"]
    """
    The stages of a quick test, in their order.
    """
    label: str
    seconds: float | None


class Reranker(Model):
    """
    Orders the index's best products, the customer's own, those that go with them, and recently
    popular ones anew. It is fitted listwise on the fitting slice, the latest training rows, which
    the towers have not seen then; after that they are trained on these too.

    Attributes:
        candidates: how many of the index's best it orders.
        popular: how many of the products that are bought most in 28 days.
        item_item: how many of the products that go best with those that the customer has.
        units: widths of its hidden layers.
        fitting_percent: of the training rows, the latest that it is fitted to.
    """

    candidates: int = 300
    """
    How many of the towers' best products it orders.
    """
    popular: int = 100
    """
    How many of the products bought most in the last 28 days it orders too.
    """
    item_item: int = 150
    """
    How many of the products that go best with the customer's own, by who else bought both, it orders too.
    """
    units: list_aliased[int] = [32, 32]
    """
    Widths of its hidden layers.
    """
    fitting_percent: float = 10.0
    """
    The latest training rows, which it is fitted to. The towers are trained on them afterwards.
    """


class ResultsSummary(Model):
    """
    What was measured, without baselines.

    Attributes:
        intervals: of the metrics that tests are ranked by.
    """

    metrics: dict[str, float]
    intervals: Annotated[dict[str, Interval], Field(validate_default=True)] = {}


class Revision(Model):
    """
    A revision of a document. `name`: as the document is called now.
    """

    id: str
    name: str
    revision: int


class RoleInfo(Model):
    """
    Attributes:
    tower: whose side of a purchase it describes; null: the purchase itself.
    types: of the columns that it takes; none: any.
    required: a dataset needs one such column.
    """

    name: str
    label: str
    help: str
    tower: Literal["buyer", "product"] | None
    types: list_aliased[Literal["STRING", "INTEGER", "FLOAT", "TIMESTAMP", "BOOLEAN"]]
    required: bool


class RollbackWrite(Model):
    reason: str | None = None


class RowFilter(Model):
    """
    A condition on a row.

    Attributes:
        column: of any of the tables, as the dataset calls it.
        op: `==`, `!=`, `<`, `<=`, `>`, `>=`, `in`, `not in`, `missing` or `present`. A missing
            value equals nothing: `!=` and `not in` keep it, and it is neither less nor more.
        value: what it is compared with: a number, a text, true or false, or a time in ISO 8601, by
            the column's type.
        values: the same for `in` and `not in`.
    """

    column: str
    op: Literal["==", "!=", "<", "<=", ">", ">=", "in", "not in", "missing", "present"]
    value: bool | int | float | str | None = None
    values: list_aliased[bool | int | float | str] = []


class RuleSet(Model):
    id: str
    name: str
    description: str = ""
    spec: RuleSetSpec
    revision: int = 1
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None
    created_by: str | None = None
    managed_by: ManagedBy | None = None
    status: Annotated[RuleSetStatus, Field(validate_default=True)] = {
        "observed": {"revision": 0, "spec_hash": ""},
        "validation": {"problems": [], "revision": 0, "state": "pending"},
        "published_revision": 0,
        "published_name": "",
    }


class RuleSetPage(Model):
    items: list_aliased[RuleSet]
    unreadable: Annotated[dict[str, list_aliased[Problem]], Field(validate_default=True)] = {}
    next_page_token: str | None


class RuleSetSpec(Model):
    """
    The user's part.

    Attributes:
        dataset_id: whose products the rules are about. They hold for every model whose products
            have the columns that they read.
    """

    dataset_id: str
    rules: Rules


class RuleSetStatus(Model):
    """
    The system's part.

    Attributes:
        published_revision: the last revision that was found valid and written for servers, which
            goes on while a later one is not valid; 0 where there is none.
        published_name: the name that it was written under.
    """

    observed: Annotated[Observed, Field(validate_default=True)] = {
        "revision": 0,
        "spec_hash": "",
    }
    validation: Annotated[Validation, Field(validate_default=True)] = {
        "state": "pending",
        "revision": 0,
        "problems": [],
    }
    published_revision: int = 0
    published_name: str = ""


class RuleSetTrial(Model):
    """
    Attributes:
    id: the stored rule set that the spec is to replace, if it is.
    quick_test_id: count which products of this completed test's model fit.
    """

    spec: RuleSetSpec
    id: str | None = None
    quick_test_id: str | None = None


class RuleSetWrite(Model):
    name: str
    description: str = ""
    spec: RuleSetSpec
    managed_by: ManagedBy | None = None


class RuledList(Model):
    """
    A list under a rule set.

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
    short: Annotated[list_aliased[ShortLists], Field(validate_default=True)] = []


class RuledMetric(Model):
    """
    A metric under a rule set, beside the same without it.

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


class Rules(Model):
    """
    What holds for a list.

    Attributes:
        filters: a product is listed only where all keep it.
        caps: applied from the best product down. Pinned ones are counted first, and never left out
            by a cap.
        pins: a pinned product is shown only where it fits: where it is available, in the list that
            is asked for, and kept by all filters.
    """

    filters: Annotated[
        list_aliased[
            Annotated[
                Among | NotAmong | InRange | NotBoughtWithin | Only | Excluded,
                Field(discriminator="type"),
            ]
        ],
        Field(validate_default=True),
    ] = []
    caps: Annotated[list_aliased[Cap], Field(validate_default=True)] = []
    pins: Annotated[list_aliased[Pin], Field(validate_default=True)] = []


class RulesPreview(Model):
    """
    Attributes:
    products: that the model may recommend.
    fitting: that all filters keep.
    """

    products: int
    fitting: int
    filters: list_aliased[FilterPreview]


class RulesVerdict(Model):
    """
    What a rule set costs.

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
    told: list_aliased[str]
    standing: Literal["better", "worse", "no_clear_difference"] | None
    sentences: list_aliased[str]
    metrics: Annotated[list_aliased[RuledMetric], Field(validate_default=True)] = []


class RunMarks(Model):
    """
    Changes of what a run is called and marked with; what is left out stays, and null likewise.
    Its spec, its revision and its results stay as they are.

    Attributes:
        description: a note.
        add_tags: up to 20 tags a run.
        pinned: it comes first in the console's lists.
        archived: lists of the console leave it out.
    """

    name: str | None = None
    description: str | None = None
    add_tags: list_aliased[str] = []
    remove_tags: list_aliased[str] = []
    pinned: bool | None = None
    archived: bool | None = None


class RunSize(Model):
    """
    What the duration of a run depends on, as far as it is known before.

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


class SampleSize(Model):
    """
    Attributes:
    customers: of both versions together.
    days: None where customers per day are not known.
    sentence: all of this, for people.
    """

    customers: int
    days: int | None
    sentence: str


class SampleTensor(Model):
    """
    A tower's input for one customer or product. `others` are the ids to choose from.
    """

    id: str
    dim: int
    parts: list_aliased[TensorValues]
    others: list_aliased[str]


class SampleTensorPair(Model):
    buyer: SampleTensor
    product: SampleTensor


class Schedule(Model):
    id: str
    name: str
    description: str = ""
    spec: ScheduleSpec
    revision: int = 1
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None
    created_by: str | None = None
    managed_by: ManagedBy | None = None
    status: Annotated[ScheduleStatus, Field(validate_default=True)] = {
        "observed": {"revision": 0, "spec_hash": ""},
        "validation": {"problems": [], "revision": 0, "state": "pending"},
        "planned_revision": 0,
        "history": [],
    }


class SchedulePage(Model):
    items: list_aliased[Schedule]
    unreadable: Annotated[dict[str, list_aliased[Problem]], Field(validate_default=True)] = {}
    next_page_token: str | None


class ScheduleSpec(Model):
    """
    The user's part.

    Attributes:
        model_id: the registered model that is trained again, with the configs and the settings of
            its version in production; of its latest version where none is in production.
        cron: five fields of local time. A time that does not exist, where clocks are put forward,
            fires at the next moment that does; one that happens twice fires the first time.
        zone: whose local time that is, such as `Europe/Berlin`.
        enabled: false pauses it; a run that is under way goes on.
        epochs, early_stopping_patience, data_sample_percent: in place of those of the version that
            is trained again; null leaves them.
        warm_start: begin with the weights of the version that is trained again, where that can be;
            otherwise the run trains from scratch and says why.
        promotion: `unless_worse` brings the new version into production where that needs no
            reason: it is better than the one there, or shows no clear difference, over the same
            newest held-out rows. `never` leaves that to people.
        tell: names of the channels that are told how runs end; none of them: all that take
            messages about schedules.
    """

    model_id: str
    cron: str
    """
    Minute, hour, day of the month, month, day of the week.
    """
    zone: str = "UTC"
    enabled: bool = True
    epochs: int | None = None
    early_stopping_patience: int | None = None
    data_sample_percent: float | None = None
    warm_start: bool = False
    """
    The training goes on from the weights of the version in production (of the latest one where none is) in place of random ones: products and customers that it knew keep what was learned of them, new ones begin afresh. It mostly takes fewer epochs.
    """
    promotion: Literal["never", "unless_worse"] = "unless_worse"
    tell: list_aliased[str] = []


class ScheduleStatus(Model):
    """
    The system's part.

    Attributes:
        next_at: the next occurrence; None while it is paused or not valid.
        planned_revision: of the spec, by which `next_at` is.
        due_at: when the clock has something to do for it: with the next occurrence, or at once
            while a run is under way or asked for; None: nothing.
        requested_at: when somebody asked for a run that has not begun.
        run: the one under way.
        history: those that have ended, latest first; the last 30.
    """

    observed: Annotated[Observed, Field(validate_default=True)] = {
        "revision": 0,
        "spec_hash": "",
    }
    validation: Annotated[Validation, Field(validate_default=True)] = {
        "state": "pending",
        "revision": 0,
        "problems": [],
    }
    next_at: AwareDatetime | None = None
    planned_revision: int = 0
    due_at: AwareDatetime | None = None
    requested_at: AwareDatetime | None = None
    run: ScheduledRun | None = None
    history: Annotated[list_aliased[ScheduledRun], Field(validate_default=True)] = []


class ScheduleTrial(Model):
    """
    Attributes:
    id: the stored schedule that the spec is to replace, if it is.
    """

    spec: ScheduleSpec
    id: str | None = None


class ScheduleWrite(Model):
    name: str
    description: str = ""
    spec: ScheduleSpec
    managed_by: ManagedBy | None = None


class ScheduledRun(Model):
    """
    What one occurrence has led to.

    Attributes:
        due_at: when it was due; of one that was started by hand, when that was.
        by_hand: whether somebody started it.
        missed: how many further occurrences had passed, while nothing ran here, before this run.
        revision: of the schedule's spec, by which it goes to its end.
        base_version: the version whose training is repeated.
        champion_version: the one that was in production when the training began; None: none was.
        quick_test_id: the full training; None while there is none.
        version: what that was registered as.
        wish_revision: of the model's spec, with the wish for that version.
        note: how the training began, in words, where the schedule asks for a warm start.
        outcome: `unchanged` where the data was that of the latest version, so that nothing was
            trained; `skipped` where the run before it had not ended.
        verdict: on the version beside the one in production.
        sentence: the outcome, for people; nothing of it comes from the data.
        error: what was wrong, in full; it may quote the data.
    """

    due_at: AwareDatetime
    by_hand: bool = False
    missed: int = 0
    revision: int
    stage: Literal["refreshing", "training", "promoting", "ended"] = "refreshing"
    started_at: AwareDatetime
    ended_at: AwareDatetime | None = None
    base_version: int | None = None
    champion_version: int | None = None
    quick_test_id: str | None = None
    note: str = ""
    version: int | None = None
    wish_revision: int | None = None
    outcome: Literal["promoted", "not_promoted", "unchanged", "failed", "skipped"] | None = None
    verdict: PromotionVerdict | None = None
    sentence: str = ""
    error: str | None = None


class Searched(Model):
    """
    A setting that is searched: between two bounds, among some values, or a column in or out.

    Attributes:
        setting: a tunable of the catalogue, or `included`, which asks whether a column is worth
            having.
        tower, column: of `included`.
        low, high: bounds that may be reached.
        values: instead of bounds, in their order.
    """

    setting: str
    tower: Literal["buyer", "product"] | None = None
    column: str | None = None
    low: float | None = None
    high: float | None = None
    values: list_aliased[float] | None = None


class SeenStep(Model):
    """
    A step of a plan, by its `known_by`.
    """

    kind: str
    name: str
    known_by: str


class SegmentComparison(Model):
    """
    A metric of two tests by segment; each row of the test is held against the base's.

    Attributes:
        warnings: for whom the one that is better over all rows is clearly worse.
    """

    metric: str
    metric_label: str
    lower_is_better: bool
    metrics: list_aliased[str]
    whole: SegmentRow
    splits: list_aliased[SegmentRows]
    told: str = "Better or worse is said only where the 95% interval is clear of zero and stays so when corrected for all segments looked at (Holm, 5%)."
    reason: str | None = None
    quick_test_id: str
    label: str
    base_id: str
    base_label: str
    warnings: list_aliased[str]


class SegmentRow(Model):
    """
    A segment, or all held-out rows.

    Attributes:
        rule: which rows these are, in words; "" where the label says it.
        against: baselines, the strongest in this segment first; of two tests, the base.
    """

    key: str
    label: str
    rule: str
    rows: int
    customers: int
    value: float
    interval: Interval | None
    against: list_aliased[Against]


class SegmentRows(Model):
    """
    All held-out rows, split in one way: the rows' numbers add up to those of the whole.
    """

    name: str
    label: str
    help: str
    rows: list_aliased[SegmentRow]


class SegmentTable(Model):
    """
    A metric of a test by segment.

    Attributes:
        metrics: which ones there are by segment.
        whole: all held-out rows.
        splits: none where the test has no segments; `reason` then says why.
        told: how "better" and "worse" are meant.
    """

    metric: str
    metric_label: str
    lower_is_better: bool
    metrics: list_aliased[str]
    whole: SegmentRow
    splits: list_aliased[SegmentRows]
    told: str = "Better or worse is said only where the 95% interval is clear of zero and stays so when corrected for all segments looked at (Holm, 5%)."
    reason: str | None = None


class Selected(Model):
    """
    What a dataset's conditions, dates and kinds of events leave of its source's rows.

    Attributes:
        total: rows of the source; None where nobody has counted those that conditions leave out.
        outside: that do not meet the conditions or lie outside the dates; likewise.
        other_kind: of kinds that are left out.
        negative: that take others back.
        taken_back: that were taken back.
        history: that serve as history alone.
    """

    total: int | None = None
    outside: int | None = None
    other_kind: int = 0
    negative: int = 0
    taken_back: int = 0
    history: int = 0


class SentFile(Model):
    """
    A file of YAML or JSON.

    Attributes:
        path: what it is called in findings.
        owner: its path within its repository, by which its documents are marked; "" for no mark.
        folder: that relative paths of data in it start from; "" leaves them as they are.
    """

    path: str
    text: str
    owner: str = ""
    folder: str = ""


class Setting(Model):
    """
    A setting that at least one of the tests has.

    Attributes:
        key: one of each test's `values`.
        differs: whether it is not the same in all of them.
        numeric: whether every value is a number, so that it has a scale.
    """

    key: str
    section: Literal["features", "model", "test"]
    label: str
    differs: bool
    numeric: bool


class SettingInfo(Model):
    """
    A setting of a kind or of a document.

    Attributes:
        name: in documents; `vocab_settings.max_size` where settings lie in each other.
        type: `integer`, `number`, `boolean`, `string`, `array`, or `object` for a part with
            settings of its own, which may be null.
        label, help: for people; help may be "".
        minimum, maximum: bounds that may be reached; those of an array are of its length.
        above: a bound that may not be reached.
        step: what a form's arrows add, where it is not 1.
        choices: the only values, where there are few; null is one where nothing need be given.
        options: the values that a form offers, with their names.
        usual: numbers that a form offers, besides any other within the bounds.
        default: of a setting that is not `required`.
        words: all of this: "a whole number from 1 to 2,048, by default 128".
    """

    name: str
    type: str
    label: str
    help: str = ""
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    step: float | None = None
    choices: list_aliased[Any] | None = None
    options: Annotated[list_aliased[Option], Field(validate_default=True)] = []
    usual: list_aliased[float] = []
    required: bool
    default: Any | None = None
    words: str


class SettingValue(Model):
    """
    As people read it; `number` is what to sort and to draw it by, where it is one.
    """

    text: str
    number: float | None


class SettingsRequest(Model):
    quick_test_ids: list_aliased[str]


class SettingsTable(Model):
    """
    `tests` are in the order in which they were asked for.
    """

    settings: list_aliased[Setting]
    tests: list_aliased[TestSettings]
    left_out: list_aliased[LoadingLeftOut]


class ShortLists(Model):
    """
    Of lists of `k` places, how many have fewer products than they would have without rules.
    """

    k: int
    rows: int


class SideFound(Model):
    """
    What was found of a table of products or customers.

    Attributes:
        columns: what its columns are called among those of the dataset, by their own names.
        key_type: of its key.
        read_as: how files were read, so far as the spec leaves it out.
        rows: how many it has; None where it has not been read.
        missing_keys: rows without a key, which are left out.
        duplicates: further rows of keys that another row has, which are left out.
        orphans: rows of the dataset whose id the table lacks; their attributes are missing.
        unused: keys that no row of the dataset has: products never sold, customers who never
            bought.
        unavailable: products that may not be recommended; None where nothing says it.
        as_of: the moment of the table that was read; None where it is read as it is.
    """

    columns: dict[str, str] = {}
    key_type: Literal["STRING", "INTEGER", "FLOAT", "TIMESTAMP", "BOOLEAN"] = "STRING"
    read_as: FileOptions | None = None
    rows: int | None = None
    missing_keys: int = 0
    duplicates: int = 0
    orphans: int = 0
    unused: int = 0
    unavailable: int | None = None
    as_of: AwareDatetime | None = None
    told: str
    """
    What was found, in words: `1,000 rows, 3 without a key`.
    """


class SideTable(Model):
    """
    A table of products or customers, one row each.

    Of several rows with one key, the latest counts, or where nothing says which that is, always the
    same one.

    Attributes:
        source: of the same sort as the dataset's: files, or a BigQuery table or query.
        key: its column of ids, which are those of the events' `product_id` or `customer_id`.
        latest_by: its column that says which of several rows with one key is the latest.
    """

    source: Annotated[FileSource | BigQuerySource, Field(discriminator="kind")]
    key: str
    latest_by: str | None = None


class SizeQuestion(Model):
    """
    What is to be found.

    Attributes:
        rate_percent: of the control's customers who convert, as it is known or measured.
        change_percent: of that rate, up or down, that is to be found: 10 finds 5.5% beside 5%.
        share_percent: of customers who get the other version; the control has the rest.
        power_percent: how likely a change of this size is then found.
        customers_per_day: who come for the first time; None where days are not asked for.
    """

    rate_percent: float
    change_percent: float
    share_percent: float = 50.0
    power_percent: float = 80.0
    customers_per_day: float | None = None


class SourceRows(Model):
    """
    How many rows a source has, and which of them cannot be used. A row is dropped for one
    reason only, the first that applies.

    Attributes:
        read: all rows of the source.
        without_customer: dropped, as no customer is named.
        without_product: dropped, as no product is named, though a customer is.
        without_rating: dropped, as there is no number to predict; 0 where nothing is predicted.
        without_time: rows that are used though nobody knows when they were; the three that follow
            add up to it. None where no column is the time of purchase.
        missing_time: the time is empty.
        unreadable_time: there is a value, but no time can be read from it.
        implausible_time: the time is later than the data by more than a day, before 1900-01-02, or
            exactly 1970-01-01T00:00:00Z: a placeholder, or a mistake.
        selected: what was left out before, where the dataset says so: of those rows none is read.
    """

    read: int
    without_customer: int = 0
    without_product: int = 0
    without_rating: int = 0
    without_time: int | None = None
    missing_time: int = 0
    unreadable_time: int = 0
    implausible_time: int = 0
    selected: Selected | None = None
    told: list_aliased[str]
    """
    What became of the rows, in one sentence or two.
    """


class Split(Model):
    """
    Which rows are held out for evaluation.

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

    strategy: Literal["auto", "temporal", "random", "leave_one_out", "products"] = "auto"
    holdout_percent: float = 10.0
    ties: Literal["whole", "hash"] = "whole"
    """
    Where many of the latest purchases have the same time, hold out a random part of them to come to the share. Otherwise all of them are held out, or none.
    """
    judged_on: Literal["test", "validation"] = "test"
    """
    The validation slice is what comes before the test slice, which is then not read at all: settings are chosen there, and judged once by the test slice.
    """


class StringEmbedding(Model):
    """
    A column of categories or ids: vocabulary, then a learned embedding.
    """

    column: str
    type: Literal["string_embedding"] = "string_embedding"
    embedding_dim: int = 32
    """
    More can tell finer differences apart, and needs more purchases to learn.
    """
    vocab_settings: Annotated[VocabularySettings, Field(validate_default=True)] = {
        "max_size": 100000,
        "oov_buckets": 10,
        "min_frequency": 5,
    }
    id_dropout: float = 0.0
    """
    Share of the training rows in which the value is taken for one that is not in the vocabulary, so that the tower's other features learn to stand without it. Of the product's id, it is what recommends new products; it costs some recall of known ones.
    """


class Sweep(Model):
    id: str
    name: str
    description: str = ""
    spec: SweepSpec
    revision: int = 1
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None
    created_by: str | None = None
    managed_by: ManagedBy | None = None
    status: Annotated[SweepStatus, Field(validate_default=True)] = {
        "observed": {"revision": 0, "spec_hash": ""},
        "validation": {"problems": [], "revision": 0, "state": "pending"},
        "state": "pending",
        "progress": 0,
        "cancel_requested": False,
        "budget_spent": False,
        "warnings": [],
        "timeline": [],
        "tests": [],
    }
    marks: Annotated[Marks, Field(validate_default=True)] = {
        "tags": [],
        "pinned": False,
        "archived": False,
    }


class SweepPage(Model):
    items: list_aliased[Sweep]
    unreadable: Annotated[dict[str, list_aliased[Problem]], Field(validate_default=True)] = {}
    next_page_token: str | None


class SweepSpec(Model):
    """
    The user's part: every feature config × every model config × every set of overrides.

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

    feature_config_ids: list_aliased[str]
    model_config_ids: list_aliased[str]
    overrides: Annotated[list_aliased[Overrides], Field(validate_default=True)] = [
        {"leave_out": [], "settings": {}}
    ]
    ablation: bool = False
    learning_curve: bool = False
    rating_column: str | None = None
    data_sample_percent: float = 10.0
    sample_by: Literal["customer", "row"] = "customer"
    judged_percent: float = 100.0
    """
    Per cent of the sample's customers whose held-out purchases are looked at: those that are trained on first. For learning curves.
    """
    split: Annotated[Split, Field(validate_default=True)] = {
        "strategy": "auto",
        "holdout_percent": 10.0,
        "ties": "whole",
        "judged_on": "test",
    }
    seed: int = 42
    """
    Of the sample and the split. Tests with different seeds cannot be compared.
    """
    epochs: int = 2
    """
    Passes over the training data.
    """
    max_tests: int = 20
    in_flight: int = 2
    budget_minutes: float | None = None
    budget_usd: float | None = None
    runner: Literal["direct", "tfx"] = "direct"


class SweepStatus(Model):
    """
    The system's part.

    Attributes:
        tests: the grid, fixed when the sweep is validated.
    """

    observed: Annotated[Observed, Field(validate_default=True)] = {
        "revision": 0,
        "spec_hash": "",
    }
    validation: Annotated[Validation, Field(validate_default=True)] = {
        "state": "pending",
        "revision": 0,
        "problems": [],
    }
    state: Literal["pending", "running", "completed", "failed", "cancelled"] = "pending"
    """
    `pending → running → completed | failed | cancelled`, never back.

    A sweep or a tuning has failed where none of its tests has completed.
    """
    progress: int = 0
    cancel_requested: bool = False
    budget_spent: bool = False
    estimate: Estimate | None = None
    warnings: Annotated[list_aliased[Problem], Field(validate_default=True)] = []
    error: str | None = None
    timeline: Annotated[list_aliased[TimelineEntry], Field(validate_default=True)] = []
    started_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
    duration_seconds: float | None = None
    cost_usd: float | None = None
    tests: Annotated[list_aliased[SweepTest], Field(validate_default=True)] = []


class SweepTest(Model):
    """
    One test of the grid.

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
    overrides: Annotated[Overrides, Field(validate_default=True)] = {
        "leave_out": [],
        "settings": {},
    }
    created: bool = False
    state: Literal["pending", "running", "completed", "failed", "cancelled"] = "pending"
    """
    `pending → running → completed | failed | cancelled`, never back.
    """
    progress: int = 0
    metrics: dict[str, float] = {}
    judged: Judged | None = None


class SweepTrial(Model):
    spec: SweepSpec


class SweepWrite(Model):
    name: str
    description: str = ""
    spec: SweepSpec
    managed_by: ManagedBy | None = None


class Tables(Model):
    """
    What a dataset's rows are made of.

    Attributes:
        source: the purchases, or events of several kinds.
        products: a table of products, with attributes; those that nobody has bought are candidates
            too.
        customers: a table of customers, with attributes.
        where: conditions that a row meets, all of them.
        dates: a window of time that rows lie in, by the column of the role `transaction_date`.
        events: what rows of each kind are; left out, every row is a purchase.
    """

    source: Annotated[FileSource | BigQuerySource, Field(discriminator="kind")]
    products: ProductTable | None = None
    customers: SideTable | None = None
    where: Annotated[list_aliased[RowFilter], Field(validate_default=True)] = []
    dates: Dates | None = None
    events: Events | None = None


class TakenTable(Model):
    """
    Attributes:
    rows: of the table.
    taken: how many of them are those that the earlier training had of the same value.
    """

    column: str
    rows: int
    taken: int


class Task(Model):
    """
    One stage of a job.

    Attributes:
        reused: it took over what an earlier job has made of the same rows and features.
        doing: what it does while it runs, in a few words.
        done: how much of it is done while it runs, 0 to 1.
    """

    name: Literal["examples", "transform", "train", "evaluate"]
    """
    The stages of a quick test, in their order.
    """
    state: Literal["pending", "running", "succeeded", "failed", "cancelled"] = "pending"
    """
    States of a job or of one of its tasks, after Vertex AI's.
    """
    started_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
    error: str | None = None
    reused: bool = False
    doing: str | None = None
    done: float = 0.0


class TaskInfo(Model):
    """
    Attributes:
    when_to_use: reasons to take it.
    retrieves: finds products for a customer.
    rates: predicts a rating, by a rating head and a loss.
    settings: fields of a model config that only some tasks read, and this one does.
    main_metrics: what its tests are ranked by, the first that there is.
    preset: key of the preset that a new model begins with.
    """

    name: str
    label: str
    help: str
    when_to_use: list_aliased[str]
    retrieves: bool
    rates: bool
    settings: list_aliased[str]
    main_metrics: list_aliased[str]
    preset: str


class TensorDims(Model):
    total: int
    breakdown: list_aliased[TensorPart]


class TensorPart(Model):
    """
    A part of a tower's input: `name` as shown, `dim` its width.
    """

    name: str
    dim: int


class TensorValues(Model):
    """
    A part of a tensor, as the feature config names it, with its values.
    """

    name: str
    values: list_aliased[float]


class TestError(Model):
    """
    Why a test failed. `stage` is None where it failed before its first stage.
    """

    stage: Literal["examples", "transform", "train", "evaluate"] | None = None
    message: str


class TestSettings(Model):
    quick_test_id: str
    values: dict[str, SettingValue]


class TestVerdict(Model):
    """
    What is to be made of a completed test, by the metric of each of its tasks.

    Attributes:
        sentence: for people who read no further.
        against: verdicts by baseline and metric, where there are intervals.
        lists: of a model that serves lists beside that of all products.
        rules: what the rule set costs that the test names; None where it names none.
    """

    standing: Literal["better", "no_clear_difference", "worse", "unknown"]
    label: str
    sentence: str
    against: dict[str, dict[str, Literal["better", "worse", "no_clear_difference"]]]
    lists: Annotated[list_aliased[ListVerdict], Field(validate_default=True)] = []
    rules: RulesVerdict | None = None


class Text(Model):
    """
    A column of words, such as names and descriptions: each word, and each pair of neighbouring
    words, gets a learned vector. Products with words in common are alike from the start.

    Attributes:
        length: how many words of a text count, the first ones.
        pairs: whether pairs of neighbouring words count besides.
    """

    column: str
    embedding_dim: int = 32
    """
    More can tell finer differences apart, and needs more purchases to learn.
    """
    combiner: Literal["mean", "sum", "sqrtn"] = "mean"
    """
    How the vectors of a row become one: their mean, their sum, or their sum divided by the root of their number.
    """
    vocab_settings: Annotated[VocabularySettings, Field(validate_default=True)] = {
        "max_size": 100000,
        "oov_buckets": 10,
        "min_frequency": 5,
    }
    type: Literal["text"] = "text"
    length: int = 20
    """
    How many words of a text count, the first ones.
    """
    pairs: bool = True
    """
    Neighbouring words count together too: “ice cream” is neither ice nor cream.
    """


class TextOfFile(Model):
    """
    Attributes:
    text: YAML of one document, as an export writes it.
    """

    text: str


class TimelineEntry(Model):
    """
    What happened, in the order in which the system learned of it.
    """

    at: AwareDatetime
    what: str


class Timestamp(Model):
    """
    A column of moments, in seconds since 1970, UTC.
    """

    column: str
    type: Literal["timestamp"] = "timestamp"
    transforms: Annotated[TimestampTransforms, Field(validate_default=True)] = {
        "normalize": {"enabled": True, "range": [-1, 1]},
        "bucketize": {"buckets": 100, "embedding_dim": 32, "enabled": False},
        "cyclical": {
            "annual": False,
            "daily": False,
            "monthly": False,
            "quarterly": False,
            "weekly": False,
        },
    }


class TimestampTransforms(Model):
    normalize: Annotated[Normalize, Field(validate_default=True)] = {
        "enabled": True,
        "range": [-1, 1],
    }
    bucketize: Annotated[Bucketize, Field(validate_default=True)] = {
        "enabled": False,
        "buckets": 100,
        "embedding_dim": 32,
    }
    cyclical: Annotated[Cyclical, Field(validate_default=True)] = {
        "annual": False,
        "quarterly": False,
        "monthly": False,
        "weekly": False,
        "daily": False,
    }


class ToBase(Model):
    """
    A test's metric minus the base's, paired by customer; `reason` says why it is not known.
    """

    difference: Interval | None
    verdict: Literal["better", "worse", "no_clear_difference"]
    reason: str | None


class Tracking(Model):
    """
    The test's run in MLflow. `error`: why it is not there yet; it is tried again.
    """

    run_id: str | None = None
    url: str | None = None
    error: str | None = None


class TransformInfo(Model):
    """
    Attributes:
    features: the kinds of features that have it.
    part: its part of a tower's input is named `<column>_<part>`; "" where it feeds none itself.
    """

    name: str
    label: str
    help: str
    settings: list_aliased[SettingInfo]
    initial: dict[str, Any]
    features: list_aliased[str]
    part: str


class Trial(Model):
    """
    One trial. Its value is of the validation slice.

    Attributes:
        number: from 1, which is the default.
        label: what it sets: "temperature 0.05, without buyer.city".
        params: where it lies in the space, by the settings' keys; what the default says elsewhere
            has none.
        settings, leave_out: its quick test's.
        config: digest of what is trained: no two trials have the same.
        pruned: its validation loss was worse than the median of the trials before it.
        losses: of its epochs on the validation slice, as far as it was judged.
    """

    quick_test_id: str
    state: Literal["pending", "running", "completed", "failed", "cancelled"] = "pending"
    """
    `pending → running → completed | failed | cancelled`, never back.
    """
    progress: int = 0
    value: float | None = None
    number: int
    label: str
    params: dict[str, float] = {}
    settings: dict[str, float] = {}
    leave_out: Annotated[list_aliased[QuickTestLeftOut], Field(validate_default=True)] = []
    config: str = ""
    pruned: bool = False
    losses: list_aliased[float] = []


class TunableInfo(Model):
    """
    A setting that a tuning may search.

    Attributes:
        bounds: of its values.
        log: what matters is the ratio of two values.
    """

    name: str
    label: str
    help: str
    bounds: SettingInfo
    log: bool


class Tuning(Model):
    id: str
    name: str
    description: str = ""
    spec: TuningSpec
    revision: int = 1
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None
    created_by: str | None = None
    managed_by: ManagedBy | None = None
    status: Annotated[TuningStatus, Field(validate_default=True)] = {
        "observed": {"revision": 0, "spec_hash": ""},
        "validation": {"problems": [], "revision": 0, "state": "pending"},
        "state": "pending",
        "progress": 0,
        "cancel_requested": False,
        "budget_spent": False,
        "warnings": [],
        "timeline": [],
        "space": [],
        "parallel": 1,
        "trials": [],
        "refused": 0,
        "refusals": [],
        "importance": {},
        "stop_requested": False,
        "confirming": [],
    }
    marks: Annotated[Marks, Field(validate_default=True)] = {
        "tags": [],
        "pinned": False,
        "archived": False,
    }


class TuningPage(Model):
    items: list_aliased[Tuning]
    unreadable: Annotated[dict[str, list_aliased[Problem]], Field(validate_default=True)] = {}
    next_page_token: str | None


class TuningSpec(Model):
    """
    The user's part.

    The first trial is the default: both configs as they are. Trials see the training and the
    validation slice. The best of them is then compared with the default on the test slice.

    Attributes:
        space: what is searched; null takes what the catalogue suggests for these configs.
        trials: at most so many.
        in_flight: trials under way at the same time where machines are rented. A laptop runs one
            after another.
        budget_minutes, budget_usd: what all tests together may take, those of the comparison in the
            end among them. None: no such bound.
        seed: of the sample, the split, the training and the search.
    """

    feature_config_id: str
    model_config_id: str
    space: list_aliased[Searched] | None = None
    trials: int = 20
    budget_minutes: float | None = None
    budget_usd: float | None = None
    in_flight: int = 2
    rating_column: str | None = None
    data_sample_percent: float = 10.0
    sample_by: Literal["customer", "row"] = "customer"
    split: Annotated[Split, Field(validate_default=True)] = {
        "strategy": "auto",
        "holdout_percent": 10.0,
        "ties": "whole",
        "judged_on": "test",
    }
    seed: int = 42
    """
    Of the sample and the split. Tests with different seeds cannot be compared.
    """
    epochs: int = 3
    """
    Passes over the training data.
    """
    runner: Literal["direct", "tfx"] = "direct"


class TuningStatus(Model):
    """
    The system's part.

    Attributes:
        space: what is searched, fixed when the tuning is validated.
        feature_config_revision, model_config_revision: fixed then too.
        parallel: how many trials are under way at once.
        estimate: of all tests, if all trials are run.
        estimate_of_one: of a trial.
        metric: what trials are ranked by.
        refused: settings that were drawn and are not valid; they cost nothing, and are no trials.
        refusals: the first of them.
        best: number of the best completed trial.
        importance: share of each setting in what sets trials apart, by its key; the most first.
        stop_requested: no more trials.
        why_no_more: why the search ended before all trials were run.
    """

    observed: Annotated[Observed, Field(validate_default=True)] = {
        "revision": 0,
        "spec_hash": "",
    }
    validation: Annotated[Validation, Field(validate_default=True)] = {
        "state": "pending",
        "revision": 0,
        "problems": [],
    }
    state: Literal["pending", "running", "completed", "failed", "cancelled"] = "pending"
    """
    `pending → running → completed | failed | cancelled`, never back.

    A sweep or a tuning has failed where none of its tests has completed.
    """
    progress: int = 0
    cancel_requested: bool = False
    budget_spent: bool = False
    estimate: Estimate | None = None
    warnings: Annotated[list_aliased[Problem], Field(validate_default=True)] = []
    error: str | None = None
    timeline: Annotated[list_aliased[TimelineEntry], Field(validate_default=True)] = []
    started_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
    duration_seconds: float | None = None
    cost_usd: float | None = None
    space: Annotated[list_aliased[Searched], Field(validate_default=True)] = []
    feature_config_revision: int | None = None
    model_config_revision: int | None = None
    parallel: int = 1
    estimate_of_one: Estimate | None = None
    metric: str | None = None
    trials: Annotated[list_aliased[Trial], Field(validate_default=True)] = []
    refused: int = 0
    refusals: Annotated[list_aliased[Refusal], Field(validate_default=True)] = []
    best: int | None = None
    importance: dict[str, float] = {}
    stop_requested: bool = False
    why_no_more: str | None = None
    confirming: Annotated[list_aliased[ConfirmingTest], Field(validate_default=True)] = []
    verdict: TuningVerdict | None = None


class TuningTrial(Model):
    spec: TuningSpec


class TuningVerdict(Model):
    """
    What a tuning comes to.

    Attributes:
        verdict: `better` only where the interval says so; `default_as_good` otherwise; `unknown`
            where the comparison has no results.
        metric: what was compared.
        value, default_value: means of the training seeds, on the test slice; None where the best
            trial is the default itself, which needs no comparison.
        difference: the best trial's minus the default's, paired by customer.
        sentence: all of this, for people.
    """

    verdict: Literal["better", "default_as_good", "unknown"]
    metric: str
    value: float | None = None
    default_value: float | None = None
    difference: Interval | None = None
    sentence: str


class TuningWrite(Model):
    name: str
    description: str = ""
    spec: TuningSpec
    managed_by: ManagedBy | None = None


class Usage(Model):
    """
    Whether a document could be deleted now.

    Attributes:
        reason: why not, in words; null where it could be.
        advice: what can be done about it; null where it could be.
        users: those that name it, the first 20.
        total: how many there are.
        removes: what would go with it.
    """

    deletable: bool
    reason: str | None
    advice: str | None
    users: list_aliased[User]
    total: int
    removes: list_aliased[str] = []


class UseOfModel(Model):
    """
    Attributes:
    model_uri: of the SavedModel's folder.
    registered: which version of which registered model it is; None where it is none.
    """

    model_uri: str
    registered: Registration | None
    steps: list_aliased[UseStep]


class UseStep(Model):
    """
    Attributes:
    text: what to know of it, in a sentence or two.
    code: to copy and run.
    """

    title: str
    text: str
    code: str
    language: Literal["text", "python", "shell"]


class User(Model):
    """
    A document that names another.
    """

    collection: Literal[
        "datasets",
        "feature_configs",
        "model_configs",
        "quick_tests",
        "sweeps",
        "tunings",
        "registered_models",
        "rule_sets",
        "schedules",
    ]
    """
    The collections of the document store.
    """
    id: str
    name: str


class ValidatedFeatureConfig(Model):
    valid: bool
    problems: list_aliased[Problem]
    config_hash: str | None = None
    parameters: ParameterSummary | None = None
    spec: FeatureConfigSpec | None = None
    buyer_tensor: TensorDims | None = None
    product_tensor: TensorDims | None = None


class ValidatedModelConfig(Model):
    """
    Attributes:
    spec: as it would be stored, defaults filled in.
    fitting_head: the rating head that fits the buyer tower; null where the spec cannot be read.
    """

    valid: bool
    problems: list_aliased[Problem]
    config_hash: str | None = None
    parameters: ParameterSummary | None = None
    spec: ModelConfigSpec | None = None
    fitting_head: (
        list_aliased[
            Annotated[Dense | Dropout | BatchNorm | LayerNorm, Field(discriminator="type")]
        ]
        | None
    ) = None


class ValidatedRuleSet(Model):
    """
    Attributes:
    valid: whether there is no problem of level `error`.
    spec: as it would be stored; null where it cannot be read.
    filters: in words.
    words: all rules in words, the filters first.
    columns: those that rules over the dataset can read; none while it is not profiled.
    preview: null where no test was named, or the rules are not valid.
    """

    valid: bool
    problems: list_aliased[Problem]
    spec: RuleSetSpec | None = None
    filters: list_aliased[str] = []
    words: list_aliased[str] = []
    columns: Annotated[list_aliased[ReadableColumn], Field(validate_default=True)] = []
    preview: RulesPreview | None = None


class ValidatedSchedule(Model):
    """
    Attributes:
    valid: whether there is no problem of level `error`.
    words: when it fires, in a sentence; "" where its expression or its zone cannot be read.
    next_times: when it would fire next, the first five; none where it is not valid.
    """

    valid: bool
    problems: list_aliased[Problem]
    words: str = ""
    next_times: list_aliased[AwareDatetime] = []


class ValidatedSweep(Model):
    """
    Attributes:
    valid: whether there is no problem of level `error`.
    tests: those that the sweep would be made of; none where it is not valid.
    estimate: the sum of the tests'; null where there is none yet.
    """

    valid: bool
    problems: list_aliased[Problem]
    tests: list_aliased[SweepTest]
    estimate: Estimate | None


class ValidatedTuning(Model):
    """
    Attributes:
    valid: whether there is no problem of level `error`.
    space: what would be searched; by default what is usual for these configs.
    estimate: of all tests; null where there is none yet.
    estimate_of_one: of a trial.
    metric: what trials would be ranked by.
    """

    valid: bool
    problems: list_aliased[Problem]
    space: list_aliased[Searched]
    estimate: Estimate | None
    estimate_of_one: Estimate | None
    metric: str | None


class Validation(Model):
    """
    The verdict on one revision of a document's spec.
    """

    state: Literal["pending", "waiting", "valid", "invalid"] = "pending"
    revision: int = 0
    problems: Annotated[list_aliased[Problem], Field(validate_default=True)] = []
    waiting_for: str | None = None
    checked_at: AwareDatetime | None = None


class ValueCount(Model):
    value: str
    count: int


class ValueList(Model):
    """
    A column of lists, as text with a delimiter between the values: "Drama|Comedy". Each value
    gets a learned vector.

    Attributes:
        delimiter: what stands between two values; spaces around a value do not count.
        length: how many values of a list count, the first ones.
    """

    column: str
    embedding_dim: int = 32
    """
    More can tell finer differences apart, and needs more purchases to learn.
    """
    combiner: Literal["mean", "sum", "sqrtn"] = "mean"
    """
    How the vectors of a row become one: their mean, their sum, or their sum divided by the root of their number.
    """
    vocab_settings: Annotated[VocabularySettings, Field(validate_default=True)] = {
        "max_size": 100000,
        "oov_buckets": 10,
        "min_frequency": 5,
    }
    type: Literal["list"] = "list"
    delimiter: str = "|"
    """
    What stands between two values.
    """
    length: int = 10
    """
    How many values of a list count, the first ones.
    """


class Vector(Model):
    """
    A column of vectors that another model made, such as embeddings of images or sentences: as
    many numbers in each row, as a list, or as text such as "[0.1, -2.5, 3e-2]" or "0.1 -2.5 0.03".
    A row whose vector is missing, is no vector, or has another number of numbers, has zeros.

    Attributes:
        dimensions: how many numbers a vector has.
        normalize: whether each is divided by its length, so that only its direction counts.
        projection: the width that a learned linear map takes it to; 0: as it is.
    """

    column: str
    type: Literal["vector"] = "vector"
    dimensions: int = 384
    """
    How many numbers a vector has.
    """
    normalize: bool = True
    """
    Each vector is divided by its length, so that only its direction counts.
    """
    projection: int = 0
    """
    The width that a learned linear map takes vectors to; with 0, they go into the tower as they are.
    """


class Version(Model):
    """
    What a revision of a document said.

    Attributes:
        changes: what it changed of the one before, in words; null of the first.
    """

    revision: int
    name: Any
    description: Any
    spec: Any
    created_at: Any
    created_by: Any | None = None
    changes: list_aliased[str] | None = None


class VersionShare(Model):
    """
    A version, and the share of customers whom it answers.

    Attributes:
        share_percent: of customers, in steps of 0.01.
    """

    version: int
    share_percent: float


class VocabularyReport(Model):
    """
    One feature's vocabulary.

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


class VocabularySettings(Model):
    """
    Which values get a row of their own.

    Attributes:
        max_size: at most so many, the most frequent.
        oov_buckets: rows for all other values, by hash.
        min_frequency: training rows that a value needs to get a row.
    """

    max_size: int = 100000
    """
    Values with a row of their own; the most frequent ones.
    """
    oov_buckets: int = 10
    """
    Rows that rare, unseen and missing values share.
    """
    min_frequency: int = 5
    """
    Training rows that a value needs for a row of its own.
    """


class WarmStartReport(Model):
    """
    What a training has taken over of an earlier one.

    Attributes:
        quick_test_id: the earlier full training.
        tables: of embeddings.
        parts: what else was taken over, in words.
        fresh: what began with weights that were drawn, in words.
    """

    quick_test_id: str
    tables: Annotated[list_aliased[TakenTable], Field(validate_default=True)] = []
    parts: list_aliased[str] = []
    fresh: list_aliased[str] = []


class WarningFix(Model):
    """
    Attributes:
    code, path: of the warning that it helps with.
    """

    label: str
    of: Literal["settings", "features", "model"]
    before: dict[str, Any]
    after: dict[str, Any]
    code: str
    path: str


class WarningFixes(Model):
    """
    The best first, for each warning that a changed setting would help with.
    """

    items: list_aliased[WarningFix]


class WarningInfo(Model):
    """
    A warning of a test's results; `name` is its code. `remedy`: where its cause is mended.
    """

    name: str
    label: str
    help: str
    remedy: Literal["settings", "features", "model", "data"]


class WhomToForget(Model):
    """
    Attributes:
    customer_id: as the data has it; a number is taken as its text.
    dataset_id: of which the id is meant; null: of all.
    """

    customer_id: str | int
    dataset_id: str | None = None


class WorseSegment(Model):
    """
    Where a test that is better over all rows is clearly worse.

    Attributes:
        segment: in words, as after "for": "new customers".
        difference: this test's metric minus the other's there, paired by customer.
    """

    segment: str
    value: float
    previous: float
    difference: Interval
