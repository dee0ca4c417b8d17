"""One document, or a page of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.documents.base import Collection
from shared.handlers.store import KINDS, AnyDocument, find
from shared.ports import Filter, Ports
from shared.problems import Invalid, Problem, shorten

_LARGEST_PAGE = 200


@dataclass(frozen=True)
class Page:
    """Some documents, latest change first.

    Attributes:
        unreadable: id of each document among them that cannot be read, with the reasons.
        next_page_token: for the page after this; None on the last.
    """

    documents: list[AnyDocument]
    unreadable: dict[str, list[Problem]]
    next_page_token: str | None


def get(ports: Ports, collection: Collection, document_id: str) -> AnyDocument:
    """Raises NotFound, and Invalid where somebody stored something unreadable."""
    document: AnyDocument = KINDS[collection].load(document_id, ports)
    return document


def list_page(
    ports: Ports,
    collection: Collection,
    where: Sequence[Filter] = (),
    *,
    limit: int = 50,
    page_token: str | None = None,
) -> Page:
    """Raises Invalid for a limit out of bounds and for a page token that leads nowhere."""
    if not 1 <= limit <= _LARGEST_PAGE:
        raise Invalid(
            [
                Problem(
                    path="limit",
                    code="out_of_range",
                    message=f"A page holds 1 to {_LARGEST_PAGE} documents.",
                    received=limit,
                )
            ]
        )
    if page_token is not None and find(collection, page_token, ports) is None:
        raise Invalid(
            [
                Problem(
                    path="page_token",
                    code="unknown_page",
                    message="The page token is not one that this list gave, or its document has "
                    "been deleted. Start again without it.",
                    received=shorten(page_token),
                )
            ]
        )
    found = ports.documents.query(
        collection,
        where,
        order_by="updated_at",
        descending=True,
        limit=limit + 1,
        start_after=page_token,
    )
    documents: list[AnyDocument] = []
    unreadable: dict[str, list[Problem]] = {}
    for snapshot in found[:limit]:
        try:
            documents.append(KINDS[collection].parse(snapshot.id, snapshot.data))
        except Invalid as invalid:
            unreadable[snapshot.id] = invalid.problems
    token = found[limit - 1].id if len(found) > limit else None
    return Page(documents, unreadable, token)
