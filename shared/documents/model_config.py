"""A model config: the towers, and how they are trained. Independent of any dataset."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from pydantic import create_model

from shared.documents.base import Document, Status
from shared.documents.settings import BatchSize, LearningRate, Patience
from shared.layers import LAYER_TAGS, Layer
from shared.models import SpecModel, with_inherited_attributes
from shared.optimizers import OPTIMIZERS
from shared.tasks import TASKS, Task, settings_of_tasks
from shared.tasks.ranking import LossFunction

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
    vars().update({key.upper(): key for key in OPTIMIZERS})  # one member for each kind


class ModelType(StrEnum):
    """The task. Retrieval finds products, ranking rates given ones, multitask learns both at
    once."""

    vars().update({key.upper(): key for key in TASKS})  # one member for each kind


class _Chosen(SpecModel):
    model_type: ModelType = ModelType("retrieval")


if TYPE_CHECKING:
    from shared.tasks.multitask import MultitaskSettings as _TaskSettings
else:
    _TaskSettings = create_model("_TaskSettings", __base__=settings_of_tasks())


@with_inherited_attributes
class ModelConfigSpec(_TaskSettings, _Chosen):
    """The user's part; a task ignores the settings of others.

    Attributes:
        batch_size: also the number of products that a row is held against. Small batches make
            many steps: on samples of some 100,000 rows and two epochs, 512 learns far more than
            4,096.
        early_stopping_patience: end after so many epochs without a lower validation loss on the
            fitting slice, and keep the best epoch's weights, in tests of at least 3 epochs; None
            trains all epochs. A test may say otherwise.
    """

    optimizer: Optimizer = Optimizer("adam")
    learning_rate: LearningRate = 0.002
    batch_size: BatchSize = 512
    early_stopping_patience: Patience | None = None

    @property
    def task(self) -> Task[Any]:
        return TASKS[self.model_type]

    @property
    def retrieves(self) -> bool:
        """Whether it finds products for a customer."""
        return self.task.retrieves

    @property
    def reranks(self) -> bool:
        """Whether a second stage orders what the towers find."""
        return self.retrieves and self.reranker is not None

    @property
    def rates(self) -> bool:
        """Whether it predicts a rating of a product by a customer."""
        return self.task.rates


class ModelConfigStatus(Status):
    """`config_hash`: equal for configs that mean the same."""

    config_hash: str | None = None


class ModelConfig(Document[ModelConfigSpec, ModelConfigStatus]):
    status: ModelConfigStatus = ModelConfigStatus()
