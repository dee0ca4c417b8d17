"""JobService of Vertex AI in memory, over gRPC, for custom jobs: it refuses what Google says that
it refuses. A job goes one state further whenever it is looked at; its container is a function."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
from google.cloud.aiplatform_v1 import types
from google.protobuf.empty_pb2 import Empty

from tests.integration.vertex_models_server import _handler

_SERVICE = "google.cloud.aiplatform.v1.JobService"
_PARENT = re.compile(r"projects/[^/]+/locations/([-a-z0-9]+)")
_LABEL = re.compile(r"[-_a-z0-9]{0,63}")
_FILTER = re.compile(r'display_name="([^"]*)"')
_MOST_SECONDS = 7 * 24 * 3600
_PAGE = 2
Code = grpc.StatusCode
State = types.JobState
# The container: its arguments and its variables; returns its exit status.
Program = Callable[[list[str], dict[str, str]], int]


class VertexJobsServer:
    """Attributes:
    images: those that the registry has.
    refusing: code and message that the next creation is refused with.
    held: running jobs go on running.
    """

    def __init__(self, program: Program, *images: str) -> None:
        self.program, self.images = program, set(images)
        self.jobs: dict[str, types.CustomJob] = {}
        self.calls: list[str] = []
        self.refusing: tuple[grpc.StatusCode, str] | None = None
        self.held = False

    def create_custom_job(self, request: Any, context: Any) -> Any:
        if self.refusing is not None:
            context.abort(*self.refusing)
        job, place = request.custom_job, _PARENT.fullmatch(request.parent)
        if type(request).pb(request).ListFields() and _unknown(type(request).pb(request)):
            context.abort(Code.INVALID_ARGUMENT, "Unknown fields.")
        if place is None or not 0 < len(job.display_name) <= 128:
            context.abort(Code.INVALID_ARGUMENT, "The parent or the display name is malformed.")
        (pool,) = job.job_spec.worker_pool_specs
        container = pool.container_spec
        if not re.match(r"[-a-z0-9]+-docker\.pkg\.dev/", container.image_uri):
            context.abort(Code.INVALID_ARGUMENT, "image_uri is not of Artifact Registry.")
        if not pool.machine_spec.machine_type or pool.replica_count != 1:
            context.abort(Code.INVALID_ARGUMENT, "The first pool has one replica of a machine.")
        if not re.fullmatch(r"[a-z]\d[a-z]?-[a-z]+-\d+", pool.machine_spec.machine_type):
            kind = pool.machine_spec.machine_type
            context.abort(Code.INVALID_ARGUMENT, f"Machine type {kind!r} is not supported.")
        seconds = job.job_spec.scheduling.timeout.total_seconds()
        if not 0 < seconds <= _MOST_SECONDS:
            context.abort(Code.INVALID_ARGUMENT, "The timeout is at most 7 days.")
        if not all(_LABEL.fullmatch(part) for pair in job.labels.items() for part in pair):
            context.abort(Code.INVALID_ARGUMENT, "A label is malformed.")
        if job.name or job.state or job.error.message:
            context.abort(Code.INVALID_ARGUMENT, "Output only fields are set.")
        job.name = f"{request.parent}/customJobs/{1000 + len(self.jobs)}"
        job.state = State.JOB_STATE_PENDING
        self.jobs[job.name] = job
        return job

    def get_custom_job(self, request: Any, context: Any) -> Any:
        if request.name not in self.jobs:
            context.abort(Code.NOT_FOUND, f"{request.name} is not there.")
        job = self.jobs[request.name]
        container = job.job_spec.worker_pool_specs[0].container_spec
        if job.state == State.JOB_STATE_CANCELLING:
            job.state = State.JOB_STATE_CANCELLED
        elif job.state == State.JOB_STATE_PENDING:
            job.state = State.JOB_STATE_RUNNING
            if container.image_uri not in self.images:
                self._failed(job, 5, f"Image {container.image_uri} was not found.")
        elif job.state == State.JOB_STATE_RUNNING and not self.held:
            environment = {one.name: one.value for one in container.env}
            status = self.program(list(container.args), environment)
            job.state = State.JOB_STATE_SUCCEEDED
            if status:
                self._failed(
                    job,
                    3,
                    f"The replica workerpool0-0 exited with a non-zero status of {status}.",
                )
        return job

    def list_custom_jobs(self, request: Any, context: Any) -> Any:
        """The latest first, a few to a page."""
        found = _FILTER.fullmatch(request.filter)
        if found is None:
            context.abort(Code.INVALID_ARGUMENT, f"The filter {request.filter!r} is malformed.")
            raise AssertionError
        jobs = [one for one in reversed(self.jobs.values()) if one.display_name == found[1]]
        start = int(request.page_token or 0)
        more = str(start + _PAGE) if len(jobs) > start + _PAGE else ""
        page = jobs[start : start + _PAGE]
        return types.ListCustomJobsResponse(custom_jobs=page, next_page_token=more)

    def cancel_custom_job(self, request: Any, context: Any) -> Any:
        job = self.jobs.get(request.name)
        if job is None:
            context.abort(Code.NOT_FOUND, f"{request.name} is not there.")
            raise AssertionError
        if job.state not in (State.JOB_STATE_PENDING, State.JOB_STATE_RUNNING):
            context.abort(Code.FAILED_PRECONDITION, "It is not under way.")
        job.state = State.JOB_STATE_CANCELLING
        return Empty()

    def _failed(self, job: Any, code: int, message: str) -> None:
        job.state = State.JOB_STATE_FAILED
        job.error = {"code": code, "message": message}


def _unknown(message: Any) -> bool:
    """Whether it was sent fields that this version of the protocol does not know."""
    from google.protobuf.unknown_fields import UnknownFieldSet

    if len(UnknownFieldSet(message)):
        return True
    for field, value in message.ListFields():
        if field.message_type is None or field.message_type.GetOptions().map_entry:
            continue
        many = value if not hasattr(value, "ListFields") else [value]
        if any(_unknown(one) for one in many):
            return True
    return False


@contextmanager
def serving_jobs(server: VertexJobsServer) -> Iterator[str]:
    """Its `host:port`, while the block runs."""
    grpc_server = grpc.server(ThreadPoolExecutor(4))
    handlers = {
        method: _handler(server, method, request, response)
        for method, request, response in (
            ("CreateCustomJob", types.CreateCustomJobRequest, types.CustomJob),
            ("GetCustomJob", types.GetCustomJobRequest, types.CustomJob),
            ("ListCustomJobs", types.ListCustomJobsRequest, types.ListCustomJobsResponse),
        )
    }
    handlers["CancelCustomJob"] = grpc.unary_unary_rpc_method_handler(
        server.cancel_custom_job,
        request_deserializer=types.CancelCustomJobRequest.deserialize,
        response_serializer=Empty.SerializeToString,
    )
    handler = grpc.method_handlers_generic_handler(_SERVICE, handlers)
    grpc_server.add_generic_rpc_handlers((handler,))
    port = grpc_server.add_insecure_port("127.0.0.1:0")
    grpc_server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        grpc_server.stop(grace=None).wait()
