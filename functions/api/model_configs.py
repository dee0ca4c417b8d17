"""`/api/model-configs/`: towers and how they are trained, with presets to start from."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, TypeAdapter, ValidationError, model_validator

from functions.api.resource import ERRORS, Page, PortsOf, Write, add_clone, add_crud, add_versions
from shared import editing
from shared.documents.base import Collection
from shared.documents.model_config import Layer, ModelConfig, ModelConfigSpec
from shared.handlers.store import FEATURE_CONFIG
from shared.ports import NotFound, Ports
from shared.rules import presets
from shared.rules.parameters import USUAL_WIDTHS, ParameterSummary, count_layer_parameters
from shared.tasks.rating_head import rating_head

router = APIRouter(prefix="/api/model-configs", tags=["model configs"], responses=ERRORS)


_LAYERS: TypeAdapter[list[Layer]] = TypeAdapter(list[Layer])


def with_rating_head(spec: Any) -> Any:
    """The spec with the rating head that fits its buyer tower, if it needs one and names none."""
    needed = isinstance(spec, dict) and spec.get("model_type") in ("ranking", "multitask")
    if not needed or spec.get("rating_head_layers"):
        return spec
    try:
        tower = _LAYERS.validate_python(spec.get("buyer_tower_layers"))
    except ValidationError:  # which is reported with all else
        return spec
    head = [layer.model_dump(mode="json") for layer in rating_head(tower)]
    return {**spec, "rating_head_layers": head}


class ModelConfigWrite(Write[ModelConfigSpec]):
    """A ranking or multitask model without `rating_head_layers` gets those that fit its buyer
    tower."""

    @model_validator(mode="after")
    def _fill(self) -> ModelConfigWrite:
        self.spec = with_rating_head(self.spec)
        return self


class ModelConfigPage(Page[ModelConfig]):
    pass


class Preset(BaseModel):
    """A model config to start from. `key` is stable; `name` and `description` are for people.

    `parameters`: over the features that were named; without any, of the layers alone, over inputs
    100 (buyer) and 50 (product) wide.
    """

    key: str
    name: str
    description: str
    spec: ModelConfigSpec
    parameters: ParameterSummary


class PresetList(BaseModel):
    items: list[Preset]


FeatureConfigId = Annotated[
    str | None, Query(description="Count the parameters over this feature config.")
]


@router.get("/presets/", response_model=PresetList)
def list_model_presets(ports: PortsOf, feature_config_id: FeatureConfigId = None) -> Any:
    """All presets, smallest first."""
    return {"items": [_shown(item, ports, feature_config_id) for item in presets.presets()]}


@router.get("/presets/{name}/", response_model=Preset)
def get_model_preset(name: str, ports: PortsOf, feature_config_id: FeatureConfigId = None) -> Any:
    try:
        return _shown(presets.preset(name), ports, feature_config_id)
    except KeyError as error:
        raise NotFound(error.args[0].removeprefix("no ")) from None


def _shown(item: presets.Preset, ports: Ports, feature_config_id: str | None) -> Preset:
    if feature_config_id is None:
        parameters = count_layer_parameters(item.spec, *USUAL_WIDTHS)
    else:
        features = FEATURE_CONFIG.load(feature_config_id, ports)
        parameters = editing.parameter_summary(ports, item.spec, features)
    return Preset(
        key=item.key,
        name=item.name,
        description=item.description,
        spec=item.spec,
        parameters=parameters,
    )


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
