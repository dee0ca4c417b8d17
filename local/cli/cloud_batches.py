"""`recsmith batch` and `recsmith embeddings` at a deployment: a job of Vertex AI, as the terminal
follows it. It is asked for as whoever application-default credentials say; the API says which model
is meant."""

from __future__ import annotations

import hashlib
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn

from local.cli.batch_runs import Run, arguments_of, content_of, goes_on, report
from local.cli.client import Api, UserError
from local.cli.google_errors import google_errors
from local.cli.models import find_model
from local.cli.output import done, out
from local.cli.system import connected, find
from shared.batches import MANIFEST, Manifest, Reason
from shared.errors import AlreadyExistsError, NotFoundError
from shared.jobs import State
from shared.registry import Alias

if TYPE_CHECKING:
    from shared.gcp.storage import GcsArtifactStore
    from shared.gcp.vertex_batches import BatchJob, BatchJobs, Place

POLL_SECONDS = 5.0
_FAULTS = 24  # passing ones, one after the other, before the command gives up
_ENDINGS = (".csv", ".parquet")
_AGAIN = "The same command looks again."


@dataclass(frozen=True)
class How:
    """What is asked of the job.

    Attributes:
        machine, spot, hours: see `shared.gcp.vertex_batches.Machine`; None: its defaults.
        wait: until it has ended.
        cancel: the one that is under way.
    """

    machine: str | None = None
    spot: bool = False
    hours: int | None = None
    wait: bool = True
    cancel: bool = False

    @property
    def given(self) -> bool:
        return self != How()


class Cloud:
    """A deployment's jobs and buckets.

    Args:
        bucket: its own.
    """

    def __init__(self, bucket: str) -> None:
        from google.cloud import storage

        from shared.gcp.vertex_batches import batch_jobs, image_of, place_of

        self._client = storage.Client(project=None)  # which no file's address has
        self.bucket = bucket
        self.artifacts = self.store_of(bucket)
        self.place: Place = place_of(self.artifacts)
        endpoint = os.environ.get("RECSMITH_VERTEX_ENDPOINT") or None
        self.jobs: BatchJobs = batch_jobs(self.place, endpoint)
        self._image_of = image_of

    def store_of(self, bucket: str) -> GcsArtifactStore:
        from shared.gcp.storage import GcsArtifactStore

        return GcsArtifactStore(self._client, bucket)

    def image(self) -> str:
        return self._image_of(self.place, self.artifacts)

    def manifest(self, folder: str) -> Manifest | None:
        """Of the run in a `gs://` folder. Raises UserError where something else lies there."""
        bucket = folder.removeprefix("gs://").partition("/")[0]
        try:
            content = self.store_of(bucket).read(f"{folder}/{MANIFEST}")
            return Manifest.model_validate_json(content)
        except NotFoundError:
            return None
        except ValidationError:
            raise UserError(
                f"{folder}/{MANIFEST} is no run's of this version of Recsmith. Choose another "
                "folder."
            ) from None

    def listed(self, customers: str) -> str:
        """The URI of a list of customers, laid into the bucket where it is on this machine."""
        if customers.startswith("gs://"):
            return customers
        content = content_of(customers)
        ending = Path(customers).suffix.lower()
        name = hashlib.sha256(content).hexdigest() + (ending if ending in _ENDINGS else ".txt")
        key = f"{_folder()}/lists/{name}"
        try:
            return self.artifacts.create(key, content)
        except AlreadyExistsError:
            return self.artifacts.uri(key)


def _folder() -> str:
    from shared.gcp.vertex_batches import FOLDER

    return FOLDER


@dataclass(frozen=True)
class Asked:
    """Attributes:
    model: how the program is told of the model.
    means: the test whose model that is now.
    bucket: the deployment's.
    rules: id and revision of the rule set; None without one.
    """

    model: list[str]
    means: str
    bucket: str
    rules: tuple[str, int] | None


def asked_of(run: Run) -> Asked:
    """Which model and rules the deployment knows by these names. Raises UserError."""
    with connected(run.home) as api:
        told, test = _model(api, run.model, run.alias)
        uri = str(test["status"]["artifacts_uri"] or "")
        if test["status"]["state"] != "completed" or not uri:
            state = test["status"]["state"]
            raise UserError(f"Quick test {test['name']!r} has left no model: it is {state}.")
        if not uri.startswith("gs://"):
            raise UserError(f"The deployment keeps its models in {uri}, which is no bucket.")
        rules = None
        if run.rules is not None:
            rules = find(api, "/api/rule-sets/", "rule set", run.rules)
    return Asked(
        told or ["--artifacts", uri],
        str(test["id"]),
        uri.removeprefix("gs://").partition("/")[0],
        None if rules is None else (rules["id"], rules["revision"]),
    )


def _model(api: Api, wanted: str, alias: Alias) -> tuple[list[str], dict[str, Any]]:
    """How the program is told of a registered model, [] of a test's; and the test that made it."""
    try:
        model = find_model(api, wanted)
    except UserError as error:
        try:
            return [], find(api, "/api/quick-tests/", "quick test", wanted)
        except UserError as neither:
            raise UserError(f"{error} {neither} `recsmith models list` shows models.") from None
    served = getattr(model.status.aliases, alias.value)
    if served is None:
        raise UserError(
            f"Model {model.name!r} has no {alias.value} version: `recsmith models promote "
            f"{model.id} VERSION` brings one into production."
        )
    told = ["--model", model.id, "--alias", alias.value]
    return told, api.get(f"/api/quick-tests/{served.quick_test_id}/")


@contextmanager
def cloud_of(asked: Asked) -> Iterator[Cloud]:
    """Raises UserError for what Google refuses, from the block too."""
    with google_errors(_AGAIN):
        yield Cloud(asked.bucket)


def made(cloud: Cloud, run: Run, asked: Asked, how: How) -> Manifest | None:
    """The run in its folder once it is complete, by the job that is under way or a new one.

    Returns None where nobody waits, or the job is cancelled. Raises UserError.
    """
    from shared.gcp.vertex_batches import Machine

    folder = str(run.folder)
    job = cloud.jobs.find(folder)
    if how.cancel:
        _cancel(cloud, folder, job)
        return None
    arguments = [*asked.model, "--out", folder, *arguments_of(run)]
    arguments += ["--store", f"gs://{asked.bucket}"]
    if run.customers != "all":
        arguments += ["--customers", cloud.listed(run.customers)]
    if job is None:
        noted = cloud.manifest(folder)
        if noted is not None and noted.complete:
            raise UserError(
                f"{folder}: run {noted.run_id} is complete. Choose a folder that is not there yet, "
                "or remove it."
            )
        usual = Machine()
        machine = Machine(how.machine or usual.machine_type, how.spot, how.hours or usual.hours)
        reason = cloud.artifacts.uri(f"{_folder()}/told/{uuid.uuid4().hex}.json")
        job = cloud.jobs.begin(folder, arguments, cloud.image(), machine, reason)
        begun = "Began" if noted is None else f"To go on with run {noted.run_id}, began"
    elif list(job.arguments) != arguments:
        raise UserError(
            f"{folder}: a job is writing something else there at this moment, {job.name}. Wait for "
            "it, end it by the command that began it with --cancel, or choose another folder."
        )
    else:
        begun = "Following"
    out.print(f"  {begun} job {job.name}", soft_wrap=True)
    out.print(f"  [note]{escape(job.page(cloud.place.project))}[/]", soft_wrap=True)
    if not how.wait:
        out.print("[note]It goes on by itself; the same command without --no-wait follows it.[/]")
        return None
    return _complete(cloud, folder, _followed(cloud, folder, job, run.content.subject))


def _cancel(cloud: Cloud, folder: str, job: BatchJob | None) -> None:
    if job is None:
        raise UserError(f"No job is writing to {folder}.")
    cloud.jobs.cancel(job.name)
    done(f"Job {job.name} is asked to end.")
    out.print(
        "[note]What is done stays: the same command without --cancel goes on where it was.[/]"
    )


def _followed(cloud: Cloud, folder: str, job: BatchJob, subject: str) -> BatchJob:
    """The job once it has ended."""
    from google.api_core import exceptions

    passing = (exceptions.ServerError, exceptions.TooManyRequests, exceptions.RetryError)
    columns = (
        TextColumn("  {task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f}"),
    )
    said, faults = None, 0
    try:
        with Progress(*columns, console=out, disable=not out.is_terminal) as progress:
            bar = progress.add_task(f"{subject}s", total=None, visible=False)
            while not job.state.ended:
                time.sleep(POLL_SECONDS)
                try:
                    job = cloud.jobs.get(job.name)
                    noted = cloud.manifest(folder) if job.state is State.RUNNING else None
                    faults = 0
                except passing:
                    faults += 1
                    if faults == _FAULTS:
                        raise
                    continue
                if noted is not None:
                    progress.update(bar, completed=noted.done, total=noted.subjects, visible=True)
                now = (job.state, noted and noted.done)
                if now != said and not out.is_terminal and not job.state.ended:
                    far = f", {noted.done:,} of {noted.subjects:,} {subject}s" if noted else ""
                    out.print(f"  {job.state}{far}")
                said = now
    except KeyboardInterrupt:
        out.print(
            "[note]The job goes on without this command. The same command follows it again; with "
            "--cancel it ends.[/]"
        )
        raise
    return job


def _complete(cloud: Cloud, folder: str, job: BatchJob) -> Manifest:
    """Raises UserError where the job has not made all."""
    page = job.page(cloud.place.project)
    if job.state is State.CANCELLED:
        raise UserError("The job was cancelled. What is done stays: the same command goes on.")
    if job.state is State.FAILED:
        why = _reason(cloud, job) or job.error or "Vertex AI does not say why."
        raise UserError(f"The job failed: {why} Its log: {page}")
    manifest = cloud.manifest(folder)
    if manifest is None or not manifest.complete:
        raise UserError(f"The job ended, but {folder} is not complete. Its log: {page}")
    return manifest


def _reason(cloud: Cloud, job: BatchJob) -> str | None:
    """As the program noted it."""
    try:
        return Reason.model_validate_json(cloud.artifacts.read(job.reason or "")).message
    except (NotFoundError, ValidationError):
        return None


def fill_bucket(run: Run, how: How) -> None:
    """Into a folder of a bucket. Raises UserError."""
    asked = asked_of(run)
    with cloud_of(asked) as cloud:
        manifest = made(cloud, run, asked, how)
    if manifest is not None:
        report(manifest, str(run.folder))


def table_folder(asked: Asked, digest: str) -> str:
    """Where the files of a table lie until they are loaded."""
    return f"gs://{asked.bucket}/{_folder()}/tables/{digest}"


def still_to_load(cloud: Cloud, run: Run, asked: Asked) -> Manifest | None:
    """A complete run of which not all was loaded. One that is no longer what is asked for is
    deleted."""
    manifest = cloud.manifest(str(run.folder))
    if manifest is None or not manifest.complete:
        return None
    if goes_on(run, manifest, means=manifest.model.quick_test_id == asked.means):
        return manifest
    remove(cloud, run)
    return None


def remove(cloud: Cloud, run: Run) -> None:
    """What a table was loaded from."""
    cloud.artifacts.remove(str(run.folder).removeprefix(f"gs://{cloud.bucket}/"))
