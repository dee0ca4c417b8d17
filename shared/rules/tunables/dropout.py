"""Dropout in both towers."""

from __future__ import annotations

from shared.documents.feature_config import FeatureConfigSpec
from shared.documents.model_config import ModelConfigSpec
from shared.layers import Dense, Dropout, Layer
from shared.rules.tunables.base import Tunable, Usual, bounds_of, towers


class DropoutRate(Tunable):
    name = "dropout"
    label = "Dropout"
    help = "Share of the inputs that each dense layer but the first, or the only one, drops."
    position = 4
    bounds = bounds_of(Dropout, "rate")
    log = False
    digits = 2

    def usual(self, features: FeatureConfigSpec, model: ModelConfigSpec) -> Usual | None:
        return Usual(0.0, 0.5) if all(towers(model)) else None

    def read(self, features: FeatureConfigSpec, model: ModelConfigSpec) -> float | None:
        rates = {
            layer.rate for tower in towers(model) for layer in tower if isinstance(layer, Dropout)
        }
        if not rates:
            return 0.0
        (rate,) = rates if len(rates) == 1 else (None,)
        return rate

    def apply(self, features: FeatureConfigSpec, model: ModelConfigSpec, value: float) -> None:
        for tower in towers(model):
            kept = [layer for layer in tower if not isinstance(layer, Dropout)]
            tower[:] = list(_dropping(kept, value)) if value > 0 else kept


def _dropping(layers: list[Layer], rate: float) -> list[Layer]:
    weighted = [number for number, layer in enumerate(layers) if isinstance(layer, Dense)]
    before = weighted[1:] or weighted
    made: list[Layer] = []
    for number, layer in enumerate(layers):
        if number in before:
            made.append(Dropout(rate=rate))
        made.append(layer)
    return made
