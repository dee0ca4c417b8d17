"""`/api/quick-tests/{id}/predictions/`: what a completed test's model says to raw values."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from functions.api.errors import NoModelError
from functions.api.resource import ERRORS, PortsOf
from functions.api.rights import needs
from shared.documents.base import Collection
from shared.documents.quick_test import TestState
from shared.errors import NotFoundError, UnavailableError
from shared.jobs import MODEL_FILE
from shared.ports import Ports, Predictor
from shared.predictions import MAX_LISTED, Prediction, PredictionInputs, PredictionRequest
from shared.services.document_kind import find
from shared.services.inputs import launched_test

router = APIRouter(prefix="/api/quick-tests", tags=["predictions"], responses=ERRORS)
_MOST_KNOWN = 256


class KnownModels:
    """Where the models of tests lie, for those that are asked again and again: reading a test with
    many metrics takes as long as some models take to answer."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._known: dict[tuple[str, int], str] = {}  # by path and version of the test

    def of(self, quick_test_id: str) -> str:
        """Raises what `model_of` raises."""
        snapshot = find(Collection.QUICK_TESTS, quick_test_id, self._ports)
        version = (snapshot.path, snapshot.version) if snapshot else ("", 0)
        artifacts_uri = self._known.get(version)
        if artifacts_uri is None:
            artifacts_uri = _completed_at(quick_test_id, self._ports)
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[version] = artifacts_uri
        return _with_model(artifacts_uri, quick_test_id, self._ports)


async def known_models_of(request: Request) -> KnownModels:
    known: KnownModels = request.app.state.known_models
    return known


@router.get("/{quick_test_id}/prediction-inputs/", response_model=PredictionInputs)
@needs("viewer")
def get_prediction_inputs(
    quick_test_id: str,
    ports: PortsOf,
    search: Annotated[
        str | None, Query(max_length=1000, description="Only customers whose id holds this text.")
    ] = None,
    limit: Annotated[
        int, Query(ge=1, le=MAX_LISTED, description="How many customers to list.")
    ] = 20,
) -> Any:
    """How a completed test's model is asked: its raw columns, and customers to choose from."""
    artifacts_uri = model_of(quick_test_id, ports)
    return predictor_of(ports).describe(artifacts_uri, search=search, limit=limit)


@router.post("/{quick_test_id}/predictions/", response_model=Prediction)
@needs("viewer")
def predict(
    quick_test_id: str,
    body: PredictionRequest,
    ports: PortsOf,
    models: Annotated[KnownModels, Depends(known_models_of)],
) -> Any:
    """Recommended products and predicted ratings, with what the customer bought before.

    The first answer of a model takes some seconds, in which it is loaded; those after it take
    milliseconds.
    """
    answer = predictor_of(ports).predict(models.of(quick_test_id), body)
    # Written here, for FastAPI would have another thread check once more what has been checked.
    return Response(answer.model_dump_json(), media_type="application/json")


def predictor_of(ports: Ports) -> Predictor:
    """Raises UnavailableError."""
    if ports.predictor is None:
        raise UnavailableError(
            "Nothing answers predictions here. On Google Cloud, name the registered model in "
            "Terraform's served_models and apply (docs/google-cloud.md, Serving)."
        )
    return ports.predictor


def model_of(quick_test_id: str, ports: Ports) -> str:
    """Where a completed test's job left everything. Raises NotFoundError, InvalidError,
    NoModelError."""
    return _with_model(_completed_at(quick_test_id, ports), quick_test_id, ports)


def _completed_at(quick_test_id: str, ports: Ports) -> str:
    status = launched_test(quick_test_id, ports).status
    if status.state is not TestState.COMPLETED or status.artifacts_uri is None:
        yet = " yet" if not status.state.ended else ""
        raise NoModelError(f"The test is {status.state.value}: it has no model{yet}.")
    return status.artifacts_uri


def _with_model(artifacts_uri: str, quick_test_id: str, ports: Ports) -> str:
    # Only what lies in the store of artifacts is ever loaded, links followed.
    if not ports.artifacts.exists(f"{artifacts_uri}/{MODEL_FILE}"):
        raise NotFoundError("saved model of quick test", quick_test_id, "any more")
    return artifacts_uri
