"""Vertex AI's client against a server that speaks its protocol and has faults."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.api_core import exceptions

from local.emulated.emulators import Emulators
from shared.errors import AlreadyExistsError, RefusedError
from shared.gcp import template
from shared.jobs import State
from tests.integration.conftest import job_request
from tests.integration.google_cloud import GoogleCloud
from tests.integration.vertex_requests import SUCCEEDS, request


@pytest.fixture
def google(running_emulators: Emulators, tmp_path: Path) -> Iterator[GoogleCloud]:
    with GoogleCloud.over(running_emulators, tmp_path) as cloud:
        yield cloud


class Faults(grpc.ServerInterceptor):
    """Fails calls of some methods, before or after they have taken effect."""

    def __init__(self) -> None:
        self.before: dict[str, list[grpc.StatusCode]] = {}
        self.after: dict[str, list[grpc.StatusCode]] = {}
        self.calls: list[str] = []

    def intercept_service(self, continuation: Any, details: Any) -> Any:
        method = details.method.rsplit("/", 1)[-1]
        handler = continuation(details)

        def answer(request: Any, context: Any) -> Any:
            self.calls.append(method)
            if self.before.get(method):
                context.abort(self.before[method].pop(0), "a fault")
            found = handler.unary_unary(request, context)
            if self.after.get(method):
                context.abort(self.after[method].pop(0), "a fault")
            return found

        return grpc.unary_unary_rpc_method_handler(
            answer, handler.request_deserializer, handler.response_serializer
        )


def test_a_launch_whose_answer_was_lost_is_found_launched(google: GoogleCloud) -> None:
    faults = Faults()
    faults.after["CreatePipelineJob"] = [grpc.StatusCode.UNAVAILABLE]
    with google.pipelines(SUCCEEDS, [faults]) as service:
        with pytest.raises(exceptions.ServiceUnavailable):
            service.launch(request(google))
        with pytest.raises(AlreadyExistsError):
            service.launch(request(google))
        assert service.get("qt-1").quick_test_id == "test"


@pytest.mark.parametrize("code", ["INVALID_ARGUMENT", "FAILED_PRECONDITION", "PERMISSION_DENIED"])
def test_what_the_service_refuses_for_good_is_a_refusal(google: GoogleCloud, code: str) -> None:
    faults = Faults()
    faults.before["CreatePipelineJob"] = [grpc.StatusCode[code]]
    with (
        google.pipelines(SUCCEEDS, [faults]) as service,
        pytest.raises(RefusedError, match=r"^40[03] "),
    ):
        service.launch(request(google))


def test_a_quota_is_a_passing_fault(google: GoogleCloud) -> None:
    faults = Faults()
    faults.before["CreatePipelineJob"] = [grpc.StatusCode.RESOURCE_EXHAUSTED]
    with google.pipelines(SUCCEEDS, [faults]) as service:
        with pytest.raises(exceptions.ResourceExhausted):
            service.launch(request(google))
        service.launch(request(google))
        assert service.get("qt-1").quick_test_id == "test"


def test_a_passing_fault_of_the_service_is_raised_and_not_taken_for_a_lost_job(
    google: GoogleCloud,
) -> None:
    faults = Faults()
    with google.pipelines(SUCCEEDS, [faults]) as service:
        service.launch(request(google))
        for code in (grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.INTERNAL):
            faults.before["GetPipelineJob"] = [code]
            with pytest.raises(exceptions.GoogleAPICallError) as raised:
                service.get("qt-1")
            assert not isinstance(raised.value, exceptions.NotFound)


def test_a_request_too_long_for_a_parameter_is_stored_and_sent_as_its_uri(
    google: GoogleCloud,
) -> None:
    query_keys = [f"a_rather_long_name_of_a_feature_{number}" for number in range(400)]
    examples = job_request().examples.model_copy(update={"query_keys": query_keys})
    with google.pipelines(SUCCEEDS) as service:
        service.launch(request(google, examples=examples, quick_test_id="long"))
        job = service._find("qt-1")
        values = dict(job.runtime_config.parameter_values)
        assert values["job_request"].startswith(f"gs://{google.project}/jobs/qt-1/parameters/")
        assert all(len(value) <= template.LONGEST_VALUE for value in values.values())
        assert service.get("qt-1").quick_test_id == "long"


def test_a_job_that_ends_while_it_is_cancelled_has_ended(google: GoogleCloud) -> None:
    faults = Faults()
    faults.before["CancelPipelineJob"] = [grpc.StatusCode.FAILED_PRECONDITION]
    with google.pipelines("status('examples', 'running'); wait_for('go')", [faults]) as service:
        service.launch(request(google))
        service.cancel("qt-1")
        assert service.get("qt-1").state in (State.PENDING, State.RUNNING)
    assert faults.calls.count("CancelPipelineJob") == 1
