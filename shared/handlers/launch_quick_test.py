"""Step 4: start a quick test's job, once."""

from __future__ import annotations

import contextlib

from shared.codegen.check import UnexpectedSourceError
from shared.documents.base import Collection
from shared.documents.quick_test import GeneratedCode, QuickTestStatus, TestState
from shared.errors import AlreadyExistsError, NotFoundError, RefusedError
from shared.events import Event
from shared.jobs import REQUEST_FILE, ChampionModel, JobRequest
from shared.places import job_of, model_folder, output_key
from shared.ports import JsonObject, Ports
from shared.problems import InvalidError
from shared.services.document_kind import is_current
from shared.services.generating import defective, generated_code
from shared.services.inputs import pinned_inputs
from shared.services.measured_rules import pinned_rules
from shared.services.quick_tests import cancel_job, fail, note
from shared.services.store import QUICK_TEST, change_status
from shared.services.warm_starts import warm_start
from shared.wording import sentence

_FAULT_CHARACTERS = 500


def launch_quick_test(event: Event, ports: Ports) -> None:
    """Reserves the job's id on the document, launches under that id, then says it runs.

    From the reservation on, the test's spec is settled: the job is made from the revision that was
    validated, however often this runs. Its code is made again from what was pinned: what the status
    says of it is put right, and never run. A test that was cancelled meanwhile gets its job
    cancelled.
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
        _launch(request, ports)
    except NotFoundError as gone:
        message = sentence(f"{gone.thing} has been deleted since the test was validated")
        _give_up(event.document_id, message, ports)
        return
    except InvalidError as invalid:
        _give_up(event.document_id, f"No longer valid: {invalid}", ports)
        return
    except UnexpectedSourceError as defect:
        _give_up(event.document_id, defective(defect), ports)
        return
    except RefusedError as refused:
        _give_up(
            event.document_id, sentence(f"The pipeline service refuses the job: {refused}"), ports
        )
        return
    except Exception as fault:
        _note_fault(event.document_id, fault, ports)
        raise
    now = ports.clock.now()
    code = GeneratedCode(preprocessing=request.preprocessing, trainer=request.trainer)

    def write(_: JsonObject, status: QuickTestStatus) -> None:
        if status.state is TestState.PENDING:
            if status.code != code:
                note(status, now, "code generated anew: the test was of another")
                status.code = code
            status.state = TestState.RUNNING
            status.started_at = now
            note(status, now, f"launched as {job_id}")

    after = change_status(QUICK_TEST, event.document_id, write, ports)
    if after is None or after.state.ended:
        cancel_job(event.document_id, ports)


def _launch(request: JobRequest, ports: Ports) -> None:
    """Nothing happens where it was launched before. Raises RefusedError where another test has its
    id."""
    try:
        ports.pipelines.launch(request)
    except AlreadyExistsError:
        with contextlib.suppress(NotFoundError):  # what is not there yet, reconcile asks after
            if ports.pipelines.get(request.job_id).quick_test_id != request.quick_test_id:
                raise RefusedError(f"another test has a job {request.job_id}") from None


def _reserve(event: Event, ports: Ports) -> QuickTestStatus | None:
    def write(data: JsonObject, status: QuickTestStatus) -> None:
        ready = status.state is TestState.PENDING and status.code is not None
        if not ready or status.job is not None:
            return
        if is_current(data, status, event.revision) and status.validated(event.revision):
            status.job = job_of(event.document_id)

    return change_status(QUICK_TEST, event.document_id, write, ports)


def _request(quick_test_id: str, status: QuickTestStatus, ports: Ports) -> JobRequest:
    """Raises NotFoundError, InvalidError, UnexpectedSourceError."""
    job, pinned = status.job, status.pinned
    assert job is not None, "the job is reserved"
    assert pinned is not None, "a job is reserved once its test is pinned"
    test = QUICK_TEST.load_revision(quick_test_id, status.validation.revision, ports)
    plan = pinned_inputs(test.spec, pinned, ports).plan
    code = generated_code(plan, ports)
    rules = pinned_rules(test.spec, pinned, plan.examples, ports)
    champion = test.spec.champion_test_id
    return JobRequest(
        job_id=job.job_id,
        quick_test_id=quick_test_id,
        attempt=job.attempt,
        purpose=test.spec.purpose,
        runner=test.spec.runner,
        preprocessing=code.preprocessing,
        trainer=code.trainer,
        examples=plan.examples,
        vocabularies=plan.vocabularies,
        epochs=plan.training.epochs,
        output_uri=ports.artifacts.uri(output_key(job.job_id, test.spec.purpose)),
        rules=rules,
        champion=ChampionModel(
            quick_test_id=champion, artifacts_uri=model_folder(champion, ports.artifacts)
        )
        if champion is not None
        else None,
        warm_start=warm_start(test.spec, plan, ports),
    )


def _keep(request: JobRequest, ports: Ports) -> None:
    """Leaves the request beside what the job will leave, which is read by what it says."""
    key = f"{output_key(request.job_id, request.purpose)}/{REQUEST_FILE}"
    with contextlib.suppress(AlreadyExistsError):
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
