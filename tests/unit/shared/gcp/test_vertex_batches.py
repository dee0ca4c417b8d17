"""What Vertex AI is asked for by a run that fills tables."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fakes import FakeArtifacts

from shared.batches import REASON
from shared.errors import RefusedError
from shared.gcp.vertex_batches import PLACE_FILE, BatchJobs, Machine, Place, image_of, place_of
from shared.gcp.vertex_batches_library import CustomJob
from shared.jobs import State

NETWORK = "projects/12345/global/networks/vpc"
KEY = "projects/shop/locations/europe-west4/keyRings/r/cryptoKeys/k"
PLACE = Place(
    project="shop",
    region="europe-west4",
    service_account="pipeline@shop.example",
    templates="memory://templates/v2",
    network=NETWORK,
    kms_key=KEY,
    labels={"team": "shop"},
)
ARGUMENTS = ["--model", "rm-1", "--out", "gs://shop/batches/x"]


class Client:
    """Keeps what it is asked to create."""

    def __init__(self) -> None:
        self.asked: list[CustomJob] = []

    def create_custom_job(self, parent: str, custom_job: CustomJob, timeout: float) -> CustomJob:
        assert parent == "projects/shop/locations/europe-west4"
        self.asked.append(custom_job)
        made = CustomJob(custom_job)
        made.name = f"{parent}/customJobs/7"
        return made


def test_a_job_runs_the_program_in_the_trainers_image_under_the_deployments_key_and_network() -> (
    None
):
    client: Any = Client()
    jobs = BatchJobs(client, PLACE)
    target, reason = "gs://shop/batches/x", "gs://shop/batches/told/1.json"
    begun = jobs.begin(target, ARGUMENTS, "image@sha256:1", Machine(), reason)
    assert (begun.arguments, begun.reason) == (tuple(ARGUMENTS), reason)
    assert begun.state is not State.SUCCEEDED
    assert begun.page("shop").endswith("/locations/europe-west4/training/7?project=shop")
    (job,) = client.asked
    assert job.encryption_spec.kms_key_name == KEY
    assert (job.job_spec.network, job.job_spec.service_account) == (NETWORK, PLACE.service_account)
    assert dict(job.labels) == {"team": "shop", "recsmith-purpose": "batch"}
    assert job.job_spec.scheduling.strategy.name == "STANDARD"
    (pool,) = job.job_spec.worker_pool_specs
    assert pool.container_spec.image_uri == "image@sha256:1"
    assert [(one.name, one.value) for one in pool.container_spec.env] == [(REASON, reason)]


def test_jobs_into_two_folders_are_told_apart_by_their_names() -> None:
    client: Any = Client()
    jobs = BatchJobs(client, PLACE)
    for target in ("gs://shop/a", "gs://shop/b", "gs://shop/a"):
        jobs.begin(target, ARGUMENTS, "image", Machine(), "gs://shop/told.json")
    first, second, third = (job.display_name for job in client.asked)
    assert first == third != second


@pytest.mark.parametrize("content", [None, "{}", "nonsense"])
def test_without_terraforms_file_nothing_is_known_of_jobs(content: str | None) -> None:
    artifacts = FakeArtifacts()
    if content is not None:
        artifacts.create(PLACE_FILE, content.encode())
    with pytest.raises(RefusedError, match="apply this version's Terraform"):
        place_of(artifacts)


@pytest.mark.parametrize(
    "executors", [None, {}, {"a": {"importer": {}}}, {"a": "b"}, "ab"], ids=str
)
def test_a_template_without_an_image_is_refused(executors: Any) -> None:
    artifacts = FakeArtifacts()
    if executors is not None:
        spec = {"root": {}, "deploymentSpec": {"executors": executors}}
        artifacts.create("templates/v2/full_training.json", json.dumps(spec).encode())
    with pytest.raises(RefusedError, match="names no image of the trainer"):
        image_of(PLACE, artifacts)
