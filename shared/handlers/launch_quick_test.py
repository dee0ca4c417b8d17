"""Step 4: start a quick test's job, once."""

from __future__ import annotations

import contextlib
import hashlib
import re

from shared.codegen import examples_spec, make_plan, vocabulary_refs
from shared.documents.base import Collection
from shared.documents.quick_test import PipelineJob, QuickTestStatus, TestState
from shared.events import Event
from shared.handlers.generate_code import rating_column
from shared.handlers.inputs import pinned_inputs
from shared.handlers.quick_tests import cancel_job, fail, note
from shared.handlers.store import (
    QUICK_TEST,
    change_status,
    is_current,
)
from shared.jobs import REQUEST_FILE, JobRequest, Purpose
from shared.ports import AlreadyExists, JsonObject, NotFound, Ports, Refused
from shared.problems import Invalid

# What a full training leaves is to stay; all else may be cleared away some day.
_FOLDERS: dict[Purpose, str] = {"quick_test": "jobs", "full_training": "models"}
_FAULT_CHARACTERS = 500
_PLAIN_ID = re.compile(r"[a-z0-9]([-a-z0-9]{0,79})")


def launch_quick_test(event: Event, ports: Ports) -> None:
    """Reserves the job's id on the document, launches under that id, then says it runs.

    From the reservation on, the test's spec is settled: the job is made from the revision that was
    validated, however often this runs. A test that was cancelled meanwhile gets its job cancelled.
    """
    if event.collection is not Collection.QUICK_TESTS:
        return
    status = _reserve(event, ports)
    if status is None or status.job is None or status.state is not TestState.PENDING:
        return
    job_id = status.job.job_id
    try:
        request = _request(event.document_id, status, ports)
        _keep(request, ports)
        ports.pipelines.launch(request)
    except AlreadyExists:
        pass
    except NotFound as gone:
        message = f"{gone} has been deleted since the test was validated."
        _give_up(event.document_id, message, ports)
        return
    except Invalid as invalid:
        _give_up(event.document_id, f"No longer valid: {invalid}", ports)
        return
    except Refused as refused:
        _give_up(event.document_id, f"The pipeline service refuses the job: {refused}", ports)
        return
    except Exception as fault:
        _note_fault(event.document_id, fault, ports)
        raise
    now = ports.clock.now()

    def write(_: JsonObject, status: QuickTestStatus) -> None:
        if status.state is TestState.PENDING:
            status.state = TestState.RUNNING
            status.started_at = now
            note(status, now, f"launched as {job_id}")

    after = change_status(QUICK_TEST, event.document_id, write, ports)
    if after is None or after.state.ended:
        cancel_job(job_id, ports)


def job_id_of(quick_test_id: str, attempt: int) -> str:
    """The id of a test's job: always the same, and one that every pipeline service takes."""
    name = quick_test_id
    if not _PLAIN_ID.fullmatch(name):
        name = hashlib.sha256(name.encode()).hexdigest()[:32]
    return f"quick-test-{name}-{attempt}"


def output_key(job_id: str, purpose: Purpose) -> str:
    """Where a job's artifacts lie in the store."""
    return f"{_FOLDERS[purpose]}/{job_id}"


def _reserve(event: Event, ports: Ports) -> QuickTestStatus | None:
    def write(data: JsonObject, status: QuickTestStatus) -> None:
        ready = status.state is TestState.PENDING and status.code is not None
        if not ready or status.job is not None:
            return
        if is_current(data, status, event.revision) and status.validated(event.revision):
            job_id = job_id_of(event.document_id, attempt=1)
            status.job = PipelineJob(job_id=job_id, attempt=1)
            purpose = QUICK_TEST.parse(event.document_id, data).spec.purpose
            status.artifacts_uri = ports.artifacts.uri(output_key(job_id, purpose))

    return change_status(QUICK_TEST, event.document_id, write, ports)


def _request(quick_test_id: str, status: QuickTestStatus, ports: Ports) -> JobRequest:
    """Raises NotFound, Invalid."""
    job, pinned, code, folder = status.job, status.pinned, status.code, status.artifacts_uri
    if job is None or pinned is None or code is None or folder is None:
        raise NotFound("what a reserved quick test keeps in its status")
    test = QUICK_TEST.load_revision(quick_test_id, status.validation.revision, ports)
    inputs = pinned_inputs(test.spec, pinned, ports)
    plan = make_plan(
        inputs.feature_config.spec,
        inputs.dataset,
        rating_column(inputs.model_config, test.spec),
    )
    return JobRequest(
        job_id=job.job_id,
        quick_test_id=quick_test_id,
        attempt=job.attempt,
        purpose=test.spec.purpose,
        runner=test.spec.runner,
        preprocessing=code.preprocessing,
        trainer=code.trainer,
        examples=examples_spec(plan, inputs.dataset, test.spec),
        vocabularies=vocabulary_refs(plan),
        epochs=test.spec.epochs,
        output_uri=folder,
    )


def _keep(request: JobRequest, ports: Ports) -> None:
    """Leaves the request beside what the job will leave, which is read by what it says."""
    key = f"{output_key(request.job_id, request.purpose)}/{REQUEST_FILE}"
    with contextlib.suppress(AlreadyExists):
        ports.artifacts.create(key, request.model_dump_json().encode())


def _note_fault(quick_test_id: str, fault: Exception, ports: Ports) -> None:
    """Says why the test waits; once, however often and with whatever words it fails in a row."""
    begins = "not launched yet, tried again: "
    now = ports.clock.now()

    def write(_: JsonObject, status: QuickTestStatus) -> None:
        told = status.timeline and status.timeline[-1].what.startswith(begins)
        if status.state is TestState.PENDING and not told:
            note(status, now, f"{begins}{type(fault).__name__}: {str(fault)[:_FAULT_CHARACTERS]}")

    change_status(QUICK_TEST, quick_test_id, write, ports)


def _give_up(quick_test_id: str, message: str, ports: Ports) -> None:
    now = ports.clock.now()

    def write(_: JsonObject, status: QuickTestStatus) -> None:
        if status.state is TestState.PENDING:
            fail(status, now, message)

    change_status(QUICK_TEST, quick_test_id, write, ports)
