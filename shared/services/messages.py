"""Messages about runs that have ended: composed here, sent to each channel once.

They say what the system counts and concludes, never what it read: an error may quote the data, so
that a message names the stage and leaves the rest to the run's page. A receiver that cannot be had
is tried again for minutes, and then not; the run knows nothing of it.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from shared.channels import FORMS, Channel, Message, Outcome, RunKind
from shared.documents.base import Collection
from shared.documents.quick_test import QuickTest, TestState
from shared.documents.request_key import REQUEST_KEYS
from shared.documents.schedule import RunOutcome, Schedule, ScheduledRun
from shared.documents.sweep import Sweep
from shared.documents.tuning import Tuning
from shared.errors import RefusedError, UnavailableError
from shared.ports import Messages, Ports, Snapshot, Transaction
from shared.problems import InvalidError
from shared.rules.verdict import judge_test
from shared.services.document_kind import stamp
from shared.services.store import KINDS, SCHEDULE
from shared.wording import plural

_log = logging.getLogger(__name__)

# Older ends are no news: documents that were restored tell of theirs again.
_NEWS = timedelta(hours=1)
_TRIES = 6
_CLAIMED = timedelta(minutes=2)
_KEPT = timedelta(days=2)
_PAGES = {
    Collection.QUICK_TESTS: "tests",
    Collection.SWEEPS: "sweeps",
    Collection.TUNINGS: "tunings",
    Collection.SCHEDULES: "in-use",
}
# A schedule's run has completed whatever it found, unless something kept it from that.
_OUTCOMES: dict[RunOutcome, Outcome] = {"failed": "failed", "skipped": "cancelled"}


def send_messages_of(collection: Collection, document_id: str, ports: Ports) -> None:
    """Tells each channel that wants to know of a run that has ended.

    Raises:
        UnavailableError: a receiver may take it later.
    """
    messages = ports.messages
    if messages is None or not messages.channels or collection not in _PAGES:
        return
    snapshot = ports.documents.get(collection.path(document_id))
    found = _messages(collection, snapshot, messages.console) if snapshot is not None else []
    now = ports.clock.now()
    waiting = []
    for message in (one for one in found if timedelta() <= now - one.ended_at < _NEWS):
        for channel in messages.channels:
            if channel.wants(message) and not _told(channel, message, messages, ports):
                waiting.append(channel.name)
    if waiting:
        raise UnavailableError(f"Channels that could not be told yet: {', '.join(waiting)}.")


def _told(channel: Channel, message: Message, messages: Messages, ports: Ports) -> bool:
    """Sends it unless it has been sent; False where it is to be tried again."""
    tries = _claim(channel, message, ports)
    if tries is None:
        return True
    if tries == 0:  # another is at it, or has died of it
        return False
    headers = {"Content-Type": "application/json", "Idempotency-Key": message.id}
    if channel.token is not None:
        headers["Authorization"] = f"Bearer {channel.token.get_secret_value()}"
    try:
        body = FORMS[channel.form].encoded(message)
        messages.messenger.post(channel.url.get_secret_value(), headers, body)
    except UnavailableError as fault:
        if tries < _TRIES:
            _mark(channel, message, ports, {"tries": tries})
            return False
        _give_up(channel, message, fault)
    except RefusedError as fault:
        _give_up(channel, message, fault)
    _mark(channel, message, ports, {"done": True})
    return True


def _give_up(channel: Channel, message: Message, fault: Exception) -> None:
    what = f"{message.kind} {message.run_id}"
    _log.warning("Channel %s was not told of %s: %s", channel.name, what, fault)


def _claim(channel: Channel, message: Message, ports: Ports) -> int | None:
    """Which try this is; 0 where another is at it, None where it was sent."""
    path, now = _path(channel, message), ports.clock.now()

    def change(transaction: Transaction) -> int | None:
        kept = transaction.get(path)
        found: dict[str, Any] = kept.data if kept is not None else {}
        if found.get("done"):
            return None
        if str(found.get("claimed_until", "")) > stamp(now):
            return 0
        tries = int(found.get("tries", 0)) + 1
        claim = {"tries": tries, "claimed_until": stamp(now + _CLAIMED)}
        transaction.set(path, {**claim, "expires_at": stamp(now + _KEPT)})
        return tries

    return ports.documents.transact(change)


def _mark(channel: Channel, message: Message, ports: Ports, fields: dict[str, Any]) -> None:
    kept = {**fields, "expires_at": stamp(ports.clock.now() + _KEPT)}
    path = _path(channel, message)
    ports.documents.transact(lambda transaction: transaction.set(path, kept))


def _path(channel: Channel, message: Message) -> str:
    """Beside the keys of requests, which are deleted once they have expired."""
    return f"{REQUEST_KEYS}/message-{message.id}-{channel.name}"


def _messages(collection: Collection, snapshot: Snapshot, console: str | None) -> Sequence[Message]:
    """Of a schedule one for each run that it remembers; of another document at most one."""
    if collection is not Collection.SCHEDULES:
        message = _message(collection, snapshot, console)
        return [] if message is None else [message]
    try:
        schedule = SCHEDULE.shown.parse(snapshot.id, snapshot.data)
    except InvalidError:
        return []
    history = reversed(schedule.status.history)
    return [_of_run(schedule, run, run.ended_at, console) for run in history if run.ended_at]


def _of_run(
    schedule: Schedule, run: ScheduledRun, ended_at: datetime, console: str | None
) -> Message:
    page = f"{_PAGES[Collection.SCHEDULES]}/{schedule.spec.model_id}"
    return Message(
        id=_digest(f"schedules/{schedule.id} {run.due_at.isoformat()} {ended_at.isoformat()}"),
        kind="schedule",
        run_id=schedule.id,
        name=schedule.name,
        outcome=_OUTCOMES.get(run.outcome, "completed") if run.outcome else "completed",
        summary=run.sentence,
        ended_at=ended_at,
        started_by=schedule.created_by,
        url=f"{console}/{page}" if console else None,
        channels=frozenset(schedule.spec.tell),
    )


def _digest(end: str) -> str:
    return hashlib.sha256(end.encode()).hexdigest()[:32]


def _message(collection: Collection, snapshot: Snapshot, console: str | None) -> Message | None:
    """None where the run has not ended, cannot be read, or is part of another."""
    try:
        document = KINDS[collection].shown.parse(snapshot.id, snapshot.data)
    except InvalidError:
        return None
    status = document.status
    if not status.state.ended or status.ended_at is None:
        return None
    kind: RunKind
    match document:
        case QuickTest():
            if document.spec.sweep_id is not None or document.spec.tuning_id is not None:
                return None
            kind, summary = document.spec.purpose, _of_test(document)
        case Sweep():
            kind, summary = "sweep", _of_sweep(document)
        case Tuning():
            kind, summary = "tuning", _of_tuning(document)
        case _:
            return None
    page = f"{_PAGES[collection]}/{document.id}"
    end = f"{collection}/{document.id} {status.state} {status.ended_at.isoformat()}"
    return Message(
        id=_digest(end),
        kind=kind,
        run_id=document.id,
        name=document.name,
        outcome=status.state.value,
        summary=summary,
        ended_at=status.ended_at,
        started_by=document.created_by,
        url=f"{console}/{page}" if console else None,
    )


def _of_test(test: QuickTest) -> str:
    status = test.status
    if status.state is TestState.COMPLETED and status.results is not None:
        return judge_test(status.results, test.spec.rating_column).sentence
    if status.state is TestState.FAILED:
        stage = status.error.stage if status.error is not None else None
        where = f"in stage {stage.value}" if stage is not None else "before its first stage"
        return f"It failed {where}. Its page says why."
    return "It was cancelled."


def _of_sweep(sweep: Sweep) -> str:
    return _counted(Counter(test.state for test in sweep.status.tests), "test")


def _of_tuning(tuning: Tuning) -> str:
    counted = _counted(Counter(trial.state for trial in tuning.status.trials), "trial")
    verdict = tuning.status.verdict
    return counted if verdict is None else f"{counted} {verdict.sentence}"


def _counted(states: Counter[TestState], noun: str) -> str:
    """`12 tests: 10 completed, 2 failed.`"""
    parts = ", ".join(f"{states[state]} {state.value}" for state in TestState if states[state])
    return f"{plural(states.total(), noun)}: {parts}." if parts else f"No {noun} was made."
