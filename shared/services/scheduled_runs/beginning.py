"""The beginning of a run: which version is trained again, and its dataset read once more."""

from __future__ import annotations

from shared.documents.base import read_status
from shared.documents.registered_model import RegisteredModelStatus
from shared.documents.schedule import MOST_RUNS, Schedule, ScheduledRun
from shared.ports import JsonObject, Ports, Snapshot, Transaction
from shared.problems import InvalidError
from shared.services.document_kind import is_current
from shared.services.scheduled_runs.run import Ended, end_run
from shared.services.schedules import next_after, passed_between, set_due
from shared.services.stale import ask_for_profile
from shared.services.store import DATASET, REGISTERED_MODEL, SCHEDULE, status_update


def begin(schedule_id: str, ports: Ports) -> bool:
    """Begins the run that is due or asked for, if one is, and has the dataset read again."""
    now = ports.clock.now()

    def change(transaction: Transaction) -> bool:
        found = _current(schedule_id, transaction)
        if found is None:
            return False
        snapshot, schedule = found
        status = schedule.status
        due = status.next_at if status.next_at is not None and status.next_at <= now else None
        if status.run is not None or (due is None and status.requested_at is None):
            return False
        before = status.model_dump(mode="json")
        run = ScheduledRun(
            due_at=due or status.requested_at or now,
            by_hand=due is None,
            missed=passed_between(schedule.spec, due, now) if due else 0,
            revision=schedule.revision,
            started_at=now,
        )
        status.run, status.requested_at = run, None
        if due is not None:
            status.next_at = next_after(schedule.spec, now)
        try:
            writes = _refreshed(schedule, run, transaction)
        except Ended as end:
            writes = {}
            end_run(status, end, now)
        set_due(status, now)
        for path, fields in writes.items():
            transaction.update(path, fields)
        transaction.update(snapshot.path, status_update(SCHEDULE, snapshot, before, status))
        return True

    return ports.documents.transact(change)


def _refreshed(
    schedule: Schedule, run: ScheduledRun, transaction: Transaction
) -> dict[str, JsonObject]:
    """Settles which version is trained again, and asks for its dataset. Returns what to write.
    Raises Ended."""
    path = REGISTERED_MODEL.collection.path(schedule.spec.model_id)
    stored = transaction.get(path)
    status = read_status(RegisteredModelStatus, stored.data if stored else None)
    champion = status.aliases.production
    base = champion or status.latest
    if base is None:
        raise Ended("failed", "The model has no version whose training could be repeated.")
    run.base_version = base.version
    run.champion_version = champion.version if champion else None
    dataset = transaction.get(DATASET.collection.path(base.dataset_id))
    if dataset is None:
        raise Ended("failed", "The model's dataset has been deleted.")
    return {dataset.path: ask_for_profile(dataset)}


def skip_due(schedule_id: str, ports: Ports) -> bool:
    """Passes over what is due while a run is under way."""
    now = ports.clock.now()

    def change(transaction: Transaction) -> bool:
        found = _current(schedule_id, transaction)
        if found is None:
            return False
        snapshot, schedule = found
        status = schedule.status
        if status.run is None or status.next_at is None or status.next_at > now:
            return False
        before = status.model_dump(mode="json")
        began = status.run.started_at
        skipped = ScheduledRun(
            due_at=status.next_at,
            missed=passed_between(schedule.spec, status.next_at, now),
            revision=schedule.revision,
            stage="ended",
            started_at=now,
            ended_at=now,
            outcome="skipped",
            sentence=f"Skipped: the run that began on {began:%Y-%m-%d at %H:%M} UTC was still "
            "under way.",
        )
        status.history = [skipped, *status.history][:MOST_RUNS]
        status.next_at = next_after(schedule.spec, now)
        set_due(status, now)
        transaction.update(snapshot.path, status_update(SCHEDULE, snapshot, before, status))
        return True

    return ports.documents.transact(change)


def _current(schedule_id: str, transaction: Transaction) -> tuple[Snapshot, Schedule] | None:
    """A schedule that is valid as it stands."""
    snapshot = transaction.get(SCHEDULE.collection.path(schedule_id))
    if snapshot is None:
        return None
    try:
        schedule = SCHEDULE.parse(schedule_id, snapshot.data)
    except InvalidError:
        return None
    revision = schedule.revision
    current = is_current(snapshot.data, schedule.status, revision)
    return (snapshot, schedule) if current and schedule.status.validated(revision) else None
