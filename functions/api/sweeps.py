"""`/api/sweeps/`: a grid of quick tests, run and compared together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response, status
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, ConfigDict, SkipValidation

from functions.api import stream
from functions.api.resource import ERRORS, Limit, Page, PageToken, PortsOf, Revision, Write, tagged
from functions.api.resource import page as page_of
from shared import editing, handlers
from shared.documents.base import Collection
from shared.documents.quick_test import Estimate
from shared.documents.sweep import Sweep, SweepSpec, SweepState, SweepTest
from shared.handlers.store import SWEEP
from shared.ports import Filter
from shared.problems import Problem

router = APIRouter(prefix="/api/sweeps", tags=["sweeps"], responses=ERRORS)


class SweepWrite(Write[SweepSpec]):
    pass


class SweepPage(Page[Sweep]):
    pass


class SweepTrial(BaseModel):
    model_config = ConfigDict(extra="forbid")

    spec: SkipValidation[SweepSpec]


class ValidatedSweep(BaseModel):
    """Attributes:
    valid: whether there is no problem of level `error`.
    tests: those that the sweep would be made of; none where it is not valid.
    estimate: the sum of the tests'; null where there is none yet.
    """

    valid: bool
    problems: list[Problem]
    tests: list[SweepTest]
    estimate: Estimate | None


@router.post("/validate/", response_model=ValidatedSweep)
def validate_sweep(body: SweepTrial, ports: PortsOf) -> Any:
    """What a sweep would be made of, and take; nothing is stored."""
    forecast = editing.forecast_sweep(ports, body.spec)
    return ValidatedSweep(
        valid=forecast.valid,
        problems=forecast.problems,
        tests=forecast.tests,
        estimate=forecast.estimate,
    )


@router.post("/", status_code=status.HTTP_201_CREATED, response_model=Sweep)
def create_sweep(body: SweepWrite, response: Response, ports: PortsOf) -> Any:
    """Starts a sweep."""
    made = editing.create(
        ports, Collection.SWEEPS, name=body.name, description=body.description, spec=body.spec
    )
    return tagged(response, made)


@router.get("/", response_model=SweepPage)
def list_sweeps(
    ports: PortsOf,
    limit: Limit = 50,
    page_token: PageToken = None,
    state: Annotated[SweepState | None, Query(description="Only sweeps in this state.")] = None,
) -> Any:
    """List the sweeps, latest change first."""
    where = [Filter("status.state", "==", state.value)] if state else []
    return page_of(ports, Collection.SWEEPS, where, limit, page_token)


@router.get("/{sweep_id}/", response_model=Sweep)
def get_sweep(sweep_id: str, response: Response, ports: PortsOf) -> Any:
    """A sweep with its tests, whose ids `status.tests` has."""
    return tagged(response, editing.get(ports, Collection.SWEEPS, sweep_id))


@router.delete("/{sweep_id}/", status_code=status.HTTP_204_NO_CONTENT)
def delete_sweep(sweep_id: str, ports: PortsOf, revision: Revision) -> None:
    """Deletes a sweep that has ended; its quick tests stay."""
    editing.delete(ports, Collection.SWEEPS, sweep_id, expected_revision=revision)


@router.post("/{sweep_id}/cancel/", response_model=Sweep)
def cancel_sweep(sweep_id: str, ports: PortsOf) -> Any:
    """Cancels a sweep and its running tests; one that has ended stays as it is."""
    handlers.cancel_sweep(sweep_id, ports)
    return editing.get(ports, Collection.SWEEPS, sweep_id)


def _existing(sweep_id: str, ports: PortsOf) -> str:
    SWEEP.load(sweep_id, ports)
    return sweep_id


@router.get(
    "/{sweep_id}/events/",
    response_class=EventSourceResponse,
    responses=stream.responses("Sweep"),
)
async def stream_sweep_events(
    existing_id: Annotated[str, Depends(_existing)],
    ports: PortsOf,
    last_event_id: stream.LastEventId = None,
) -> AsyncIterator[ServerSentEvent]:
    """The sweep's document now, and again whenever it changes, until the sweep has ended.

    An event's id is the document's version; after a broken connection, `Last-Event-ID` goes on
    from there.
    """
    async for event in stream.until_ended(SWEEP, existing_id, ports, last_event_id):
        yield event
