"""Step 1: a document was written; say so where its spec changed, or where a test has moved."""

from __future__ import annotations

from typing import Any

from shared.documents.base import Collection, Status, ValidationState, read_status, spec_hash
from shared.documents.quick_test import QuickTestStatus, TestState
from shared.documents.schedule import ScheduleStatus
from shared.events import Topic
from shared.ports import DocumentChange, Ports, Snapshot
from shared.services.announcements import announce, publish
from shared.services.quick_tests import status_of
from shared.services.store import QUICK_TEST, change_status

_RUNS = frozenset({Collection.QUICK_TESTS, Collection.SWEEPS, Collection.TUNINGS})
# Sweeps and tunings end in the same states as tests.
_ENDED = {state.value for state in TestState if state.ended}


def publish_change(change: DocumentChange, ports: Ports) -> None:
    """Publishes `config-changed` for a changed spec, after giving it a revision, and for a dataset
    that is to be profiled again; `quick-test-ended` once a test's state says so, or it names
    another run, whoever wrote it; `run-ended` once a test, a sweep, a tuning or a
    run of a schedule has ended.

    Any other status that a handler writes changes no spec and ends here, so that no loop starts;
    but a sweep hears of what becomes of its tests. A change that is delivered again is published
    again: the first time may have failed half-way.
    """
    collection, _, document_id = change.path.partition("/")
    if collection not in set(Collection) or not document_id or "/" in document_id:
        return
    if collection == Collection.QUICK_TESTS:
        _tell_sweep(change, ports)
        _tell_tuning(change, ports)
    if collection == Collection.TUNINGS and _asked(change.after) != _asked(change.before):
        publish(Topic.TUNING_STATUS, Collection.TUNINGS, document_id, 0, ports)
    if change.after is None:
        return
    if collection == Collection.QUICK_TESTS:
        _put_right(document_id, change, ports)
    if (
        _spec(change.before) != _spec(change.after)
        or _unprofiled(change)
        or (
            # Servers know rule sets by their names too.
            collection == Collection.RULE_SETS and _name(change.before) != _name(change.after)
        )
    ):
        announce(Collection(collection), document_id, ports)
    if (
        collection == Collection.QUICK_TESTS
        and _ended(change.after)
        and (not _ended(change.before) or _tracked_otherwise(change))
    ):
        publish(Topic.QUICK_TEST_ENDED, Collection.QUICK_TESTS, document_id, 0, ports)
    ended = collection in _RUNS and _ended(change.after) and not _ended(change.before)
    if ended or _runs_that_ended(change):
        publish(Topic.RUN_ENDED, Collection(collection), document_id, 0, ports)


def _put_right(document_id: str, change: DocumentChange, ports: Ports) -> None:
    """Writes where a test's code, job and files are, where its status says otherwise."""
    if not isinstance(change.after, dict):
        return
    written = read_status(QuickTestStatus, change.after)
    if written != status_of(Snapshot(change.path, change.after, 0), ports):
        change_status(QUICK_TEST, document_id, lambda _, __: None, ports)


def failure(change: DocumentChange) -> str | None:
    """Why a test has failed, where this change is the one that says so. Not of one that was found
    invalid: whoever started it is told, and mends it."""
    collection, _, document_id = change.path.partition("/")
    if collection != Collection.QUICK_TESTS or "/" in document_id or not _ended(change.after):
        return None
    status = read_status(QuickTestStatus, change.after)
    if _ended(change.before) or status.state is not TestState.FAILED:
        return None
    if status.job is None and status.validation.state is ValidationState.INVALID:
        return None
    return status.error.message if status.error else "it does not say why."


def _spec(data: Any) -> str | None:
    """The hash of a document's spec, or None where there is no document."""
    return spec_hash(data.get("spec")) if isinstance(data, dict) else None


def _runs_that_ended(change: DocumentChange) -> bool:
    """Whether a schedule remembers the end of a run that it did not before."""
    if change.path.partition("/")[0] != Collection.SCHEDULES:
        return False
    before, after = (
        {(run.due_at, run.ended_at) for run in read_status(ScheduleStatus, data).history}
        for data in (change.before, change.after)
    )
    return bool(after - before)


def _name(data: Any) -> Any:
    return data.get("name") if isinstance(data, dict) else None


def _unprofiled(change: DocumentChange) -> bool:
    """Whether a dataset's verdict has been taken back."""
    if change.path.partition("/")[0] != Collection.DATASETS:
        return False
    before, after = (read_status(Status, data).validation for data in (change.before, change.after))
    return before.state is not after.state and after.state is ValidationState.PENDING


def _tell_sweep(change: DocumentChange, ports: Ports) -> None:
    for sweep_id in _moved("sweep_id", change):
        publish(Topic.SWEEP_STATUS, Collection.SWEEPS, sweep_id, 0, ports)


def _tell_tuning(change: DocumentChange, ports: Ports) -> None:
    for tuning_id in _moved("tuning_id", change):
        publish(Topic.TUNING_STATUS, Collection.TUNINGS, tuning_id, 0, ports)


def _moved(field: str, change: DocumentChange) -> set[str]:
    """The sweeps or tunings of which a test has moved, ended or been deleted."""
    before, after = _stand(field, change.before), _stand(field, change.after)
    return set() if before == after else {stand[0] for stand in (before, after) if stand}


def _stand(field: str, data: Any) -> tuple[str, Any, Any] | None:
    """Which sweep or tuning a test names, and how far the test is; None where it names none."""
    spec, status = (data.get(key) if isinstance(data, dict) else None for key in ("spec", "status"))
    named = spec.get(field) if isinstance(spec, dict) else None
    if not isinstance(named, str) or not named or "/" in named:
        return None
    told = status if isinstance(status, dict) else {}
    return named, told.get("state"), told.get("progress")


def _tracked_otherwise(change: DocumentChange) -> bool:
    """Whether another run is written on the test than before."""
    before, after = (
        read_status(QuickTestStatus, data).tracking for data in (change.before, change.after)
    )
    return after.run_id is not None and (before.run_id, before.url) != (after.run_id, after.url)


def _ended(data: Any) -> bool:
    status = data.get("status") if isinstance(data, dict) else None
    return isinstance(status, dict) and status.get("state") in _ENDED


def _asked(data: Any) -> tuple[Any, Any]:
    """Whether a tuning is to be stopped or cancelled."""
    status = data.get("status") if isinstance(data, dict) else None
    told = status if isinstance(status, dict) else {}
    return told.get("stop_requested") or False, told.get("cancel_requested") or False
