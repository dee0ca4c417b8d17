"""No test stays open for ever: one without news is asked after, and then fails."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta

from shared.documents.quick_test import QuickTestStatus, TestState
from shared.jobs import State
from shared.ports import JsonObject, Ports
from shared.services.quick_tests import cancel_job, fail, note, own_job, status_of
from shared.services.store import QUICK_TEST, change_status
from shared.wording import sentence

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Patience:
    """How long a test may have no news before that is noted on it. As long again, and it fails.

    Twice, because a clock that jumps, or a system that was off, is no silence: what still lives is
    made to say so before the second time is over.

    Attributes:
        pending: before its job is launched.
        running: between two stages or epochs. A job in the service's queue is not silent, however
            long it waits.
    """

    pending: timedelta = timedelta(minutes=30)
    running: timedelta = timedelta(hours=6)

    def of(self, status: QuickTestStatus) -> timedelta:
        return self.running if status.state is TestState.RUNNING else self.pending


def end_silence(quick_test_id: str, ports: Ports, patience: Patience) -> None:
    """Notes that a test has had no news for long, and fails it where there is none after that."""
    snapshot = ports.documents.get(QUICK_TEST.collection.path(quick_test_id))
    if snapshot is None:
        return
    status = status_of(snapshot, ports)
    now = ports.clock.now()
    since = status.asked_at or status.heard_at
    silent = since is None or not timedelta() <= now - since < patience.of(status)
    if status.state.ended or not silent or _queued(quick_test_id, status, ports):
        return
    over = status.asked_at is not None and since is not None and since <= now
    unstopped = _stop(quick_test_id, status, ports) if over else ""

    def write(_: JsonObject, current: QuickTestStatus) -> None:
        if current != status:
            return  # there is news
        if over:
            told = f"No news for {_told(2 * patience.of(status))}{_last(status)}{unstopped}"
            fail(current, now, told)
        elif since is None or since > now:  # never heard of, or the clock was set back
            current.heard_at, current.asked_at = now, None
        else:
            note(current, now, f"no news for {_told(patience.of(status))}; asked again")
            current.asked_at = now

    change_status(QUICK_TEST, quick_test_id, write, ports)


def _queued(quick_test_id: str, status: QuickTestStatus, ports: Ports) -> bool:
    """Whether the pipeline service has the job and has not begun it."""
    if status.state is not TestState.RUNNING or status.job is None:
        return False
    try:
        return own_job(quick_test_id, ports).state is State.PENDING
    except Exception:  # whatever keeps it from answering is silence, too
        _log.warning("The pipeline service says nothing of %s", status.job.job_id, exc_info=True)
        return False


def _stop(quick_test_id: str, status: QuickTestStatus, ports: Ports) -> str:
    """Asks for the end of the job; a sentence where that could not be done."""
    if status.job is None:
        return ""
    try:
        cancel_job(quick_test_id, ports)
    except Exception as fault:
        return " " + sentence(f"Its job {status.job.job_id} could not be stopped: {fault}")
    return ""


def _last(status: QuickTestStatus) -> str:
    """What was heard last, the question left out."""
    heard = [entry.what for entry in status.timeline if not entry.what.startswith("no news for")]
    return f". The last was: {heard[-1]}." if heard else "."


def _told(time: timedelta) -> str:
    if time < timedelta(minutes=1):
        return f"{time.total_seconds():.0f} s"
    minutes = round(time.total_seconds() / 60)
    return f"{minutes // 60} h" if minutes >= 60 and minutes % 60 == 0 else f"{minutes} min"
