"""What runs and ends, and so is followed and cancelled: quick tests, sweeps and tunings.

No `from __future__ import annotations` here, as in `resource`.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent

from functions.api import stream
from functions.api.resource import PortsOf, add_delete, add_get, noun_of
from functions.api.rights import needs
from shared import editing
from shared.documents.base import Document
from shared.documents.series import SweepState
from shared.ports import Filter, Ports
from shared.services.document_kind import Kind


@dataclass(frozen=True)
class Run:
    """A resource that runs.

    Attributes:
        name: in operation ids.
        cancel: ends one, by its id; one that has ended stays as it is.
        getting, cancelling, deleting: what the operations are documented by.
    """

    kind: Kind[Any, Any]
    name: str
    document: type[Document[Any, Any]]
    cancel: Callable[[str, Ports], object]
    cancelling: str
    deleting: str
    getting: str = ""

    @property
    def noun(self) -> str:
        return noun_of(self.name)


async def in_state(
    state: Annotated[SweepState | None, Query(description="Only those in this state.")] = None,
) -> list[Filter]:
    """Which sweeps or tunings a list shows."""
    return [Filter("status.state", "==", state.value)] if state else []


def add_run(router: APIRouter, run: Run) -> None:
    """Adds get, delete, cancel and the stream of changes."""
    collection = run.kind.collection
    add_get(router, collection, run.name, run.document, run.getting)
    add_delete(router, collection, run.name, run.deleting)
    add_ending(router, run, "cancel", run.cancel, run.cancelling)

    async def existing(document_id: str, ports: PortsOf) -> str:
        run.kind.shown.load(document_id, ports)
        return document_id

    @router.get(
        "/{document_id}/events/",
        operation_id=f"stream{run.name}Events",
        summary=f"Follow a {run.noun}",
        description=f"The {run.noun}'s document now, and again whenever it changes, until the "
        f"{run.noun} has ended.\n\nAn event's id is the document's version; after a broken "
        "connection, `Last-Event-ID` goes on from there.",
        response_class=EventSourceResponse,
        responses=stream.responses(run.name),
    )
    @needs("viewer")
    async def events(
        existing_id: Annotated[str, Depends(existing)],
        ports: PortsOf,
        last_event_id: stream.LastEventId = None,
    ) -> AsyncIterator[ServerSentEvent]:
        async for event in stream.until_ended(run.kind, existing_id, ports, last_event_id):
            yield event


def add_ending(
    router: APIRouter, run: Run, verb: str, end: Callable[[str, Ports], object], description: str
) -> None:
    """Adds an operation that ends a run, or a part of it."""

    @router.post(
        f"/{{document_id}}/{verb}/",
        operation_id=f"{verb}{run.name}",
        summary=f"{verb.capitalize()} a {run.noun}",
        description=description,
        response_model=run.document,
    )
    @needs("editor")
    def ending(document_id: str, ports: PortsOf) -> Any:
        end(document_id, ports)
        return editing.get(ports, run.kind.collection, document_id)
