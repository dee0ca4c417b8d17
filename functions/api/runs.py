"""What runs and ends, and so is followed and cancelled: quick tests, sweeps and tunings.

No `from __future__ import annotations` here, as in `resource`.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, ConfigDict, Field

from functions.api import stream
from functions.api.etags import Revision, tagged
from functions.api.resource import PortsOf, add_delete, add_get, noun_of
from functions.api.rights import needs
from shared import editing
from shared.documents.base import Description, Document, Name
from shared.documents.marks import MOST_TAGS, Tag
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


class RunMarks(BaseModel):
    """Changes of what a run is called and marked with; what is left out stays, and null likewise.
    Its spec, its revision and its results stay as they are.

    Attributes:
        description: a note.
        add_tags: up to 20 tags a run.
        pinned: it comes first in the console's lists.
        archived: lists of the console leave it out.
    """

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    description: Description | None = None
    add_tags: list[Tag] = Field(default=[], max_length=MOST_TAGS)
    remove_tags: list[Tag] = Field(default=[], max_length=MOST_TAGS)
    pinned: bool | None = None
    archived: bool | None = None


async def marked(
    tag: Annotated[str | None, Query(description="Only those with this tag.")] = None,
    archived: Annotated[
        bool | None, Query(description="Only archived ones, or only others; null: both.")
    ] = None,
    owner: Annotated[
        str | None, Query(description="Only those that this e-mail address has started.")
    ] = None,
) -> list[Filter]:
    """Which runs a list shows, by what people have marked them with."""
    return [
        *([] if tag is None else [Filter("marks.tags", "has", tag)]),
        *([] if archived is None else [Filter("marks.archived", "==", archived)]),
        *([] if owner is None else [Filter("created_by", "==", owner)]),
    ]


MarkedBy = Annotated[list[Filter], Depends(marked)]


async def in_state(
    by_marks: MarkedBy,
    state: Annotated[SweepState | None, Query(description="Only those in this state.")] = None,
) -> list[Filter]:
    """Which sweeps or tunings a list shows."""
    return [*by_marks, *([Filter("status.state", "==", state.value)] if state else [])]


def add_run(router: APIRouter, run: Run) -> None:
    """Adds get, mark, delete, cancel and the stream of changes."""
    collection = run.kind.collection
    add_get(router, collection, run.name, run.document, run.getting)

    @router.patch(
        "/{document_id}/",
        operation_id=f"mark{run.name}",
        summary=f"Rename, note, tag, pin or archive a {run.noun}",
        response_model=run.document,
    )
    @needs("editor")
    def mark(
        document_id: str, body: RunMarks, response: Response, ports: PortsOf, revision: Revision
    ) -> Any:
        changes = {name: getattr(body, name) for name in RunMarks.model_fields}
        return tagged(
            response, editing.mark(ports, collection, document_id, seen=revision, **changes)
        )

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
