"""`/api/generate-trainer-code/`: what a quick test of two configs would run."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from functions.api.resource import ERRORS, PortsOf
from functions.api.rights import needs
from shared import editing
from shared.codegen.check import UnexpectedSourceError
from shared.documents.feature_config import Tower
from shared.documents.model_config import ModelConfigSpec
from shared.rules.tensors import tensor_dims
from shared.services.store import FEATURE_CONFIG, MODEL_CONFIG
from shared.wording import sentence

router = APIRouter(prefix="/api", tags=["generated code"], responses=ERRORS)


class GenerateCode(BaseModel):
    """`rating_column` is what a model that rates predicts; others need none."""

    model_config = ConfigDict(extra="forbid")

    feature_config_id: str
    model_config_id: str
    rating_column: str | None = None


class FeatureConfigSummary(BaseModel):
    """`…_tensor_dim`: how many numbers a tower's input has."""

    id: str
    name: str
    buyer_tensor_dim: int
    product_tensor_dim: int


class ModelConfigSummary(BaseModel):
    """`…_tower_summary`: the widths of a tower's dense layers, `128→64→32`."""

    id: str
    name: str
    model_type: str
    buyer_tower_summary: str
    product_tower_summary: str


class CodePreview(BaseModel):
    """Both modules; empty where `is_valid` is false, which `validation_error` explains."""

    preprocessing_code: str
    trainer_code: str
    is_valid: bool
    validation_error: str | None
    feature_config: FeatureConfigSummary
    model_config_: ModelConfigSummary

    model_config = ConfigDict(alias_generator=lambda name: name.rstrip("_"), validate_by_name=True)


class CodePreviewResponse(BaseModel):
    success: bool
    data: CodePreview


@router.post("/generate-trainer-code/", response_model=CodePreviewResponse)
@needs("viewer")
def generate_trainer_code(body: GenerateCode, ports: PortsOf) -> Any:
    """Generates both modules from the configs as they are now; nothing is stored."""
    feature_config = FEATURE_CONFIG.load(body.feature_config_id, ports)
    model_config = MODEL_CONFIG.load(body.model_config_id, ports)
    preprocessing = trainer = ""
    fault: str | None = None
    try:
        preview = editing.preview_code(
            ports,
            body.feature_config_id,
            body.model_config_id,
            rating_column=body.rating_column,
        )
        preprocessing, trainer = preview.preprocessing, preview.trainer
    except UnexpectedSourceError as error:
        fault = sentence(f"The generated source {error}")
    data = CodePreview(
        preprocessing_code=preprocessing,
        trainer_code=trainer,
        is_valid=fault is None,
        validation_error=fault,
        feature_config=FeatureConfigSummary(
            id=feature_config.id,
            name=feature_config.name,
            buyer_tensor_dim=tensor_dims(feature_config.spec, "buyer").total,
            product_tensor_dim=tensor_dims(feature_config.spec, "product").total,
        ),
        model_config_=ModelConfigSummary(
            id=model_config.id,
            name=model_config.name,
            model_type=model_config.spec.model_type,
            buyer_tower_summary=_summary(model_config.spec, "buyer"),
            product_tower_summary=_summary(model_config.spec, "product"),
        ),
    )
    return CodePreviewResponse(success=fault is None, data=data)


def _summary(spec: ModelConfigSpec, tower: Tower) -> str:
    return "→".join(str(layer.own_width) for layer in spec.layers(tower) if layer.own_width)
