"""Schedules: judged and planned. What an occurrence leads to is in `scheduled_runs`."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from shared.cron import parse_cron
from shared.documents.base import ValidationState
from shared.documents.schedule import Schedule, ScheduleSpec, ScheduleStatus
from shared.errors import NotFoundError
from shared.ports import JsonObject, Ports
from shared.problems import InvalidError, Problem
from shared.services.document_kind import is_current
from shared.services.store import REGISTERED_MODEL, SCHEDULE, change_status
from shared.services.verdicts import Verdict, record

_MOST_MISSED = 1000
_SHOWN = 5


def judge_schedule(schedule: Schedule, ports: Ports) -> Verdict:
    spec = schedule.spec
    problems = list(_unknown_channels(spec, ports))
    try:
        model = REGISTERED_MODEL.load(spec.model_id, ports)
    except NotFoundError:
        problems.append(
            Problem(
                path="spec.model_id",
                code="unknown_model",
                message=f"There is no registered model {spec.model_id!r}. `recsmith models list` "
                "says which there are; `recsmith train` registers one.",
                received=spec.model_id,
            )
        )
    except InvalidError as invalid:
        message = f"Registered model {spec.model_id!r} cannot be read: {invalid}"
        problems.append(Problem(path="spec.model_id", code="invalid_model", message=message))
    else:
        if model.status.latest is None:
            problems.append(
                Problem(
                    path="spec.model_id",
                    code="no_version",
                    message=f"{model.name!r} has no version whose training could be repeated. "
                    "`recsmith train` makes one.",
                    received=spec.model_id,
                )
            )
    return Verdict(problems)


def _unknown_channels(spec: ScheduleSpec, ports: Ports) -> list[Problem]:
    """Where the channels of this system are known: on Google Cloud only the step that sends knows
    them, and passes over others."""
    if ports.messages is None:
        return []
    known = [channel.name for channel in ports.messages.channels]
    return [
        Problem(
            path=f"spec.tell[{place}]",
            code="unknown_channel",
            message=f"No channel is called {name!r}; there are {', '.join(known) or 'none'}.",
            received=name,
        )
        for place, name in enumerate(spec.tell)
        if name not in known
    ]


def validate_schedule(schedule: Schedule, verdict: Verdict, revision: int, ports: Ports) -> None:
    """Writes the verdict on a schedule, and when it fires next. A revision that is planned already
    stays so: what was missed is not forgotten by being judged again."""
    now = ports.clock.now()

    def write(data: JsonObject, status: ScheduleStatus) -> None:
        if not is_current(data, status, revision):
            return
        record(status, verdict, revision, now)
        valid = status.validation.state is ValidationState.VALID
        plan_next(status, schedule.spec if valid else None, revision, now)

    change_status(SCHEDULE, schedule.id, write, ports)


def plan_next(
    status: ScheduleStatus, spec: ScheduleSpec | None, revision: int, now: datetime
) -> None:
    """Args: spec: None of a schedule that is not valid, which never fires."""
    if spec is None or not spec.enabled:
        status.next_at = None
    elif status.planned_revision != revision or status.next_at is None:
        status.next_at = next_after(spec, now)
    status.planned_revision = revision
    set_due(status, now)


def next_after(spec: ScheduleSpec, moment: datetime) -> datetime | None:
    """When a schedule fires after a moment; None after the end of the calendar."""
    try:
        return parse_cron(spec.cron).after(moment, ZoneInfo(spec.zone))
    except OverflowError:
        return None


def passed_between(spec: ScheduleSpec, first: datetime, now: datetime) -> int:
    """How many occurrences came after `first`, up to now; those after a thousand are not
    counted."""
    count = 0
    for at in parse_cron(spec.cron).all_after(first, ZoneInfo(spec.zone)):
        if at > now or count == _MOST_MISSED:
            break
        count += 1
    return count


def set_due(status: ScheduleStatus, now: datetime) -> None:
    """Has the clock find it when there is something to do."""
    under_way = status.run is not None or status.requested_at is not None
    status.due_at = now if under_way else status.next_at


def next_times(spec: ScheduleSpec, now: datetime) -> list[datetime]:
    """The first few times at which it fires after now."""
    times = parse_cron(spec.cron).all_after(now, ZoneInfo(spec.zone))
    return list(islice(times, _SHOWN))
