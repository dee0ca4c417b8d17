"""What makes a feature config fit its dataset."""

from __future__ import annotations

from collections.abc import Iterator

from shared.documents.dataset import CUSTOMER_ID, PRODUCT_ID, RATING, TRANSACTION_DATE, Dataset
from shared.documents.feature_config import (
    TOWERS,
    Feature,
    FeatureConfigSpec,
    Tower,
)
from shared.features import kinds_of
from shared.problems import Problem
from shared.rules.dataset_report import check_insight
from shared.rules.names import unknown_column
from shared.wording import alternatives

# Roles whose values come into being with the purchase that a query is to predict.
KNOWN_AFTER_PURCHASE = ("revenue", "quantity", RATING)


def check_feature_config(spec: FeatureConfigSpec, dataset: Dataset) -> list[Problem]:
    """All problems of a feature config over a dataset whose columns are known."""
    return [
        *(problem for tower in TOWERS for problem in _tower(spec, tower, dataset)),
        *_ids(spec, dataset),
        *_both_towers(spec),
        *_leaks(spec, dataset),
        *check_insight(spec, dataset),
    ]


def features_path(tower: Tower, number: int | None = None) -> str:
    path = f"spec.{tower}_model_features"
    return path if number is None else f"{path}[{number}]"


def _tower(spec: FeatureConfigSpec, tower: Tower, dataset: Dataset) -> Iterator[Problem]:
    features = spec.features(tower)
    if not features:
        yield Problem(
            path=features_path(tower),
            code="empty_tower",
            message=f"The {tower} tower has no features. Give it at least one column.",
            received=[],
        )
    seen: set[str] = set()
    for number, feature in enumerate(features):
        path = features_path(tower, number)
        yield from _column(feature, path, dataset)
        yield from feature.check(path, dataset.status.column(feature.column))
        yield from feature.check_among(
            path,
            tower,
            {one: spec.features(one) for one in TOWERS},
            timed=dataset.spec.column_of(TRANSACTION_DATE) is not None,
        )
        if feature.column in seen:
            yield Problem(
                path=f"{path}.column",
                code="duplicate_feature",
                message=f"Column {feature.column!r} is in the {tower} tower twice. Keep one "
                "feature and enable all transforms on it.",
                received=feature.column,
            )
        seen.add(feature.column)
    yield from _crosses(spec, tower)


def _column(feature: Feature, path: str, dataset: Dataset) -> Iterator[Problem]:
    column = dataset.status.column(feature.column)
    if column is None:
        yield Problem(
            path=f"{path}.column",
            code="unknown_column",
            message=unknown_column(feature.column, (c.name for c in dataset.status.columns)),
            received=feature.column,
        )
    elif column.type not in feature.column_types:
        yield Problem(
            path=f"{path}.type",
            code="column_type",
            message=f"Column {feature.column!r} is {column.type}; {feature.type} takes "
            f"{alternatives(feature.column_types)}. Use {alternatives(kinds_of(column.type))}.",
            received=feature.type,
        )


def _crosses(spec: FeatureConfigSpec, tower: Tower) -> Iterator[Problem]:
    seen: set[frozenset[str]] = set()
    for number, cross in enumerate(spec.crosses(tower)):
        path = f"spec.{tower}_model_crosses[{number}].features"
        if len(set(cross.features)) < len(cross.features):
            yield Problem(
                path=path,
                code="cross_repeats_feature",
                message="A cross combines 2 or 3 different features.",
                received=cross.features,
            )
        elif frozenset(cross.features) in seen:
            yield Problem(
                path=path,
                code="duplicate_cross",
                message=f"The {tower} tower crosses {' × '.join(cross.features)} twice. "
                "Keep one of them.",
                received=cross.features,
            )
        seen.add(frozenset(cross.features))
        for position, name in enumerate(cross.features):
            if reason := _cross_problem(name, spec, tower):
                yield Problem(
                    path=f"{path}[{position}]", code="cross_feature", message=reason, received=name
                )


def _cross_problem(name: str, spec: FeatureConfigSpec, tower: Tower) -> str | None:
    """Why a cross cannot use `name`; None where it can."""
    by_column = {feature.column: feature for feature in spec.features(tower)}
    if (plain := by_column.get(name)) is not None:
        return None if plain.cross_name == name else plain.not_crossed(name, tower)
    if spec.crossed(tower, name) is not None:
        return None
    for feature in by_column.values():
        if reason := feature.not_crossed(name, tower):
            return reason
    return (
        f"The {tower} tower has no feature {name!r}. A cross takes its string_embedding columns, "
        f"and '<column>_bucket' for its bucketised numbers and timestamps."
    )


def _ids(spec: FeatureConfigSpec, dataset: Dataset) -> Iterator[Problem]:
    roles: tuple[tuple[Tower, str], ...] = (("buyer", CUSTOMER_ID), ("product", PRODUCT_ID))
    for tower, role in roles:
        column = dataset.spec.column_of(role)
        features = spec.features(tower)
        if column and features and column not in (feature.column for feature in features):
            yield Problem(
                path=features_path(tower),
                code=f"no_{role}",
                message=f"The {tower} tower lacks {column!r}, the {role}: it cannot tell apart "
                f"two {'customers' if tower == 'buyer' else 'products'} with equal attributes.",
                received=[feature.column for feature in features],
                level="warning",
            )


def _both_towers(spec: FeatureConfigSpec) -> Iterator[Problem]:
    buyer = {feature.column for feature in spec.buyer_model_features if not feature.of_past}
    for number, feature in enumerate(spec.product_model_features):
        if feature.column in buyer:
            yield Problem(
                path=f"{features_path('product', number)}.column",
                code="column_in_both_towers",
                message=f"Column {feature.column!r} is in both towers. Each tower can then read "
                "the answer off the other's input; keep it where it is known when recommending.",
                received=feature.column,
                level="warning",
            )


def _leaks(spec: FeatureConfigSpec, dataset: Dataset) -> Iterator[Problem]:
    for tower in TOWERS:
        for number, feature in enumerate(spec.features(tower)):
            role = dataset.spec.column_mapping.get(feature.column)
            if role in KNOWN_AFTER_PURCHASE:
                yield Problem(
                    path=f"{features_path(tower, number)}.column",
                    code="known_after_purchase",
                    message=f"Column {feature.column!r} is the {role} of the purchase itself, "
                    "which is unknown when recommending. Metrics will look better than they are.",
                    received=feature.column,
                    level="warning",
                )
