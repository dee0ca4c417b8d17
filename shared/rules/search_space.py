"""What can be searched of two configs, and what is by default."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shared.documents.dataset import CUSTOMER_ID, PRODUCT_ID, Dataset
from shared.documents.feature_config import FeatureConfigSpec
from shared.documents.model_config import ModelConfigSpec
from shared.documents.tuning import INCLUDED, Searched
from shared.problems import Problem
from shared.rules.ablation import single_columns
from shared.rules.search import holds
from shared.rules.tunables import check_value, tunables
from shared.wording import alternatives


def default_space(
    features: FeatureConfigSpec, model: ModelConfigSpec, dataset: Dataset
) -> list[Searched]:
    """What is worth searching of these configs: every tunable that they have, and whether each
    column is worth having, but for the ids and what histories share."""
    found = []
    for name, tunable in tunables().items():
        usual = tunable.usual(features, model)
        if usual is None:
            continue
        if not usual.values:
            found.append(Searched(setting=name, low=usual.low, high=usual.high))
            continue
        said = tunable.read(features, model)
        values = {*usual.values, *([] if said is None else [said])}  # the default is among them
        found.append(Searched(setting=name, values=sorted(values)))
    ids = {dataset.spec.column_of(role) for role in (CUSTOMER_ID, PRODUCT_ID)}
    ids |= {one.column for one in features.buyer_model_features if one.of_past}
    found += [
        Searched(setting=INCLUDED, tower=item.tower, column=item.column)
        for item in single_columns(features)
        if item.column not in ids
    ]
    return found


def check_space(
    space: Sequence[Searched], features: FeatureConfigSpec, model: ModelConfigSpec
) -> Iterator[Problem]:
    """A space with nothing in it, and settings that cannot be searched as they are written."""
    if not space:
        yield Problem(
            path="spec.space",
            code="empty_space",
            message="The search space is empty. Name at least one setting, or leave it out to "
            "search what is usual.",
            received=[],
        )
    keys = [one.key for one in space]
    for number, one in enumerate(space):
        path = f"spec.space[{number}]"
        if one.key in keys[:number]:
            yield Problem(
                path=path,
                code="searched_twice",
                message=f"{one.key!r} is listed twice. Give it one range.",
                received=one.key,
            )
        if one.setting == INCLUDED:
            yield from _check_column(one, path, features)
        else:
            yield from _check_setting(one, path, features, model)


def _check_column(one: Searched, path: str, features: FeatureConfigSpec) -> Iterator[Problem]:
    spare = single_columns(features)
    listed = ", ".join(f"{item.tower} {item.column!r}" for item in spare) or "none"
    if not any((item.tower, item.column) == (one.tower, one.column) for item in spare):
        yield Problem(
            path=path,
            code="column_not_spare",
            message=f"There is no column {one.column!r} of the {one.tower} tower that it could do "
            f"without. There are: {listed}.",
            received=one.column,
        )
    if one.low is not None or one.high is not None or one.values is not None:
        yield Problem(
            path=path,
            code="column_with_values",
            message="A column is in or out: it has neither bounds nor values.",
            received=one.model_dump(mode="json", exclude_none=True),
        )


def _check_setting(
    one: Searched, path: str, features: FeatureConfigSpec, model: ModelConfigSpec
) -> Iterator[Problem]:
    tunable = tunables().get(one.setting)
    if tunable is None:
        yield Problem(
            path=f"{path}.setting",
            code="unknown_setting",
            message=f"There is no setting {one.setting!r} to search. There are "
            f"{alternatives([*tunables(), INCLUDED])}.",
            received=one.setting,
        )
        return
    if tunable.usual(features, model) is None:
        yield Problem(
            path=f"{path}.setting",
            code="setting_without_effect",
            message=f"These configs have nothing that {tunable.label!r} would set. Leave it out.",
            received=one.setting,
        )
        return
    bounds = (one.low, one.high)
    if (one.values is None) == (bounds == (None, None)) or (one.values is None and None in bounds):
        yield Problem(
            path=path,
            code="no_range",
            message=f"{tunable.label} needs either both low and high, or values.",
            received=one.model_dump(mode="json", exclude_none=True),
        )
        return
    for name, value in (("low", one.low), ("high", one.high)):
        if value is not None:
            yield from check_value(tunable, value, f"{path}.{name}")
    for place, value in enumerate(one.values or []):
        yield from check_value(tunable, value, f"{path}.values[{place}]")
    if one.low is not None and one.high is not None and one.low > one.high:
        yield Problem(
            path=path,
            code="range_reversed",
            message=f"{tunable.label} runs from low to high, and {one.low:g} is above "
            f"{one.high:g}. Swap them.",
            received=[one.low, one.high],
        )
    elif len(set(one.values)) < 2 if one.values is not None else one.low == one.high:
        yield Problem(
            path=path,
            code="one_point",
            message=f"{tunable.label} has one value only, so there is nothing to search. Give a "
            "range or several values, or leave it out and set it in the config.",
            received=one.values if one.values is not None else one.low,
        )


def default_params(
    space: Sequence[Searched], features: FeatureConfigSpec, model: ModelConfigSpec
) -> dict[str, float]:
    """Where the configs as they are lie in the space; a setting outside of it is missing."""
    found: dict[str, float] = {}
    for one in space:
        said = 1.0 if one.setting == INCLUDED else tunables()[one.setting].read(features, model)
        if said is not None and holds(one, said):
            found[one.key] = said
    return found
