"""`/api/sweeps/`: a grid of quick tests, run and compared together."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, SkipValidation

from functions.api.pages import Page
from functions.api.resource import ERRORS, PortsOf, Write, add_create, add_list
from functions.api.rights import needs
from functions.api.runs import Run, add_run, in_state
from shared import editing, services
from shared.documents.base import Collection
from shared.documents.estimate import Estimate
from shared.documents.sweep import Sweep, SweepSpec, SweepTest
from shared.problems import Problem
from shared.services.store import SWEEP

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
@needs("viewer")
def validate_sweep(body: SweepTrial, ports: PortsOf) -> Any:
    """What a sweep would be made of, and take; nothing is stored."""
    forecast = editing.forecast_sweep(ports, body.spec)
    return ValidatedSweep(
        valid=forecast.valid,
        problems=forecast.problems,
        tests=forecast.tests,
        estimate=forecast.estimate,
    )


add_create(router, Collection.SWEEPS, "Sweep", Sweep, SweepWrite, "Start a sweep")
add_list(router, Collection.SWEEPS, "Sweep", SweepPage, in_state)
add_run(
    router,
    Run(
        SWEEP,
        "Sweep",
        Sweep,
        services.cancel_sweep,
        getting="With its tests, whose ids `status.tests` has.",
        cancelling="And its running tests; one that has ended stays as it is.",
        deleting="One that has ended; its quick tests stay.",
    ),
)
