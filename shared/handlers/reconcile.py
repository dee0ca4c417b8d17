"""Step 9, by the clock: mends what lost events have left behind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from shared.documents.base import Collection, Status, ValidationState, read_status
from shared.documents.dataset import DatasetStatus
from shared.documents.feature_config import FeatureConfigStatus
from shared.documents.quick_test import TestState
from shared.documents.sweep import SweepStatus
from shared.documents.tuning import TuningStatus
from shared.events import Topic
from shared.ports import Filter, Ports, Snapshot
from shared.services.announcements import announce, publish
from shared.services.document_kind import is_current, stamp, stated_revision
from shared.services.forget_requests import forget_requests
from shared.services.pointers import mend_pointer
from shared.services.profiling import is_being_profiled
from shared.services.quick_tests import status_of
from shared.services.recording import record_missed
from shared.services.registering import register, unregistered
from shared.services.scheduled_runs import advance_schedule
from shared.services.silence import Patience, end_silence
from shared.services.store import KINDS, LISTED_BY
from shared.services.sweeps import advance_sweep
from shared.services.tracking import track

# Events younger than this are still on their way.
GRACE = timedelta(minutes=1)
_LATELY = timedelta(hours=2)
_NO_CODE = Filter("status.preprocessing", "==", None)
_CONFIGS = (
    Collection.DATASETS,
    Collection.FEATURE_CONFIGS,
    Collection.MODEL_CONFIGS,
    Collection.REGISTERED_MODELS,
    Collection.RULE_SETS,
    Collection.SCHEDULES,
)


def reconcile(
    ports: Ports, patience: Patience | None = None, *, keeps_schedules: bool = True
) -> None:
    """Asks about every job that should be running, and repeats the events of whatever has not
    moved on for a minute. A test without news for long fails. Documents that no list shows are
    given the fields that they lack. One document's fault does not keep the others from being
    mended. Full trainings that were never registered are, pointers that do not say what their
    documents say are written, schedules that are due begin and their runs go on, tests that
    experiment tracking has missed are recorded, and keys of requests that have expired are
    forgotten.

    Args:
        keeps_schedules: whether what is due begins here; not where the system ends with a command.

    Raises:
        ExceptionGroup: of all faults, after everything has been tried.
    """
    faults: list[Exception] = []
    open_ones = Filter("status.state", "in", [TestState.PENDING.value, TestState.RUNNING.value])
    found = [
        *ports.documents.query(Collection.QUICK_TESTS, [open_ones]),
        *ports.documents.query(Collection.SWEEPS, [open_ones]),
        *ports.documents.query(Collection.TUNINGS, [open_ones]),
        *_configs(ports),
    ]
    for snapshot in found:
        with _noted(snapshot.path, faults):
            _mend(snapshot, ports, patience or Patience())
    for collection, fields in LISTED_BY.items():
        for document_id in _lacking(collection, fields, ports):
            with _noted(collection.path(document_id), faults):
                announce(collection, document_id, ports)
    for test_id in unregistered(ports, GRACE):
        with _noted(Collection.QUICK_TESTS.path(test_id), faults):
            register(test_id, ports)
    for model in ports.documents.query(Collection.REGISTERED_MODELS):
        with _noted(model.path, faults):
            mend_pointer(model, ports)
    for schedule in _due(ports) if keeps_schedules else ():
        with _noted(schedule.path, faults):
            advance_schedule(schedule.id, ports)
    record_missed(ports, GRACE)
    forget_requests(ports)
    if faults:
        raise ExceptionGroup("could not reconcile everything", faults)


def _due(ports: Ports) -> list[Snapshot]:
    """The schedules with something to do: an occurrence, or a run under way."""
    due = Filter("status.due_at", "<=", stamp(ports.clock.now()))
    return ports.documents.query(Collection.SCHEDULES, [due], fields=("name",))


def _configs(ports: Ports) -> list[Snapshot]:
    """The datasets and configs that may wait for something: unjudged, valid without their code, or
    written lately; once an hour all of them, for a script may have written whatever it liked."""
    now = ports.clock.now()
    if now.minute == 0:
        return [found for collection in _CONFIGS for found in ports.documents.query(collection)]
    state = "status.validation.state"
    unjudged = [ValidationState.PENDING.value, ValidationState.WAITING.value]
    asked: list[tuple[Collection, list[Filter]]] = [
        (Collection.FEATURE_CONFIGS, [Filter(state, "==", ValidationState.VALID.value), _NO_CODE])
    ]
    for collection in _CONFIGS:
        asked.append((collection, [Filter(state, "in", unjudged)]))
        asked.append((collection, [Filter("updated_at", ">=", stamp(now - _LATELY))]))
    found = [one for where in asked for one in ports.documents.query(*where)]
    return list({one.path: one for one in found}.values())


@contextmanager
def _noted(path: str, faults: list[Exception]) -> Iterator[None]:
    """Keeps a document's fault for later."""
    try:
        yield
    except Exception as fault:
        fault.add_note(path)
        faults.append(fault)


def _lacking(collection: Collection, fields: Sequence[str], ports: Ports) -> list[str]:
    """Ids of the documents that lack one of these fields."""
    found = (one for field in fields for one in ports.documents.without(collection, field))
    return sorted({one.id for one in found})


def _mend(snapshot: Snapshot, ports: Ports, patience: Patience) -> None:
    collection = Collection(snapshot.path.split("/")[0])
    if collection is Collection.QUICK_TESTS:
        try:
            _mend_quick_test(snapshot, ports)
        finally:
            end_silence(snapshot.id, ports, patience)
    elif collection is Collection.SWEEPS:
        _mend_sweep(snapshot, ports)
    elif collection is Collection.TUNINGS:
        _mend_tuning(snapshot, ports)
    else:
        _mend_config(collection, snapshot, ports)


def _mend_quick_test(snapshot: Snapshot, ports: Ports) -> None:
    status = status_of(snapshot, ports)
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


def _mend_tuning(snapshot: Snapshot, ports: Ports) -> None:
    """Its step is asked, which alone can search."""
    if read_status(TuningStatus, snapshot.data).space:
        publish(Topic.TUNING_STATUS, Collection.TUNINGS, snapshot.id, 0, ports)
    elif _settled(snapshot, ports):
        announce(Collection.TUNINGS, snapshot.id, ports)


def _mend_config(collection: Collection, snapshot: Snapshot, ports: Ports) -> None:
    if not _settled(snapshot, ports):
        return
    revision = stated_revision(snapshot.data)
    status: Status = read_status(KINDS[collection].status, snapshot.data)
    if isinstance(status, DatasetStatus) and is_being_profiled(status, ports.clock.now()):
        return
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
