"""What the catalogue says of each kind."""

from __future__ import annotations

from typing import Any

from shared.baselines.base import Remedy
from shared.columns import ColumnType
from shared.documents.feature_config import Tower
from shared.models import StatusModel
from shared.rules.settings import SettingInfo


class NamedKind(StatusModel):
    """Attributes:
    name: in documents and results.
    label: for people.
    help: one line.
    """

    name: str
    label: str
    help: str


class KindInfo(NamedKind):
    """`initial`: what one begins with, as a document has it."""

    settings: list[SettingInfo]
    initial: dict[str, Any]


class AdviceInfo(StatusModel):
    """What to know of a transform of such a feature."""

    transform: str
    message: str


class FeatureInfo(KindInfo):
    """Attributes:
    column_types: of the columns that it takes.
    of_past: reads the customer's past purchases: of the buyer tower, over a column that the
        product tower embeds, as wide as that.
    """

    column_types: list[ColumnType]
    of_past: bool
    advice: list[AdviceInfo]


class TransformInfo(KindInfo):
    """Attributes:
    features: the kinds of features that have it.
    part: its part of a tower's input is named `<column>_<part>`; "" where it feeds none itself.
    """

    features: list[str]
    part: str


class LayerInfo(KindInfo):
    """Attributes:
    keras: its class in Keras.
    named_by: the setting that is part of its name: `units` of "Dense 64"; "" where none is.
    """

    keras: str
    named_by: str


class TaskInfo(NamedKind):
    """Attributes:
    when_to_use: reasons to take it.
    retrieves: finds products for a customer.
    rates: predicts a rating, by a rating head and a loss.
    settings: fields of a model config that only some tasks read, and this one does.
    main_metrics: what its tests are ranked by, the first that there is.
    preset: key of the preset that a new model begins with.
    """

    when_to_use: list[str]
    retrieves: bool
    rates: bool
    settings: list[str]
    main_metrics: list[str]
    preset: str


class DocumentInfo(StatusModel):
    """What may be set in a document, or in a request that makes one."""

    name: str
    settings: list[SettingInfo]


class RoleInfo(NamedKind):
    """Attributes:
    tower: whose side of a purchase it describes; null: the purchase itself.
    types: of the columns that it takes; none: any.
    required: a dataset needs one such column.
    """

    tower: Tower | None
    types: list[ColumnType]
    required: bool


class AttributeInfo(StatusModel):
    """`name`: what the roles of one side's further attributes begin with."""

    name: str
    tower: Tower


class RemedyInfo(StatusModel):
    """Where the cause of a warning is mended, by its code."""

    name: str
    remedy: Remedy


class LossInfo(NamedKind):
    when_to_use: str


class OptimizerInfo(NamedKind):
    """`learning_rate` is the one to begin with; above `highest_usual_rate` training usually
    diverges."""

    learning_rate: float
    highest_usual_rate: float | None


class MetricInfo(NamedKind):
    """Attributes:
    term: what the field calls it, in running text.
    share: lies between 0 and 1, and is written in percent.
    unit: of its values, in words; "" where they have none.
    rating: of predicted ratings, not of ranked products.
    main: what tests of a task are ranked by.
    of_list: the name of the list that it is measured in, "Buy again"; "" for that of all products.
    """

    term: str
    share: bool
    unit: str
    lower_is_better: bool
    rating: bool
    main: bool
    of_list: str


class BaselineInfo(NamedKind):
    """Attributes:
    term: in a few words.
    doing: what it does instead of a model: "recommending what is popular".
    rating: predicts ratings, and does not recommend.
    obvious: to be better goes without saying.
    """

    term: str
    doing: str
    rating: bool
    obvious: bool


class WarningInfo(NamedKind):
    """A warning of a test's results; `name` is its code. `remedy`: where its cause is mended."""

    remedy: Remedy


class FilterInfo(NamedKind):
    """A kind of filter in rules of lists."""

    settings: list[SettingInfo]


class TunableInfo(NamedKind):
    """A setting that a tuning may search.

    Attributes:
        bounds: of its values.
        log: what matters is the ratio of two values.
    """

    bounds: SettingInfo
    log: bool


class Catalogue(StatusModel):
    """All kinds, each list in the order in which it is shown.

    Attributes:
        documents: `model_config`, `quick_test`, `full_training`, `sweep`, `tuning` and `schedule`.
        filters: of rules of lists.
        remedies: of all warnings; the cause of one that is missing is among a test's settings.
    """

    features: list[FeatureInfo]
    transforms: list[TransformInfo]
    crosses: list[KindInfo]
    layers: list[LayerInfo]
    tasks: list[TaskInfo]
    losses: list[LossInfo]
    optimizers: list[OptimizerInfo]
    metrics: list[MetricInfo]
    baselines: list[BaselineInfo]
    warnings: list[WarningInfo]
    documents: list[DocumentInfo]
    roles: list[RoleInfo]
    attributes: list[AttributeInfo]
    remedies: list[RemedyInfo]
    tunables: list[TunableInfo]
    filters: list[FilterInfo]
