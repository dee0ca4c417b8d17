"""`/api/quick-tests/{id}/use/`: how the model of a completed test is used."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import ValidationError

from functions.api.predictions import model_of
from functions.api.resource import ERRORS, PortsOf
from functions.api.rights import needs
from shared.errors import NotFoundError
from shared.jobs import REQUEST_FILE, JobRequest
from shared.ports import Ports
from shared.rules.use_of_model import UseOfModel, how_to_use
from shared.services.inputs import launched_test

router = APIRouter(prefix="/api/quick-tests", tags=["predictions"], responses=ERRORS)


@router.get("/{quick_test_id}/use/", operation_id="getUseOfModel", response_model=UseOfModel)
@needs("viewer")
def use(quick_test_id: str, ports: PortsOf) -> Any:
    """Where a completed test's model lies, how to load it in Python, serve it, and go back."""
    artifacts_uri = model_of(quick_test_id, ports)
    registered = launched_test(quick_test_id, ports).status.registered
    return how_to_use(artifacts_uri, _request(artifacts_uri, ports), registered)


def _request(artifacts_uri: str, ports: Ports) -> JobRequest | None:
    try:
        content = ports.artifacts.read(f"{artifacts_uri}/{REQUEST_FILE}")
        return JobRequest.model_validate_json(content)
    except (NotFoundError, ValidationError):
        return None
