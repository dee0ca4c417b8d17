"""A document as a stream of server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Header
from fastapi.sse import ServerSentEvent
from starlette.concurrency import run_in_threadpool

from functions.api.resource import JSON_ERRORS
from shared.handlers.store import Kind
from shared.ports import Ports
from shared.problems import Invalid

POLL_SECONDS = 0.25

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

    An event's id is the document's version, from which `last_event_id` goes on.
    """
    seen = last_event_id
    while True:
        snapshot = await run_in_threadpool(ports.documents.get, kind.collection.path(document_id))
        if snapshot is None:
            return
        try:
            document = kind.parse(snapshot.id, snapshot.data)
        except Invalid:
            return
        if str(snapshot.version) != seen:
            seen = str(snapshot.version)
            yield ServerSentEvent(raw_data=document.model_dump_json(), id=seen)
        if document.status.state.ended:
            return
        await asyncio.sleep(POLL_SECONDS)
