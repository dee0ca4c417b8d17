"""A quick test's status: how it is read, and what happens to it in whichever step."""

from __future__ import annotations

from datetime import datetime

from shared.documents.base import read_status
from shared.documents.quick_test import (
    QuickTest,
    QuickTestStatus,
    TestError,
    TestState,
    TimelineEntry,
)
from shared.errors import NotFoundError
from shared.jobs import Job, Purpose, Stage
from shared.places import job_id_of, put_right
from shared.ports import JsonObject, Ports, Snapshot
from shared.rules.verdict import judge_test
from shared.services.document_kind import Get, Mend, is_current, version_path


def note(status: QuickTestStatus, now: datetime, what: str) -> None:
    status.timeline.append(TimelineEntry(at=now, what=what))


def note_once(status: QuickTestStatus, now: datetime, what: str) -> None:
    if all(entry.what != what for entry in status.timeline):
        note(status, now, what)


def end(status: QuickTestStatus, state: TestState, at: datetime, what: str) -> None:
    """Ends a test that has not ended."""
    assert state.ended
    assert not status.state.ended
    status.state = state
    status.ended_at = at
    if status.started_at is not None:
        status.duration_seconds = max(0.0, (at - status.started_at).total_seconds())
    note(status, at, what)


def fail(status: QuickTestStatus, at: datetime, message: str, stage: Stage | None = None) -> None:
    status.error = TestError(stage=stage, message=message)
    where = f" in stage {stage.value}" if stage else ""
    end(status, TestState.FAILED, at, f"failed{where}: {message}")


def too_large(status: QuickTestStatus, why: str, at: datetime) -> None:
    """What is to be written of a test cannot be stored."""
    if not status.state.ended:
        fail(status, at, why)


def own_job(quick_test_id: str, ports: Ports) -> Job:
    """A test's job, by its own id. Raises NotFoundError, also where the job is another test's."""
    job = ports.pipelines.get(job_id_of(quick_test_id))
    if job.quick_test_id != quick_test_id:
        raise NotFoundError("job of quick test", quick_test_id)
    return job


def cancel_job(quick_test_id: str, ports: Ports) -> None:
    """Asks for the end of a test's job; it is well where that was never launched."""
    try:
        ports.pipelines.cancel(own_job(quick_test_id, ports).job_id)
    except NotFoundError:
        return


def judged(test: QuickTest) -> None:
    """Writes the verdict on its results on a completed test."""
    status, results = test.status, test.status.results
    status.verdict = None
    if status.state is TestState.COMPLETED and results is not None:
        status.verdict = judge_test(results, test.spec.rating_column)


def status_of(snapshot: Snapshot, ports: Ports) -> QuickTestStatus:
    """A quick test's status, with the places of its code, its job and its files as they are,
    whatever it says of them."""
    status = read_status(QuickTestStatus, snapshot.data)
    mender(snapshot, status, ports.documents.get, ports)(status)
    return status


def mender(
    snapshot: Snapshot, status: QuickTestStatus, get: Get, ports: Ports
) -> Mend[QuickTestStatus]:
    """Puts right where a test's code, its job and its files are."""
    purpose = _purpose(snapshot, status, get)
    return lambda status: put_right(snapshot.id, status, purpose, ports.artifacts)


def _purpose(snapshot: Snapshot, status: QuickTestStatus, get: Get) -> Purpose:
    """What a test's job is run for, by the spec that it was made from."""
    spec = snapshot.data.get("spec")
    if not is_current(snapshot.data, status, status.validation.revision):
        version = get(version_path(snapshot.path, status.validation.revision))
        spec = version.data.get("spec") if version is not None else spec
    wanted = spec.get("purpose") if isinstance(spec, dict) else None
    return "full_training" if wanted == "full_training" else "quick_test"


def heard(before: JsonObject, status: QuickTestStatus, now: datetime) -> None:
    """Whatever changes a test's status is news of it, but for the question after it."""
    asked = status.model_dump(mode="json", include={"asked_at"})
    if asked["asked_at"] == before["asked_at"]:
        status.heard_at, status.asked_at = now, None
