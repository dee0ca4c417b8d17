"""Artifacts in a bucket where one may create, and not replace."""

from __future__ import annotations

from typing import Any

import pytest
from google.api_core import exceptions

from shared.errors import AlreadyExistsError, RefusedError
from shared.gcp.storage import GcsArtifactStore


class Bucket:
    """Refuses every upload; stands for the client too."""

    def __init__(self, *present: str) -> None:
        self._present = present

    def bucket(self, _: str) -> Bucket:
        return self

    def blob(self, key: str) -> Any:
        return Blob(exists=key in self._present)


class Blob:
    def __init__(self, *, exists: bool) -> None:
        self._exists = exists

    def upload_from_string(self, *_: Any, **__: Any) -> None:
        raise exceptions.Forbidden("storage.objects.delete is missing")

    def exists(self) -> bool:
        return self._exists


def test_what_may_not_be_replaced_is_there_already() -> None:
    store: Any = GcsArtifactStore(Bucket("code/a.py"), "recsmith")  # type: ignore[arg-type]
    with pytest.raises(AlreadyExistsError):
        store.create("code/a.py", b"pass")


def test_what_may_not_be_created_at_all_is_said_to_be_forbidden() -> None:
    store: Any = GcsArtifactStore(Bucket(), "recsmith")  # type: ignore[arg-type]
    with pytest.raises(exceptions.Forbidden):
        store.create("code/a.py", b"pass")


def test_a_pointer_that_may_not_be_replaced_says_which_role_is_missing() -> None:
    store: Any = GcsArtifactStore(Bucket("registry/m/pointer.json"), "recsmith")  # type: ignore[arg-type]
    with pytest.raises(RefusedError, match=r"registry/m/pointer\.json.*Storage Object User"):
        store.replace("registry/m/pointer.json", b"{}")
