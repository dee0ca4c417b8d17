"""Step 6, by the clock: mends what lost events have left behind."""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.documents.base import Collection, Status, ValidationState, read_status
from shared.documents.feature_config import FeatureConfigStatus
from shared.documents.quick_test import QuickTestStatus, TestState
from shared.documents.sweep import SweepStatus
from shared.events import Topic
from shared.handlers.advance_sweep import advance_sweep
from shared.handlers.record_experiment import record_missed
from shared.handlers.silence import Patience, end_silence
from shared.handlers.store import KINDS, announce, is_current, publish, stated_revision
from shared.handlers.track_quick_test import track
from shared.ports import Filter, Ports, Snapshot

# Events younger than this are still on their way.
GRACE = timedelta(minutes=1)
_CONFIGS = (Collection.DATASETS, Collection.FEATURE_CONFIGS, Collection.MODEL_CONFIGS)


def reconcile(ports: Ports, patience: Patience | None = None) -> None:
    """Asks about every job that should be running, and repeats the events of whatever has not
    moved on for a minute. A test without news for long fails. One document's fault does not keep
    the others from being mended. Tests that experiment tracking has missed are recorded.

    Raises:
        ExceptionGroup: of all faults, after everything has been tried.
    """
    faults: list[Exception] = []
    open_ones = Filter("status.state", "in", [TestState.PENDING.value, TestState.RUNNING.value])
    found = [
        *ports.documents.query(Collection.QUICK_TESTS, [open_ones]),
        *ports.documents.query(Collection.SWEEPS, [open_ones]),
        *(snapshot for collection in _CONFIGS for snapshot in ports.documents.query(collection)),
    ]
    for snapshot in found:
        try:
            _mend(snapshot, ports, patience or Patience())
        except Exception as fault:
            fault.add_note(snapshot.path)
            faults.append(fault)
    record_missed(ports, GRACE)
    if faults:
        raise ExceptionGroup("could not reconcile everything", faults)


def _mend(snapshot: Snapshot, ports: Ports, patience: Patience) -> None:
    collection = Collection(snapshot.path.split("/")[0])
    if collection is Collection.QUICK_TESTS:
        try:
            _mend_quick_test(snapshot, ports)
        finally:
            end_silence(snapshot.id, ports, patience)
    elif collection is Collection.SWEEPS:
        _mend_sweep(snapshot, ports)
    else:
        _mend_config(collection, snapshot, ports)


def _mend_quick_test(snapshot: Snapshot, ports: Ports) -> None:
    status = read_status(QuickTestStatus, snapshot.data)
    if status.job is not None:
        tracked = track(snapshot.id, ports)
        status = tracked if tracked is not None else status
    if status.state is not TestState.PENDING or not _settled(snapshot, ports):
        return
    revision = stated_revision(snapshot.data)
    judged = is_current(snapshot.data, status, revision) and status.validated(revision)
    if status.job is not None or (judged and status.code is not None):
        publish(Topic.CODE_GENERATED, Collection.QUICK_TESTS, snapshot.id, revision, ports)
    elif judged:
        publish(Topic.CONFIG_VALIDATED, Collection.QUICK_TESTS, snapshot.id, revision, ports)
    else:
        announce(Collection.QUICK_TESTS, snapshot.id, ports)


def _mend_sweep(snapshot: Snapshot, ports: Ports) -> None:
    if read_status(SweepStatus, snapshot.data).tests:
        advance_sweep(snapshot.id, ports)
    elif _settled(snapshot, ports):
        announce(Collection.SWEEPS, snapshot.id, ports)


def _mend_config(collection: Collection, snapshot: Snapshot, ports: Ports) -> None:
    if not _settled(snapshot, ports):
        return
    revision = stated_revision(snapshot.data)
    status: Status = read_status(KINDS[collection].status, snapshot.data)
    validation = status.validation
    judged = is_current(snapshot.data, status, revision) and validation.revision == revision
    if not judged or validation.state in (ValidationState.PENDING, ValidationState.WAITING):
        announce(collection, snapshot.id, ports)
    elif isinstance(status, FeatureConfigStatus) and _lacks_code(status):
        publish(Topic.CONFIG_VALIDATED, collection, snapshot.id, revision, ports)


def _lacks_code(status: FeatureConfigStatus) -> bool:
    return status.validation.state is ValidationState.VALID and status.preprocessing is None


def _settled(snapshot: Snapshot, ports: Ports) -> bool:
    """Whether nobody has written the document for a while, as far as it says."""
    try:
        written = datetime.fromisoformat(str(snapshot.data.get("updated_at")))
        return not timedelta() <= ports.clock.now() - written < GRACE  # or the clock was set back
    except (ValueError, TypeError):  # no time, or one without a zone
        return True
