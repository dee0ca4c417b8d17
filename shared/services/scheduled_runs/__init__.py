"""What an occurrence of a schedule leads to: the dataset is read again, the model trained again,
and what comes of it measured beside the version in production and brought there, if it may be.

The clock calls, and each call takes a run as far as it goes. Every step is one transaction, which
writes what it makes together with how far the run is, under ids that follow from the occurrence: a
step that was killed happens again or has happened, whoever comes to it, and as often as they do.
"""

from __future__ import annotations

from shared.documents.base import read_status
from shared.documents.schedule import ScheduledRun, ScheduleStatus
from shared.ports import Ports
from shared.services.document_kind import find
from shared.services.scheduled_runs.beginning import begin, skip_due
from shared.services.scheduled_runs.judging import follow_up, judge
from shared.services.scheduled_runs.run import Ended, end_run, read_run, write
from shared.services.scheduled_runs.training import train
from shared.services.store import SCHEDULE

_STEPS = 10  # more than a run has


def advance_schedule(schedule_id: str, ports: Ports) -> None:
    """Takes a schedule as far as it goes: begins what is due, and goes on with what is under way.
    Nothing happens to one that is not there or cannot be read."""
    for _ in range(_STEPS):
        snapshot = find(SCHEDULE.collection, schedule_id, ports)
        if snapshot is None:
            return
        run = read_status(ScheduleStatus, snapshot.data).run
        moved = begin(schedule_id, ports) if run is None else skip_due(schedule_id, ports)
        if run is not None:
            moved = go_on(schedule_id, run, ports) or moved
        if not moved:
            return


def go_on(schedule_id: str, run: ScheduledRun, ports: Ports) -> bool:
    """One step of a run; False where something is waited for."""
    steps = {"refreshing": train, "training": judge, "promoting": follow_up}
    try:
        read = read_run(schedule_id, run, ports)
        return steps[run.stage](read, run, ports) if run.stage in steps else False
    except Ended as ended:
        end = ended
    return write(schedule_id, run, lambda status, now, _: end_run(status, end, now), ports)
