"""What would be said of a config, before it is stored."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, SkipValidation

from functions.api.resource import ERRORS, PortsOf
from functions.api.rights import needs
from shared import editing
from shared.documents.base import Collection
from shared.documents.feature_config import FeatureConfig, FeatureConfigSpec, TensorDims
from shared.documents.model_config import Layer, ModelConfig, ModelConfigSpec
from shared.problems import Problem
from shared.rules.config_hash import config_hash
from shared.rules.feature_words import DescribedFeatures, described_features
from shared.rules.parameters import USUAL_WIDTHS, ParameterSummary, count_layer_parameters
from shared.rules.tensors import tensor_dims
from shared.services.store import FEATURE_CONFIG, MODEL_CONFIG
from shared.tasks import filled_in
from shared.tasks.rating_head import rating_head

router = APIRouter(prefix="/api", responses=ERRORS)


class FeatureConfigTrial(BaseModel):
    """Attributes:
    id: the stored config that the spec is to replace, if it is.
    model_config_id: count the parameters of this model over the features.
    """

    model_config = ConfigDict(extra="forbid", protected_namespaces=())

    spec: SkipValidation[FeatureConfigSpec]
    id: str | None = None
    model_config_id: str | None = None


class ModelConfigTrial(BaseModel):
    """Attributes:
    id: the stored config that the spec is to replace, if it is.
    feature_config_id: count the model's parameters over these features; without any, those of the
        layers alone, over inputs 100 (buyer) and 50 (product) wide.
    """

    model_config = ConfigDict(extra="forbid")

    spec: SkipValidation[ModelConfigSpec]
    id: str | None = None
    feature_config_id: str | None = None


class Validated(BaseModel):
    """Attributes:
    valid: whether there is no problem of level `error`.
    config_hash: equal for configs that mean the same; null where the spec cannot be read.
    parameters: null where the spec cannot be read or nothing to count over was named.
    """

    valid: bool
    problems: list[Problem]
    config_hash: str | None = None
    parameters: ParameterSummary | None = None


class ValidatedFeatureConfig(Validated):
    spec: FeatureConfigSpec | None = None
    buyer_tensor: TensorDims | None = None
    product_tensor: TensorDims | None = None


class ValidatedModelConfig(Validated):
    """Attributes:
    spec: as it would be stored, defaults filled in.
    fitting_head: the rating head that fits the buyer tower; null where the spec cannot be read.
    """

    spec: ModelConfigSpec | None = None
    fitting_head: list[Layer] | None = None


class FeaturesToDescribe(BaseModel):
    model_config = ConfigDict(extra="forbid")

    spec: FeatureConfigSpec


@router.post(
    "/feature-configs/validate/", response_model=ValidatedFeatureConfig, tags=["feature configs"]
)
@needs("viewer")
def validate_feature_config(body: FeatureConfigTrial, ports: PortsOf) -> Any:
    """Everything that is to be said of a feature config; nothing is stored."""
    trial = editing.try_out(ports, Collection.FEATURE_CONFIGS, body.spec, body.id)
    answer = ValidatedFeatureConfig(valid=trial.valid, problems=trial.problems)
    model = MODEL_CONFIG.load(body.model_config_id, ports) if body.model_config_id else None
    config = trial.document
    if isinstance(config, FeatureConfig):
        answer.spec = config.spec
        answer.config_hash = config_hash(config.spec)
        answer.buyer_tensor = tensor_dims(config.spec, "buyer")
        answer.product_tensor = tensor_dims(config.spec, "product")
        if model is not None:
            answer.parameters = editing.parameter_summary(ports, model.spec, config)
    return answer


@router.post(
    "/feature-configs/describe/", response_model=DescribedFeatures, tags=["feature configs"]
)
@needs("viewer")
def describe_features(body: FeaturesToDescribe) -> Any:
    """What each feature and cross becomes, whether or not they make a valid config."""
    return described_features(body.spec)


@router.post(
    "/model-configs/validate/", response_model=ValidatedModelConfig, tags=["model configs"]
)
@needs("viewer")
def validate_model_config(body: ModelConfigTrial, ports: PortsOf) -> Any:
    """Everything that is to be said of a model config; nothing is stored."""
    spec = filled_in(body.spec)
    trial = editing.try_out(ports, Collection.MODEL_CONFIGS, spec, body.id)
    answer = ValidatedModelConfig(valid=trial.valid, problems=trial.problems)
    features = (
        FEATURE_CONFIG.load(body.feature_config_id, ports) if body.feature_config_id else None
    )
    config = trial.document
    if isinstance(config, ModelConfig):
        answer.spec = config.spec
        answer.fitting_head = rating_head(config.spec.buyer_tower_layers)
        answer.config_hash = config_hash(config.spec)
        answer.parameters = (
            editing.parameter_summary(ports, config.spec, features)
            if features is not None
            else count_layer_parameters(config.spec, *USUAL_WIDTHS)
        )
    return answer
