"""How many layers the towers have before their last one."""

from __future__ import annotations

from shared.documents.feature_config import FeatureConfigSpec
from shared.documents.model_config import ModelConfigSpec
from shared.rules.settings import settings
from shared.rules.tunables.base import (
    Tunable,
    Usual,
    dense,
    halving,
    hidden_widths,
    set_hidden_widths,
    towers,
)

_MOST = 6
(_BOUNDS,) = settings(
    {
        "properties": {
            "hidden_layers": {"type": "integer", "minimum": 0, "maximum": _MOST, "default": 0}
        }
    }
)


class HiddenLayers(Tunable):
    name = "hidden_layers"
    label = "Hidden layers"
    help = "Dense layers before the last one of each tower, each half as wide as the one before."
    position = 2
    bounds = _BOUNDS
    log = False

    def usual(self, features: FeatureConfigSpec, model: ModelConfigSpec) -> Usual | None:
        return Usual(values=(0, 1, 2)) if all(towers(model)) else None

    def read(self, features: FeatureConfigSpec, model: ModelConfigSpec) -> float | None:
        widths = hidden_widths(model)
        return None if widths is None else len(widths)

    def apply(self, features: FeatureConfigSpec, model: ModelConfigSpec, value: float) -> None:
        if self.read(features, model) == value:
            return
        widths = hidden_widths(model)
        ends = [layers[-1].units for tower in towers(model) if (layers := dense(tower))]
        first = widths[0] if widths else 2 * max(ends, default=32)
        set_hidden_widths(model, halving(first, int(value)))
