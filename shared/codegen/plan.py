"""The typed form between documents and source: who reads which column, under which key.

A plan is made once for a test. Both modules, the job's request and its estimate are made from it;
nothing else of code generation knows documents.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from shared.codegen.keys import Keys
from shared.codegen.raw_features import raw_features
from shared.columns.source_rows import latest_time
from shared.documents.base import Document
from shared.documents.dataset import (
    CATEGORIES,
    CUSTOMER_ID,
    PRODUCT_ID,
    PRODUCT_NAME,
    TRANSACTION_DATE,
    Dataset,
)
from shared.documents.feature_config import (
    TOWERS,
    Feature,
    FeatureConfig,
    FeatureConfigSpec,
    Tower,
)
from shared.documents.model_config import ModelConfig, ModelConfigSpec
from shared.documents.quick_test import QuickTestSpec
from shared.examples import ExamplesSpec, RawFeature, RawType
from shared.jobs import VocabularyRef
from shared.rules.rule_columns import rule_columns
from shared.rules.training import Training, fitting_fraction, rating_column, training_of
from shared.rules.views import view_of
from shared.transforms.base import Code, Output, Read
from shared.transforms.cross import Cross
from shared.views import KindsOf


@dataclass(frozen=True)
class PlannedFeature:
    """A feature with its place: `raw` is what it reads, `key` the start of its outputs' keys, and
    `moment` the row's moment, where it reads that too."""

    feature: Feature
    raw: RawFeature
    key: str
    moment: RawFeature | None = None

    @property
    def outputs(self) -> tuple[Output, ...]:
        return self.feature.outputs(self.key)

    @property
    def source(self) -> str:
        """The raw feature in `preprocessing_fn`, as an expression."""
        return f'inputs["{self.raw.key}"]'

    def code(self, number: str) -> list[Code]:
        """The code of its outputs; `number` is the name of a variable that is free to use."""
        moment = f'inputs["{self.moment.key}"]' if self.moment else ""
        return self.feature.code(self.key, Read(self.source, number, moment))


@dataclass(frozen=True)
class PlannedCross:
    """A cross; `parts` are the crossed features, in its order."""

    cross: Cross
    parts: tuple[PlannedFeature, ...]
    key: str

    @property
    def outputs(self) -> tuple[Output, ...]:
        return self.cross.outputs(self.key)

    def code(self, number: str) -> list[Code]:
        """The code of its output."""
        sources = [part.feature.crossed(part.key, part.source) for part in self.parts]
        return [self.cross.code(self.key, sources)]


@dataclass(frozen=True)
class TowerPlan:
    tower: Tower
    features: tuple[PlannedFeature, ...]
    crosses: tuple[PlannedCross, ...]

    @property
    def parts(self) -> tuple[PlannedFeature | PlannedCross, ...]:
        parts: list[PlannedFeature | PlannedCross] = [*self.features, *self.crosses]
        return tuple(parts)

    @property
    def outputs(self) -> tuple[Output, ...]:
        """Everything that the tower reads, in the order of its input."""
        return tuple(output for part in self.parts for output in part.outputs)

    @property
    def width(self) -> int:
        return sum(output.dim for output in self.outputs)

    @property
    def raw_keys(self) -> list[str]:
        """What describes the row itself."""
        named = [one.raw.key for one in self.features if not one.feature.of_past]
        named += [one.moment.key for one in self.features if one.moment is not None]
        return list(dict.fromkeys(named))

    @property
    def history_length(self) -> int:
        """How many past purchases it reads at most; 0 where it reads none."""
        return max((one.pool.length for one in self.outputs if one.pool is not None), default=0)

    def embedding_of(self, column: str) -> Output:
        """The embedded values of a column."""
        features = (one for one in self.features if one.raw.column == column)
        found = next(one for one in features if one.feature.embedding_width is not None)
        return next(output for output in found.outputs if output.key == found.key)


@dataclass(frozen=True)
class Origin:
    """A document that modules are made from, as their headers name it."""

    id: str
    name: str
    revision: int

    @classmethod
    def of(cls, document: Document[Any, Any]) -> Self:
        return cls(document.id, document.name, document.revision)


@dataclass(frozen=True)
class FeaturePlan:
    """A feature config over its dataset: all that the preprocessing module is made from.

    Attributes:
        raw: every raw feature, the two ids among them.
        customer_key, product_key: raw keys of the ids, which are text.
        label_key: raw key of the rating, a number; None where nothing is rated.
        moment_key: raw key of the time of purchase; None where nobody looks into the past.
        kind_key: raw key of the kind of event; None where histories do not tell kinds apart.
    """

    dataset: Origin
    feature_config: Origin
    raw: tuple[RawFeature, ...]
    buyer: TowerPlan
    product: TowerPlan
    customer_key: str
    product_key: str
    label_key: str | None
    moment_key: str | None
    kind_key: str | None

    @property
    def towers(self) -> tuple[TowerPlan, TowerPlan]:
        return self.buyer, self.product

    @property
    def query_keys(self) -> list[str]:
        """Raw keys of what describes a query: of the buyer tower, and of whose past is looked up as
        of when."""
        keys = [*self.buyer.raw_keys]
        if self.moment_key is not None:
            keys += [self.customer_key, self.moment_key]
        return list(dict.fromkeys(keys))

    @property
    def vocabularies(self) -> list[VocabularyRef]:
        """The features that have a vocabulary, in the order of the towers' inputs."""
        return [
            VocabularyRef(
                key=planned.key,
                raw_key=planned.raw.key,
                column=planned.raw.column,
                tower=tower.tower,
                max_size=vocabulary.max_size,
                min_frequency=vocabulary.min_frequency,
                splitting=planned.feature.splitting,
            )
            for tower in self.towers
            for planned in tower.features
            if (vocabulary := planned.feature.vocabulary) is not None
        ]


@dataclass(frozen=True)
class Plan(FeaturePlan):
    """A test: what is trained besides, how, and on which rows.

    Attributes:
        model: the spec of the model config.
        examples: the rows that it trains on and is judged by.
    """

    model_config: Origin
    model: ModelConfigSpec
    training: Training
    examples: ExamplesSpec

    @property
    def knows_availability(self) -> bool:
        """Whether some products may not be recommended."""
        products = self.examples.view.products if self.examples.view is not None else None
        return products is not None and bool(products.available)

    @property
    def kinds(self) -> KindsOf | None:
        """Of the events, where histories tell them apart."""
        view = self.examples.view
        return view.kinds if self.kind_key is not None and view is not None else None


def plan_features(
    feature_config: FeatureConfig,
    dataset: Dataset,
    rating: str | None = None,
    *,
    looks_back: bool = False,
) -> FeaturePlan:
    """The plan of a valid feature config over its dataset.

    Args:
        rating: the column that is predicted.
        looks_back: the model reads past purchases, whether or not a feature does.
    """
    spec = feature_config.spec
    moment = dataset.spec.column_of(TRANSACTION_DATE)
    spec_reads_past = any(feature.of_past for feature in spec.buyer_model_features)
    looks_back |= spec_reads_past
    customer, product = (_mapped(dataset, role) for role in (CUSTOMER_ID, PRODUCT_ID))
    wanted = [(customer, RawType.TEXT), (product, RawType.TEXT)]
    wanted += [
        (feature.column, feature.raw) for tower in TOWERS for feature in spec.features(tower)
    ]
    if rating is not None:
        wanted.append((rating, RawType.NUMBER))
    read = looks_back or any(feature.of_moment for feature in spec.buyer_model_features)
    if read and moment is not None:
        wanted.append((moment, RawType.TIMESTAMP))
    kind = _kind_column(dataset) if spec_reads_past else None
    if kind is not None:
        wanted.append((kind, RawType.TEXT))
    raw = raw_features(dict.fromkeys(wanted), dataset)
    of_row = raw.get((moment, RawType.TIMESTAMP)) if moment is not None else None
    buyer, product_tower = (_tower(spec, tower, raw, of_row) for tower in TOWERS)
    return FeaturePlan(
        dataset=Origin.of(dataset),
        feature_config=Origin.of(feature_config),
        raw=tuple(raw.values()),
        buyer=buyer,
        product=product_tower,
        customer_key=raw[customer, RawType.TEXT].key,
        product_key=raw[product, RawType.TEXT].key,
        label_key=raw[rating, RawType.NUMBER].key if rating is not None else None,
        moment_key=raw[moment, RawType.TIMESTAMP].key if looks_back and moment else None,
        kind_key=raw[kind, RawType.TEXT].key if kind is not None else None,
    )


def make_plan(
    feature_config: FeatureConfig, model_config: ModelConfig, dataset: Dataset, test: QuickTestSpec
) -> Plan:
    """The plan of a valid test.

    Args:
        feature_config: without the columns that the test leaves out.
    """
    model = model_config.spec
    features = plan_features(
        feature_config,
        dataset,
        rating_column(test, model, dataset),
        looks_back=model.reranks,
    )
    return Plan(
        **vars(features),
        model_config=Origin.of(model_config),
        model=model,
        training=training_of(test, model),
        examples=_examples(features, dataset, model, test),
    )


def _examples(
    plan: FeaturePlan, dataset: Dataset, model: ModelConfigSpec, test: QuickTestSpec
) -> ExamplesSpec:
    features, segment_keys = _with_segments(plan, dataset, test)
    date, profiled_at = dataset.spec.column_of(TRANSACTION_DATE), dataset.status.profiled_at
    strategy = test.split.strategy
    if strategy == "auto":
        strategy = "temporal" if date else "random"
    spec = ExamplesSpec(
        source=dataset.source,
        features=features,
        segment_keys=segment_keys,
        rule_features=_of_rules(plan, dataset),
        query_keys=plan.query_keys,
        candidate_keys=plan.product.raw_keys,
        customer_key=plan.customer_key,
        product_key=plan.product_key,
        past_key=plan.moment_key if plan.moment_key not in plan.buyer.raw_keys else None,
        kind_key=plan.kind_key,
        label_key=plan.label_key,
        timestamp_column=date,
        latest_time=latest_time(profiled_at) if date and profiled_at else None,
        name_column=dataset.spec.column_of(PRODUCT_NAME),
        category_column=next(filter(None, map(dataset.spec.column_of, CATEGORIES)), None),
        sample_percent=test.data_sample_percent,
        sample_by=test.sample_by,
        trained_percent=test.trained_percent,
        judged_percent=test.judged_percent,
        split=strategy,
        holdout_fraction=test.split.holdout_percent / 100,
        fitting_fraction=fitting_fraction(test, model),
        ties=test.split.ties,
        judged_on=test.split.judged_on,
        seed=test.seed,
        data_fingerprint=dataset.status.fingerprint or "",
        source_fingerprint=(dataset.status.as_of and dataset.status.source_fingerprint) or "",
    )
    if not dataset.spec.plain:
        view = view_of(
            dataset.spec,
            dataset.spec.column_mapping,
            dataset.status.columns,
            dataset.status.sides,
            dataset.side_sources,
        )
        spec.view = view.of_columns(spec.columns)
    return spec


def _with_segments(
    plan: FeaturePlan, dataset: Dataset, test: QuickTestSpec
) -> tuple[list[RawFeature], list[str]]:
    """The raw features, with those that only split results; and the keys that do."""
    wanted = [(one.column, one.type) for one in plan.raw]
    marked = [(column, RawType.TEXT) for column in test.segment_columns]
    raw = raw_features(dict.fromkeys([*wanted, *marked]), dataset)
    return list(raw.values()), [raw[column].key for column in marked]


def _of_rules(plan: FeaturePlan, dataset: Dataset) -> list[RawFeature]:
    """What rules read and the product tower does not."""
    seen = {(one.raw.column, one.raw.type) for one in plan.product.features}
    wanted = [(one.name, one.type) for one in rule_columns(dataset).values()]
    return list(raw_features([one for one in wanted if one not in seen], dataset).values())


def _kind_column(dataset: Dataset) -> str | None:
    """The column of the kinds of events, where those differ in what they are to a history."""
    events = dataset.spec.events
    return events.column if events is not None and events.weighs else None


def _mapped(dataset: Dataset, role: str) -> str:
    column = dataset.spec.column_of(role)
    assert column is not None, f"a valid dataset maps {role}"
    return column


def _tower(
    spec: FeatureConfigSpec,
    tower: Tower,
    raw: dict[tuple[str, RawType], RawFeature],
    moment: RawFeature | None,
) -> TowerPlan:
    keys = Keys()
    planned: list[PlannedFeature] = []
    for feature in spec.features(tower):
        source = raw[feature.column, feature.raw]
        key = keys.unique(f"{tower}_{source.key}")
        read = moment if feature.of_moment else None
        planned.append(PlannedFeature(feature, source, key, read))
    crosses: list[PlannedCross] = []
    for cross in spec.crosses(tower):
        meant = [spec.crossed(tower, name) for name in cross.features]
        parts = tuple(next(p for p in planned if p.feature is feature) for feature in meant)
        key = keys.unique(f"{tower}_" + "_x_".join(part.raw.key for part in parts))
        crosses.append(PlannedCross(cross, parts, key))
    return TowerPlan(tower, tuple(planned), tuple(crosses))
