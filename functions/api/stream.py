"""A document as a stream of server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Header
from fastapi.sse import ServerSentEvent
from starlette.concurrency import run_in_threadpool

from functions.api.resource import JSON_ERRORS
from shared.ports import Ports, Snapshot
from shared.problems import InvalidError
from shared.services.document_kind import Kind

LastEventId = Annotated[
    str | None, Header(alias="Last-Event-ID", description="The last event that was received.")
]


def responses(what: str) -> dict[int | str, dict[str, Any]]:
    """The responses of a stream of such documents, for the API's description."""
    return {200: {"description": f"Events whose data is a {what}, as JSON"}, **JSON_ERRORS}


async def until_ended(
    kind: Kind[Any, Any], document_id: str, ports: Ports, last_event_id: str | None
) -> AsyncIterator[ServerSentEvent]:
    """The document now, and again whenever it changes, until its status has ended.

    An event's id is the document's version, from which `last_event_id` goes on. A client that is
    slow to read gets the latest of what it has missed.
    """
    seen = last_event_id
    async with _watched(kind, document_id, ports) as watched:
        while True:
            now = await watched.changed(seen)
            if now is None:
                return
            if now.version != seen:
                seen = now.version
                yield ServerSentEvent(raw_data=now.text, id=seen)
            if now.ended:
                return


@dataclass(frozen=True)
class _Update:
    """A document at a version, as it is sent."""

    version: str
    text: str
    ended: bool


class _Watched:
    """A document that is read and written out once for all who follow it."""

    def __init__(self, kind: Kind[Any, Any], document_id: str, ports: Ports) -> None:
        self._kind = kind
        self._path = kind.collection.path(document_id)
        self._ports = ports
        self._reading = asyncio.Lock()  # one after another, so that no older version comes last
        self._news = asyncio.Condition()
        self._now: _Update | None = None
        self._fault: Exception | None = None
        self.over = False
        self.followers = 0
        self._task = asyncio.create_task(self._watch())

    async def changed(self, seen: str | None) -> _Update | None:
        """What there is to say to somebody who has seen a version; None where the document is gone
        or cannot be read. Raises what the store raises."""

        def news() -> bool:
            return self.over or self._now is None or self._now.version != seen

        async with self._news:
            await self._news.wait_for(news)
        if self._fault is not None:
            raise self._fault
        return self._now

    async def look(self) -> None:
        """Reads the document, and tells all who follow it where it has changed."""
        async with self._reading:
            if self.over:
                return
            snapshot = await run_in_threadpool(self._ports.documents.get, self._path)
            if snapshot is None or self._now is None or str(snapshot.version) != self._now.version:
                self._now = self._update_of(snapshot)
                self.over = self._now is None or self._now.ended
                await self._tell()

    def stop(self) -> None:
        self._task.cancel()

    async def _watch(self) -> None:
        try:
            while not self.over:
                await asyncio.sleep(self._ports.look_again_seconds)
                await self.look()
        except Exception as fault:
            self._fault, self.over = fault, True
            await self._tell()

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()

    def _update_of(self, snapshot: Snapshot | None) -> _Update | None:
        if snapshot is None:
            return None
        try:
            document = self._kind.shown.parse(snapshot.id, snapshot.data)
        except InvalidError:
            return None
        ended = document.status.state.ended
        return _Update(str(snapshot.version), document.model_dump_json(), ended)


# By the event loop, the store and the document's path.
_all_watched: dict[tuple[int, int, str], _Watched] = {}


@asynccontextmanager
async def _watched(kind: Kind[Any, Any], document_id: str, ports: Ports) -> AsyncIterator[_Watched]:
    """The one that others follow, or a new one; gone when nobody follows it any more."""
    loop = asyncio.get_running_loop()
    key = id(loop), id(ports), kind.collection.path(document_id)
    watched = _all_watched.get(key)
    if watched is None or watched.over:
        watched = _all_watched[key] = _Watched(kind, document_id, ports)
    watched.followers += 1
    try:
        await watched.look()  # what a client knows already may be newer than what others were told
        yield watched
    finally:
        watched.followers -= 1
        if not watched.followers:
            watched.stop()
            if _all_watched.get(key) is watched:
                del _all_watched[key]
