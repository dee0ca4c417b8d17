"""A feature config: which columns go into which tower, and what becomes of them."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from shared.documents.base import CodeArtifact, Document, Status
from shared.documents.quick_test import Judged
from shared.features import Feature
from shared.models import SpecModel, StatusModel
from shared.transforms.cross import Cross

__all__ = [
    "TOWERS",
    "BestMetrics",
    "Feature",
    "FeatureConfig",
    "FeatureConfigSpec",
    "FeatureConfigStatus",
    "Lifecycle",
    "TensorDims",
    "TensorPart",
    "Tower",
]

Tower = Literal["buyer", "product"]
TOWERS: tuple[Tower, Tower] = ("buyer", "product")


class FeatureConfigSpec(SpecModel):
    """The user's part. *Buyer* is the query tower, *product* the candidate tower."""

    dataset_id: str = Field(min_length=1, max_length=200)
    buyer_model_features: list[Feature] = Field(default=[], max_length=200, title="Buyer tower")
    product_model_features: list[Feature] = Field(default=[], max_length=200, title="Product tower")
    buyer_model_crosses: list[Cross] = Field(default=[], max_length=50, title="Buyer tower")
    product_model_crosses: list[Cross] = Field(default=[], max_length=50, title="Product tower")

    def features(self, tower: Tower) -> list[Feature]:
        return self.buyer_model_features if tower == "buyer" else self.product_model_features

    def crosses(self, tower: Tower) -> list[Cross]:
        return self.buyer_model_crosses if tower == "buyer" else self.product_model_crosses

    def crossed(self, tower: Tower, name: str) -> Feature | None:
        """The feature of a tower that a cross means by `name`, or None. A column of that name comes
        first."""
        by_column = {feature.column: feature for feature in self.features(tower)}
        own = [by_column[name]] if name in by_column else []
        return next((f for f in (*own, *by_column.values()) if f.cross_name == name), None)


class Lifecycle(StrEnum):
    DRAFT = "draft"
    TESTED = "tested"
    PROMOTED = "promoted"
    ARCHIVED = "archived"


class TensorPart(StatusModel):
    """A part of a tower's input: `name` as shown, `dim` its width."""

    name: str
    dim: int


class TensorDims(StatusModel):
    total: int
    breakdown: list[TensorPart]


class BestMetrics(StatusModel):
    """The completed quick test of this config with the best value, whether or not that is a clear
    difference.

    Attributes:
        judged: compared with simple baselines.
    """

    quick_test_id: str
    metrics: dict[str, float]
    judged: Judged | None = None


class FeatureConfigStatus(Status):
    """The system's part.

    Attributes:
        archived_from: what the config was before it was archived.
        config_hash: equal for configs that mean the same.
    """

    lifecycle: Lifecycle = Lifecycle.DRAFT
    archived_from: Lifecycle | None = None
    config_hash: str | None = None
    buyer_tensor: TensorDims | None = None
    product_tensor: TensorDims | None = None
    preprocessing: CodeArtifact | None = None
    best: BestMetrics | None = None


class FeatureConfig(Document[FeatureConfigSpec, FeatureConfigStatus]):
    status: FeatureConfigStatus = FeatureConfigStatus()
