"""What a model config may be made of: rating heads, losses and optimizers."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from functions.api.resource import ERRORS
from functions.api.rights import needs
from shared.documents.model_config import Layer, LossFunction, Optimizer
from shared.losses import LOSSES, Loss
from shared.optimizers import OPTIMIZERS, OptimizerKind
from shared.rules.presets import rating_head_presets

router = APIRouter(prefix="/api/model-configs", tags=["model configs"], responses=ERRORS)


class _Choice(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    name: str
    description: str


class RatingHeadPreset(_Choice):
    """The rating head that fits the tower preset of the same key."""

    key: str
    layers: list[Layer]


class RatingHeadPresets(BaseModel):
    items: list[RatingHeadPreset]


class LossFunctionInfo(_Choice):
    key: LossFunction
    when_to_use: str


class LossFunctions(BaseModel):
    items: list[LossFunctionInfo]


class OptimizerInfo(_Choice):
    """`learning_rate` is the one to begin with; above `highest_usual_rate` training usually
    diverges."""

    key: Optimizer
    learning_rate: float
    highest_usual_rate: float | None


class Optimizers(BaseModel):
    items: list[OptimizerInfo]


@router.get("/rating-head-presets/", response_model=RatingHeadPresets)
@needs("viewer")
def list_rating_head_presets() -> Any:
    """A rating head for every tower preset."""
    return {"items": rating_head_presets()}


@router.get("/loss-functions/", response_model=LossFunctions)
@needs("viewer")
def list_loss_functions() -> Any:
    """The losses of a rating, and when to take which."""
    return {
        "items": [{**_described(loss), "when_to_use": loss.when_to_use} for loss in LOSSES.values()]
    }


@router.get("/optimizers/", response_model=Optimizers)
@needs("viewer")
def list_optimizers() -> Any:
    """The optimizers, each with a learning rate to begin with."""
    return {
        "items": [
            {
                **_described(optimizer),
                "learning_rate": optimizer.learning_rate,
                "highest_usual_rate": optimizer.highest_usual_rate,
            }
            for optimizer in OPTIMIZERS.values()
        ]
    }


def _described(kind: Loss | OptimizerKind) -> dict[str, str]:
    return {"key": kind.key, "name": kind.label, "description": kind.help}
