"""Width of the towers' first hidden layer."""

from __future__ import annotations

from shared.documents.feature_config import FeatureConfigSpec
from shared.documents.model_config import ModelConfigSpec
from shared.layers import Dense
from shared.rules.tunables.base import (
    Tunable,
    Usual,
    bounds_of,
    halving,
    hidden_widths,
    set_hidden_widths,
    towers,
)


class HiddenWidth(Tunable):
    name = "hidden_width"
    label = "Hidden width"
    help = "Width of the first hidden layer; those after it are half as wide each."
    position = 3
    bounds = bounds_of(Dense, "units")

    def usual(self, features: FeatureConfigSpec, model: ModelConfigSpec) -> Usual | None:
        return Usual(values=(64, 128, 256)) if all(towers(model)) else None

    def read(self, features: FeatureConfigSpec, model: ModelConfigSpec) -> float | None:
        widths = hidden_widths(model)
        if not widths or widths != halving(widths[0], len(widths)):
            return None
        return widths[0]

    def apply(self, features: FeatureConfigSpec, model: ModelConfigSpec, value: float) -> None:
        widths = hidden_widths(model)
        if widths is None or (widths and self.read(features, model) != value):
            count = max(0, len(widths)) if widths is not None else 1
            set_hidden_widths(model, halving(int(value), count))
