"""What a dataset suggests: widths of embeddings, and feature configs to start from."""

from __future__ import annotations

import math
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from functions.api.datasets import profiled_dataset
from functions.api.resource import ERRORS, PortsOf
from functions.api.rights import needs
from shared.columns import ColumnType
from shared.documents.feature_config import Feature, FeatureConfigSpec, TensorDims
from shared.rules.crosses import cross_size
from shared.rules.defaults import column_features, embedding_recommendations
from shared.rules.starting_points import TEMPLATES
from shared.rules.tensors import tensor_dims
from shared.transforms.vocabulary import CARDINALITY_TO_DIM, VocabularySettings

router = APIRouter(prefix="/api", responses=ERRORS)


class EmbeddingRecommendation(BaseModel):
    """How to embed a column. `unique_count` is null where the column has no statistics."""

    model_config = ConfigDict(from_attributes=True)

    column: str
    type: ColumnType
    role: str | None
    unique_count: int | None
    embedding_dim: int
    vocab_settings: VocabularySettings


class EmbeddingWidth(BaseModel):
    """The width for `at_least` values and fewer than `below`; null is no bound."""

    at_least: int
    below: int | None
    embedding_dim: int


class EmbeddingRecommendations(BaseModel):
    """`widths` is the table that the widths of `items` come from."""

    items: list[EmbeddingRecommendation]
    widths: list[EmbeddingWidth]


class FeatureConfigTemplate(BaseModel):
    """`spec`, and what follows from it, is null where no dataset was named."""

    key: str
    name: str
    description: str
    spec: FeatureConfigSpec | None = None
    buyer_tensor: TensorDims | None = None
    product_tensor: TensorDims | None = None


class FeatureConfigTemplates(BaseModel):
    items: list[FeatureConfigTemplate]


@router.get(
    "/datasets/{dataset_id}/embedding-recommendations/",
    response_model=EmbeddingRecommendations,
    tags=["datasets"],
)
@needs("viewer")
def list_embedding_recommendations(dataset_id: str, ports: PortsOf) -> Any:
    """A width for every column of ids or categories, by the number of its values."""
    return {
        "items": embedding_recommendations(profiled_dataset(ports, dataset_id)),
        "widths": [
            EmbeddingWidth(
                at_least=int(low), below=None if math.isinf(high) else int(high), embedding_dim=dim
            )
            for low, high, dim in CARDINALITY_TO_DIM
        ],
    }


class ColumnFeatures(BaseModel):
    """What a column may become in a tower, what suits it best first."""

    model_config = ConfigDict(from_attributes=True)

    column: str
    features: list[Feature]


class ColumnFeaturesList(BaseModel):
    items: list[ColumnFeatures]


@router.get(
    "/datasets/{dataset_id}/column-features/",
    response_model=ColumnFeaturesList,
    tags=["datasets"],
)
@needs("viewer")
def list_column_features(dataset_id: str, ports: PortsOf) -> Any:
    """A feature of each kind that takes a column, with settings that go with its values."""
    return {"items": column_features(profiled_dataset(ports, dataset_id))}


class CrossPart(BaseModel):
    """A column; `buckets` where it is a number or timestamp that is bucketised."""

    column: str
    buckets: Annotated[int, Field(ge=2, le=10_000)] | None = None


class RecommendCross(BaseModel):
    parts: Annotated[list[CrossPart], Field(min_length=2, max_length=3)]


class CrossRecommendation(BaseModel):
    """`values` of each part, null where they are not known; at most `combinations` occur."""

    model_config = ConfigDict(from_attributes=True)

    values: list[int | None]
    combinations: int
    hash_bucket_size: int
    embedding_dim: int


@router.post(
    "/datasets/{dataset_id}/recommend-cross/",
    response_model=CrossRecommendation,
    tags=["datasets"],
)
@needs("viewer")
def recommend_cross(dataset_id: str, body: RecommendCross, ports: PortsOf) -> Any:
    """A size for a cross of two or three columns. Nothing is stored."""
    parts = [(part.column, part.buckets) for part in body.parts]
    return cross_size(profiled_dataset(ports, dataset_id), parts)


@router.get(
    "/feature-configs/templates/", response_model=FeatureConfigTemplates, tags=["feature configs"]
)
@needs("viewer")
def list_feature_config_templates(
    ports: PortsOf,
    dataset_id: Annotated[
        str | None, Query(description="Compute the templates for this dataset.")
    ] = None,
) -> Any:
    """Feature configs to start from."""
    dataset = profiled_dataset(ports, dataset_id) if dataset_id is not None else None
    items = []
    for template in TEMPLATES:
        item = FeatureConfigTemplate(
            key=template.key, name=template.name, description=template.description
        )
        if dataset is not None:
            item.spec = template.make(dataset)
            item.buyer_tensor = tensor_dims(item.spec, "buyer")
            item.product_tensor = tensor_dims(item.spec, "product")
        items.append(item)
    return {"items": items}
