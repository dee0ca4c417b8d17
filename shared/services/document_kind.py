"""What the documents of a collection are, and which revision a stored one is at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, Literal, TypeVar

from shared.documents.base import (
    Collection,
    Document,
    Status,
    Validation,
    ValidationState,
    parse,
    spec_hash,
)
from shared.errors import NotFoundError
from shared.paths import is_id
from shared.ports import JsonObject, Ports, Snapshot
from shared.problems import Problem

AnyDocument = Document[Any, Any]
DocumentT = TypeVar("DocumentT", bound=AnyDocument)
StatusT = TypeVar("StatusT", bound=Status)
Get = Callable[[str], Snapshot | None]
Mend = Callable[[StatusT], None]


@dataclass(frozen=True)
class Kind(Generic[DocumentT, StatusT]):
    """A collection, and what its documents are.

    Attributes:
        tags: see `problems.from_pydantic`.
        derive: fills in what follows from the rest of a document, whenever one is read.
        mender: of a stored document and its status, what puts right the places that the status
            names, whatever it says of them.
        changed: takes note, in a status, that it has changed; gets what it was before, and the
            present time.
        unknown: see `documents.base.parse`.
        refused: writes on a status that a change of it will never be stored, and why.
    """

    collection: Collection
    document: type[DocumentT]
    status: type[StatusT]
    tags: frozenset[str] = frozenset()
    derive: Callable[[DocumentT], None] = lambda _: None
    mender: Callable[[Snapshot, StatusT, Get, Ports], Mend[StatusT]] = lambda *_: lambda _: None
    changed: Callable[[JsonObject, StatusT, datetime], None] = lambda *_: None
    unknown: Literal["refused", "passed over"] = "refused"
    refused: Callable[[StatusT, str, datetime], None] = lambda status, why, at: invalid(
        status, why, at
    )

    @cached_property
    def shown(self) -> Kind[DocumentT, StatusT]:
        """The same for whoever shows, compares or asks what was made: settings that a newer version
        has written are passed over. Whoever judges, or makes something of a document, refuses
        them."""
        return replace(self, unknown="passed over")

    def parse(self, document_id: str, data: Any) -> DocumentT:
        """Raises InvalidError."""
        document = parse(self.document, document_id, data, self.tags, unknown=self.unknown)
        self.derive(document)
        return document

    def load(self, document_id: str, ports: Ports) -> DocumentT:
        """Raises NotFoundError, InvalidError."""
        snapshot = find(self.collection, document_id, ports)
        if snapshot is None:
            raise NotFoundError(self.collection.noun, document_id)
        return self.parse(document_id, snapshot.data)

    def load_revision(self, document_id: str, revision: int, ports: Ports) -> DocumentT:
        """The document with the spec that it had at a revision; all else is of now.

        Raises:
            NotFoundError: no such document, or no such revision.
            InvalidError: it cannot be read.
        """
        path = self.collection.path(document_id)
        live = find(self.collection, document_id, ports)
        if live is None:
            raise NotFoundError(self.collection.noun, document_id)
        version = ports.documents.get(version_path(path, revision))
        if version is not None:
            data = {**live.data, "spec": version.data.get("spec"), "revision": revision}
        elif stated_revision(live.data) == revision:
            data = live.data
        else:
            raise NotFoundError(self.collection.noun, document_id, f", revision {revision}")
        return self.parse(document_id, data)


def invalid(status: Status, why: str, at: datetime) -> None:
    """Judges the present revision invalid, because its document cannot be stored."""
    problem = Problem(path="spec", code="too_large", message=why)
    status.validation = Validation(
        state=ValidationState.INVALID,
        revision=status.observed.revision,
        problems=[problem],
        checked_at=at,
    )


def find(collection: Collection, document_id: str, ports: Ports) -> Snapshot | None:
    """The stored document; None too where the id, which users may have written, can be none's."""
    return ports.documents.get(collection.path(document_id)) if is_id(document_id) else None


def version_path(path: str, revision: int) -> str:
    return f"{path}/versions/{revision}"


def version_data(data: JsonObject, at: datetime, by: str | None = None) -> JsonObject:
    """What `versions/{revision}` keeps of a document; `by` whoever made that version, if known."""
    kept = {key: data.get(key) for key in ("name", "description", "spec")}
    return {**kept, "created_at": stamp(at), "created_by": by}


def stamp(at: datetime) -> str:
    """A time in UTC as pydantic writes it, so that stored times sort as text."""
    return at.isoformat().replace("+00:00", "Z")


def stated_revision(data: JsonObject) -> int:
    """The revision that a stored document says it has; 0 where it says nothing of use."""
    revision = data.get("revision")
    usable = isinstance(revision, int) and not isinstance(revision, bool) and revision > 0
    return revision if usable else 0  # type: ignore[return-value]


def is_current(data: JsonObject, status: Status, revision: int) -> bool:
    """Whether the stored spec is this revision, and numbered as such."""
    return (
        stated_revision(data) == revision == status.observed.revision
        and spec_hash(data.get("spec")) == status.observed.spec_hash
    )
