"""Registered models as whoever serves them finds them: by their pointers alone."""

from __future__ import annotations

from shared.documents.registered_model import registered_model_id
from shared.errors import NotFoundError
from shared.ports import ArtifactStore
from shared.registry import Pointer, parse_pointer, pointer_key


def find_pointer(wanted: str, artifacts: ArtifactStore) -> Pointer | None:
    """The pointer of a registered model, by its id, or by its name whatever the case of its
    letters; None where there is no such model, or no version of it was promoted yet."""
    for model_id in (wanted, registered_model_id(wanted)):
        try:
            content = artifacts.read(artifacts.uri(pointer_key(model_id)))
            return parse_pointer(content, model_id).resolved(artifacts.uri)
        except (NotFoundError, ValueError):  # none there, none of this model, no key can be so
            continue
    return None
