"""Pages of documents, whole or in short, as JSON that is made once for each version of one."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, TypeAdapter

from shared import editing
from shared.documents.base import Collection
from shared.ports import Filter, Ports, Snapshot
from shared.problems import Problem
from shared.services.test_summaries import FIELDS, read_summary

DocumentT = TypeVar("DocumentT")

DEFAULT_LIMIT = 50
_MOST_BYTES = 4 * 2**20  # the largest page of quick tests, and some more
_UNREADABLE: TypeAdapter[Any] = TypeAdapter(dict[str, list[Problem]])
_TOKEN: TypeAdapter[Any] = TypeAdapter(str | None)

Limit = Annotated[int, Query(description="How many documents a page holds, 1 to 200.")]
PageToken = Annotated[str | None, Query(description="`next_page_token` of the page before.")]


class Page(BaseModel, Generic[DocumentT]):
    """Some documents, latest change first.

    Attributes:
        unreadable: ids of stored documents that are none, with the reasons.
        next_page_token: for the page after this one; null on the last.
    """

    items: list[DocumentT]
    unreadable: dict[str, list[Problem]] = {}
    next_page_token: str | None


class Pages:
    """Lists are asked for again and again, most of whose documents have not changed since: reading
    and writing out one of these takes a hundred times as long as finding what was written."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._written: OrderedDict[tuple[str, int, bool], bytes] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def page(
        self,
        collection: Collection,
        where: Sequence[Filter],
        limit: int,
        page_token: str | None,
    ) -> Response:
        """A `Page` as JSON. Raises InvalidError."""
        read = partial(editing.read, collection, ports=self._ports)
        found = editing.list_page_of(
            partial(self._text, read), self._ports, collection, where, limit, page_token
        )
        return _response(found)

    def summaries(self, where: Sequence[Filter], limit: int, page_token: str | None) -> Response:
        """A `Page` of quick tests in short, as JSON. Raises InvalidError."""
        found = editing.list_page_of(
            partial(self._text, read_summary, short=True),
            self._ports,
            Collection.QUICK_TESTS,
            where,
            limit,
            page_token,
            FIELDS,
        )
        return _response(found)

    def _text(
        self, read: Callable[[Snapshot], BaseModel], snapshot: Snapshot, *, short: bool = False
    ) -> bytes:
        """A document as an item of a page. Raises InvalidError."""
        key = snapshot.path, snapshot.version, short
        with self._lock:
            text = self._written.get(key)
            if text is not None:
                self._written.move_to_end(key)
                return text
        text = read(snapshot).model_dump_json(by_alias=True).encode()
        with self._lock:
            if key not in self._written:
                self._written[key] = text
                self._bytes += len(text)
            while self._bytes > _MOST_BYTES:
                _, oldest = self._written.popitem(last=False)
                self._bytes -= len(oldest)
        return text


def _response(found: editing.Page[bytes]) -> Response:
    unreadable = _UNREADABLE.dump_json(found.unreadable)
    token = _TOKEN.dump_json(found.next_page_token)
    content = b'{"items":[%b],"unreadable":%b,"next_page_token":%b}' % (
        b",".join(found.documents),
        unreadable,
        token,
    )
    return Response(content, media_type="application/json")


async def pages_of(request: Request) -> Pages:
    pages: Pages = request.app.state.pages
    return pages


PagesOf = Annotated[Pages, Depends(pages_of)]
