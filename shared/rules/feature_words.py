"""What a feature config's features become, one by one, for whoever shows or edits them."""

from __future__ import annotations

from shared.documents.feature_config import FeatureConfigSpec, TensorDims, TensorPart, Tower
from shared.models import StatusModel
from shared.rules.tensors import tensor_dims, told
from shared.wording import capital


class DescribedFeature(StatusModel):
    """Attributes:
    dim: what it adds to the width of the tower's input.
    parts: what that consists of.
    words: its settings: "Embedding 32, seen at least 3×".
    cross_name: what a cross calls it; null where it can be in none.
    buckets: number of the buckets that a cross takes; null where it takes values.
    """

    column: str
    dim: int
    parts: list[TensorPart]
    words: str
    cross_name: str | None
    buckets: int | None


class DescribedCross(StatusModel):
    """`words`: its settings, without its name."""

    name: str
    dim: int
    words: str


class DescribedTower(StatusModel):
    """`tensor`: the tower's input."""

    tensor: TensorDims
    features: list[DescribedFeature]
    crosses: list[DescribedCross]


class DescribedFeatures(StatusModel):
    buyer: DescribedTower
    product: DescribedTower


def described_features(spec: FeatureConfigSpec) -> DescribedFeatures:
    """Whether or not the spec is valid as a whole."""
    return DescribedFeatures(buyer=_tower(spec, "buyer"), product=_tower(spec, "product"))


def _tower(spec: FeatureConfigSpec, tower: Tower) -> DescribedTower:
    features = []
    for feature in spec.features(tower):
        parts = told(feature.parts(feature.column))
        features.append(
            DescribedFeature(
                column=feature.column,
                dim=sum(part.dim for part in parts),
                parts=parts,
                words=capital(feature.in_words()),
                cross_name=feature.cross_name,
                buckets=feature.buckets,
            )
        )
    crosses = [
        DescribedCross(
            name=cross.name,
            dim=cross.embedding_dim,
            words=f"{cross.hash_bucket_size:,} hash buckets, embedding {cross.embedding_dim}",
        )
        for cross in spec.crosses(tower)
    ]
    return DescribedTower(tensor=tensor_dims(spec, tower), features=features, crosses=crosses)
