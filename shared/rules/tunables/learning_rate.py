"""Learning rate."""

from __future__ import annotations

from shared.documents.feature_config import FeatureConfigSpec
from shared.documents.model_config import ModelConfigSpec
from shared.optimizers import OPTIMIZERS
from shared.rules.tunables.base import Tunable, Usual, bounds_of

_FACTOR = 8


class LearningRate(Tunable):
    name = "learning_rate"
    label = "Learning rate"
    help = "Size of a training step."
    position = 7
    bounds = bounds_of(ModelConfigSpec, "learning_rate")

    def usual(self, features: FeatureConfigSpec, model: ModelConfigSpec) -> Usual | None:
        """Around the optimizer's own, below what makes it diverge."""
        optimizer = OPTIMIZERS[model.optimizer]
        rate, highest = optimizer.learning_rate, optimizer.highest_usual_rate
        return Usual(rate / _FACTOR, min(rate * _FACTOR, highest or self.bounds.maximum or rate))

    def read(self, features: FeatureConfigSpec, model: ModelConfigSpec) -> float | None:
        return model.learning_rate

    def apply(self, features: FeatureConfigSpec, model: ModelConfigSpec, value: float) -> None:
        model.learning_rate = value
