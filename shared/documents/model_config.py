"""A model config: the towers, and how they are trained. Independent of any dataset."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from shared.documents.base import Document, Status
from shared.layers import LAYER_TAGS, Layer
from shared.models import SpecModel

__all__ = [
    "LAYER_TAGS",
    "Layer",
    "LossFunction",
    "ModelConfig",
    "ModelConfigSpec",
    "ModelType",
    "Optimizer",
]


class Optimizer(StrEnum):
    ADAGRAD = "adagrad"
    ADAM = "adam"
    SGD = "sgd"
    RMSPROP = "rmsprop"
    ADAMW = "adamw"
    FTRL = "ftrl"


class ModelType(StrEnum):
    """Retrieval finds products, ranking rates given ones, multitask learns both at once."""

    RETRIEVAL = "retrieval"
    RANKING = "ranking"
    MULTITASK = "multitask"


class LossFunction(StrEnum):
    """Of the rating. Binary cross-entropy is for labels from 0 to 1; the head gives its logit."""

    MSE = "mse"
    BINARY_CROSSENTROPY = "binary_crossentropy"
    HUBER = "huber"


Layers = Annotated[list[Layer], Field(max_length=30)]


class ModelConfigSpec(SpecModel):
    """The user's part.

    Attributes:
        output_embedding_dim: width in which both towers end, for retrieval and multitask.
        rating_head_layers: from both towers' outputs, concatenated, to one number; for ranking
            and multitask.
        loss_function: of the rating; ignored by retrieval.
        retrieval_weight, ranking_weight: what each task's loss counts in multitask; not normalised.
        scann_num_leaves: None takes the square root of the number of products.
        scann_leaves_to_search: None takes as many as find 97 % of the best for a sample of
            queries.
        logq_correction: subtract the log of each product's sampling probability from its in-batch
            logit (Yi et al., 2019, "Sampling-Bias-Corrected Neural Modeling for Large Corpus Item
            Recommendations"); without it, popular products are punished for being popular.
        remove_accidental_hits: other rows of the batch with the same product are no negatives.
        normalize_embeddings: towers end in unit vectors, so that a score is a cosine.
        temperature: in-batch logits are divided by it; matters with normalized embeddings.
        batch_size: also the number of products that a row is held against. Small batches make
            many steps: on samples of some 100,000 rows and two epochs, 512 learns far more than
            4,096.
    """

    model_type: ModelType = ModelType.RETRIEVAL
    buyer_tower_layers: Layers
    product_tower_layers: Layers
    output_embedding_dim: int = Field(default=32, ge=8, le=512)
    share_tower_weights: bool = False
    rating_head_layers: Layers = []
    loss_function: LossFunction = LossFunction.MSE
    retrieval_weight: float = Field(default=1.0, ge=0, le=1)
    ranking_weight: float = Field(default=1.0, ge=0, le=1)
    optimizer: Optimizer = Optimizer.ADAM
    learning_rate: float = Field(default=0.002, gt=0, le=10)
    batch_size: int = Field(default=512, ge=2, le=65536)
    logq_correction: bool = True
    remove_accidental_hits: bool = True
    normalize_embeddings: bool = True
    temperature: float = Field(default=0.1, ge=0.01, le=1.0)
    retrieval_algorithm: Literal["brute_force", "scann"] = "brute_force"
    top_k: int = Field(default=100, ge=1, le=1000)
    scann_num_leaves: int | None = Field(default=None, ge=1, le=1_000_000)
    scann_leaves_to_search: int | None = Field(default=None, ge=1, le=1_000_000)

    def layers(self, tower: Literal["buyer", "product"]) -> list[Layer]:
        return self.buyer_tower_layers if tower == "buyer" else self.product_tower_layers

    @property
    def retrieves(self) -> bool:
        """Whether it finds products for a customer."""
        return self.model_type is not ModelType.RANKING

    @property
    def rates(self) -> bool:
        """Whether it predicts a rating of a product by a customer."""
        return self.model_type is not ModelType.RETRIEVAL


class ModelConfigStatus(Status):
    """`config_hash`: equal for configs that mean the same."""

    config_hash: str | None = None


class ModelConfig(Document[ModelConfigSpec, ModelConfigStatus]):
    status: ModelConfigStatus = ModelConfigStatus()
