"""A feature config to start from, chosen from what a dataset's columns mean and contain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.columns import Column, ColumnType
from shared.documents.dataset import (
    CUSTOMER_ID,
    PRODUCT_ID,
    PRODUCT_NAME,
    TRANSACTION_DATE,
    Dataset,
)
from shared.documents.feature_config import Feature, FeatureConfigSpec, Tower
from shared.features import FEATURES, FeatureModel, StringEmbedding, Timestamp, kinds_of
from shared.features.bag import BagFeature
from shared.features.days_since import DaysSince
from shared.features.history import History
from shared.features.text import Text
from shared.features.vector import Vector
from shared.rules.crosses import default_crosses
from shared.rules.usual_roles import tower_of
from shared.transforms.vocabulary import VocabularySettings

_LARGEST_ID_VOCABULARY = 500_000
# Up to so many customers, a row for every one costs next to nothing and keeps rare ones apart.
_FEW_CUSTOMERS = 50_000
# Ids have embeddings at least as wide as this, where they have as many values: towers that squeeze
# them lose a quarter of the recall (docs/defaults.md).
WIDE = 64
# An attribute with more values than this share of its ids adds nothing to the id.
_NEAR_UNIQUE = 0.8


def smart_defaults(dataset: Dataset) -> FeatureConfigSpec:
    """Features for the columns that have a role, each in the tower that its role names.

    Left out, because they would mislead:
    - `revenue` and `quantity`: known only after the purchase that a query is to predict;
    - constant columns, and attributes that differ for nearly every customer or product, unless
      they are texts, whose words do not, or vectors;
    - a timestamp's normalised value: held-out purchases are later than all that was trained on,
      so that it would leave the trained range;
    - its cycles that the data has not gone through several times: they say where in the data a
      purchase lies, and held-out purchases lie elsewhere;
    - crosses: a subcategory nearly always lies in one category and a customer in one city, so
      that the usual crosses repeat one of their parts.
    """
    features: dict[Tower, list[Feature]] = {"buyer": [], "product": []}
    counts = {role: _unique(dataset, role) for role in (CUSTOMER_ID, PRODUCT_ID)}
    for column in dataset.status.columns:
        role = dataset.spec.column_mapping.get(column.name)
        if role in (CUSTOMER_ID, PRODUCT_ID):
            tower: Tower = "buyer" if role == CUSTOMER_ID else "product"
            features[tower].insert(0, _id(column, role))
        elif role == TRANSACTION_DATE:
            features["buyer"] += _suggested(Timestamp, column)
        elif role and (side := tower_of(role)):
            owners = counts[CUSTOMER_ID if side == "buyer" else PRODUCT_ID]
            timed = dataset.spec.column_of(TRANSACTION_DATE) is not None
            if side == "buyer" and timed and column.type in DaysSince.column_types:
                features[side] += _suggested(DaysSince, column)
            else:
                features[side] += _attribute(column, role, owners)
    features["buyer"] += history_of(dataset, features["product"])
    return FeatureConfigSpec(
        dataset_id=dataset.id,
        buyer_model_features=features["buyer"],
        product_model_features=features["product"],
        buyer_model_crosses=default_crosses("buyer", features["buyer"], dataset),
        product_model_crosses=default_crosses("product", features["product"], dataset),
    )


@dataclass(frozen=True)
class EmbeddingRecommendation:
    """How to embed a column. `unique_count` is None before the dataset is profiled."""

    column: str
    type: ColumnType
    role: str | None
    unique_count: int | None
    embedding_dim: int
    vocab_settings: VocabularySettings


def embedding_recommendations(dataset: Dataset) -> list[EmbeddingRecommendation]:
    """One for every column that may be embedded as ids or categories, in the dataset's order."""
    found = []
    for column in dataset.status.columns:
        if column.type not in StringEmbedding.column_types:
            continue
        role = dataset.spec.column_mapping.get(column.name)
        if role in (CUSTOMER_ID, PRODUCT_ID):
            feature = _id(column, role)
        else:
            feature = StringEmbedding.suggested(column)
        found.append(
            EmbeddingRecommendation(
                column=column.name,
                type=column.type,
                role=role,
                unique_count=column.statistics.unique_count if column.statistics else None,
                embedding_dim=feature.embedding_dim,
                vocab_settings=feature.vocab_settings,
            )
        )
    return found


@dataclass(frozen=True)
class ColumnFeatures:
    """What a column may become in a tower; what suits it best comes first."""

    column: str
    features: list[Feature]


def column_features(dataset: Dataset) -> list[ColumnFeatures]:
    """For every column, in the dataset's order: each kind of feature that takes it, with settings
    that go with its values. What a role asks for is what smart defaults take."""
    found = []
    for column in dataset.status.columns:
        role = dataset.spec.column_mapping.get(column.name)
        best = StringEmbedding if role in (CUSTOMER_ID, PRODUCT_ID) else _kind_for(column, role)
        features = [
            _id(column, role)
            if role in (CUSTOMER_ID, PRODUCT_ID) and kind is StringEmbedding
            else kind.suggested(column)
            for kind in sorted(
                kinds_of(column.type).values(),
                key=lambda kind: kind is not best,
            )
        ]
        found.append(ColumnFeatures(column.name, features))
    return found


def _unique(dataset: Dataset, role: str) -> int | None:
    column = dataset.status.column(dataset.spec.column_of(role) or "")
    return column.statistics.unique_count if column and column.statistics else None


def _id(column: Column, role: str) -> StringEmbedding:
    """The embedding of a customer's or a product's id."""
    feature = StringEmbedding.suggested(column, largest_vocabulary=_LARGEST_ID_VOCABULARY)
    if column.likely.unique_count >= WIDE:
        feature.embedding_dim = max(feature.embedding_dim, WIDE)
    if role == CUSTOMER_ID and column.likely.unique_count <= _FEW_CUSTOMERS:
        feature.vocab_settings.min_frequency = 1
    return feature


def history_of(dataset: Dataset, products: Sequence[Feature]) -> list[Feature]:
    """The history of the products' ids, where purchases have a time."""
    if dataset.spec.column_of(TRANSACTION_DATE) is None:
        return []
    product = dataset.spec.column_of(PRODUCT_ID)
    widths = (feature.embedding_width for feature in products if feature.column == product)
    return [History(column=str(product), embedding_dim=width) for width in widths if width]


def _attribute(column: Column, role: str, owners: int | None) -> list[Feature]:
    """The feature of an attribute, or none; `owners` is the number of customers or products."""
    kind = _kind_for(column, role)
    if (
        not issubclass(kind, BagFeature | Vector)
        and column.type in (ColumnType.STRING, ColumnType.INTEGER)
        and owners is not None
        and column.likely.unique_count > _NEAR_UNIQUE * owners
    ):
        return _suggested(Text, column) if Text.reads(column) else []
    return _suggested(kind, column)


def _kind_for(column: Column, role: str | None) -> type[FeatureModel]:
    if role == PRODUCT_NAME and column.type is ColumnType.STRING:
        return Text
    return [kind for kind in FEATURES.values() if kind.is_for(column)][-1]


def _suggested(kind: type[FeatureModel], column: Column) -> list[Feature]:
    """A feature of this kind, or none for a constant column."""
    return [kind.suggested(column)] if column.likely.unique_count > 1 else []
