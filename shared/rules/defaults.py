"""A feature config to start from, chosen from what a dataset's columns mean and contain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf

from shared.columns import Column, ColumnStatistics, ColumnType
from shared.documents.dataset import CUSTOMER_ID, PRODUCT_ID, TRANSACTION_DATE, Dataset
from shared.documents.feature_config import (
    Feature,
    FeatureConfigSpec,
    Numeric,
    NumericTransforms,
    StringEmbedding,
    Timestamp,
    TimestampTransforms,
    Tower,
)
from shared.rules.crosses import default_crosses
from shared.transforms.bucketize import Bucketize
from shared.transforms.cyclical import Cyclical
from shared.transforms.normalize import Normalize
from shared.transforms.vocabulary import VocabularySettings

# Embedding width by number of values: from, below, width.
CARDINALITY_TO_DIM: tuple[tuple[float, float, int], ...] = (
    (0, 50, 8),
    (50, 500, 16),
    (500, 5_000, 32),
    (5_000, 50_000, 64),
    (50_000, 500_000, 96),
    (500_000, inf, 128),
)
_LARGEST_ID_VOCABULARY = 500_000
_LARGEST_VOCABULARY = 100_000
_MIN_FREQUENCY = 5
# Up to so many customers, a row for every one costs next to nothing and keeps rare ones apart.
_FEW_CUSTOMERS = 50_000
# An attribute with more values than this share of its ids adds nothing to the id.
_NEAR_UNIQUE = 0.8
_SKEWED = 2.0
_UNKNOWN = ColumnStatistics(unique_count=10_000, null_count=0)


def embedding_dim(cardinality: int) -> int:
    """Recommended width of an embedding for so many values."""
    return next(dim for low, high, dim in CARDINALITY_TO_DIM if low <= cardinality < high)


def smart_defaults(dataset: Dataset) -> FeatureConfigSpec:
    """Features for the columns that have a role, each in the tower that its role names.

    Left out, because they would mislead:
    - `revenue` and `quantity`: known only after the purchase that a query is to predict;
    - constant columns, and attributes that differ for nearly every customer or product;
    - a timestamp's normalised value: held-out purchases are later than all that was trained on,
      so that it would leave the trained range; its cycles do not;
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
            features["buyer"] += _moment(column)
        elif role and role.startswith("customer_"):
            features["buyer"] += _attribute(column, counts[CUSTOMER_ID])
        elif role and (role.startswith("product_") or role in ("category", "subcategory")):
            features["product"] += _attribute(column, counts[PRODUCT_ID])
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
        if column.type not in (ColumnType.STRING, ColumnType.INTEGER, ColumnType.BOOLEAN):
            continue
        role = dataset.spec.column_mapping.get(column.name)
        values = (column.statistics or _UNKNOWN).unique_count
        if role in (CUSTOMER_ID, PRODUCT_ID):
            feature = _id(column, role)
        else:
            feature = _embedding(column.name, values, _LARGEST_VOCABULARY)
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


def _unique(dataset: Dataset, role: str) -> int | None:
    column = dataset.status.column(dataset.spec.column_of(role) or "")
    return column.statistics.unique_count if column and column.statistics else None


def _id(column: Column, role: str) -> StringEmbedding:
    values = (column.statistics or _UNKNOWN).unique_count
    few = role == CUSTOMER_ID and values <= _FEW_CUSTOMERS
    return _embedding(column.name, values, _LARGEST_ID_VOCABULARY, 1 if few else _MIN_FREQUENCY)


def _embedding(
    column: str, values: int, largest: int, min_frequency: int = _MIN_FREQUENCY
) -> StringEmbedding:
    return StringEmbedding(
        column=column,
        embedding_dim=embedding_dim(values),
        vocab_settings=VocabularySettings(
            max_size=min(max(1, values * 2), largest), min_frequency=min_frequency
        ),
    )


def _attribute(column: Column, owners: int | None) -> list[Feature]:
    """The feature of an attribute, or none; `owners` is the number of customers or products."""
    statistics = column.statistics or _UNKNOWN
    if statistics.unique_count <= 1:
        return []
    if (
        column.type in (ColumnType.STRING, ColumnType.INTEGER)
        and owners is not None
        and statistics.unique_count > _NEAR_UNIQUE * owners
    ):
        return []
    if column.type is ColumnType.TIMESTAMP:
        return _moment(column)
    if not column.type.is_numeric:
        return [_embedding(column.name, statistics.unique_count, _LARGEST_VOCABULARY)]
    buckets = min(100, statistics.unique_count)
    return [
        Numeric(
            column=column.name,
            transforms=NumericTransforms(
                normalize=Normalize(enabled=True),
                bucketize=Bucketize(
                    enabled=True, buckets=buckets, embedding_dim=embedding_dim(buckets)
                ),
                log_transform=(statistics.skewness or 0.0) > _SKEWED,
            ),
        )
    ]


def _moment(column: Column) -> list[Feature]:
    statistics = column.statistics or _UNKNOWN
    if statistics.unique_count <= 1:
        return []
    return [
        Timestamp(
            column=column.name,
            transforms=TimestampTransforms(
                normalize=Normalize(enabled=False),
                cyclical=Cyclical(
                    quarterly=True, monthly=True, weekly=True, daily=_times_of_day(statistics) > 1
                ),
            ),
        )
    ]


def _times_of_day(statistics: ColumnStatistics) -> int:
    """How many times of day the samples show; 1 for dates, which are all at midnight."""
    moments = map(_seconds, statistics.samples)
    return len({moment % 86_400 for moment in moments if moment is not None})


def _seconds(sample: str) -> float | None:
    try:
        return float(sample)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(sample)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
