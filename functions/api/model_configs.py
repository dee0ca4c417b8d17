"""`/api/model-configs/`: towers and how they are trained, with presets to start from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, model_validator

from functions.api.pages import Page
from functions.api.resource import ERRORS, PortsOf, Write, add_clone, add_crud
from functions.api.rights import needs
from functions.api.versions import add_versions
from shared import editing
from shared.documents.base import Collection
from shared.documents.estimate import Estimate
from shared.documents.model_config import Layer, ModelConfig, ModelConfigSpec
from shared.ports import Ports
from shared.rules import presets
from shared.rules.parameters import USUAL_WIDTHS, ParameterSummary, count_layer_parameters
from shared.services.store import FEATURE_CONFIG
from shared.tasks import filled_in
from shared.tasks.rating_head import rating_head

router = APIRouter(prefix="/api/model-configs", tags=["model configs"], responses=ERRORS)


class ModelConfigWrite(Write[ModelConfigSpec]):
    """A model that rates and has no `rating_head_layers` gets those that fit its buyer tower."""

    @model_validator(mode="after")
    def _fill(self) -> ModelConfigWrite:
        self.spec = filled_in(self.spec)
        return self


class ModelConfigPage(Page[ModelConfig]):
    pass


class Preset(BaseModel):
    """A model config to start from. `key` is stable; `name` and `description` are for people.

    Attributes:
        rating_head: the one that fits its towers, for models that rate.
        parameters: over the features that were named; without any, of the layers alone, over
            inputs 100 (buyer) and 50 (product) wide.
        estimate: of a quick test with its usual settings over those features, by earlier runs on
            this system; null where no features are named, their rows are not counted, or no test
            has completed here yet.
    """

    key: str
    name: str
    description: str
    spec: ModelConfigSpec
    rating_head: list[Layer]
    parameters: ParameterSummary
    estimate: Estimate | None


class PresetList(BaseModel):
    items: list[Preset]


FeatureConfigId = Annotated[
    str | None,
    Query(description="Count the parameters, and estimate a quick test, over this feature config."),
]


@router.get("/presets/", response_model=PresetList)
@needs("viewer")
def list_model_presets(ports: PortsOf, feature_config_id: FeatureConfigId = None) -> Any:
    """All presets, smallest first."""
    return {"items": _shown(presets.presets(), ports, feature_config_id)}


@router.get("/presets/{name}/", response_model=Preset)
@needs("viewer")
def get_model_preset(name: str, ports: PortsOf, feature_config_id: FeatureConfigId = None) -> Any:
    return _shown([presets.preset(name)], ports, feature_config_id)[0]


def _shown(
    found: Sequence[presets.Preset], ports: Ports, feature_config_id: str | None
) -> list[Preset]:
    models = [item.spec for item in found]
    parameters = [count_layer_parameters(model, *USUAL_WIDTHS) for model in models]
    estimates: list[Estimate | None] = [None for _ in models]
    if feature_config_id is not None:
        features = FEATURE_CONFIG.load(feature_config_id, ports)
        parameters = [editing.parameter_summary(ports, model, features) for model in models]
        estimates = editing.forecast_presets(ports, features, models)
    return [
        Preset(
            key=item.key,
            name=item.name,
            description=item.description,
            spec=item.spec,
            rating_head=rating_head(item.spec.buyer_tower_layers),
            parameters=counted,
            estimate=expected,
        )
        for item, counted, expected in zip(found, parameters, estimates, strict=True)
    ]


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
