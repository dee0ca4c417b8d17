"""`/api/schedules/`: when models are trained again on new data."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, SkipValidation

from functions.api.etags import tagged
from functions.api.pages import Page
from functions.api.resource import ERRORS, EmailOf, PortsOf, Write, add_crud
from functions.api.rights import needs
from functions.api.versions import add_versions
from shared import editing
from shared.cron_words import cron_words
from shared.documents.base import Collection
from shared.documents.schedule import Schedule, ScheduleSpec
from shared.models import Moment
from shared.ports import Filter
from shared.problems import Problem
from shared.services.schedules import next_times

router = APIRouter(prefix="/api/schedules", tags=["schedules"], responses=ERRORS)


class ScheduleWrite(Write[ScheduleSpec]):
    pass


class SchedulePage(Page[Schedule]):
    pass


class ScheduleTrial(BaseModel):
    """Attributes:
    id: the stored schedule that the spec is to replace, if it is.
    """

    model_config = ConfigDict(extra="forbid")

    spec: SkipValidation[ScheduleSpec]
    id: str | None = None


class ValidatedSchedule(BaseModel):
    """Attributes:
    valid: whether there is no problem of level `error`.
    words: when it fires, in a sentence; "" where its expression or its zone cannot be read.
    next_times: when it would fire next, the first five; none where it is not valid.
    """

    valid: bool
    problems: list[Problem]
    words: str = ""
    next_times: list[Moment] = []


async def _of_model(
    model: Annotated[str | None, Query(description="Id of a registered model.")] = None,
) -> list[Filter]:
    return [Filter("spec.model_id", "==", model)] if model else []


add_crud(router, Collection.SCHEDULES, "Schedule", Schedule, ScheduleWrite, SchedulePage, _of_model)
add_versions(router, Collection.SCHEDULES, "Schedule")


@router.post("/validate/", response_model=ValidatedSchedule)
@needs("viewer")
def validate_schedule(body: ScheduleTrial, ports: PortsOf) -> Any:
    """Everything that is to be said of a schedule, and when it would fire; nothing is stored."""
    trial = editing.try_out(ports, Collection.SCHEDULES, body.spec, body.id)
    answer = ValidatedSchedule(valid=trial.valid, problems=trial.problems)
    if isinstance(trial.document, Schedule):
        spec = trial.document.spec
        answer.words = cron_words(spec.cron, spec.zone)
        if trial.valid:
            answer.next_times = next_times(spec, ports.clock.now())
    return answer


@router.post("/{schedule_id}/run/", operation_id="runSchedule", response_model=Schedule)
@needs("editor")
def run(schedule_id: str, response: Response, ports: PortsOf) -> Any:
    """Has a run begin within a minute, of a paused schedule too; the next occurrence stays.

    One that is under way is waited for (409).
    """
    return tagged(response, editing.run_now(ports, schedule_id))


@router.post("/{schedule_id}/pause/", operation_id="pauseSchedule", response_model=Schedule)
@needs("editor")
def pause(schedule_id: str, response: Response, ports: PortsOf, email: EmailOf) -> Any:
    """Nothing fires from now on; a run that is under way goes on."""
    return tagged(response, editing.enable(ports, schedule_id, False, changed_by=email))


@router.post("/{schedule_id}/resume/", operation_id="resumeSchedule", response_model=Schedule)
@needs("editor")
def resume(schedule_id: str, response: Response, ports: PortsOf, email: EmailOf) -> Any:
    """It fires again from the next occurrence on; what was missed while it was paused is not made
    up for."""
    return tagged(response, editing.enable(ports, schedule_id, True, changed_by=email))
