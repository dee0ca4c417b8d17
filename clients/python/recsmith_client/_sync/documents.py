# Written by clients/python/scripts/write_sync.py from the module of this name in _async.
"""The documents of a kind: listed, read, written."""

from __future__ import annotations

import builtins
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, Protocol, TypeVar

from recsmith_client import kinds, models
from recsmith_client._sync.connection import Connection
from recsmith_client.calls import Call, Json, new_key, written
from recsmith_client.errors import RecsmithError


class Document(Protocol):
    """What all documents have. `spec` is the user's, `status` the system's."""

    id: str
    name: str
    description: str
    revision: int
    spec: Any
    status: Any
    _etag: str | None


D = TypeVar("D", bound=Document)
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.1, 2.0


class Listed(Generic[D]):
    """Documents of a kind that nobody writes directly."""

    def __init__(self, connection: Connection, kind: kinds.Listed[D]) -> None:
        self._connection = connection
        self._listed = kind

    def list(self, **filters: Any) -> builtins.list[D]:
        """All of them, latest change first.

        Args:
            filters: the API's, such as `state="completed"` of quick tests.
        """
        return list(self.iterate(**filters))

    def iterate(self, **filters: Any) -> Iterator[D]:
        """As `list`, read page by page as they are needed."""
        return self._each(self._listed.pages, filters)

    def _each(self, pages: Callable[..., Call[Any]], filters: Mapping[str, Any]) -> Iterator[Any]:
        seen, token = set[str](), None
        while True:
            page = self._connection.call(pages(page_token=token, **filters))
            for document in page.items:
                if document.id not in seen:  # else it has changed meanwhile, and comes again
                    seen.add(document.id)
                    yield document
            token = page.next_page_token
            if token is None:
                return

    def get(self, document_id: str) -> D:
        """The document with an id.

        Raises:
            ApiError: 404 where there is none.
        """
        return self._connection.call(self._listed.get(document_id))

    def find(self, name: str) -> D:
        """The document with a name.

        Raises:
            RecsmithError: none has it, or several have.
        """
        found = [document for document in self.iterate() if document.name == name]
        if len(found) != 1:
            ids = ", ".join(document.id for document in found)
            raise RecsmithError(
                f"{len(found)} of these are named {name!r}: give an id of {ids}."
                if found
                else f"None of these is named {name!r}."
            )
        return found[0]


class Kept(Listed[D]):
    """Documents that users create and delete."""

    def __init__(self, connection: Connection, kind: kinds.Kept[D]) -> None:
        super().__init__(connection, kind)
        self._kept = kind

    def create(
        self,
        name: str | None,
        spec: Any,
        *,
        description: str = "",
        idempotency_key: str | None = None,
    ) -> D:
        """Creates one, once: a repeated request creates nothing more.

        Args:
            name: None only where the system can give one, as to quick tests.
            spec: the model of the kind's spec, or a mapping with its fields.
            idempotency_key: of your own, to go on where another process ended.

        Raises:
            ApiError: 422 with what is wrong with which field.
        """
        body = {"description": description, "spec": spec}
        if name is not None:
            body["name"] = name
        return self._connection.call(
            self._kept.create(body, idempotency_key=idempotency_key or new_key())
        )

    def delete(self, document: D | str) -> None:
        """Deletes one; a document given is deleted only as it was read.

        Raises:
            ApiError: 409 where it has changed, or something uses it.
        """
        seen = None if isinstance(document, str) else _seen(document)
        self._connection.call(self._kept.delete(id_of(document), if_match=seen))

    def judged(self, document: D | str, *, timeout: float = 600.0) -> D:
        """Returns a document once the system has judged its present revision: a dataset is profiled
        then, and `status.validation` says whether it is valid, or why not.

        Raises:
            TimeoutError: it takes longer, in seconds.
        """
        deadline, pause = time.monotonic() + timeout, _FIRST_PAUSE_SECONDS
        while True:
            now = self.get(id_of(document))
            verdict = now.status.validation
            if verdict.revision == now.revision and verdict.state in ("valid", "invalid"):
                return now
            if time.monotonic() > deadline:
                raise TimeoutError(f"{now.name!r} has not been judged within {timeout:g} s.")
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    def usage(self, document: D | str) -> models.Usage:
        """Whether it could be deleted, and what uses it."""
        return self._connection.call(self._kept.usage(id_of(document)))


class Edited(Kept[D]):
    """Documents that users change."""

    def __init__(self, connection: Connection, kind: kinds.Edited[D]) -> None:
        super().__init__(connection, kind)
        self._edited = kind

    def update(self, document: D) -> D:
        """Writes name, description and spec of a document that was read from here and changed.

        Raises:
            ApiError: 409 `stale` where somebody else has changed it since, with both versions.
        """
        body = {
            "name": document.name,
            "description": document.description,
            "spec": written(document.spec),
        }
        return self._replaced(document, body)

    def versions(self, document: D | str) -> builtins.list[models.Version]:
        """What each revision said."""
        return self._connection.call(self._edited.versions(id_of(document)))

    def differences(
        self,
        document: D | str,
        other: D | str | None = None,
        *,
        from_revision: int | None = None,
        to_revision: int | None = None,
    ) -> models.Differences:
        """What differs between two revisions, or between two documents, in sentences, and what it
        did to the metrics. A notebook shows it; `markdown` is for a pull request.

        Args:
            other: another one of the kind, of which `to_revision` is.
            from_revision: by default, that before `to_revision`; of two documents, the present one.
            to_revision: by default, the present one.

        Raises:
            ApiError: 422 where there is no such revision.
        """
        return self._connection.call(
            self._edited.differences(
                id_of(document),
                from_revision=from_revision,
                to_revision=to_revision,
                other_id=None if other is None else id_of(other),
            )
        )

    def restore(self, document: D, revision: int) -> D:
        """Makes a new revision that says what an earlier one said.

        Raises:
            RecsmithError: there is none with that number.
            ApiError: 409 `stale`; 422 where it is no longer valid.
        """
        for version in self.versions(document):
            if version.revision == revision:
                body = {
                    "name": version.name,
                    "description": version.description,
                    "spec": version.spec,
                }
                return self._replaced(document, body)
        raise RecsmithError(f"{document.name!r} has no revision {revision}.")

    def _replaced(self, document: D, body: Json) -> D:
        return self._connection.call(
            self._edited.update(document.id, body, if_match=_seen(document))
        )


def id_of(document: Any) -> str:
    """Of a document, or the id itself."""
    return document if isinstance(document, str) else str(document.id)


def _seen(document: Document) -> str:
    """What the server compares with: lists give documents without an ETag, so their revision."""
    return document._etag or str(document.revision)
