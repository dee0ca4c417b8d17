"""The revisions of a document, and what differs between two of them.

No `from __future__ import annotations` here: FastAPI reads the annotations of what `add_versions`
adds.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel

from functions.api.resource import PortsOf, noun_of
from functions.api.rights import needs
from shared import editing
from shared.comparing.spec_differences import (
    Differences,
    changes_of_versions,
    differences_between,
)
from shared.documents.base import Collection

_FROM = "A revision; by default, that before the other, or the present one of two documents."
_TO = "A revision; by default, the present one."
_OTHER = "The id of another one, of which `to_revision` is; by default, the same."


class Version(BaseModel):
    """What a revision of a document said.

    Attributes:
        changes: what it changed of the one before, in words; null of the first.
    """

    revision: int
    name: Any
    description: Any
    spec: Any
    created_at: Any
    created_by: Any = None
    changes: list[str] | None = None


def add_versions(router: APIRouter, collection: Collection, name: str) -> None:
    """Adds the list of a document's versions, and the differences between two revisions.

    Args:
        name: the resource's in operation ids.
    """
    noun = noun_of(name)

    @router.get(
        "/{document_id}/versions/",
        operation_id=f"list{name}Versions",
        summary=f"List the versions of a {noun}",
        response_model=list[Version],
    )
    @needs("viewer")
    def versions(document_id: str, ports: PortsOf) -> Any:
        """Every revision that there was, latest first."""
        editing.get(ports, collection, document_id)
        kept = ports.documents.query(f"{collection.path(document_id)}/versions")
        found = sorted(kept, key=lambda snapshot: -int(snapshot.id))
        told = changes_of_versions(collection, [snapshot.data for snapshot in found])
        return [
            Version(**{**snapshot.data, "revision": int(snapshot.id), "changes": changes})
            for snapshot, changes in zip(found, told, strict=True)
        ]

    @router.get(
        "/{document_id}/differences/",
        operation_id=f"get{name}Differences",
        summary=f"Say what differs between two revisions of a {noun}, or between two of them",
        response_model=Differences,
    )
    @needs("viewer")
    def differences(
        document_id: str,
        ports: PortsOf,
        from_revision: Annotated[int | None, Query(description=_FROM, ge=1)] = None,
        to_revision: Annotated[int | None, Query(description=_TO, ge=1)] = None,
        other_id: Annotated[str | None, Query(description=_OTHER)] = None,
    ) -> Any:
        """In sentences, with what it did to the main metric where quick tests tell."""
        return differences_between(
            collection,
            document_id,
            ports,
            other_id=other_id,
            from_revision=from_revision,
            to_revision=to_revision,
        )
