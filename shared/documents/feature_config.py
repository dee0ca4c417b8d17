"""A feature config: which columns go into which tower, and what becomes of them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from shared.documents.base import CodeArtifact, Document, Status
from shared.models import SpecModel, StatusModel
from shared.transforms.bucketize import Bucketize
from shared.transforms.cross import Cross
from shared.transforms.cyclical import Cyclical
from shared.transforms.normalize import Normalize
from shared.transforms.vocabulary import EmbeddingDim, VocabularySettings

ColumnName = Annotated[str, Field(min_length=1, max_length=300)]
Tower = Literal["buyer", "product"]
TOWERS: tuple[Tower, Tower] = ("buyer", "product")


class StringEmbedding(SpecModel):
    """A column of categories or ids: vocabulary, then a learned embedding."""

    column: ColumnName
    type: Literal["string_embedding"] = "string_embedding"
    embedding_dim: EmbeddingDim = 32
    vocab_settings: VocabularySettings = VocabularySettings()


class NumericTransforms(SpecModel):
    normalize: Normalize = Normalize(enabled=True)
    bucketize: Bucketize = Bucketize()
    log_transform: bool = False


class Numeric(SpecModel):
    """A column of numbers."""

    column: ColumnName
    type: Literal["numeric"] = "numeric"
    transforms: NumericTransforms = NumericTransforms()


class TimestampTransforms(SpecModel):
    normalize: Normalize = Normalize(enabled=True)
    bucketize: Bucketize = Bucketize()
    cyclical: Cyclical = Cyclical()


class Timestamp(SpecModel):
    """A column of moments, in seconds since 1970, UTC."""

    column: ColumnName
    type: Literal["timestamp"] = "timestamp"
    transforms: TimestampTransforms = TimestampTransforms()


Feature = Annotated[StringEmbedding | Numeric | Timestamp, Field(discriminator="type")]

FEATURE_TAGS = frozenset({"string_embedding", "numeric", "timestamp"})


class FeatureConfigSpec(SpecModel):
    """The user's part. *Buyer* is the query tower, *product* the candidate tower."""

    dataset_id: str = Field(min_length=1, max_length=200)
    buyer_model_features: list[Feature] = Field(default=[], max_length=200)
    product_model_features: list[Feature] = Field(default=[], max_length=200)
    buyer_model_crosses: list[Cross] = Field(default=[], max_length=50)
    product_model_crosses: list[Cross] = Field(default=[], max_length=50)

    def features(self, tower: Tower) -> list[Feature]:
        return self.buyer_model_features if tower == "buyer" else self.product_model_features

    def crosses(self, tower: Tower) -> list[Cross]:
        return self.buyer_model_crosses if tower == "buyer" else self.product_model_crosses


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
    """The best completed quick test of this config."""

    quick_test_id: str
    metrics: dict[str, float]


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
