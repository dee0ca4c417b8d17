"""Feature configs without some of their columns: what is each column worth?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shared.documents.feature_config import TOWERS, FeatureConfigSpec
from shared.documents.quick_test import LeftOut
from shared.problems import Problem


def without(spec: FeatureConfigSpec, leave_out: Sequence[LeftOut]) -> FeatureConfigSpec:
    """The spec without the columns, without every cross that uses one of them, and without
    histories of what has left the product tower, whose tables they share."""
    gone = {(item.tower, item.column) for item in leave_out}
    kept: dict[str, list[object]] = {}
    for tower in TOWERS:
        kept[f"{tower}_model_features"] = [
            f
            for f in spec.features(tower)
            if (tower, f.column) not in gone and not (f.of_past and ("product", f.column) in gone)
        ]
        kept[f"{tower}_model_crosses"] = [
            cross
            for cross in spec.crosses(tower)
            if not any(
                (feature := spec.crossed(tower, name)) and (tower, feature.column) in gone
                for name in cross.features
            )
        ]
    return spec.model_copy(update=kept)


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
    """Each column that can be left out: all but those without which a tower is empty."""
    each = [
        LeftOut(tower=tower, column=feature.column)
        for tower in TOWERS
        for feature in spec.features(tower)
    ]
    return [item for item in each if not list(check_left_out(spec, [item]))]
