"""Runs of `trainer_image.batch` on Vertex AI: each is a CustomJob of one container, in the
trainer's image.

Vertex AI names custom jobs itself. A job is therefore found by its display name, which is made of
the folder that it writes to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import grpc
from google.api_core import exceptions
from pydantic import BaseModel, ConfigDict, ValidationError

from shared.batches import REASON
from shared.errors import NotFoundError, RefusedError
from shared.gcp.template import TemplateError, pipeline_spec
from shared.gcp.vertex_batches_library import (
    ContainerSpec,
    CustomJob,
    CustomJobSpec,
    EncryptionSpec,
    EnvVar,
    JobServiceClient,
    JobServiceGrpcTransport,
    JobState,
    MachineSpec,
    Scheduling,
    WorkerPoolSpec,
)
from shared.jobs import State
from shared.ports import ArtifactStore

PLACE_FILE = "settings/batch.json"
FOLDER = "batches"  # of the deployment's bucket, in which runs may write
_TEMPLATE = "full_training.json"
_COMMAND = ("python", "-m", "trainer_image.batch")
_SECONDS = 60.0
_STATES = {
    JobState.JOB_STATE_QUEUED: State.PENDING,
    JobState.JOB_STATE_PENDING: State.PENDING,
    JobState.JOB_STATE_SUCCEEDED: State.SUCCEEDED,
    JobState.JOB_STATE_FAILED: State.FAILED,
    JobState.JOB_STATE_EXPIRED: State.FAILED,
    JobState.JOB_STATE_PARTIALLY_SUCCEEDED: State.FAILED,
    JobState.JOB_STATE_CANCELLED: State.CANCELLED,
}


class Place(BaseModel):
    """Where a deployment's jobs run, as Terraform leaves it in the bucket (`settings/batch.json`).

    Attributes:
        project, region: of the jobs.
        service_account: whom they run as.
        templates: `gs://` folder of the release, whose templates name the trainer's image.
        network: `projects/NUMBER/global/networks/NAME`; empty: the public one.
        kms_key: encrypts what Vertex AI keeps; empty: Google's.
        labels: for the bill.
    """

    model_config = ConfigDict(frozen=True)

    project: str
    region: str
    service_account: str
    templates: str
    network: str = ""
    kms_key: str = ""
    labels: Mapping[str, str] = {}

    @property
    def parent(self) -> str:
        return f"projects/{self.project}/locations/{self.region}"


@dataclass(frozen=True)
class Machine:
    """What a run gets.

    Attributes:
        spot: on spare machines, which cost less and may be taken away: the run then goes on in
            another one.
        hours: the job is ended after so long.
    """

    machine_type: str = "e2-standard-4"
    spot: bool = False
    hours: int = 24


@dataclass(frozen=True)
class BatchJob:
    """Attributes:
    name: `projects/…/customJobs/NUMBER`.
    arguments: of `trainer_image.batch`.
    reason: URI of the file in which the program says why it failed.
    error: what Vertex AI says of a job that failed.
    """

    name: str
    state: State
    arguments: tuple[str, ...]
    reason: str | None
    error: str | None

    def page(self, project: str) -> str:
        """Where people see it, and its log."""
        _, _, _, region, _, number = self.name.split("/")
        return (
            f"https://console.cloud.google.com/vertex-ai/locations/{region}/training/{number}"
            f"?project={project}"
        )


def place_of(artifacts: ArtifactStore) -> Place:
    """Of a deployment, by its bucket. Raises RefusedError where Terraform has not left it."""
    uri = artifacts.uri(PLACE_FILE)
    try:
        return Place.model_validate_json(artifacts.read(uri))
    except (NotFoundError, ValidationError):
        raise RefusedError(
            f"{uri}, which says where jobs run, is not there or of another version: apply this "
            "version's Terraform to the deployment."
        ) from None


def image_of(place: Place, artifacts: ArtifactStore) -> str:
    """The trainer's image that the deployment trains with. Raises RefusedError."""
    uri = f"{place.templates}/{_TEMPLATE}"
    try:
        spec: Any = pipeline_spec(artifacts.read(uri))
        executors = spec["deploymentSpec"]["executors"].values()
        images = {one["container"]["image"] for one in executors if "container" in one}
    except (NotFoundError, TemplateError, KeyError, TypeError, AttributeError):
        images = set()
    if len(images) != 1:
        raise RefusedError(
            f"{uri} names no image of the trainer: build it, step 4 of docs/google-cloud.md."
        )
    return str(images.pop())


def batch_jobs(place: Place, endpoint: str | None = None) -> BatchJobs:
    """Over a region's Vertex AI, or an unencrypted `host:port`."""
    if endpoint is not None:
        channel = grpc.insecure_channel(endpoint)
        client = JobServiceClient(transport=JobServiceGrpcTransport(channel=channel))
    else:
        options = {"api_endpoint": f"{place.region}-aiplatform.googleapis.com"}
        client = JobServiceClient(client_options=options)
    return BatchJobs(client, place)


class BatchJobs:
    """Every method raises RefusedError for what Vertex AI refuses; passing faults are raised."""

    def __init__(self, client: JobServiceClient, place: Place) -> None:
        self._client, self._place = client, place

    def find(self, target: str) -> BatchJob | None:
        """The job that writes to a folder now; None where none does.

        Args:
            target: `gs://bucket/folder`.
        """
        wanted = {"parent": self._place.parent, "filter": f'display_name="{_called(target)}"'}
        with _refused():
            listed = self._client.list_custom_jobs(request=wanted, timeout=_SECONDS)
            for found in listed:
                job = _read(found)
                if not job.state.ended:
                    return job
        return None

    def begin(
        self, target: str, arguments: Sequence[str], image: str, machine: Machine, reason: str
    ) -> BatchJob:
        """Starts a run.

        Args:
            arguments: of `trainer_image.batch`.
            image: the trainer's.
            reason: URI of the file in which the program is to say why it failed.
        """
        container = ContainerSpec(
            image_uri=image,
            command=list(_COMMAND),
            args=list(arguments),
            env=[EnvVar(name=REASON, value=reason)],
        )
        pool = WorkerPoolSpec(
            container_spec=container,
            machine_spec=MachineSpec(machine_type=machine.machine_type),
            replica_count=1,
        )
        strategy = Scheduling.Strategy.SPOT if machine.spot else Scheduling.Strategy.STANDARD
        job = CustomJob(
            display_name=_called(target),
            job_spec=CustomJobSpec(
                worker_pool_specs=[pool],
                scheduling=Scheduling(timeout=timedelta(hours=machine.hours), strategy=strategy),
                service_account=self._place.service_account,
                network=self._place.network,
            ),
            labels={**self._place.labels, "recsmith-purpose": "batch"},
        )
        if self._place.kms_key:
            job.encryption_spec = EncryptionSpec(kms_key_name=self._place.kms_key)
        with _refused():
            return _read(
                self._client.create_custom_job(
                    parent=self._place.parent, custom_job=job, timeout=_SECONDS
                )
            )

    def get(self, name: str) -> BatchJob:
        """Raises NotFoundError."""
        try:
            with _refused():
                return _read(self._client.get_custom_job(name=name, timeout=_SECONDS))
        except exceptions.NotFound:
            raise NotFoundError("job", name) from None

    def cancel(self, name: str) -> None:
        """Asks Vertex AI to end it; nothing happens where it has ended."""
        try:
            self._client.cancel_custom_job(name=name, timeout=_SECONDS)
        except exceptions.FailedPrecondition:  # meanwhile
            return
        except exceptions.PermissionDenied as refusal:
            raise _no_right(refusal) from None


def _called(target: str) -> str:
    return f"recsmith-batch-{hashlib.sha256(target.encode()).hexdigest()[:20]}"


def _read(found: CustomJob) -> BatchJob:
    container = found.job_spec.worker_pool_specs[0].container_spec
    return BatchJob(
        name=found.name,
        state=_STATES.get(found.state, State.RUNNING),
        arguments=tuple(container.args),
        reason=next((one.value for one in container.env if one.name == REASON), None),
        error=found.error.message or None,
    )


@contextmanager
def _refused() -> Iterator[None]:
    try:
        yield
    except exceptions.PermissionDenied as refusal:
        raise _no_right(refusal) from None
    except exceptions.ResourceExhausted as refusal:
        raise RefusedError(
            f"A quota of Vertex AI is used up: {refusal.message} Wait, take a smaller machine, or "
            "have it raised (Quotas, in docs/google-cloud.md)."
        ) from None
    except (exceptions.InvalidArgument, exceptions.FailedPrecondition) as refusal:
        raise RefusedError(f"Vertex AI refuses it: {refusal.message}") from None


def _no_right(refusal: exceptions.PermissionDenied) -> RefusedError:
    return RefusedError(
        f"Vertex AI does not let you: {refusal.message} An admin names you in batch_users of "
        "terraform.tfvars, and applies."
    )
