"""What happens to a quick test's status, whichever step it happens in."""

from __future__ import annotations

from datetime import datetime

from shared.documents.quick_test import QuickTestStatus, TestError, TestState, TimelineEntry
from shared.jobs import Stage
from shared.ports import NotFound, Ports


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


def cancel_job(job_id: str, ports: Ports) -> None:
    """Asks for the job's end; it is well where the job was never launched."""
    try:
        ports.pipelines.cancel(job_id)
    except NotFound:
        return
