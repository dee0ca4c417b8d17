"""What each tunable knows of itself: a setting that a tuning may search."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, NamedTuple

from pydantic import BaseModel

from shared.documents.feature_config import FeatureConfigSpec
from shared.documents.model_config import ModelConfigSpec
from shared.kinds import Described
from shared.layers import Dense, Layer
from shared.rules.settings import SettingInfo, settings_of

NARROWEST = 8


class Usual(NamedTuple):
    """Where a setting is searched by default: from `low` to `high`, or among `values`."""

    low: float | None = None
    high: float | None = None
    values: tuple[float, ...] = ()


class Tunable(Described):
    """A number that a model config or a feature config says, in one place or in several.

    Attributes:
        name: in documents.
        bounds: of its values, as the documents have them.
        log: what matters is the ratio of two values, not their difference.
        digits: decimals that make a difference; None keeps three significant ones.
    """

    name: ClassVar[str]
    bounds: ClassVar[SettingInfo]
    log: ClassVar[bool] = True
    digits: ClassVar[int | None] = None

    @abstractmethod
    def usual(self, features: FeatureConfigSpec, model: ModelConfigSpec) -> Usual | None:
        """Where it is searched by default; None where these configs have no such setting."""

    @abstractmethod
    def read(self, features: FeatureConfigSpec, model: ModelConfigSpec) -> float | None:
        """What the configs say; None where they say several things, or none."""

    @abstractmethod
    def apply(self, features: FeatureConfigSpec, model: ModelConfigSpec, value: float) -> None:
        """Sets it in both, which are the caller's own copies."""


def bounds_of(model: type[BaseModel], name: str) -> SettingInfo:
    """A field's, as the catalogue tells them."""
    return next(setting for setting in settings_of(model) if setting.name == name)


def towers(model: ModelConfigSpec) -> list[list[Layer]]:
    return [model.buyer_tower_layers, model.product_tower_layers]


def dense(layers: list[Layer]) -> list[Dense]:
    return [layer for layer in layers if isinstance(layer, Dense)]


def hidden_widths(model: ModelConfigSpec) -> list[int] | None:
    """Of both towers' dense layers but the last; None where the towers differ."""
    first, second = ([layer.units for layer in dense(tower)[:-1]] for tower in towers(model))
    return first if first == second else None


def set_hidden_widths(model: ModelConfigSpec, widths: list[int]) -> None:
    """Rebuilds both towers as ReLU layers of these widths before their last layer."""
    for tower in towers(model):
        if tower:
            last = tower[-1]
            tower[:] = [*(Dense(units=width) for width in widths), last]


def halving(first: int, count: int) -> list[int]:
    """So many widths, each half of the one before."""
    return [max(NARROWEST, first >> number) for number in range(count)]
