"""Width of the embeddings in which both towers end."""

from __future__ import annotations

from shared.documents.feature_config import FeatureConfigSpec
from shared.documents.model_config import ModelConfigSpec
from shared.layers import Dense
from shared.rules.tunables.base import Tunable, Usual, bounds_of, towers


class OutputWidth(Tunable):
    name = "output_width"
    label = "Output width"
    help = "Width in which both towers end."
    position = 1
    bounds = bounds_of(ModelConfigSpec, "output_embedding_dim")

    def usual(self, features: FeatureConfigSpec, model: ModelConfigSpec) -> Usual | None:
        ends = [tower[-1] for tower in towers(model) if tower]
        fits = len(ends) == 2 and all(isinstance(layer, Dense) for layer in ends)
        return Usual(values=(16, 32, 64, 128)) if fits else None

    def read(self, features: FeatureConfigSpec, model: ModelConfigSpec) -> float | None:
        widths = {tower[-1].own_width for tower in towers(model) if tower}
        (width,) = widths if len(widths) == 1 else (None,)
        return width

    def apply(self, features: FeatureConfigSpec, model: ModelConfigSpec, value: float) -> None:
        for tower in towers(model):
            if tower and isinstance(last := tower[-1], Dense):
                last.units = int(value)
        if model.retrieves:
            model.output_embedding_dim = int(value)
