"""`recsmith batch` at a deployment: its guarded API, a bucket of the emulator, and a Vertex AI in
memory whose containers run the program itself."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import batched
import grpc
import pyarrow.parquet as pq
import pytest
from google.cloud import storage
from registered import MODEL, Registered
from typer.testing import CliRunner

from local.cli import app, cloud_batches
from local.emulated.emulators import Emulators
from shared.batches import MANIFEST, REASON, Manifest
from shared.gcp.vertex_batches import PLACE_FILE
from tests.integration.bigquery_server import BigQueryServer
from tests.integration.deployed_api import Google, deployed
from tests.integration.vertex_jobs_server import VertexJobsServer, serving_jobs
from trainer_image import batch

IMAGE = f"europe-west1-docker.pkg.dev/shop/recsmith/trainer@sha256:{'0' * 64}"
ACCOUNT = "recsmith-pipeline@shop.iam.gserviceaccount.com"


class Deployment:
    """A deployment with a registered model, and the command signed in to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = f"shop-{time.time_ns()}"
        self.bucket = storage.Client(project="shop").create_bucket(self.name)
        self.shop = Registered()
        self.shop.artifacts.uri = lambda key: f"gs://{self.name}/{key}"  # type: ignore[method-assign]
        self.vertex = VertexJobsServer(self.container, IMAGE)
        self.model = ""
        place = {
            "project": "shop",
            "region": "europe-west1",
            "service_account": ACCOUNT,
            "templates": f"gs://{self.name}/templates/v1",
            "labels": {"app": "recsmith"},
        }
        self.put(PLACE_FILE, json.dumps(place))
        executors = {f"exec-{n}": {"container": {"image": IMAGE}} for n in range(2)}
        spec = {"root": {}, "deploymentSpec": {"executors": executors}}
        self.put("templates/v1/full_training.json", json.dumps({"pipelineSpec": spec}))

    def put(self, key: str, content: str) -> None:
        self.bucket.blob(key).upload_from_string(content)

    def keys(self, prefix: str) -> list[str]:
        return sorted(blob.name for blob in self.bucket.list_blobs(prefix=prefix))

    def container(self, arguments: list[str], environment: dict[str, str]) -> int:
        """The program, over files of this machine that are brought and taken away."""
        out = arguments[arguments.index("--out") + 1]
        work = self.folder / f"work-{len(list(self.folder.glob('work-*')))}"
        work.mkdir()
        given = batch.parsed(arguments)
        assert (given.model, given.alias) == (MODEL, "production")
        assert given.store == f"gs://{self.name}"
        told = ["--artifacts", self.model, "--out", str(work / "out"), "--k", str(given.k)]
        told += ["--write", given.write, "--format", given.format]
        told += ["--shards", str(given.shards)] if given.shards else []
        if given.customers:
            key = given.customers.removeprefix(f"gs://{self.name}/")
            self.bucket.blob(key).download_to_filename(work / Path(key).name)
            told += ["--customers", str(work / Path(key).name)]
        os.environ[REASON] = str(work / "reason.json")
        load: Any = batched.Model
        try:
            status = batch.main(told, load)
        finally:
            del os.environ[REASON]
        reason = work / "reason.json"
        if reason.exists():
            key = environment[REASON].removeprefix(f"gs://{self.name}/")
            self.bucket.blob(key).upload_from_filename(reason)
        for path in (work / "out").rglob("*.*"):
            key = f"{out}/{path.relative_to(work / 'out')}".removeprefix(f"gs://{self.name}/")
            self.bucket.blob(key).upload_from_filename(path)
        return status

    def rows(self, folder: str) -> list[dict[str, Any]]:
        found = []
        for key in self.keys(f"{folder}/data/"):
            self.bucket.blob(key).download_to_filename(self.folder / "part")
            found += pq.read_table(self.folder / "part").to_pylist()
        return found


@pytest.fixture
def here(running_emulators: Emulators, tmp_path: Path) -> Deployment:
    here = Deployment(tmp_path)
    (test_id,) = here.shop.versions(0.2)
    here.shop.promote(MODEL, 1)
    here.model = batched.job(tmp_path / "model", test_id)
    return here


@pytest.fixture
def say(here: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    folder = tmp_path / "bin"
    folder.mkdir()
    google = Google(folder)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("PATH", f"{google.gcloud(google.token())}:/usr/bin:/bin")
    monkeypatch.delenv("RECSMITH_HOME", raising=False)
    monkeypatch.delenv("RECSMITH_URL", raising=False)
    monkeypatch.setattr(cloud_batches, "POLL_SECONDS", 0.0)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, status: int = 0) -> str:
        ended = CliRunner().invoke(app, arguments)
        assert ended.exit_code == status, ended.output
        return " ".join(ended.output.split())

    with deployed(here.shop.ports, google) as url, serving_jobs(here.vertex) as address:
        monkeypatch.setenv("RECSMITH_VERTEX_ENDPOINT", address)
        run("--url", url, "login")
        yield run


Say = Callable[..., str]


def test_a_job_fills_a_folder_for_a_list_and_is_asked_for_in_full(
    here: Deployment, say: Say, tmp_path: Path
) -> None:
    (tmp_path / "mail.csv").write_text("customer_id,town\n100,Ulm\n101,Ulm\n7,Ulm\n")
    out = f"gs://{here.name}/batches/mail"
    said = say(
        *("batch", "Shop", "--out", f"{out}/", "--k", "2", "--customers", "mail.csv"),
        *("--machine", "n2-standard-8", "--spot", "--hours", "5"),
    )
    assert f"4 rows for 2 customers in {out}" in said
    assert "1 customer unknown to the model" in said
    assert "vertex-ai/locations/europe-west1/training/1000?project=shop" in said
    assert {row["customer_id"] for row in here.rows("batches/mail")} == {"100", "101"}
    (job,) = here.vertex.jobs.values()
    spec = job.job_spec
    assert (spec.service_account, job.labels["app"]) == (ACCOUNT, "recsmith")
    assert spec.scheduling.timeout.total_seconds() == 5 * 3600
    assert spec.scheduling.strategy.name == "SPOT"
    (pool,) = spec.worker_pool_specs
    assert pool.machine_spec.machine_type == "n2-standard-8"
    assert list(pool.container_spec.command) == ["python", "-m", "trainer_image.batch"]
    assert list(pool.container_spec.args)[:4] == ["--model", MODEL, "--alias", "production"]
    assert "run" in say("batch", "Shop", "--out", out, "--k", "2", status=1)
    assert len(here.vertex.jobs) == 1


def test_vectors_are_filled_by_the_same_kind_of_job(here: Deployment, say: Say) -> None:
    out = f"gs://{here.name}/batches/products"
    said = say("embeddings", "Shop", "--of", "products", "--out", out)
    assert "5 rows for 5 products" in said
    assert here.keys("batches/products/data") == ["batches/products/data/part-00000.json"]


def test_a_job_goes_on_without_the_command_is_followed_again_and_is_cancelled(
    here: Deployment, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["batch", "Shop", "--out", f"gs://{here.name}/batches/all", "--k", "1"]
    assert "No job is writing to" in say(*command, "--cancel", status=1)
    here.vertex.held = True
    assert "It goes on by itself" in say(*command, "--no-wait")
    with monkeypatch.context() as impatient:
        impatient.setattr(cloud_batches.time, "sleep", _interrupt)
        said = say(*command, status=130)
    assert "Following job" in said
    assert "goes on without this command. The same command follows it again" in said
    assert "is writing something else there" in say(*command[:-1], "2", status=1)
    assert len(here.vertex.jobs) == 1
    assert "is asked to end" in say(*command, "--cancel")
    assert "was cancelled. What is done stays" in say(*command, status=1)
    here.vertex.held = False
    assert "60 rows for 60 customers" in say(*command)
    assert len(here.vertex.jobs) == 2


def _interrupt(_: float) -> None:
    raise KeyboardInterrupt


def test_a_table_of_bigquery_is_loaded_from_the_bucket_once(
    here: Deployment, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = "shop.marketing.recommendations"
    command = ["batch", "Shop", "--out", f"bq://{table}", "--k", "2", "--shards", "3"]
    with BigQueryServer().serving() as server:
        server.bucket = here.bucket.client
        monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", server.address)
        server.failing = 3
        assert "Try again" in say(*command, status=1)
        assert table not in server.tables
        said = say(*command)
        assert "Going on to load run" in said
        assert "120 rows for 60 customers" in said
        assert len(server.tables[table]) == 120
    assert len(here.vertex.jobs) == 1
    assert here.keys("batches/tables") == []


def test_what_cannot_be_is_said_and_begins_nothing(
    here: Deployment, say: Say, tmp_path: Path
) -> None:
    out = f"gs://{here.name}/batches/x"
    assert "There is no quick test with the id or name 'Shoes'" in say(
        "batch", "Shoes", "--out", out, status=1
    )
    assert "has no previous version" in say(
        "batch", "Shop", "--alias", "previous", "--out", out, status=1
    )
    assert "no rule set with the id or name 'None'" in say(
        "batch", "Shop", "--out", out, "--rules", "None", status=1
    )
    assert "at a deployment, give gs://BUCKET/FOLDER" in say(
        "batch", "Shop", "--out", "x", status=1
    )
    assert "mail.csv cannot be read" in say(
        "batch", "Shop", "--out", out, "--customers", "mail.csv", status=1
    )
    assert "sign in to a deployment first" in say(
        "--url", "here", "batch", "Shop", "--out", "x", "--spot", status=1
    )
    assert "Machine type 'huge' is not supported" in say(
        "batch", "Shop", "--out", out, "--machine", "huge", status=1
    )
    for code, message in (("PERMISSION_DENIED", "batch_users"), ("RESOURCE_EXHAUSTED", "A quota")):
        here.vertex.refusing = (grpc.StatusCode[code], "No.")
        assert message in say("batch", "Shop", "--out", out, status=1)
    here.bucket.blob(PLACE_FILE).delete()
    assert "apply this version's Terraform" in say("batch", "Shop", "--out", out, status=1)
    assert not here.vertex.jobs


def test_why_a_job_failed_is_said_and_the_same_command_goes_on(
    here: Deployment, say: Say, tmp_path: Path
) -> None:
    out = f"gs://{here.name}/batches/x"
    command = ["batch", "Shop", "--out", out, "--k", "1"]
    here.vertex.images.clear()
    assert "was not found" in say(*command, status=1)
    here.vertex.images.add(IMAGE)
    (tmp_path / "strangers.txt").write_text("7\n")
    said = say(*command, "--customers", "strangers.txt", status=1)
    assert "the model knows none of the 1 customers" in said
    assert "Its log: https://console.cloud.google.com/" in said
    assert "60 rows for 60 customers" in say(*command)
    manifest = Manifest.model_validate_json(
        here.bucket.blob(f"batches/x/{MANIFEST}").download_as_bytes()
    )
    assert manifest.complete
