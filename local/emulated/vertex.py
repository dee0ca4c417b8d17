"""Vertex AI Pipelines on this machine: its gRPC service over the laptop's training processes.

It speaks PipelineService (Create, Get, Cancel, List), so that Recsmith's own adapter and Google's
client are what asks it. A job's files lie in a folder here while it runs and are uploaded as they
come, as a mounted bucket would have it; its news are told in the shape of Vertex AI's log entries.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc
from google.cloud import storage
from google.cloud.aiplatform_v1 import (
    CancelPipelineJobRequest,
    CreatePipelineJobRequest,
    GetPipelineJobRequest,
    ListPipelineJobsRequest,
    ListPipelineJobsResponse,
    PipelineJob,
    PipelineState,
    PipelineTaskDetail,
)
from google.protobuf.empty_pb2 import Empty
from pydantic import TypeAdapter

from local.jobs.pipelines import SubprocessPipelines
from local.state.files import create_file
from shared.documents.base import CodeArtifact
from shared.errors import NotFoundError
from shared.gcp.status_events import (
    JOB_ENTRY,
    JOB_EVENTS,
    RESOURCE_TYPE,
    TASK_ENTRY,
    TASK_EVENTS,
)
from shared.gcp.template import STAGE_OF, WHOLE_JOB, task_names
from shared.gcp.vertex_jobs import is_whole
from shared.jobs import PROGRESS_FILE, STAGES_FILE, Job, JobRequest, Purpose, Stage, State, Task

PROJECT_NUMBER = "100000000000"
_STOP_SECONDS = 5.0
FILES = "files"  # of jobs, within the service's folder
_SERVICE = "google.cloud.aiplatform.v1.PipelineService"
_JOB_STATES = {
    State.PENDING: PipelineState.PIPELINE_STATE_PENDING,
    State.RUNNING: PipelineState.PIPELINE_STATE_RUNNING,
    State.SUCCEEDED: PipelineState.PIPELINE_STATE_SUCCEEDED,
    State.FAILED: PipelineState.PIPELINE_STATE_FAILED,
    State.CANCELLED: PipelineState.PIPELINE_STATE_CANCELLED,
}
_TASKS = TypeAdapter(list[Task])
_TASK_STATES = {state: PipelineTaskDetail.State[state.name] for state in State}


def _template(*tasks: str) -> dict[str, Any]:
    """A template of tasks that the laptop runs; a laptop needs no container images."""
    return {
        "pipelineInfo": {"name": "recsmith"},
        "root": {
            "inputDefinitions": {"parameters": {"job_request": {"parameterType": "STRING"}}},
            "dag": {"tasks": {name: {} for name in tasks}},
        },
        "schemaVersion": "2.1.0",
        "sdkVersion": "recsmith",
    }


# As `recsmith compile` makes them: one task for a quick test, one for each stage of a training.
TEMPLATES: Mapping[Purpose, dict[str, Any]] = {
    "quick_test": _template(WHOLE_JOB),
    "full_training": _template("SampledExampleGen", "Transform", "Trainer", "HeldOutEvaluator"),
}


class LaptopVertex:
    """The service.

    Args:
        folder: jobs' requests and files.
        client: of the storage that jobs read from and leave their results in.
        tell: takes the data and the attributes of a message whenever there is news of a job.
        pipelines: makes the processes' service, given what it tells its news to.
    """

    def __init__(
        self,
        folder: Path,
        client: storage.Client,
        tell: Callable[[bytes, dict[str, str]], None],
        pipelines: Callable[[Callable[[str], None]], SubprocessPipelines],
    ) -> None:
        self._requests = folder / "requests"
        self._files = folder / FILES
        self._client = client
        self._tell = tell
        self._lock = threading.Lock()
        self._uploaded: dict[Path, tuple[int, int]] = {}
        self._stages: dict[str, bytes] = {}
        self._told: dict[str, set[tuple[str, State]]] = {}
        self._requests.mkdir(parents=True, exist_ok=True)
        self.pipelines = pipelines(self._news)
        for path in self._requests.glob("*.json"):  # noted, but never started
            self._start(PipelineJob.from_json(path.read_text()))

    def create(self, request: CreatePipelineJobRequest, context: Any) -> PipelineJob:
        job = request.pipeline_job
        job.name = f"projects/{PROJECT_NUMBER}/{request.parent.split('/', 2)[2]}"
        job.name += f"/pipelineJobs/{request.pipeline_job_id}"
        job.create_time = datetime.now(UTC)
        path = self._requests / f"{request.pipeline_job_id}.json"
        try:
            create_file(path, PipelineJob.to_json(job).encode())
        except FileExistsError:
            context.abort(grpc.StatusCode.ALREADY_EXISTS, f"{job.name} already exists.")
        self._start(job)
        return self._present(job)

    def get(self, request: GetPipelineJobRequest, context: Any) -> PipelineJob:
        return self._present(self._noted(request.name, context))

    def cancel(self, request: CancelPipelineJobRequest, context: Any) -> Empty:
        self.pipelines.cancel(_id(self._noted(request.name, context)))
        return Empty()

    def list(self, _: ListPipelineJobsRequest, __: Any) -> ListPipelineJobsResponse:
        noted = [PipelineJob.from_json(path.read_text()) for path in self._requests.glob("*.json")]
        return ListPipelineJobsResponse(pipeline_jobs=[self._present(job) for job in noted])

    def _noted(self, name: str, context: Any) -> PipelineJob:
        try:
            return PipelineJob.from_json(
                (self._requests / f"{name.rsplit('/', 1)[-1]}.json").read_text()
            )
        except FileNotFoundError:
            context.abort(grpc.StatusCode.NOT_FOUND, f"{name} does not exist.")
            raise

    def _start(self, job: PipelineJob) -> None:
        """Nothing happens where it has been started."""
        try:
            self.pipelines.get(_id(job))
            return
        except NotFoundError:
            pass
        request = self._request(job)
        modules = {
            name: CodeArtifact(uri=self._download(artifact), sha256=artifact.sha256)
            for name, artifact in (
                ("preprocessing", request.preprocessing),
                ("trainer", request.trainer),
            )
        }
        output = self._folder(job).as_uri()
        self.pipelines.launch(request.model_copy(update={**modules, "output_uri": output}))

    def _request(self, job: PipelineJob) -> JobRequest:
        value = dict(job.runtime_config.parameter_values)["job_request"]
        text = value if value.startswith("{") else self._blob(value).download_as_bytes().decode()
        return JobRequest.model_validate_json(text)

    def _folder(self, job: PipelineJob) -> Path:
        return self._files / _id(job)

    def _download(self, artifact: CodeArtifact) -> str:
        """A copy here of what is in the bucket; what is not an artifact of it stays as it is."""
        if not artifact.uri.startswith("gs://"):
            return artifact.uri
        path = self._files / "code" / artifact.uri.rsplit("/", 1)[-1]
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self._blob(artifact.uri).download_as_bytes())
        return path.as_uri()

    def _blob(self, uri: str) -> Any:
        bucket, _, key = uri.removeprefix("gs://").partition("/")
        return self._client.bucket(bucket).blob(key)

    def _present(self, noted: PipelineJob) -> PipelineJob:
        """The job as it now is. What it left is in the bucket before it is said to have ended."""
        job = self.pipelines.get(_id(noted))
        self._upload(noted, job)
        return _as_vertex(noted, job)

    def _upload(self, noted: PipelineJob, job: Job) -> None:
        target = self._request(noted).output_uri
        if not target.startswith("gs://"):
            return
        folder = self._folder(noted)
        with self._lock:
            for path in sorted(folder.rglob("*")) if folder.exists() else []:
                if not path.is_file() or path.name.startswith("."):
                    continue
                state = (path.stat().st_mtime_ns, path.stat().st_size)
                if self._uploaded.get(path) != state:
                    self._blob(f"{target}/{path.relative_to(folder)}").upload_from_filename(path)
                    self._uploaded[path] = state
            if is_whole(noted) and job.state is not State.CANCELLED:
                # The trainer's container tells this itself; one that is killed tells nothing.
                told = _TASKS.dump_json(job.tasks)
                if self._stages.get(_id(noted)) != told:
                    self._blob(f"{target}/{STAGES_FILE}").upload_from_string(told)
                    self._stages[_id(noted)] = told
            if job.state is State.FAILED and folder not in self._uploaded:
                self._note_error(noted, job)
                self._uploaded[folder] = (0, 0)

    def _note_error(self, noted: PipelineJob, job: Job) -> None:
        """As the trainer's container does in the cloud."""
        reasons = {_task_of(noted, t.name): t.error for t in job.tasks if t.state is State.FAILED}
        if is_whole(noted):
            reasons = {WHOLE_JOB: job.error}
        for task, reason in reasons.items():
            folder = noted.runtime_config.gcs_output_directory
            uri = f"{folder}/{PROJECT_NUMBER}/{_id(noted)}/error.json"
            told = {"task": task, "message": reason or "no reason"}
            self._blob(uri).upload_from_string(json.dumps(told))

    def _news(self, quick_test_id: str) -> None:
        """Uploads and tells whatever is new about the jobs of a quick test."""
        for path in self._requests.glob("*.json"):
            noted = PipelineJob.from_json(path.read_text())
            if self._request(noted).quick_test_id != quick_test_id:
                continue
            job = self.pipelines.get(_id(noted))
            self._upload(noted, job)
            states = {("", job.state), *((task.name.value, task.state) for task in job.tasks)}
            new = states - self._told.get(_id(noted), set())
            self._told[_id(noted)] = states
            output = self._request(noted).output_uri
            for stage, state in sorted(new):
                if stage and is_whole(noted):
                    self._tell(b"{}", _notification(output, STAGES_FILE))
                else:
                    self._tell(json.dumps(log_entry(noted, stage, state)).encode(), {})
            if not new:
                self._tell(b"{}", _notification(output, PROGRESS_FILE))


def _id(job: PipelineJob) -> str:
    return str(job.name).rsplit("/", 1)[-1]


def _as_vertex(noted: PipelineJob, job: Job) -> PipelineJob:
    answer = PipelineJob(noted)
    answer.state = _JOB_STATES[job.state]
    answer.start_time, answer.end_time = job.started_at, job.ended_at
    tasks = {task.name: task for task in job.tasks}
    whole = Task(
        name=Stage.EXAMPLES, state=job.state, started_at=job.started_at, ended_at=job.ended_at
    )
    details = []
    for number, name in enumerate(task_names(noted.pipeline_spec), start=1):
        task = whole if name == WHOLE_JOB else tasks[STAGE_OF[name]]
        if task.state is State.PENDING:
            continue
        detail = PipelineTaskDetail(
            task_id=number,
            task_name=name,
            state=_TASK_STATES[task.state],
            create_time=task.started_at,
            start_time=task.started_at,
            end_time=task.ended_at,
        )
        if task.state is State.FAILED:
            detail.error = {"code": 9, "message": "The container exited with status 1."}
        details.append(detail)
    answer.job_detail = {"task_details": details}
    if job.state is State.FAILED:
        answer.error = {"code": 9, "message": job.error or "The job failed."}
    return answer


def _task_of(noted: PipelineJob, stage: str) -> str:
    """The task of the pipeline that a stage is part of."""
    if is_whole(noted):
        return WHOLE_JOB
    return next(name for name, of in STAGE_OF.items() if of.value == stage)


def _notification(folder: str, name: str) -> dict[str, str]:
    """Attributes of what Cloud Storage publishes when a file of a job was replaced."""
    bucket, _, key = folder.removeprefix("gs://").partition("/")
    return {
        "bucketId": bucket,
        "eventType": "OBJECT_FINALIZE",
        "objectId": f"{key}/{name}",
        "payloadFormat": "JSON_API_V1",
    }


def log_entry(noted: PipelineJob, stage: str, state: State) -> dict[str, Any]:
    """What Vertex AI logs of a job, or of one of its tasks."""
    project, location = str(noted.name).split("/")[1:4:2]
    log = TASK_EVENTS if stage else JOB_EVENTS
    payload: dict[str, Any] = {
        "@type": JOB_ENTRY,
        "pipelineName": "recsmith",
        "state": f"PIPELINE_STATE_{state.name}",
    }
    if stage:
        payload = {
            "@type": TASK_ENTRY,
            "taskName": _task_of(noted, stage),
            "state": f"TASK_STATE_{state.name}",
        }
    now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    return {
        "insertId": f"{_id(noted)}-{stage or 'job'}-{state.value}",
        "jsonPayload": payload,
        "logName": f"projects/{project}/logs/aiplatform.googleapis.com%2F{log}",
        "receiveTimestamp": now,
        "resource": {
            "type": RESOURCE_TYPE,
            "labels": {
                "location": location,
                "pipeline_job_id": _id(noted),
                "resource_container": f"projects/{project}",
            },
        },
        "severity": "ERROR" if state is State.FAILED else "INFO",
        "timestamp": now,
    }


@contextmanager
def serving_vertex(
    service: LaptopVertex, interceptors: Sequence[grpc.ServerInterceptor] = ()
) -> Iterator[str]:
    """Answers on a free port of 127.0.0.1 until the block ends; gives `host:port`."""
    server = grpc.server(ThreadPoolExecutor(8), interceptors=interceptors)
    methods = {
        "CreatePipelineJob": _method(service.create, CreatePipelineJobRequest, PipelineJob),
        "GetPipelineJob": _method(service.get, GetPipelineJobRequest, PipelineJob),
        "CancelPipelineJob": _method(service.cancel, CancelPipelineJobRequest, Empty),
        "ListPipelineJobs": _method(
            service.list, ListPipelineJobsRequest, ListPipelineJobsResponse
        ),
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(_SERVICE, methods),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(grace=None).wait(_STOP_SECONDS)


def _method(answer: Any, request: Any, response: Any) -> Any:
    serialize = Empty.SerializeToString if response is Empty else response.serialize
    return grpc.unary_unary_rpc_method_handler(
        answer, request_deserializer=request.deserialize, response_serializer=serialize
    )
