"""Feature configs to start from, computed for a dataset."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shared.documents.dataset import CUSTOMER_ID, PRODUCT_ID, Dataset
from shared.documents.feature_config import (
    TOWERS,
    Feature,
    FeatureConfigSpec,
    Numeric,
    StringEmbedding,
    Timestamp,
    Tower,
)
from shared.rules.crosses import PLACES, cross, embedded_column, values_of
from shared.rules.defaults import CARDINALITY_TO_DIM, smart_defaults
from shared.transforms.cross import Cross


@dataclass(frozen=True)
class Template:
    """`key` is stable; `name` and `description` are for people; `make` computes the spec."""

    key: str
    name: str
    description: str
    make: Callable[[Dataset], FeatureConfigSpec]


def _blank(dataset: Dataset) -> FeatureConfigSpec:
    return FeatureConfigSpec(dataset_id=dataset.id)


def _ids(dataset: Dataset) -> FeatureConfigSpec:
    return _only(dataset, {CUSTOMER_ID, PRODUCT_ID})


def _ids_and_time(dataset: Dataset) -> FeatureConfigSpec:
    return _only(dataset, {CUSTOMER_ID, PRODUCT_ID, "transaction_date"})


def _only(dataset: Dataset, roles: set[str]) -> FeatureConfigSpec:
    """The smart defaults' features with these roles, without crosses."""
    full = smart_defaults(dataset)
    mapping = dataset.spec.column_mapping
    kept: dict[Tower, list[Feature]] = {
        tower: [f for f in full.features(tower) if mapping.get(f.column) in roles]
        for tower in TOWERS
    }
    return FeatureConfigSpec(
        dataset_id=dataset.id,
        buyer_model_features=kept["buyer"],
        product_model_features=kept["product"],
    )


def _rich(dataset: Dataset) -> FeatureConfigSpec:
    spec = smart_defaults(dataset)
    for tower in TOWERS:
        for feature in spec.features(tower):
            if isinstance(feature, StringEmbedding):
                feature.embedding_dim = _wider(feature, values_of(dataset, feature.column))
            elif isinstance(feature, Timestamp):
                feature.transforms.cyclical.annual = True
    customer, place, category, subcategory = (
        next((c for role in roles if (c := embedded_column(features, dataset, role))), None)
        for features, roles in (
            (spec.buyer_model_features, (CUSTOMER_ID,)),
            (spec.buyer_model_features, PLACES),
            (spec.product_model_features, ("category",)),
            (spec.product_model_features, ("subcategory",)),
        )
    )
    _add(spec.buyer_model_crosses, dataset, [customer, place], CUSTOMER_ID)
    _add(spec.product_model_crosses, dataset, [category, subcategory], PRODUCT_ID)
    bucketised = (
        f"{f.column}_bucket"
        for f in spec.product_model_features
        if isinstance(f, Numeric) and f.transforms.bucketize.enabled
    )
    level = next(bucketised, None)
    _add(spec.product_model_crosses, dataset, [category, level], PRODUCT_ID)
    return spec


def _add(crosses: list[Cross], dataset: Dataset, features: list[str | None], owner: str) -> None:
    """Adds a cross of all these features, unless one is missing or the cross is there."""
    names = [name for name in features if name is not None]
    if len(names) < len(features) or any(set(c.features) == set(names) for c in crosses):
        return
    crosses.append(cross(dataset, names, most=values_of(dataset, dataset.spec.column_of(owner))))


def _wider(feature: StringEmbedding, values: int | None) -> int:
    """The next width of the table of recommendations, where there are as many values."""
    dim = feature.embedding_dim
    wider = next((wider for _, _, wider in CARDINALITY_TO_DIM if wider > dim), dim)
    return wider if values is None or values >= wider else dim


TEMPLATES = (
    Template("blank", "Blank", "Nothing yet; choose every column yourself.", _blank),
    Template(
        "smart_defaults",
        "Smart defaults",
        "Columns with a role, transformed by what they contain. The recommended start.",
        smart_defaults,
    ),
    Template(
        "ids_only",
        "Ids only",
        "The customer's and the product's id: matrix factorisation, a baseline for all else.",
        _ids,
    ),
    Template(
        "ids_and_time",
        "Ids and time",
        "The two ids, and the cycles of the time of purchase.",
        _ids_and_time,
    ),
    Template(
        "rich",
        "Rich",
        "Smart defaults with wider embeddings, the yearly cycle and every usual cross. Needs more "
        "data, and time.",
        _rich,
    ),
)
