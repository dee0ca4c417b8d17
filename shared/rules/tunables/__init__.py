"""Settings that a tuning may search, one file for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from shared.documents.feature_config import FeatureConfigSpec
from shared.documents.model_config import ModelConfigSpec
from shared.kinds import registry
from shared.problems import Problem
from shared.rules.tunables.base import Tunable, Usual
from shared.wording import alternatives

__all__ = ["Tunable", "Usual", "check_settings", "check_value", "tunables", "with_settings"]


@cache
def tunables() -> dict[str, Tunable]:
    """By name, in the order in which they are applied."""
    found = registry(__name__, Tunable, lambda kind: kind.name)  # type: ignore[type-abstract]
    return {name: kind() for name, kind in found.items()}


def with_settings(
    features: FeatureConfigSpec, model: ModelConfigSpec, settings: Mapping[str, float]
) -> tuple[FeatureConfigSpec, ModelConfigSpec]:
    """Both specs as a test with these settings trains them; unknown ones change nothing."""
    if not settings:
        return features, model
    features, model = features.model_copy(deep=True), model.model_copy(deep=True)
    for name, tunable in tunables().items():
        if name in settings:
            tunable.apply(features, model, settings[name])
    return features, model


def check_settings(
    features: FeatureConfigSpec, model: ModelConfigSpec, settings: Mapping[str, float]
) -> Iterator[Problem]:
    """Settings that nobody knows, that these configs have not, or that are out of bounds."""
    for name, value in settings.items():
        path = f"spec.settings.{name}"
        tunable = tunables().get(name)
        if tunable is None:
            yield Problem(
                path=path,
                code="unknown_setting",
                message=f"There is no setting {name!r}. Those are {alternatives(tunables())}.",
                received=value,
            )
        elif tunable.usual(features, model) is None:
            yield Problem(
                path=path,
                code="setting_without_effect",
                message=f"These configs have nothing that {tunable.label!r} would set. "
                "Leave it out.",
                received=value,
            )
        else:
            yield from check_value(tunable, value, path)


def check_value(tunable: Tunable, value: float, path: str) -> Iterator[Problem]:
    bounds = tunable.bounds
    low, high = bounds.minimum, bounds.maximum
    low_enough = high is None or value <= high
    high_enough = (low is None or value >= low) and (bounds.above is None or value > bounds.above)
    whole = bounds.type != "integer" or float(value).is_integer()
    if not (low_enough and high_enough and whole):
        yield Problem(
            path=path,
            code="setting_out_of_bounds",
            message=f"{tunable.label} is {bounds.words.partition(', by default')[0]}.",
            received=value,
        )
