"""Feature configs without some of their columns: what is each column worth?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shared.documents.feature_config import (
    TOWERS,
    Feature,
    FeatureConfig,
    FeatureConfigSpec,
    Numeric,
    StringEmbedding,
    Timestamp,
)
from shared.documents.quick_test import LeftOut
from shared.problems import Problem


def reduced(config: FeatureConfig, leave_out: Sequence[LeftOut]) -> FeatureConfig:
    """The config as a test with these columns left out sees it."""
    return config.model_copy(update={"spec": without(config.spec, leave_out)})


def without(spec: FeatureConfigSpec, leave_out: Sequence[LeftOut]) -> FeatureConfigSpec:
    """The spec without the columns, and without every cross that uses one of them."""
    gone = {(item.tower, item.column) for item in leave_out}
    kept: dict[str, list[object]] = {}
    for tower in TOWERS:
        features = spec.features(tower)
        kept[f"{tower}_model_features"] = [f for f in features if (tower, f.column) not in gone]
        kept[f"{tower}_model_crosses"] = [
            cross
            for cross in spec.crosses(tower)
            if not any(
                (feature := crossed(name, features)) and (tower, feature.column) in gone
                for name in cross.features
            )
        ]
    return spec.model_copy(update=kept)


def crossed(name: str, features: Sequence[Feature]) -> Feature | None:
    """The feature of a tower that a cross means by `name`, or None."""
    by_column = {feature.column: feature for feature in features}
    if isinstance(plain := by_column.get(name), StringEmbedding):
        return plain
    number = by_column.get(name.removesuffix("_bucket")) if name.endswith("_bucket") else None
    if isinstance(number, Numeric | Timestamp) and number.transforms.bucketize.enabled:
        return number
    return None


def check_left_out(spec: FeatureConfigSpec, leave_out: Sequence[LeftOut]) -> Iterator[Problem]:
    """Columns that are not there, and towers that nothing is left of."""
    for number, item in enumerate(leave_out):
        columns = [feature.column for feature in spec.features(item.tower)]
        if item.column not in columns:
            yield Problem(
                path=f"spec.leave_out[{number}].column",
                code="left_out_unknown",
                message=f"The {item.tower} tower has no column {item.column!r} to leave out. It "
                f"has {', '.join(map(repr, columns))}.",
                received=item.column,
            )
    rest = without(spec, leave_out)
    for tower in TOWERS:
        if spec.features(tower) and not rest.features(tower):
            yield Problem(
                path="spec.leave_out",
                code="tower_left_empty",
                message=f"Nothing is left of the {tower} tower. Keep at least one of its columns.",
                received=[item.column for item in leave_out if item.tower == tower],
            )


def single_columns(spec: FeatureConfigSpec) -> list[LeftOut]:
    """Each column that a tower can do without: all but the only one of a tower."""
    return [
        LeftOut(tower=tower, column=feature.column)
        for tower in TOWERS
        for feature in spec.features(tower)
        if len(spec.features(tower)) > 1
    ]
