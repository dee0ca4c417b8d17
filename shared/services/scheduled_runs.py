"""What an occurrence of a schedule leads to: the dataset is read again, the model trained again,
and what comes of it measured beside the version in production and brought there, if it may be.

The clock calls, and each call takes a run as far as it goes. Every step is one transaction, which
writes what it makes together with how far the run is, under ids that follow from the occurrence: a
step that was killed happens again or has happened, whoever comes to it, and as often as they do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from shared.documents.base import ValidationState, read_status
from shared.documents.dataset import Dataset
from shared.documents.quick_test import QuickTest, QuickTestSpec, TestState
from shared.documents.registered_model import (
    ProductionWish,
    RegisteredModel,
    RegisteredModelStatus,
    RegisteredVersion,
)
from shared.documents.schedule import (
    MOST_RUNS,
    RunOutcome,
    Schedule,
    ScheduledRun,
    ScheduleSpec,
    ScheduleStatus,
)
from shared.errors import NotFoundError
from shared.ports import JsonObject, Ports, Snapshot, Transaction
from shared.problems import InvalidError, listed
from shared.services.document_kind import (
    find,
    is_current,
    stamp,
    stated_revision,
    version_data,
    version_path,
)
from shared.services.inputs import launched_test
from shared.services.promoting import judge_wish
from shared.services.registering import read_version, register
from shared.services.schedules import next_after, passed_between, set_due
from shared.services.series import new_test, series_name, store_test
from shared.services.stale import ask_for_profile
from shared.services.store import (
    DATASET,
    QUICK_TEST,
    REGISTERED_MODEL,
    SCHEDULE,
    status_update,
)
from shared.wording import plural

_STEPS = 10  # more than a run has


def advance_schedule(schedule_id: str, ports: Ports) -> None:
    """Takes a schedule as far as it goes: begins what is due, and goes on with what is under way.
    Nothing happens to one that is not there or cannot be read."""
    for _ in range(_STEPS):
        snapshot = find(SCHEDULE.collection, schedule_id, ports)
        if snapshot is None:
            return
        run = read_status(ScheduleStatus, snapshot.data).run
        moved = _begin(schedule_id, ports) if run is None else _skip_due(schedule_id, ports)
        if run is not None:
            moved = _go_on(schedule_id, run, ports) or moved
        if not moved:
            return


def training_id(schedule_id: str, run: ScheduledRun) -> str:
    """The id of the full training of an occurrence: always the same."""
    told = f"{schedule_id} {stamp(run.due_at)} {run.by_hand}"
    return f"qt-sc-{hashlib.sha256(told.encode(errors='surrogatepass')).hexdigest()[:16]}"


class _Ended(Exception):  # noqa: N818 - no error: a run has come to its end
    """Attributes:
    change: of the run besides.
    """

    def __init__(self, outcome: RunOutcome, sentence: str, **change: object) -> None:
        self.outcome, self.sentence, self.change = outcome, sentence, change
        super().__init__(sentence)


@dataclass(frozen=True)
class _Read:
    """What a run is about, as it is now.

    Attributes:
        spec: the schedule's, as it was when the run began.
    """

    schedule: Schedule
    spec: ScheduleSpec
    model: RegisteredModel
    base: RegisteredVersion


# --- beginnings -------------------------------------------------------------------------------


def _begin(schedule_id: str, ports: Ports) -> bool:
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
        except _Ended as end:
            writes = {}
            _end(status, end, now)
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
    Raises _Ended."""
    path = REGISTERED_MODEL.collection.path(schedule.spec.model_id)
    stored = transaction.get(path)
    status = read_status(RegisteredModelStatus, stored.data if stored else None)
    champion = status.aliases.production
    base = champion or status.latest
    if base is None:
        raise _Ended("failed", "The model has no version whose training could be repeated.")
    run.base_version = base.version
    run.champion_version = champion.version if champion else None
    dataset = transaction.get(DATASET.collection.path(base.dataset_id))
    if dataset is None:
        raise _Ended("failed", "The model's dataset has been deleted.")
    return {dataset.path: ask_for_profile(dataset)}


def _skip_due(schedule_id: str, ports: Ports) -> bool:
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


# --- a run under way --------------------------------------------------------------------------


def _go_on(schedule_id: str, run: ScheduledRun, ports: Ports) -> bool:
    """One step of a run; False where something is waited for."""
    steps = {"refreshing": _train, "training": _judge, "promoting": _follow_up}
    try:
        read = _read(schedule_id, run, ports)
        return steps[run.stage](read, run, ports) if run.stage in steps else False
    except _Ended as ended:
        end = ended
    return _write(schedule_id, run, lambda status, now, _: _end(status, end, now), ports)


def _read(schedule_id: str, run: ScheduledRun, ports: Ports) -> _Read:
    """Raises _Ended where some of it is gone."""
    try:
        schedule = SCHEDULE.shown.load(schedule_id, ports)
        spec = SCHEDULE.load_revision(schedule_id, run.revision, ports).spec
        model = REGISTERED_MODEL.load(spec.model_id, ports)
    except (NotFoundError, InvalidError) as error:
        sentence = "The schedule or its model can no longer be read."
        raise _Ended("failed", sentence, error=str(error)) from None
    base = read_version(model.id, run.base_version or 0, ports)
    if base is None:
        raise _Ended("failed", f"Version {run.base_version} can no longer be read.")
    return _Read(schedule, spec, model, base)


def _train(read: _Read, run: ScheduledRun, ports: Ports) -> bool:
    """Once the dataset has been read again, makes the full training."""
    try:
        dataset = DATASET.load(read.base.dataset_id, ports)
    except NotFoundError:
        raise _Ended("failed", "The model's dataset has been deleted.") from None
    except InvalidError as invalid:
        raise _refused(listed(invalid.problems)) from None
    validation = dataset.status.validation
    if validation.revision != dataset.revision or validation.state in (
        ValidationState.PENDING,
        ValidationState.WAITING,
    ):
        return False
    if validation.state is ValidationState.INVALID:
        raise _refused(listed(validation.problems))
    spec = _training(read, run, ports)
    if _holds_nothing_new(dataset, spec, read.model, ports):
        latest = read.model.status.versions
        raise _Ended(
            "unchanged",
            f"The data has not changed since version {latest} was trained, so that nothing was "
            "trained.",
        )
    test_id = training_id(read.schedule.id, run)

    def change(status: ScheduleStatus, now: datetime, transaction: Transaction) -> None:
        assert status.run is not None
        status.run.stage, status.run.quick_test_id = "training", test_id
        if transaction.get(QUICK_TEST.collection.path(test_id)) is None:
            name = f"{series_name(read.model.name)}: {run.due_at:%Y-%m-%d %H:%M}"
            made = new_test(test_id, name, spec, read.schedule.created_by, now)
            store_test(made, now, transaction)

    return _write(read.schedule.id, run, change, ports)


def _refused(problems: str) -> _Ended:
    sentence = "The dataset was read again and is not valid any more; nothing was trained."
    return _Ended("failed", sentence, error=problems)


def _training(read: _Read, run: ScheduledRun, ports: Ports) -> QuickTestSpec:
    """The base's training once more, with what the schedule says. Raises _Ended."""
    base = _trained(read.base, ports)
    champion = read_version(read.model.id, run.champion_version or 0, ports)
    wanted = {
        name: value
        for name in ("epochs", "early_stopping_patience", "data_sample_percent")
        if (value := getattr(read.spec, name)) is not None
    }
    return base.model_copy(
        update={
            **wanted,
            "feature_config_revision": read.base.feature_config_revision,
            "model_config_revision": read.base.model_config_revision,
            "model_name": read.model.name,
            "champion_test_id": champion.quick_test_id if champion else None,
        }
    )


def _trained(version: RegisteredVersion, ports: Ports) -> QuickTestSpec:
    try:
        return launched_test(version.quick_test_id, ports).spec
    except (NotFoundError, InvalidError) as error:
        sentence = f"The training of version {version.version} can no longer be read."
        raise _Ended("failed", sentence, error=str(error)) from None


def _holds_nothing_new(
    dataset: Dataset, spec: QuickTestSpec, model: RegisteredModel, ports: Ports
) -> bool:
    """Whether the latest version was trained on the same data in the same way."""
    latest = model.status.latest
    if latest is None or latest.dataset_fingerprint != dataset.status.fingerprint:
        return False
    try:
        other = launched_test(latest.quick_test_id, ports).spec
    except (NotFoundError, InvalidError):
        return False
    beside = {"champion_test_id": None, "model_name": None, "source_test_id": None}
    pinned = {
        "feature_config_revision": latest.feature_config_revision,
        "model_config_revision": latest.model_config_revision,
    }
    return other.model_copy(update={**beside, **pinned}) == spec.model_copy(update=beside)


def _judge(read: _Read, run: ScheduledRun, ports: Ports) -> bool:
    """Once the training has ended, judges its version, and wishes for it in production if it may
    come there."""
    test = _own_test(read, run, ports)
    state = test.status.state
    if not state.ended:
        return False
    if state is not TestState.COMPLETED:
        stage = test.status.error.stage if test.status.error is not None else None
        where = f"in stage {stage.value}" if stage is not None else "before its first stage"
        failed = f"The full training failed {where}."
        raise _Ended(
            "failed",
            failed if state is TestState.FAILED else "The full training was cancelled.",
            error=test.status.error.message if test.status.error else None,
        )
    registered = register(test.id, ports)
    if registered is None:
        raise _Ended("failed", "The full training left no results that could be registered.")
    if registered.model_id != read.model.id:
        sentence = "The full training became a version of another model, of another name."
        raise _Ended("failed", sentence)
    model = REGISTERED_MODEL.load(read.model.id, ports)
    wish, settled = model.spec.production, model.status.validation
    if wish is not None and settled.revision != model.revision:
        return False  # somebody's wish is still pending
    number, now = registered.version, ports.clock.now()
    wished = ProductionWish(
        version=number, reason=f"by schedule {read.schedule.name!r}"[:2000], asked_at=now
    )
    # Judged without a reason: whoever is no person has none.
    bare = model.spec.model_copy(update={"production": wished.model_copy(update={"reason": None})})
    judged = judge_wish(model.model_copy(update={"spec": bare}), ports)
    verdict = judged.verdict
    said = verdict.sentence if verdict is not None else ""
    kept = {"version": number, "verdict": verdict}
    if verdict is not None and verdict.standing == "unchanged":
        raise _Ended("promoted", f"{said} Somebody has promoted it.", **kept)
    if read.spec.promotion == "never":
        sentence = f"Version {number} was trained; this schedule promotes none. {said}"
        raise _Ended("not_promoted", sentence.strip(), **kept)
    if judged.problems or verdict is None or verdict.needs_reason:
        problems = listed(judged.problems) if verdict is None else None
        sentence = f"Version {number} was trained and not promoted. {said}"
        raise _Ended("not_promoted", sentence.strip(), error=problems, **kept)
    spec = {"production": wished.model_dump(mode="json")}
    path = REGISTERED_MODEL.collection.path(model.id)

    def change(status: ScheduleStatus, now: datetime, transaction: Transaction) -> None:
        stored = transaction.get(path)
        if stored is None or stated_revision(stored.data) != model.revision:
            return  # somebody wishes for another version; judged anew with the next step
        assert status.run is not None
        revision = model.revision + 1
        status.run.stage, status.run.version = "promoting", number
        status.run.verdict, status.run.wish_revision = verdict, revision
        fields = {"spec": spec, "revision": revision, "updated_at": stamp(now)}
        transaction.update(path, fields)
        version = version_data({**stored.data, **fields}, now, read.schedule.created_by)
        transaction.set(version_path(path, revision), version)

    return _write(read.schedule.id, run, change, ports)


def _own_test(read: _Read, run: ScheduledRun, ports: Ports) -> QuickTest:
    """Raises _Ended."""
    try:
        return launched_test(training_id(read.schedule.id, run), ports)
    except NotFoundError:
        raise _Ended("failed", "The full training was deleted.") from None
    except InvalidError as invalid:
        sentence = "The full training can no longer be read."
        raise _Ended("failed", sentence, error=str(invalid)) from None


def _follow_up(read: _Read, run: ScheduledRun, ports: Ports) -> bool:
    """Once the wish has been judged, says what became of it."""
    status = read.model.status
    if status.validation.revision < (run.wish_revision or 0):
        return False
    said = run.verdict.sentence if run.verdict is not None else ""
    for line in status.audit:
        if line.to_version == run.version and line.at >= run.started_at:
            raise _Ended("promoted", f"Version {run.version} is in production. {said}")
    raise _Ended(
        "not_promoted",
        f"Version {run.version} was trained and not promoted: another version was wished for, or "
        f"brought into production, at the same time. {said}",
        error=listed(status.validation.problems) or None,
    )


# --- writing ----------------------------------------------------------------------------------

_Change = Callable[[ScheduleStatus, datetime, Transaction], None]


def _write(schedule_id: str, run: ScheduledRun, change: _Change, ports: Ports) -> bool:
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


def _end(status: ScheduleStatus, end: _Ended, now: datetime) -> None:
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
            "sentence": end.sentence + missed,
            **end.change,
        }
    )
    status.run = None
    status.history = [ended, *status.history][:MOST_RUNS]
