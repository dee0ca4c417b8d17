"""`/api/model-configs/`: towers and how they are trained, with presets to start from."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from functions.api.resource import ERRORS, Page, Write, add_clone, add_crud, add_versions
from shared.documents.base import Collection
from shared.documents.model_config import ModelConfig, ModelConfigSpec
from shared.ports import NotFound
from shared.rules import presets

router = APIRouter(prefix="/api/model-configs", tags=["model configs"], responses=ERRORS)


class ModelConfigWrite(Write[ModelConfigSpec]):
    pass


class ModelConfigPage(Page[ModelConfig]):
    pass


class Preset(BaseModel):
    """A model config to start from. `key` is stable; `name` and `description` are for people."""

    model_config = ConfigDict(from_attributes=True)

    key: str
    name: str
    description: str
    spec: ModelConfigSpec


class PresetList(BaseModel):
    items: list[Preset]


@router.get("/presets/", response_model=PresetList)
def list_model_presets() -> Any:
    """All presets, smallest first."""
    return {"items": presets.presets()}


@router.get("/presets/{name}/", response_model=Preset)
def get_model_preset(name: str) -> Any:
    try:
        return presets.preset(name)
    except KeyError as error:
        raise NotFound(error.args[0].removeprefix("no ")) from None


add_crud(
    router,
    Collection.MODEL_CONFIGS,
    "ModelConfig",
    ModelConfig,
    ModelConfigWrite,
    ModelConfigPage,
)
add_clone(router, Collection.MODEL_CONFIGS, "ModelConfig", ModelConfig)
add_versions(router, Collection.MODEL_CONFIGS, "ModelConfig")
