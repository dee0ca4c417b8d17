"""Whose answers a run writes: what an alias means when it begins, and whether it still does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import ValidationError

from shared.batches import BatchError, BatchModel
from shared.jobs import REQUEST_FILE, JobRequest
from shared.paths import check_key
from shared.registry import Alias, Pointer, parse_pointer, pointer_key
from trainer_image.job.locations import Locations, open_file, path_of, read_small
from trainer_image.job.status import JobFailedError, describe
from trainer_image.job.store import check_inside


def model_of_alias(store: str, model_id: str, alias: Alias) -> BatchModel:
    """The version that an alias of a registered model means now. Raises BatchError."""
    pointer = _pointer(store, model_id)
    served = pointer.aliases.get(alias)
    if served is None:
        raise BatchError(
            f"{pointer.name} has no version in {alias} yet. Promote one, or give a test's id."
        )
    return BatchModel(
        artifacts_uri=served.artifacts_uri,
        quick_test_id=served.quick_test_id,
        model_id=pointer.model_id,
        name=pointer.name,
        alias=alias,
        version=served.version,
    )


def model_of_job(artifacts_uri: str) -> BatchModel:
    """The model that a job has left. Raises BatchError."""
    request = request_of(artifacts_uri)
    return BatchModel(artifacts_uri=artifacts_uri, quick_test_id=request.quick_test_id)


def request_of(artifacts_uri: str) -> JobRequest:
    """Raises BatchError."""
    check_inside(artifacts_uri)
    path = Locations(path_of(artifacts_uri))[REQUEST_FILE]
    with _said("model", path), open_file(path, "rb") as file:
        content = file.read()
    try:
        return JobRequest.model_validate_json(content)
    except ValidationError as error:
        raise BatchError(f"{path} is no job's request: {error}") from None


def moved(model: BatchModel, store: str | None) -> str | None:
    """What to know where an alias no longer means the version that a run keeps to, or cannot be
    looked up."""
    if store is None or model.model_id is None or model.alias is None:
        return None
    keeps = f"this run keeps to version {model.version}."
    try:
        served = _pointer(store, model.model_id).aliases.get(model.alias)
    except (BatchError, JobFailedError) as error:
        return f"What {model.asked} means by now could not be read; {keeps} {error}"
    if served is not None and served.version == model.version:
        return None
    means = "no version" if served is None else f"version {served.version}"
    return f"The alias {model.alias} of {model.name} means {means} by now; {keeps}"


def _pointer(store: str, model_id: str) -> Pointer:
    try:
        uri = f"{store.rstrip('/')}/{pointer_key(model_id)}"
        check_key(pointer_key(model_id))
    except ValueError as error:
        raise BatchError(f"--model: {error}") from None
    check_inside(uri)
    path = path_of(uri)
    with _said("such registered model", path):
        content = read_small(path)
    try:
        return parse_pointer(content, model_id).within(store)
    except ValueError as error:
        raise BatchError(f"{path} is no pointer of a registered model: {error}") from None


@contextmanager
def _said(what: str, path: str) -> Iterator[None]:
    """Has what goes wrong with a file be a BatchError."""
    try:
        yield
    except Exception as error:  # of a disk, or whatever TensorFlow says of a bucket
        if isinstance(error, FileNotFoundError) or type(error).__name__ == "NotFoundError":
            raise BatchError(f"There is no {what}: {path} is not there.") from None
        raise BatchError(f"{path} cannot be read: {describe(error)}") from error
