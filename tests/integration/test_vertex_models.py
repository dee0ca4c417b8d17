"""Model Registry and endpoints by Google's own client, against a server that speaks as theirs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shared.errors import NotFoundError, RefusedError
from shared.gcp.vertex_models import Machines, VertexModels, vertex_models
from shared.problems import InvalidError
from shared.registry import ServedVersion
from tests.integration.vertex_models_server import VertexModelsServer, serving

IMAGE = f"europe-west1-docker.pkg.dev/p/recsmith/trainer@sha256:{'0' * 64}"
MODEL, NAME = "rm-grocery-0a1b2c3d4e", "Grocery: weekly"
PLACE = "projects/p/locations/europe-west1"


@pytest.fixture
def server() -> VertexModelsServer:
    return VertexModelsServer()


@pytest.fixture
def vertex(server: VertexModelsServer) -> Iterator[VertexModels]:
    with serving(server) as address:
        yield vertex_models("p", "europe-west1", address)


def version(number: int, uri: str = "") -> ServedVersion:
    uri = uri or f"gs://p-recsmith/models/quick-test-qt-{number}-1"
    return ServedVersion(version=number, quick_test_id=f"qt-{number}", artifacts_uri=uri)


def deployed(vertex: VertexModels, *numbers: int, share: int = 100) -> dict[int, int]:
    shares = {}
    for number in numbers:
        vertex.upload(MODEL, NAME, version(number), IMAGE)
        shares = vertex.deploy(MODEL, NAME, number, share).shares
    return shares


def test_versions_of_a_registered_model_are_versions_of_one_model(
    vertex: VertexModels, server: VertexModelsServer
) -> None:
    names = [vertex.upload(MODEL, NAME, version(number), IMAGE) for number in (3, 5, 3)]
    assert names == [f"{PLACE}/models/{MODEL}@{number}" for number in (1, 2, 1)]
    assert server.calls.count("UploadModel") == 2  # what is there is not uploaded again
    (first, second) = server.versions[f"{PLACE}/models/{MODEL}"]
    assert list(first.version_aliases) == ["v3"]
    assert second.artifact_uri == "gs://p-recsmith/models/quick-test-qt-5-1"
    container = second.container_spec
    assert (container.predict_route, container.health_route) == ("/predict", "/health")
    assert [port.container_port for port in container.ports] == [8080]
    assert f"--model={MODEL}" in container.args


def test_a_first_version_gets_all_requests_and_a_further_one_its_share(
    vertex: VertexModels, server: VertexModelsServer
) -> None:
    assert deployed(vertex, 1, share=10) == {1: 100}
    assert deployed(vertex, 2, share=10) == {1: 90, 2: 10}
    assert deployed(vertex, 3, share=0) == {1: 90, 2: 10, 3: 0}
    assert deployed(vertex, 3, share=34) == {1: 60, 2: 6, 3: 34}
    assert server.calls.count("DeployModel") == 3  # the last time only requests are moved
    assert server.calls.count("CreateEndpoint") == 1
    (endpoint,) = server.endpoints.values()
    first = endpoint.deployed_models[0]
    assert first.model == f"{PLACE}/models/{MODEL}@1"
    assert first.dedicated_resources.machine_spec.machine_type == "n1-standard-4"


def test_a_share_of_a_version_that_gets_all_is_refused_and_changes_nothing(
    vertex: VertexModels,
) -> None:
    deployed(vertex, 1, 2)
    with pytest.raises(RefusedError, match="90% of the requests"):
        vertex.deploy(MODEL, NAME, 2, share=10)
    assert vertex.traffic(MODEL).shares == {1: 0, 2: 100}


def test_requests_are_moved_between_versions_and_back(vertex: VertexModels) -> None:
    deployed(vertex, 1, 2)
    assert vertex.traffic(MODEL).shares == {1: 0, 2: 100}
    assert vertex.split(MODEL, {1: 25, 2: 75}).shares == {1: 25, 2: 75}
    assert vertex.split(MODEL, {1: 100}).shares == {1: 100, 2: 0}
    assert vertex.traffic(MODEL).endpoint == f"{PLACE}/endpoints/{MODEL}"


def test_a_version_that_gets_no_requests_is_undeployed(vertex: VertexModels) -> None:
    deployed(vertex, 1, 2)
    with pytest.raises(RefusedError, match="Version 2 gets 100% of the requests"):
        vertex.undeploy(MODEL, 2)
    assert vertex.undeploy(MODEL, 1).shares == {2: 100}
    assert vertex.undeploy(MODEL, 1).shares == {2: 100}
    assert vertex.undeploy(MODEL, 2).shares == {}
    assert deployed(vertex, 1) == {1: 100}


def test_what_is_not_there_is_named(vertex: VertexModels) -> None:
    with pytest.raises(NotFoundError, match="no version 1 of model 'rm-grocery-0a1b2c3d4e' in"):
        vertex.deploy(MODEL, NAME, 1)
    for ask in (
        lambda: vertex.traffic(MODEL),
        lambda: vertex.split(MODEL, {1: 100}),
        lambda: vertex.undeploy(MODEL, 1),
    ):
        with pytest.raises(NotFoundError, match="no endpoint 'rm-grocery-0a1b2c3d4e' on Vertex AI"):
            ask()
    deployed(vertex, 1)
    with pytest.raises(NotFoundError, match="no version 7 deployed of model"):
        vertex.split(MODEL, {7: 100})


def test_what_vertex_refuses_is_refused_and_changes_nothing(
    vertex: VertexModels, server: VertexModelsServer
) -> None:
    with pytest.raises(RefusedError, match=r"2 to 63 lower-case letters.*'Grocery'"):
        vertex.upload("Grocery", NAME, version(1), IMAGE)
    with pytest.raises(RefusedError, match="400 The image is not of Artifact Registry"):
        vertex.upload(MODEL, NAME, version(1), "trainer:v1")
    with pytest.raises(RefusedError, match="400 artifact_uri is no folder"):
        vertex.upload(MODEL, NAME, version(1, "file:///models"), IMAGE)
    assert not server.versions
    deployed(vertex, 1)
    vertex.upload(MODEL, NAME, version(2), IMAGE)
    with pytest.raises(RefusedError, match="400 A machine type and at least one replica"):
        vertex.deploy(MODEL, NAME, 2, machines=Machines(min_replicas=0))
    for shares in ({1: 90}, {1: 101}, {}):
        with pytest.raises(InvalidError, match="100 percent in all"):
            vertex.split(MODEL, shares)
    with pytest.raises(InvalidError, match="0 to 100 percent"):
        vertex.deploy(MODEL, NAME, 2, share=101)
    assert vertex.traffic(MODEL).shares == {1: 100}
