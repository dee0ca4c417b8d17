"""L2 regularization of both towers."""

from __future__ import annotations

from shared.documents.feature_config import FeatureConfigSpec
from shared.documents.model_config import ModelConfigSpec
from shared.layers import Dense
from shared.rules.tunables.base import Tunable, Usual, bounds_of, dense, towers


class L2Regularization(Tunable):
    name = "l2_reg"
    label = "L2 regularization"
    help = "A penalty on large weights of all dense layers of the towers."
    position = 5
    bounds = bounds_of(Dense, "l2_reg")

    def usual(self, features: FeatureConfigSpec, model: ModelConfigSpec) -> Usual | None:
        return Usual(values=(0, 1e-5, 1e-4, 1e-3)) if all(map(dense, towers(model))) else None

    def read(self, features: FeatureConfigSpec, model: ModelConfigSpec) -> float | None:
        found = {layer.l2_reg for tower in towers(model) for layer in dense(tower)}
        (value,) = found if len(found) == 1 else (None,)
        return value

    def apply(self, features: FeatureConfigSpec, model: ModelConfigSpec, value: float) -> None:
        for tower in towers(model):
            for layer in dense(tower):
                layer.l2_reg = value
