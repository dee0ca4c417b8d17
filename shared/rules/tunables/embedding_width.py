"""Width of the widest embeddings, which are usually those of the ids."""

from __future__ import annotations

from shared.documents.feature_config import TOWERS, Feature, FeatureConfigSpec
from shared.documents.model_config import ModelConfigSpec
from shared.features.string_embedding import StringEmbedding
from shared.rules.tunables.base import Tunable, Usual, bounds_of


class EmbeddingWidth(Tunable):
    name = "embedding_width"
    label = "Embedding width"
    help = "Width of the widest embeddings, usually those of the ids; histories share them."
    position = 8
    bounds = bounds_of(StringEmbedding, "embedding_dim")

    def usual(self, features: FeatureConfigSpec, model: ModelConfigSpec) -> Usual | None:
        return Usual(values=(16, 32, 64, 128)) if _widest(features) else None

    def read(self, features: FeatureConfigSpec, model: ModelConfigSpec) -> float | None:
        return next((feature.embedding_width for feature in _widest(features)), None)

    def apply(self, features: FeatureConfigSpec, model: ModelConfigSpec, value: float) -> None:
        for feature in _widest(features):
            if isinstance(feature, StringEmbedding):
                feature.embedding_dim = int(value)
        widths = {one.column: one.embedding_width for one in features.product_model_features}
        for feature in features.buyer_model_features:
            feature.share(widths)


def _widest(features: FeatureConfigSpec) -> list[Feature]:
    found = [
        feature
        for tower in TOWERS
        for feature in features.features(tower)
        if isinstance(feature, StringEmbedding)
    ]
    widest = max((feature.embedding_dim for feature in found), default=0)
    return [feature for feature in found if feature.embedding_dim == widest]
