"""Temperature of the in-batch softmax."""

from __future__ import annotations

from shared.documents.feature_config import FeatureConfigSpec
from shared.documents.model_config import ModelConfigSpec
from shared.rules.tunables.base import Tunable, Usual, bounds_of


class Temperature(Tunable):
    name = "temperature"
    label = "Temperature"
    help = "Scores are divided by it in training."
    position = 6
    bounds = bounds_of(ModelConfigSpec, "temperature")

    def usual(self, features: FeatureConfigSpec, model: ModelConfigSpec) -> Usual | None:
        """With embeddings of any length, it only scales what is learned anyway."""
        return Usual(0.03, 0.3) if model.retrieves and model.normalize_embeddings else None

    def read(self, features: FeatureConfigSpec, model: ModelConfigSpec) -> float | None:
        return model.temperature

    def apply(self, features: FeatureConfigSpec, model: ModelConfigSpec, value: float) -> None:
        model.temperature = value
