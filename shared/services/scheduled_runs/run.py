"""A run of a schedule: what it is about, how it is written, and how it ends."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from shared.documents.base import read_status
from shared.documents.registered_model import RegisteredModel, RegisteredVersion
from shared.documents.schedule import (
    MOST_RUNS,
    RunOutcome,
    Schedule,
    ScheduledRun,
    ScheduleSpec,
    ScheduleStatus,
)
from shared.errors import NotFoundError
from shared.ports import Ports, Transaction
from shared.problems import InvalidError
from shared.services.document_kind import stamp
from shared.services.registering import read_version
from shared.services.schedules import set_due
from shared.services.store import REGISTERED_MODEL, SCHEDULE, status_update
from shared.wording import plural


class Ended(Exception):  # noqa: N818 - no error: a run has come to its end
    """Attributes:
    change: of the run besides.
    """

    def __init__(self, outcome: RunOutcome, sentence: str, **change: object) -> None:
        self.outcome, self.sentence, self.change = outcome, sentence, change
        super().__init__(sentence)


@dataclass(frozen=True)
class Read:
    """What a run is about, as it is now.

    Attributes:
        spec: the schedule's, as it was when the run began.
    """

    schedule: Schedule
    spec: ScheduleSpec
    model: RegisteredModel
    base: RegisteredVersion


def training_id(schedule_id: str, run: ScheduledRun) -> str:
    """The id of the full training of an occurrence: always the same."""
    told = f"{schedule_id} {stamp(run.due_at)} {run.by_hand}"
    return f"qt-sc-{hashlib.sha256(told.encode(errors='surrogatepass')).hexdigest()[:16]}"


def read_run(schedule_id: str, run: ScheduledRun, ports: Ports) -> Read:
    """Raises Ended where some of it is gone."""
    try:
        schedule = SCHEDULE.shown.load(schedule_id, ports)
        spec = SCHEDULE.load_revision(schedule_id, run.revision, ports).spec
        model = REGISTERED_MODEL.load(spec.model_id, ports)
    except (NotFoundError, InvalidError) as error:
        sentence = "The schedule or its model can no longer be read."
        raise Ended("failed", sentence, error=str(error)) from None
    base = read_version(model.id, run.base_version or 0, ports)
    if base is None:
        raise Ended("failed", f"Version {run.base_version} can no longer be read.")
    return Read(schedule, spec, model, base)


Change = Callable[[ScheduleStatus, datetime, Transaction], None]


def write(schedule_id: str, run: ScheduledRun, change: Change, ports: Ports) -> bool:
    """Changes the status where the run is still as it was read; False where nothing came of it."""
    now = ports.clock.now()

    def transact(transaction: Transaction) -> bool:
        snapshot = transaction.get(SCHEDULE.collection.path(schedule_id))
        if snapshot is None:
            return False
        status = read_status(ScheduleStatus, snapshot.data)
        if status.run != run:
            return False
        before = status.model_dump(mode="json")
        change(status, now, transaction)
        set_due(status, now)
        after = status.model_dump(mode="json")
        if {**after, "due_at": None} == {**before, "due_at": None}:
            return False
        transaction.update(snapshot.path, status_update(SCHEDULE, snapshot, before, status))
        return True

    return ports.documents.transact(transact)


def end_run(status: ScheduleStatus, end: Ended, now: datetime) -> None:
    run = status.run
    assert run is not None
    missed = ""
    if run.missed:
        missed = f" {plural(run.missed, 'further occurrence')} had passed before it began."
    ended = run.model_copy(
        update={
            "stage": "ended",
            "ended_at": now,
            "outcome": end.outcome,
            "sentence": " ".join(filter(None, [end.sentence, run.note])) + missed,
            **end.change,
        }
    )
    status.run = None
    status.history = [ended, *status.history][:MOST_RUNS]
