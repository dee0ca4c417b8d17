"""`/api/registered-models/…/experiment/`: versions compared on customers (A/B tests)."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, SkipValidation

from functions.api.resource import ERRORS, EmailOf, PortsOf
from functions.api.rights import needs
from shared import editing
from shared.documents.base import Collection
from shared.documents.online_experiment import Salt, VersionShare
from shared.documents.registered_model import RegisteredModel
from shared.errors import RefusedError
from shared.online.measuring import ExperimentResult, measured
from shared.online.outcomes import Tables
from shared.online.sample_size import SampleSize, SizeQuestion, sample_size

router = APIRouter(prefix="/api/registered-models", tags=["experiments"], responses=ERRORS)


class ExperimentWrite(BaseModel):
    """Attributes:
    versions: the control first, which is the version in production; shares sum to 100.
    salt: that of an earlier experiment keeps its customers where they were.
    """

    model_config = ConfigDict(extra="forbid")

    versions: SkipValidation[list[VersionShare]]
    salt: SkipValidation[Salt | None] = None


class MeasureRequest(Tables):
    """Attributes:
    experiment_id: left out, the one that runs, or else the last one.
    """

    experiment_id: str | None = None


@router.post(
    "/{model_id}/experiment/start/",
    operation_id="startExperiment",
    response_model=RegisteredModel,
)
@needs("editor")
def start(model_id: str, body: ExperimentWrite, ports: PortsOf, email: EmailOf) -> Any:
    """Has versions answer beside each other, each customer by one of them.

    `status.experiment` of the model follows within moments, and servers within seconds.
    """
    return editing.begin_experiment(ports, model_id, body.versions, body.salt, changed_by=email)


@router.post(
    "/{model_id}/experiment/end/", operation_id="endExperiment", response_model=RegisteredModel
)
@needs("editor")
def end(model_id: str, ports: PortsOf, email: EmailOf) -> Any:
    """Has the version in production answer everybody again."""
    return editing.end_experiment(ports, model_id, changed_by=email)


@router.post(
    "/{model_id}/experiment/measure/",
    operation_id="measureExperiment",
    response_model=ExperimentResult,
)
@needs("editor")
def measure(model_id: str, body: MeasureRequest, ports: PortsOf) -> Any:
    """What an experiment has shown, by tables of exposures and outcomes; nothing is stored.

    A laptop reads its own files; deployments refuse (`recsmith experiments measure` reads files
    beside any deployment).
    """
    model = editing.get(ports, Collection.REGISTERED_MODELS, model_id)
    assert isinstance(model, RegisteredModel)
    experiment = editing.find_experiment(model, body.experiment_id)
    if ports.outcomes is None:
        raise RefusedError(
            "Tables are read by `recsmith experiments measure`, on a machine that has them."
        )
    return measured(experiment, ports.outcomes.read(experiment, body))


@router.post("/sample-size/", operation_id="getSampleSize", response_model=SampleSize)
@needs("viewer")
def size(body: SizeQuestion) -> Any:
    """How many customers an experiment of two versions takes; nothing is stored."""
    return sample_size(body)
