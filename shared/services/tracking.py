"""Taking over what the pipeline service says of a test's job."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from shared.documents.quick_test import (
    BestComparison,
    QuickTestSpec,
    QuickTestStatus,
    TestState,
)
from shared.errors import NotFoundError
from shared.jobs import (
    METRICS_FILE,
    PROGRESS_FILE,
    VOCABULARY_FILE,
    EpochProgress,
    Job,
    MetricsReport,
    Stage,
    State,
    VocabularyReport,
)
from shared.ports import JsonObject, Ports, Snapshot
from shared.rules.results import (
    explained,
    finite_epochs,
    unusable,
    unusable_segments,
    unusable_vocabularies,
)
from shared.rules.warnings import Finished, check_results
from shared.segment_reports import SEGMENTS_FILE, SegmentReport
from shared.services.best import record_result
from shared.services.comparison import Completed, compare_with_best, settle_comparisons
from shared.services.estimates import account
from shared.services.inputs import launched_spec
from shared.services.lifecycle import promote
from shared.services.progress import advance, failed_stage, merged
from shared.services.quick_tests import cancel_job, end, fail, note, note_once, own_job, status_of
from shared.services.store import QUICK_TEST, change_status
from shared.wording import sentence

T = TypeVar("T")

_EPOCHS = TypeAdapter(list[EpochProgress])
_METRICS = TypeAdapter(MetricsReport)
_VOCABULARIES = TypeAdapter(list[VocabularyReport])
_SEGMENTS = TypeAdapter(SegmentReport)
_STATES = {
    State.SUCCEEDED: TestState.COMPLETED,
    State.FAILED: TestState.FAILED,
    State.CANCELLED: TestState.CANCELLED,
}


@dataclass(frozen=True)
class Results:
    """What a job that succeeded left; `fault` says what is missing or wrong.

    Attributes:
        comparison: with the best test before, where there is one.
    """

    metrics: MetricsReport | None = None
    vocabularies: tuple[VocabularyReport, ...] = ()
    segments: SegmentReport | None = None
    comparison: BestComparison | None = None
    fault: str | None = None


def track(quick_test_id: str, ports: Ports) -> QuickTestStatus | None:
    """Asks the pipeline service for the job and brings the test's status forward.

    A fault of the service is raised, that the event may come again; that it does not know the job
    is final. Returns the status as it now is; None where there is no such test or no job yet.
    """
    snapshot = ports.documents.get(QUICK_TEST.collection.path(quick_test_id))
    before = status_of(snapshot, ports) if snapshot else QuickTestStatus()
    if snapshot is None or before.job is None or before.artifacts_uri is None:
        return None
    folder = before.artifacts_uri
    try:
        job = own_job(quick_test_id, ports)
    except NotFoundError:
        return _job_is_gone(quick_test_id, before, ports)
    spec = launched_spec(snapshot, before, ports)
    purpose = spec.purpose if spec else "quick_test"
    epochs = _epochs(folder, ports)
    results = _results(folder, ports) if job.state is State.SUCCEEDED else Results()
    now = ports.clock.now()
    if results.metrics is not None and not before.state.ended:
        results = _compared(results, snapshot, before, job.ended_at or now, ports)

    def write(_: JsonObject, status: QuickTestStatus) -> None:
        if status.job is None:
            return
        if status.state.ended:
            _late(status, job, now)
            account(status, purpose, ports.prices)
            return
        _begin(status, job, now)
        if job.taken_up:
            note_once(status, now, f"taken up again ({job.taken_up}): its process was killed")
        stage, known = status.stage, _reused(status)
        advance(status, job, epochs, spec.epochs if spec else 1)
        if status.stage is not stage and status.stage is not None:
            note(status, now, f"stage {status.stage.value} began")
        if reused := [name for name in _reused(status) if name not in known]:
            note(status, now, f"reused from an earlier test: {', '.join(reused)}")
        if job.state.ended:
            keeps_best = _stops_early(spec, status)
            _finish(status, job, results, now, keeps_best=keeps_best)
            account(status, purpose, ports.prices)

    status = change_status(QUICK_TEST, quick_test_id, write, ports)
    if status is not None and status.state is TestState.CANCELLED and not job.state.ended:
        cancel_job(quick_test_id, ports)
    if status is not None:
        settle_comparisons(quick_test_id, status, ports)
    # What was measured without some columns says nothing of the whole config.
    if status is not None and spec is not None and spec.of_whole_configs:
        record_result(spec.feature_config_id, status, ports, completed=quick_test_id)
        if spec.purpose == "full_training" and status.state is TestState.COMPLETED:
            promote(spec.feature_config_id, ports)
    return status


def _stops_early(spec: QuickTestSpec | None, status: QuickTestStatus) -> bool:
    """Whether the model is that of the best epoch. Older tests have it in their specs only."""
    own = spec is not None and bool(spec.early_stopping_patience)
    pinned = status.pinned
    return own or (pinned is not None and pinned.early_stopping_patience is not None)


def _compared(
    results: Results, snapshot: Snapshot, before: QuickTestStatus, at: datetime, ports: Ports
) -> Results:
    """The results of a test that ends now, with what they are beside the best before it."""
    name = snapshot.data.get("name")
    status = before.model_copy(update={"results": results.metrics})
    ending = Completed(snapshot.id, name if isinstance(name, str) else snapshot.id, status, at)
    return replace(results, comparison=compare_with_best(ending, ports))


def _reused(status: QuickTestStatus) -> list[str]:
    return [task.name.value for task in status.stages if task.reused]


def _job_is_gone(
    quick_test_id: str, before: QuickTestStatus, ports: Ports
) -> QuickTestStatus | None:
    """A test that ran before the service was asked has lost its job; one that was pending had only
    reserved its id, and may have been launched since."""
    now = ports.clock.now()

    def write(_: JsonObject, status: QuickTestStatus) -> None:
        if status.state is before.state is TestState.RUNNING and before.job is not None:
            message = f"The pipeline service does not know the job {before.job.job_id}."
            fail(status, now, message, status.stage)

    return change_status(QUICK_TEST, quick_test_id, write, ports)


def _begin(status: QuickTestStatus, job: Job, now: datetime) -> None:
    if status.state is TestState.PENDING:
        status.state = TestState.RUNNING
        note(status, now, f"launched as {job.job_id}")
    if job.started_at is not None:  # it may have waited for its turn
        status.started_at = job.started_at
    elif status.started_at is None:
        status.started_at = now


def _finish(
    status: QuickTestStatus, job: Job, results: Results, now: datetime, *, keeps_best: bool
) -> None:
    at = job.ended_at or now
    if job.state is State.CANCELLED:
        end(status, TestState.CANCELLED, at, "the job was cancelled")
    elif job.state is State.FAILED:
        task = failed_stage(status.stages)
        message = (task.error if task else None) or job.error
        stage = task.name if task else status.stage
        fail(status, at, explained(message or "The job failed without saying why."), stage)
    elif results.fault or results.metrics is None:
        fail(status, at, results.fault or "The job left no metrics.", Stage.EVALUATE)
    else:
        status.results = results.metrics
        status.vocabulary = list(results.vocabularies)
        status.comparison = results.comparison
        finished = Finished(
            results.metrics,
            results.vocabularies,
            status.epochs,
            keeps_best=keeps_best,
            profiled=status.pinned.source_fingerprint if status.pinned else None,
            segments=results.segments,
        )
        status.warnings += check_results(finished)
        status.progress = 100
        end(status, TestState.COMPLETED, at, "completed")


def _late(status: QuickTestStatus, job: Job, now: datetime) -> None:
    """A test that has ended stays as it is; what it hears of its job then is only noted."""
    if not job.state.ended:
        note_once(status, now, f"ignored: the job is {job.state.value}")
    elif _STATES[job.state] is not status.state and not _lacked_results(status, job):
        note_once(status, now, f"ignored: the job has {job.state.value}")
    if job.state.ended:
        status.stages = merged(status.stages, job.tasks)


def _lacked_results(status: QuickTestStatus, job: Job) -> bool:
    """A job may succeed while its test fails, for want of results."""
    return job.state is State.SUCCEEDED and status.state is TestState.FAILED


def _epochs(folder: str, ports: Ports) -> list[EpochProgress]:
    """The epochs so far; none where the file is not there yet, or is not what it should be."""
    try:
        epochs = _read(_EPOCHS, folder, PROGRESS_FILE, ports)
    except (NotFoundError, ValidationError):
        return []
    return finite_epochs(epochs)


def _results(folder: str, ports: Ports) -> Results:
    name = METRICS_FILE
    try:
        metrics = _read(_METRICS, folder, METRICS_FILE, ports)
        name = VOCABULARY_FILE
        vocabularies = _read(_VOCABULARIES, folder, VOCABULARY_FILE, ports)
        name = SEGMENTS_FILE
        segments = _segments(folder, ports)
    except NotFoundError:
        return Results(fault=f"The job succeeded but left no {name}.")
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        return Results(fault=sentence(f"{name} is malformed: {where}: {first['msg']}"))
    fault = unusable(metrics) or unusable_vocabularies(vocabularies)
    if segments is not None:
        fault = fault or unusable_segments(segments)
    if fault:
        return Results(fault=sentence(fault))
    return Results(metrics, tuple(vocabularies), segments)


def _segments(folder: str, ports: Ports) -> SegmentReport | None:
    """None from a trainer of before there were segments. Raises ValidationError."""
    try:
        return _read(_SEGMENTS, folder, SEGMENTS_FILE, ports)
    except NotFoundError:
        return None


def _read(adapter: TypeAdapter[T], folder: str, name: str, ports: Ports) -> T:
    """Raises NotFoundError, ValidationError."""
    return adapter.validate_json(ports.artifacts.read(f"{folder}/{name}"))
