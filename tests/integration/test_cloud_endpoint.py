"""`recsmith cloud endpoint`, over a bucket of the emulator and a Vertex AI in memory."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.cloud import storage

from local.emulated.emulators import Emulators
from shared.gcp.storage import GcsArtifactStore
from shared.registry import Alias, Pointer, ServedVersion, pointer_key
from tests.integration.laptop import Laptop
from tests.integration.vertex_models_server import VertexModelsServer, serving

MODEL = "rm-grocery-0a1b2c3d4e"
IMAGE = f"europe-west1-docker.pkg.dev/p/recsmith/trainer@sha256:{'0' * 64}"


class Cloud:
    """A project whose model MODEL can be promoted, and the command."""

    def __init__(self, laptop: Laptop, server: VertexModelsServer) -> None:
        self.laptop, self.server = laptop, server
        self.project = f"shop-{time.time_ns()}"
        client = storage.Client(project=self.project)
        client.create_bucket(f"{self.project}-recsmith")
        self.artifacts = GcsArtifactStore(client, f"{self.project}-recsmith")
        self.revision = 0

    def promote(self, version: int) -> None:
        self.revision += 1
        served = ServedVersion(
            version=version,
            quick_test_id=f"qt-{version}",
            artifacts_uri=self.artifacts.uri(f"models/quick-test-qt-{version}-1"),
        )
        pointer = Pointer(
            model_id=MODEL,
            name="Grocery",
            revision=self.revision,
            aliases={Alias.PRODUCTION: served},
        )
        self.artifacts.replace(pointer_key(MODEL), pointer.model_dump_json().encode())

    def said(self, command: str, *arguments: str, status: int = 0) -> str:
        given = ["cloud", "endpoint", command, *arguments, "--project", self.project]
        return " ".join(self.laptop.run(*given, status=status).split())


@pytest.fixture
def cloud(running_emulators: Emulators, tmp_path: Path) -> Iterator[Cloud]:
    laptop, server = Laptop(tmp_path), VertexModelsServer()
    with serving(server) as address:
        laptop.environment |= {**running_emulators.environment, "RECSMITH_VERTEX_ENDPOINT": address}
        yield Cloud(laptop, server)


def test_a_version_is_deployed_gets_a_share_and_is_rolled_back(cloud: Cloud) -> None:
    cloud.promote(3)
    assert "version 3: 100% of" in cloud.said("deploy", MODEL, "--image", IMAGE)
    cloud.promote(4)
    said = cloud.said("deploy", MODEL, "--image", IMAGE, "--share", "10")
    assert "version 3: 90% of the requests version 4: 10%" in said
    assert "version 4: 100%" in cloud.said("traffic", MODEL, "3=0", "4=100")
    assert "version 3: 100% of the requests version 4: 0%" in cloud.said("traffic", MODEL, "3=100")
    assert "version 4" not in cloud.said("undeploy", MODEL, "4")
    assert f"endpoints/{MODEL}" in cloud.said("traffic", MODEL)


def test_what_cannot_be_is_said(cloud: Cloud) -> None:
    image = ("--image", IMAGE)
    assert f"with the id '{MODEL}' has been promoted" in cloud.said(
        "deploy", MODEL, *image, status=1
    )
    cloud.promote(3)
    assert "no previous version" in cloud.said(
        "deploy", MODEL, *image, "--alias", "previous", status=1
    )
    assert "image is not of Artifact Registry" in cloud.said(
        "deploy", MODEL, "--image", "trainer", status=1
    )
    assert "There is no endpoint" in cloud.said("traffic", MODEL, status=1)
    assert "VERSION=PERCENT, such as 3=90. Received: '3'" in cloud.said(
        "traffic", MODEL, "3", status=1
    )
    cloud.said("deploy", MODEL, *image)
    assert "100 percent in all" in cloud.said("traffic", MODEL, "3=90", status=1)
