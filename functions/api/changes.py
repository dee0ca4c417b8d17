"""`/api/changes/`: which documents have changed, and the same as a stream of server-sent events.

No `from __future__ import annotations` here, as in `resource`.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from functions.api import stream
from functions.api.resource import ERRORS, PortsOf
from functions.api.rights import needs
from shared.errors import NotFoundError
from shared.ports import Changes

router = APIRouter(prefix="/api/changes", tags=["system"], responses=ERRORS)

_MOST_DOCUMENTS = 20  # of a collection; of more, lists are asked for anew


class Changed(BaseModel):
    """What has had a write after the one that was seen.

    Attributes:
        latest: the number of the latest write of all.
        documents: as `quick_tests/qt-ab12`.
        collections: of which more has changed than is told one by one.
    """

    latest: int
    documents: list[str]
    collections: list[str]


async def _changes(ports: PortsOf) -> Changes:
    if ports.changes is None:
        raise NotFoundError("stream of changes", detail="in this deployment")
    return ports.changes


ChangesOf = Annotated[Changes, Depends(_changes)]


@router.get("/", response_model=Changed, summary="Say which documents have changed")
@needs("viewer")
def get_changes(
    changes: ChangesOf,
    since: Annotated[
        int | None, Query(ge=0, description="`latest` of the answer before; null begins anew.")
    ] = None,
) -> Any:
    """Which documents have had a write, by whatever means, since one asked before.

    On Google Cloud nothing tells of that (404).
    """
    return _since(changes, since)


def _since(changes: Changes, seen: int | None) -> Changed:
    latest, paths = changes.since(seen)
    by_collection: dict[str, list[str]] = {}
    for path in sorted(paths):
        by_collection.setdefault(path.partition("/")[0], []).append(path)
    documents, collections = [], []
    for collection, found in by_collection.items():
        if collection in paths or len(found) > _MOST_DOCUMENTS:
            collections.append(collection)
        else:
            documents += found
    return Changed(latest=latest, documents=documents, collections=collections)


@router.get(
    "/events/",
    operation_id="streamChanges",
    summary="Follow which documents change",
    description="An event at once, and one whenever documents have been written by whatever means: "
    "who shows lists need not ask for them over and over. An event's id is its `latest`; after a "
    "broken connection, `Last-Event-ID` goes on from there. On Google Cloud there is none (404).",
    response_class=EventSourceResponse,
    responses=stream.responses(Changed.__name__),
)
@needs("viewer")
async def stream_changes(
    ports: PortsOf,
    changes: ChangesOf,
    last_event_id: stream.LastEventId = None,
) -> AsyncIterator[ServerSentEvent]:
    async for event in following(changes, last_event_id, ports.look_again_seconds):
        yield event


async def following(
    changes: Changes, last_event_id: str | None, seconds: float
) -> AsyncIterator[ServerSentEvent]:
    """
    Args:
        last_event_id: where to go on from; what is no such id begins anew.
        seconds: how often to look.
    """
    known = last_event_id is not None and last_event_id.isascii() and last_event_id.isdecimal()
    seen = int(last_event_id[:18]) if known and last_event_id else None
    first = True
    while True:
        told = await run_in_threadpool(_since, changes, seen)
        if first or told.latest != seen:
            first, seen = False, told.latest
            yield ServerSentEvent(raw_data=told.model_dump_json(), id=str(seen))
        await asyncio.sleep(seconds)
