"""What comes of a run's training: it is judged beside the version in production, and brought there
if it may be."""

from __future__ import annotations

from datetime import datetime

from shared.documents.quick_test import QuickTest, TestState
from shared.documents.registered_model import ProductionWish
from shared.documents.schedule import ScheduledRun, ScheduleStatus
from shared.errors import NotFoundError
from shared.ports import Ports, Transaction
from shared.problems import InvalidError, listed
from shared.services.document_kind import stamp, stated_revision, version_data, version_path
from shared.services.inputs import launched_test
from shared.services.promoting import judge_wish
from shared.services.registering import register
from shared.services.scheduled_runs.run import Ended, Read, training_id, write
from shared.services.store import REGISTERED_MODEL


def judge(read: Read, run: ScheduledRun, ports: Ports) -> bool:
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
        raise Ended(
            "failed",
            failed if state is TestState.FAILED else "The full training was cancelled.",
            error=test.status.error.message if test.status.error else None,
        )
    registered = register(test.id, ports)
    if registered is None:
        raise Ended("failed", "The full training left no results that could be registered.")
    if registered.model_id != read.model.id:
        sentence = "The full training became a version of another model, of another name."
        raise Ended("failed", sentence)
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
        raise Ended("promoted", f"{said} Somebody has promoted it.", **kept)
    if read.spec.promotion == "never":
        sentence = f"Version {number} was trained; this schedule promotes none. {said}"
        raise Ended("not_promoted", sentence.strip(), **kept)
    if judged.problems or verdict is None or verdict.needs_reason:
        problems = listed(judged.problems) if verdict is None else None
        sentence = f"Version {number} was trained and not promoted. {said}"
        raise Ended("not_promoted", sentence.strip(), error=problems, **kept)
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

    return write(read.schedule.id, run, change, ports)


def _own_test(read: Read, run: ScheduledRun, ports: Ports) -> QuickTest:
    """Raises Ended."""
    try:
        return launched_test(training_id(read.schedule.id, run), ports)
    except NotFoundError:
        raise Ended("failed", "The full training was deleted.") from None
    except InvalidError as invalid:
        sentence = "The full training can no longer be read."
        raise Ended("failed", sentence, error=str(invalid)) from None


def follow_up(read: Read, run: ScheduledRun, ports: Ports) -> bool:
    """Once the wish has been judged, says what became of it."""
    status = read.model.status
    if status.validation.revision < (run.wish_revision or 0):
        return False
    said = run.verdict.sentence if run.verdict is not None else ""
    for line in status.audit:
        if line.to_version == run.version and line.at >= run.started_at:
            raise Ended("promoted", f"Version {run.version} is in production. {said}")
    raise Ended(
        "not_promoted",
        f"Version {run.version} was trained and not promoted: another version was wished for, or "
        f"brought into production, at the same time. {said}",
        error=listed(status.validation.problems) or None,
    )
