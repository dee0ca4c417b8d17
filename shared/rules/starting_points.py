"""Feature configs to start from, computed for a dataset."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shared.documents.dataset import CUSTOMER_ID, PRODUCT_ID, Dataset
from shared.documents.feature_config import (
    TOWERS,
    Feature,
    FeatureConfigSpec,
    Tower,
)
from shared.rules.crosses import PLACES, cross, embedded_column, values_of
from shared.rules.defaults import smart_defaults
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
        tower: [
            feature
            for feature in full.features(tower)
            if mapping.get(feature.column) in roles and not feature.of_past
        ]
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
            feature.enrich(values_of(dataset, feature.column))
    widths = {f.column: f.embedding_width for f in spec.product_model_features}
    for feature in spec.buyer_model_features:
        feature.share(widths)
    customer, place, category, subcategory = (
        next((c for role in roles if (c := embedded_column(features, dataset, role))), None)
        for features, roles in (
            (spec.buyer_model_features, (CUSTOMER_ID,)),
            (spec.buyer_model_features, PLACES),
            (spec.product_model_features, ("category",)),
            (spec.product_model_features, ("subcategory",)),
        )
    )
    _add(spec.buyer_model_crosses, dataset, (customer, None), (place, None))
    _add(spec.product_model_crosses, dataset, (category, None), (subcategory, None))
    bucketised = (
        (feature.column, feature.buckets)
        for feature in spec.product_model_features
        if feature.buckets is not None
    )
    level = next(bucketised, (None, None))
    _add(spec.product_model_crosses, dataset, (category, None), level)
    return spec


def _add(crosses: list[Cross], dataset: Dataset, *parts: tuple[str | None, int | None]) -> None:
    """Adds a cross of all these parts, unless one is missing or the cross is there."""
    present = [(column, buckets) for column, buckets in parts if column is not None]
    if len(present) < len(parts):
        return
    made = cross(dataset, present)
    if all(set(made.features) != set(known.features) for known in crosses):
        crosses.append(made)


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
