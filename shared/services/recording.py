"""Tests that have ended, kept as runs in experiment tracking.

A tracker that cannot be had never touches the test itself: the event comes again, and what the bus
has given up on is caught up with by the clock.
"""

from __future__ import annotations

import contextlib
import random
from datetime import timedelta
from typing import Any

from shared.documents.base import Collection, read_status
from shared.documents.quick_test import QuickTestSpec, QuickTestStatus, TestState, Tracking
from shared.errors import NotFoundError, UnavailableError
from shared.experiments import RunRecord, TrackedRun
from shared.jobs import METRICS_FILE
from shared.ports import ExperimentTracker, Filter, JsonObject, Ports, Snapshot
from shared.problems import InvalidError
from shared.rules.experiment import Subject, run_record
from shared.segment_reports import SEGMENTS_FILE
from shared.services.document_kind import Kind
from shared.services.quick_tests import status_of
from shared.services.store import DATASET, FEATURE_CONFIG, MODEL_CONFIG, QUICK_TEST, change_status

_REPORT_FILE = "report.html"
_LOOKED_AT, _CAUGHT_UP_AT_ONCE = 200, 20
_ENDED = [state.value for state in TestState if state.ended]


def record(snapshot: Snapshot, ports: Ports) -> None:
    """One run for the test, however often and by however many at once this is done.

    Raises UnavailableError, which is then on the test as well.
    """
    tracker = ports.tracker
    status = status_of(snapshot, ports)
    if tracker is None or not status.state.ended:
        return
    written = status.tracking
    found = tracker.keep_only(snapshot.id, written.run_id) if written.run_id is not None else None
    if found is not None and found.url == written.url:
        return
    try:
        found = found or tracker.record(_record_of(snapshot, status, ports))
    except UnavailableError as fault:
        _note_fault(snapshot.id, str(fault), ports)
        raise
    _keep_first(snapshot.id, found, written, tracker, ports)


def record_missed(ports: Ports, grace: timedelta) -> None:
    """Records tests that ended longer than `grace` ago without a run, some at a time.

    Stops at the first that the tracker cannot take: the others would hardly fare better. They are
    taken in no order, so that none is always behind one that can never be recorded.
    """
    if ports.tracker is None:
        return
    missed = ports.documents.query(
        Collection.QUICK_TESTS,
        [Filter("status.state", "in", _ENDED), Filter("status.tracking.run_id", "==", None)],
        limit=_LOOKED_AT,
    )
    for snapshot in random.sample(missed, min(len(missed), _CAUGHT_UP_AT_ONCE)):
        ended_at = read_status(QuickTestStatus, snapshot.data).ended_at
        if ended_at is not None and timedelta() <= ports.clock.now() - ended_at < grace:
            continue
        try:
            record(snapshot, ports)
        except UnavailableError:
            return


def _keep_first(
    quick_test_id: str,
    found: TrackedRun,
    instead: Tracking,
    tracker: ExperimentTracker,
    ports: Ports,
) -> None:
    """The first run that is written on the test is the test's; another's own is deleted.

    Args:
        instead: what was written and gives way, for it names no run of the test, or another page.
    """

    def write(_: JsonObject, status: QuickTestStatus) -> None:
        if status.tracking.run_id is None or status.tracking == instead:
            status.tracking = Tracking(run_id=found.run_id, url=found.url)

    status = change_status(QUICK_TEST, quick_test_id, write, ports)
    if status is not None and status.tracking.run_id is not None:
        tracker.keep_only(quick_test_id, status.tracking.run_id)


def _note_fault(quick_test_id: str, fault: str, ports: Ports) -> None:
    def write(_: JsonObject, status: QuickTestStatus) -> None:
        if status.tracking.run_id is None:
            status.tracking = Tracking(error=fault)

    change_status(QUICK_TEST, quick_test_id, write, ports)


def _record_of(snapshot: Snapshot, status: QuickTestStatus, ports: Ports) -> RunRecord:
    """As much as can be read of a test and of what it was made from."""
    test = _spec_at(QUICK_TEST, snapshot.id, status.validation.revision, ports)
    features = model = None
    dataset_id = status.pinned.dataset_id if status.pinned else None
    if isinstance(test, QuickTestSpec) and status.pinned is not None:
        pinned = status.pinned
        features = _spec_at(
            FEATURE_CONFIG, test.feature_config_id, pinned.feature_config_revision, ports
        )
        model = _spec_at(MODEL_CONFIG, test.model_config_id, pinned.model_config_revision, ports)
    return run_record(
        Subject(
            quick_test_id=snapshot.id,
            name=str(snapshot.data.get("name")),
            description=str(snapshot.data.get("description") or ""),
            dataset_name=_dataset_name(dataset_id, ports),
            test=test,
            feature_config=features,
            model_config=model,
        ),
        status,
        _files(snapshot.id, status, ports),
    )


def _spec_at(kind: Kind[Any, Any], document_id: str, revision: int, ports: Ports) -> Any:
    """The spec at a revision; None where it can no longer be read."""
    try:
        return kind.shown.load_revision(document_id, revision, ports).spec
    except (NotFoundError, InvalidError):
        return None


def _dataset_name(dataset_id: str | None, ports: Ports) -> str | None:
    if dataset_id is None:
        return None
    try:
        return DATASET.shown.load(dataset_id, ports).name
    except (NotFoundError, InvalidError):
        return None


def _files(quick_test_id: str, status: QuickTestStatus, ports: Ports) -> dict[str, bytes]:
    """The files that the run keeps, by their path in it, so far as they are there."""
    uris: dict[str, str] = {}
    if status.code is not None:
        uris["code/preprocessing.py"] = status.code.preprocessing.uri
        uris["code/trainer.py"] = status.code.trainer.uri
    if status.artifacts_uri is not None:
        for name in (METRICS_FILE, SEGMENTS_FILE):
            uris[name] = f"{status.artifacts_uri}/{name}"
    files: dict[str, bytes] = {}
    for path, uri in uris.items():
        try:
            files[path] = ports.artifacts.read(uri)
        except NotFoundError:
            continue
    if ports.report is not None:
        with contextlib.suppress(NotFoundError):
            files[_REPORT_FILE] = ports.report(quick_test_id, ports)
    return files
