"""The typed form between documents and source: who reads which column, under which name.

Names come from users, so none of them is used as it is: every raw feature and every output of
Transform gets a key made of `[A-Za-z0-9_]` here, and both generated modules, the examples and the
serving signatures use these keys.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from shared.documents.dataset import (
    CUSTOMER_ID,
    PRODUCT_ID,
    PRODUCT_NAME,
    TRANSACTION_DATE,
    Dataset,
)
from shared.documents.feature_config import (
    TOWERS,
    Feature,
    FeatureConfigSpec,
    StringEmbedding,
    Timestamp,
    Tower,
)
from shared.documents.quick_test import QuickTestSpec
from shared.examples import ExamplesSpec, RawFeature, RawType
from shared.jobs import VocabularyRef
from shared.rules.ablation import crossed
from shared.transforms.base import Output
from shared.transforms.cross import Cross

RAW_TYPES = {
    "string_embedding": RawType.TEXT,
    "numeric": RawType.NUMBER,
    "timestamp": RawType.TIMESTAMP,
}


@dataclass(frozen=True)
class PlannedFeature:
    """A feature with its place: `raw` is what it reads, `key` the start of its outputs' keys."""

    feature: Feature
    raw: RawFeature
    key: str

    @property
    def outputs(self) -> tuple[Output, ...]:
        feature = self.feature
        if isinstance(feature, StringEmbedding):
            return feature.vocab_settings.outputs(self.key, feature.embedding_dim)
        transforms = feature.transforms
        outputs = transforms.normalize.outputs(self.key) + transforms.bucketize.outputs(self.key)
        if isinstance(feature, Timestamp):
            outputs += feature.transforms.cyclical.outputs(self.key)
        return outputs


@dataclass(frozen=True)
class PlannedCross:
    """A cross; `parts` are the crossed features, in its order."""

    cross: Cross
    parts: tuple[PlannedFeature, ...]
    key: str

    @property
    def outputs(self) -> tuple[Output, ...]:
        return self.cross.outputs(self.key)


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
        return list(dict.fromkeys(feature.raw.key for feature in self.features))


@dataclass(frozen=True)
class Plan:
    """Attributes:
    raw: every raw feature, the two ids among them.
    customer_key, product_key: raw keys of the ids, which are text.
    label_key: raw key of the rating, a number; None where nothing is rated.
    """

    raw: tuple[RawFeature, ...]
    buyer: TowerPlan
    product: TowerPlan
    customer_key: str
    product_key: str
    label_key: str | None = None

    @property
    def towers(self) -> tuple[TowerPlan, TowerPlan]:
        return self.buyer, self.product


def make_plan(spec: FeatureConfigSpec, dataset: Dataset, rating_column: str | None = None) -> Plan:
    """The plan of a valid feature config over its dataset."""
    customer, product = (_mapped(dataset, role) for role in (CUSTOMER_ID, PRODUCT_ID))
    wanted = [(customer, RawType.TEXT), (product, RawType.TEXT)]
    wanted += [
        (feature.column, RAW_TYPES[feature.type])
        for tower in TOWERS
        for feature in spec.features(tower)
    ]
    if rating_column is not None:
        wanted.append((rating_column, RawType.NUMBER))
    raw = _raw_features(dict.fromkeys(wanted))
    buyer, product_tower = (_tower(spec, tower, raw) for tower in TOWERS)
    return Plan(
        raw=tuple(raw.values()),
        buyer=buyer,
        product=product_tower,
        customer_key=raw[customer, RawType.TEXT].key,
        product_key=raw[product, RawType.TEXT].key,
        label_key=raw[rating_column, RawType.NUMBER].key if rating_column is not None else None,
    )


def examples_spec(plan: Plan, dataset: Dataset, test: QuickTestSpec) -> ExamplesSpec:
    """Which examples a quick test trains on and is judged by."""
    date = dataset.spec.column_of(TRANSACTION_DATE)
    strategy = test.split.strategy
    if strategy == "auto":
        strategy = "temporal" if date else "random"
    return ExamplesSpec(
        source=dataset.spec.source,
        features=list(plan.raw),
        query_keys=plan.buyer.raw_keys,
        candidate_keys=plan.product.raw_keys,
        customer_key=plan.customer_key,
        product_key=plan.product_key,
        label_key=plan.label_key,
        timestamp_column=date,
        name_column=dataset.spec.column_of(PRODUCT_NAME),
        sample_percent=test.data_sample_percent,
        sample_by=test.sample_by,
        split=strategy,
        holdout_fraction=test.split.holdout_percent / 100,
        seed=test.seed,
    )


def vocabulary_refs(plan: Plan) -> list[VocabularyRef]:
    """The features that have a vocabulary, in the order of the towers' inputs."""
    return [
        VocabularyRef(
            key=planned.key,
            raw_key=planned.raw.key,
            column=planned.raw.column,
            tower=tower.tower,
            max_size=planned.feature.vocab_settings.max_size,
            min_frequency=planned.feature.vocab_settings.min_frequency,
        )
        for tower in plan.towers
        for planned in tower.features
        if isinstance(planned.feature, StringEmbedding)
    ]


def _mapped(dataset: Dataset, role: str) -> str:
    column = dataset.spec.column_of(role)
    assert column is not None, f"a valid dataset maps {role}"
    return column


def _raw_features(
    wanted: Iterable[tuple[str, RawType]],
) -> dict[tuple[str, RawType], RawFeature]:
    raw: dict[tuple[str, RawType], RawFeature] = {}
    names = _Names()
    columns: dict[str, str] = {}
    for column, raw_type in wanted:
        if column in columns:  # a column read as two types
            key = names.unique(f"{columns[column]}_{raw_type.value}")
        else:
            key = columns[column] = names.unique(slug(column))
        raw[column, raw_type] = RawFeature(key=key, column=column, type=raw_type)
    return raw


def _tower(
    spec: FeatureConfigSpec, tower: Tower, raw: dict[tuple[str, RawType], RawFeature]
) -> TowerPlan:
    names = _Names()
    planned: list[PlannedFeature] = []
    for feature in spec.features(tower):
        source = raw[feature.column, RAW_TYPES[feature.type]]
        planned.append(PlannedFeature(feature, source, names.unique(f"{tower}_{source.key}")))
    crosses: list[PlannedCross] = []
    for cross in spec.crosses(tower):
        meant = [crossed(name, spec.features(tower)) for name in cross.features]
        parts = tuple(next(p for p in planned if p.feature is feature) for feature in meant)
        key = names.unique(f"{tower}_" + "_x_".join(part.raw.key for part in parts))
        crosses.append(PlannedCross(cross, parts, key))
    return TowerPlan(tower, tuple(planned), tuple(crosses))


def slug(name: str) -> str:
    """A readable key for any name: `Größe (cm)` → `Grosse_cm`."""
    ascii_name = unicodedata.normalize("NFKD", name.replace("ß", "ss"))
    ascii_name = ascii_name.encode("ascii", "ignore").decode()
    key = re.sub(r"[^A-Za-z0-9]+", "_", ascii_name).strip("_")[:60]
    if name == f"_{key}" or not key or key[0].isdigit():
        return f"column_{key}".rstrip("_")
    return key


class _Names:
    """Hands out each key once. Case is ignored: vocabularies are files.

    A key must not be another one with a suffix that a transform appends either, so that
    `price` bucketised and a column `price_bucket` keep apart.
    """

    _SUFFIX = re.compile(
        r"_(norm|bucket|(annual|quarterly|monthly|weekly|daily)_(sin|cos))$", re.IGNORECASE
    )

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def unique(self, wanted: str) -> str:
        if self._SUFFIX.search(wanted):
            wanted += "_column"
        key, number = wanted, 1
        while key.lower() in self._taken:
            number += 1
            key = f"{wanted}_{number}"
        self._taken.add(key.lower())
        return key
