"""Jobs on Vertex AI Pipelines."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.api_core import exceptions
from pydantic import TypeAdapter, ValidationError

from shared.errors import AlreadyExistsError, NotFoundError, RefusedError
from shared.gcp import template
from shared.gcp.tracing import carried
from shared.gcp.vertex_jobs import is_whole, job_of
from shared.gcp.vertex_library import (
    PipelineJob,
    PipelineServiceClient,
    PipelineServiceGrpcTransport,
    PipelineState,
)
from shared.jobs import STAGES_FILE, Job, JobRequest, Purpose, Task
from shared.ports import ArtifactStore, JsonObject

_JOB_ID = re.compile(r"[a-z][-a-z0-9]{0,127}")
_SECONDS = 60.0
_REFUSALS = (
    exceptions.InvalidArgument,
    exceptions.FailedPrecondition,
    exceptions.PermissionDenied,
)
# Why a task failed, as the trainer notes it; Vertex AI only knows its exit status.
_ERROR_FILE = "error.json"
_TASKS = TypeAdapter(list[Task])


@dataclass(frozen=True)
class Launch:
    """What every job is launched with, besides what it is about.

    Attributes:
        service_account: what the job may do; empty: the project's default.
        network: `projects/NUMBER/global/networks/NAME`, for a private network.
        kms_key: encrypts everything that the pipeline leaves.
        labels: for the bill.
    """

    service_account: str = ""
    network: str = ""
    kms_key: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


def vertex_client(location: str, endpoint: str | None = None) -> PipelineServiceClient:
    """A client of a region's Vertex AI, or of an unencrypted `host:port`."""
    if endpoint is not None:
        channel = grpc.insecure_channel(endpoint)
        return PipelineServiceClient(transport=PipelineServiceGrpcTransport(channel=channel))
    return PipelineServiceClient(
        client_options={"api_endpoint": f"{location}-aiplatform.googleapis.com"}
    )


class VertexPipelines:
    """A job is a PipelineJob under the job's own id, made from the template of its purpose.

    Args:
        location: `projects/PROJECT/locations/REGION`.
        templates: the pipeline spec for a purpose; raises `template.TemplateError`.
    """

    def __init__(
        self,
        client: PipelineServiceClient,
        location: str,
        artifacts: ArtifactStore,
        templates: Callable[[Purpose], JsonObject],
        launch: Launch | None = None,
    ) -> None:
        self._client = client
        self._location = location
        self._artifacts = artifacts
        self._templates = templates
        self._launch = launch or Launch()

    def launch(self, request: JobRequest) -> None:
        """Raises `template.TemplateError`: the template is of another version of this program."""
        spec = self._templates(request.purpose)
        values = template.fit(spec, template.parameters(request))
        values = template.short(values, f"jobs/{request.job_id}/parameters", self._artifacts)
        job = PipelineJob(
            display_name=request.job_id,
            pipeline_spec=spec,
            runtime_config=PipelineJob.RuntimeConfig(
                gcs_output_directory=self._artifacts.uri("pipeline"),
                parameter_values=values,
            ),
            labels={
                **self._launch.labels,
                "recsmith-purpose": request.purpose,
                **carried(),
            },
            service_account=self._launch.service_account,
            network=self._launch.network,
            encryption_spec={"kms_key_name": self._launch.kms_key}
            if self._launch.kms_key
            else None,
        )
        try:
            self._client.create_pipeline_job(
                parent=self._location,
                pipeline_job=job,
                pipeline_job_id=request.job_id,
                timeout=_SECONDS,
            )
        except exceptions.AlreadyExists:
            raise AlreadyExistsError("job", request.job_id) from None
        except _REFUSALS as refusal:
            raise RefusedError(f"{refusal.code.value} {refusal.message}") from None

    def get(self, job_id: str) -> Job:
        found = self._find(job_id)
        failed = found.state is PipelineState.PIPELINE_STATE_FAILED
        reasons = self._reasons(found) if failed else {}
        request = self._request(found)
        told = self._told(request) if is_whole(found) else []
        return job_of(found, job_id, request.quick_test_id, reasons, told)

    def cancel(self, job_id: str) -> None:
        if self.get(job_id).state.ended:
            return
        try:
            self._client.cancel_pipeline_job(name=self._name(job_id), timeout=_SECONDS)
        except exceptions.FailedPrecondition:  # it has ended meanwhile
            return

    def forget(self, job_id: str) -> None:
        """Vertex AI keeps a job's record for as long as it keeps all; it names no customer."""

    def _find(self, job_id: str) -> PipelineJob:
        try:
            return self._client.get_pipeline_job(name=self._name(job_id), timeout=_SECONDS)
        except exceptions.NotFound:
            raise NotFoundError("job", job_id) from None

    def _name(self, job_id: str) -> str:
        if not _JOB_ID.fullmatch(job_id):
            raise NotFoundError("job", job_id)
        return f"{self._location}/pipelineJobs/{job_id}"

    def _request(self, job: PipelineJob) -> JobRequest:
        value = dict(job.runtime_config.parameter_values).get("job_request", "")
        text = value if value.startswith("{") else self._artifacts.read(value).decode()
        return JobRequest.model_validate_json(text)

    def _told(self, request: JobRequest) -> list[Task]:
        """What the job told of its stages; nothing where its container has not begun."""
        try:
            return _TASKS.validate_json(self._artifacts.read(f"{request.output_uri}/{STAGES_FILE}"))
        except (NotFoundError, ValidationError):
            return []

    def _reasons(self, job: PipelineJob) -> dict[str, str]:
        """By task, why it failed, where the trainer could say so."""
        number = job.name.split("/")[1]
        job_id = job.name.rsplit("/", 1)[-1]
        folder = f"{job.runtime_config.gcs_output_directory}/{number}/{job_id}"
        try:
            noted: Any = json.loads(self._artifacts.read(f"{folder}/{_ERROR_FILE}"))
            return {str(noted["task"]): str(noted["message"])}
        except (NotFoundError, ValueError, KeyError, TypeError):
            return {}
