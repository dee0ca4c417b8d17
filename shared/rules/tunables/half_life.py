"""Half-lives of histories."""

from __future__ import annotations

from pydantic import TypeAdapter

from shared.documents.feature_config import FeatureConfigSpec
from shared.documents.model_config import ModelConfigSpec
from shared.features.history import HalfLife as Days
from shared.features.history import History
from shared.rules.settings import settings
from shared.rules.tunables.base import Tunable, Usual

(_BOUNDS,) = settings({"properties": {"half_life": TypeAdapter(Days).json_schema()}})


class HalfLife(Tunable):
    name = "half_life"
    label = "Half-life (days)"
    help = "The longest half-life of the histories; their others keep their ratio to it."
    position = 9
    bounds = _BOUNDS

    def usual(self, features: FeatureConfigSpec, model: ModelConfigSpec) -> Usual | None:
        return Usual(10.0, 400.0) if _histories(features) else None

    def read(self, features: FeatureConfigSpec, model: ModelConfigSpec) -> float | None:
        longest = {max(history.half_lives) for history in _histories(features)}
        (days,) = longest if len(longest) == 1 else (None,)
        return days

    def apply(self, features: FeatureConfigSpec, model: ModelConfigSpec, value: float) -> None:
        shortest = self.bounds.minimum or 0.0
        for history in _histories(features):
            ratio = value / max(history.half_lives)
            history.half_lives = [
                max(shortest, float(f"{days * ratio:.4g}")) for days in history.half_lives
            ]


def _histories(features: FeatureConfigSpec) -> list[History]:
    return [one for one in features.buyer_model_features if isinstance(one, History)]
