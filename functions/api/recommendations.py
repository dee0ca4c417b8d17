"""What a dataset suggests: widths of embeddings, and feature configs to start from."""

from __future__ import annotations

import math
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from functions.api.datasets import profiled_dataset
from functions.api.resource import ERRORS, PortsOf
from shared.columns import ColumnType
from shared.documents.feature_config import FeatureConfigSpec, TensorDims
from shared.rules.defaults import CARDINALITY_TO_DIM, embedding_recommendations
from shared.rules.templates import TEMPLATES
from shared.rules.tensors import tensor_dims
from shared.transforms.vocabulary import VocabularySettings

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


@router.get(
    "/feature-configs/templates/", response_model=FeatureConfigTemplates, tags=["feature configs"]
)
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
