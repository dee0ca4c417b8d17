"""Schedules: run by hand, paused, and resumed."""

from __future__ import annotations

from typing import Any

from shared.documents.base import Collection
from shared.documents.schedule import Schedule, ScheduleStatus
from shared.editing.conflicts import LockedError
from shared.editing.reading import get
from shared.editing.writing import update
from shared.ports import JsonObject, Ports
from shared.problems import InvalidError, errors
from shared.services.schedules import judge_schedule, set_due
from shared.services.store import SCHEDULE, change_status


def run_now(ports: Ports, schedule_id: str) -> Schedule:
    """Asks for a run, which begins with the next beat of the clock, of a paused schedule too. What
    is asked for already is not asked for twice.

    Raises:
        NotFoundError: no such schedule.
        InvalidError: it is not valid.
        LockedError: a run is under way.
    """
    schedule = SCHEDULE.load(schedule_id, ports)
    if problems := errors(judge_schedule(schedule, ports).problems):
        raise InvalidError(problems)
    if schedule.status.run is not None:
        raise LockedError(f"A run of schedule {schedule.name!r} is under way. Wait for its end.")
    now = ports.clock.now()

    def write(_: JsonObject, status: ScheduleStatus) -> None:
        if status.run is None and status.requested_at is None:
            status.requested_at = now
            set_due(status, now)

    change_status(SCHEDULE, schedule_id, write, ports)
    return _as_it_is(ports, schedule_id)


def enable(
    ports: Ports, schedule_id: str, enabled: bool, *, changed_by: str | None = None
) -> Schedule:
    """Resumes a schedule, or pauses it: a run that is under way goes on.

    Raises:
        NotFoundError: no such schedule.
        InvalidError: it is not valid, as where its model is gone.
    """
    spec: Any = SCHEDULE.load(schedule_id, ports).data()["spec"]
    update(
        ports,
        Collection.SCHEDULES,
        schedule_id,
        spec={**spec, "enabled": enabled},
        changed_by=changed_by,
    )
    return _as_it_is(ports, schedule_id)


def _as_it_is(ports: Ports, schedule_id: str) -> Schedule:
    schedule = get(ports, Collection.SCHEDULES, schedule_id)
    assert isinstance(schedule, Schedule)
    return schedule
