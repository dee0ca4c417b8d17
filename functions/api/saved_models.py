"""The saved model of a test or of a registered version, as one archive."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from starlette.responses import StreamingResponse

from functions.api.predictions import model_of
from functions.api.resource import ERRORS, JSON_ERRORS, PortsOf
from functions.api.rights import needs
from shared import editing
from shared.archives import zipped
from shared.documents.base import Collection
from shared.errors import NotFoundError
from shared.places import job_id_of, output_key
from shared.ports import Ports
from shared.services.inputs import launched_test
from shared.services.registering import read_version

router = APIRouter(prefix="/api", responses=ERRORS)
_ZIP = "application/zip"
_ARCHIVE: dict[int | str, dict[str, Any]] = {
    200: {"description": "A ZIP file of the folder `model/`, a SavedModel", "content": {_ZIP: {}}},
    **JSON_ERRORS,
}


@router.get(
    "/quick-tests/{quick_test_id}/model.zip/",
    operation_id="downloadQuickTestModel",
    summary="Download the saved model of a quick test",
    tags=["predictions"],
    response_class=StreamingResponse,
    responses=_ARCHIVE,
)
@needs("viewer")
def download_of_test(quick_test_id: str, ports: PortsOf) -> Any:
    """What a completed test has trained, to be loaded by TensorFlow."""
    return _archive(quick_test_id, f"{quick_test_id}.zip", ports)


@router.get(
    "/registered-models/{model_id}/versions/{version}/model.zip/",
    operation_id="downloadRegisteredModel",
    summary="Download a version of a registered model",
    tags=["registered models"],
    response_class=StreamingResponse,
    responses=_ARCHIVE,
)
@needs("viewer")
def download_of_version(model_id: str, version: int, ports: PortsOf) -> Any:
    """A version of a registered model, to be loaded by TensorFlow."""
    model = editing.get(ports, Collection.REGISTERED_MODELS, model_id)
    found = read_version(model_id, version, ports)
    if found is None:
        raise NotFoundError("version", str(version), f"of {model.name!r}")
    return _archive(found.quick_test_id, f"{model_id}-{version}.zip", ports)


def _archive(quick_test_id: str, name: str, ports: Ports) -> StreamingResponse:
    """Raises what `model_of` raises."""
    model_of(quick_test_id, ports)
    purpose = launched_test(quick_test_id, ports).spec.purpose
    folder = f"{output_key(job_id_of(quick_test_id), purpose)}/"
    artifacts = ports.artifacts
    found = artifacts.contents(f"{folder}model")
    files = [(key.removeprefix(folder), size) for key, size in found]
    sent = zipped(files, lambda file: artifacts.pieces(artifacts.uri(f"{folder}{file}")))
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
    return StreamingResponse(sent, media_type=_ZIP, headers=headers)
