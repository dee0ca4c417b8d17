"""The one folder that jobs read code from and write to, where whoever runs them has named it."""

from __future__ import annotations

import os
from pathlib import Path

from shared.documents.base import CodeArtifact
from shared.jobs import JobRequest
from shared.places import misplaced, misplaced_code
from trainer_image.job.locations import path_of
from trainer_image.job.status import JobFailedError

# URI of the store of artifacts. A trainer that is run by hand has none.
STORE = "RECSMITH_STORE"


def check_places(request: JobRequest) -> None:
    """Raises JobFailedError where a job would read code, or write, elsewhere than where it
    belongs."""
    store = os.environ.get(STORE)
    if store:
        _refuse(misplaced(request, store))
        check_inside(request.output_uri)


def check_module(name: str, artifact: CodeArtifact) -> None:
    """Raises JobFailedError for a module that lies elsewhere than under its hash in the store."""
    store = os.environ.get(STORE)
    if store:
        _refuse(misplaced_code(name, artifact, store))
        check_inside(artifact.uri)


def check_inside(uri: str) -> None:
    """Raises JobFailedError for a file or folder that is outside of the store, links followed."""
    store = os.environ.get(STORE)
    if store and "://" not in path_of(uri) and not is_inside(uri, store):
        raise JobFailedError(f"{uri} is outside of the store of artifacts, {store}.")


def is_inside(uri: str, store: str) -> bool:
    """Whether a file or folder is in a store, links followed where there are any."""
    path, root = path_of(uri), path_of(store).rstrip("/")
    if "://" in path or "://" in root:
        inner = path.removeprefix(f"{root}/")
        return inner != path and not {"", ".", ".."} & set(inner.rstrip("/").split("/"))
    return Path(path).resolve().is_relative_to(Path(root).resolve())


def _refuse(fault: str | None) -> None:
    if fault is not None:
        raise JobFailedError(f"The job does not keep to the store of artifacts: {fault}.")
