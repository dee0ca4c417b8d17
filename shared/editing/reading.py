"""One document, or a page of them."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, TypeAdapter

from shared.documents.base import Collection
from shared.documents.dataset import Dataset
from shared.errors import NotFoundError
from shared.paths import is_id
from shared.ports import Filter, Place, Ports, Snapshot
from shared.problems import InvalidError, Problem, shorten
from shared.services.document_kind import AnyDocument, find
from shared.services.stale import check_source
from shared.services.store import KINDS

T = TypeVar("T")


def _checked_id(text: str) -> str:
    if not is_id(text):
        raise ValueError("No document can have this id.")
    return text


_LARGEST_PAGE = 200
_ORDER = "updated_at"
_LONGEST = 100  # of what should be a time
_Id = Annotated[str, AfterValidator(_checked_id)]
_TOKEN: TypeAdapter[Any] = TypeAdapter(
    tuple[str | None, str | None, tuple[str | float | bool | None, _Id] | None]
)


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some documents, latest change first.

    Attributes:
        unreadable: id of each document among them that cannot be read, with the reasons.
        next_page_token: for the page after this; None on the last.
    """

    documents: list[T]
    unreadable: dict[str, list[Problem]]
    next_page_token: str | None


def get(ports: Ports, collection: Collection, document_id: str) -> AnyDocument:
    """The document; of a dataset whose source has changed since it was profiled, its status says so
    in a warning.

    Raises NotFoundError, and InvalidError where somebody stored something unreadable.
    """
    snapshot = find(collection, document_id, ports)
    if snapshot is None:
        raise NotFoundError(collection.noun, document_id)
    document = read(collection, snapshot, ports)
    if isinstance(document, Dataset) and document.status.validated(document.revision):
        stale = check_source(document, ports, "spec.source", "warning")
        document.status.validation.problems += stale
    return document


def read(collection: Collection, snapshot: Snapshot, ports: Ports) -> AnyDocument:
    """A stored document, with its code and files where they are now. Raises InvalidError."""
    kind = KINDS[collection]
    document: AnyDocument = kind.shown.parse(snapshot.id, snapshot.data)
    kind.mender(snapshot, document.status, ports.documents.get, ports)(document.status)
    return document


def list_page(
    ports: Ports,
    collection: Collection,
    where: Sequence[Filter] = (),
    *,
    limit: int = 50,
    page_token: str | None = None,
) -> Page[AnyDocument]:
    """`list_page_of` documents."""
    return list_page_of(
        partial(read, collection, ports=ports), ports, collection, where, limit, page_token
    )


def list_page_of(
    shown: Callable[[Snapshot], T],
    ports: Ports,
    collection: Collection,
    where: Sequence[Filter],
    limit: int,
    page_token: str | None,
    fields: Sequence[str] | None = None,
) -> Page[T]:
    """A page, of all those that follow each other from one without a token: they hold every
    document that is there throughout. One that changes meanwhile comes last, as it is then, perhaps
    a second time.

    Args:
        shown: makes of a stored document what the page holds. Raises InvalidError.
        fields: what of the document it needs, with the time of its change; None: all.

    Raises InvalidError for a limit out of bounds, and for what is no page token.
    """
    if not 1 <= limit <= _LARGEST_PAGE:
        raise InvalidError(
            [
                Problem(
                    path="limit",
                    code="out_of_range",
                    message=f"A page holds 1 to {_LARGEST_PAGE} documents.",
                    received=limit,
                )
            ]
        )
    at = _Round.of(page_token)
    found, token = at.page(ports, collection, where, limit, fields)
    documents: list[T] = []
    unreadable: dict[str, list[Problem]] = {}
    for snapshot in found:
        try:
            documents.append(shown(snapshot))
        except InvalidError as invalid:
            unreadable[snapshot.id] = invalid.problems
    return Page(documents, unreadable, token)


@dataclass(frozen=True)
class _Round:
    """Where a reader of pages is. The first round goes through all documents; the next ones through
    those that have changed since the one before began, which no place in it shows any more.

    Attributes:
        since: what the round shows has changed after this; None in the first.
        top: when the latest of them had changed as the round began; None before.
        place: of the last that was shown; None before.
    """

    since: str | None = None
    top: str | None = None
    place: Place | None = None

    @staticmethod
    def of(token: str | None) -> _Round:
        """Raises InvalidError."""
        if token is None:
            return _Round()
        try:
            return _Round(*_TOKEN.validate_json(base64.urlsafe_b64decode(token.encode())))
        except ValueError:
            raise InvalidError(
                [
                    Problem(
                        path="page_token",
                        code="unknown_page",
                        message="The page token is not one that this list gave. Start again "
                        "without it.",
                        received=shorten(token),
                    )
                ]
            ) from None

    def page(
        self,
        ports: Ports,
        collection: Collection,
        where: Sequence[Filter],
        limit: int,
        fields: Sequence[str] | None,
    ) -> tuple[list[Snapshot], str | None]:
        """The documents of a page, and the token of the next; None where this is the last."""
        found = self._latest(ports, collection, where, limit + 1, fields)
        begins = self.place is None
        top = _changed(found[0]) if begins and found else self.top
        if len(found) > limit:
            last = found[limit - 1]
            return found[:limit], _Round(self.since, top, _place(last)).token
        following = _Round(since=top)
        # What fits in one page was read at one moment.
        over = begins or top is None or not following._latest(ports, collection, where, 1, fields)
        return found, None if over else following.token

    @property
    def token(self) -> str:
        told = _TOKEN.dump_json((self.since, self.top, self.place))
        return base64.urlsafe_b64encode(told).decode()

    def _latest(
        self,
        ports: Ports,
        collection: Collection,
        where: Sequence[Filter],
        limit: int,
        fields: Sequence[str] | None,
    ) -> list[Snapshot]:
        found = ports.documents.query(
            collection,
            where,
            order_by=_ORDER,
            descending=True,
            limit=limit,
            start_after=self.place,
            fields=fields,
        )
        since = self.since
        return [one for one in found if since is None or (_changed(one) or "") > since]


def _changed(snapshot: Snapshot) -> str | None:
    at = snapshot.data.get(_ORDER)
    return at if isinstance(at, str) else None


def _place(snapshot: Snapshot) -> Place:
    at = snapshot.data.get(_ORDER)
    if isinstance(at, str):
        at = at[:_LONGEST]
    return at if isinstance(at, str | int | float | None) else None, snapshot.id
