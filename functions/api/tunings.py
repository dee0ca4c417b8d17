"""`/api/tunings/`: settings searched by trials, and a verdict on the best of them."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, SkipValidation

from functions.api.pages import Page
from functions.api.resource import ERRORS, PortsOf, Write, add_create, add_list
from functions.api.rights import needs
from functions.api.runs import Run, add_ending, add_run, in_state
from shared import editing, services
from shared.documents.base import Collection
from shared.documents.estimate import Estimate
from shared.documents.tuning import Searched, Tuning, TuningSpec
from shared.problems import Problem, errors
from shared.services.store import TUNING

router = APIRouter(prefix="/api/tunings", tags=["tunings"], responses=ERRORS)


class TuningWrite(Write[TuningSpec]):
    pass


class TuningPage(Page[Tuning]):
    pass


class TuningTrial(BaseModel):
    model_config = ConfigDict(extra="forbid")

    spec: SkipValidation[TuningSpec]


class ValidatedTuning(BaseModel):
    """Attributes:
    valid: whether there is no problem of level `error`.
    space: what would be searched; by default what is usual for these configs.
    estimate: of all tests; null where there is none yet.
    estimate_of_one: of a trial.
    metric: what trials would be ranked by.
    """

    valid: bool
    problems: list[Problem]
    space: list[Searched]
    estimate: Estimate | None
    estimate_of_one: Estimate | None
    metric: str | None


@router.post("/validate/", response_model=ValidatedTuning)
@needs("viewer")
def validate_tuning(body: TuningTrial, ports: PortsOf) -> Any:
    """What a tuning would search, and take; nothing is stored."""
    found = editing.forecast_tuning(ports, body.spec)
    return ValidatedTuning(
        valid=not errors(found.problems),
        problems=found.problems,
        space=found.space,
        estimate=found.estimate,
        estimate_of_one=found.estimate_of_one,
        metric=found.metric,
    )


_RUN = Run(
    TUNING,
    "Tuning",
    Tuning,
    services.cancel_tuning,
    getting="With its trials, the best of them, what matters, and its verdict.",
    cancelling="And its running tests, without a verdict; its trials stay.",
    deleting="One that has ended; its quick tests stay.",
)
add_create(router, Collection.TUNINGS, "Tuning", Tuning, TuningWrite, "Start a tuning")
add_list(router, Collection.TUNINGS, "Tuning", TuningPage, in_state)
add_run(router, _RUN)
add_ending(
    router,
    _RUN,
    "stop",
    services.stop_tuning,
    "No more trials are made, and the best so far is compared with the default; one that has "
    "ended stays as it is.",
)
