"""Saved models, downloaded as one archive."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import httpx
import pytest
from api_client import Client, error
from lab import Lab

from shared.archives import zipped
from shared.errors import NotFoundError

WEIGHTS = bytes(range(256)) * 100


@pytest.fixture
def lab() -> Lab:
    return Lab()


@pytest.fixture
def client(lab: Lab) -> Client:
    return Client(lab)


@pytest.fixture
def trained(lab: Lab) -> str:
    """The id of a full training that has left a model, and other files beside it."""
    test_id = lab.fully_trained(lab.feature_config(lab.dataset_id), lab.model_config())
    folder = lab.test(test_id).artifacts_uri
    lab.artifacts.files[f"{folder}/model/variables/variables.data"] = WEIGHTS
    lab.artifacts.files[f"{folder}/model_of_another/secret"] = b"no"
    return test_id


def unpacked(answer: httpx.Response) -> dict[str, bytes]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_archive_has_the_model_and_nothing_else(client: Client, trained: str) -> None:
    (model,) = client("GET", "/api/registered-models/").json()["items"]
    expected = {"model/saved_model.pb": b"a model", "model/variables/variables.data": WEIGHTS}
    of_test = client("GET", f"/api/quick-tests/{trained}/model.zip")
    assert unpacked(of_test) == expected
    path = f"/api/registered-models/{model['id']}/versions/1/model.zip/"
    of_version = client("GET", path)
    assert of_version.content == of_test.content  # the same files are the same bytes
    assert f"{model['id']}-1.zip" in of_version.headers["content-disposition"]


def test_what_has_no_model_is_told(lab: Lab, client: Client, trained: str) -> None:
    running = lab.running_test()
    error(client("GET", f"/api/quick-tests/{running}/model.zip/"), 409, "no_model")
    error(client("GET", "/api/quick-tests/qt-none/model.zip/"), 404, "not_found")
    (model,) = client("GET", "/api/registered-models/").json()["items"]
    error(
        client("GET", f"/api/registered-models/{model['id']}/versions/2/model.zip/"),
        404,
        "not_found",
    )
    lab.artifacts.files.clear()
    error(client("GET", f"/api/quick-tests/{trained}/model.zip/"), 404, "not_found")


def test_an_archive_is_made_while_it_is_sent() -> None:
    read = []

    def pieces(name: str) -> Iterator[bytes]:
        for number in range(4):
            read.append((name, number))
            yield b"x" * 1000

    parts = zipped([("a", 4000), ("b", 4000)], pieces)
    first = next(parts)
    assert read == [("a", 0)]
    assert len(first) < 2000
    whole = first + b"".join(parts)
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        assert archive.read("b") == b"x" * 4000


def received(sent: bytearray, parts: Iterator[bytes]) -> None:
    for part in parts:
        sent += part


def test_a_file_that_goes_away_leaves_no_archive_that_can_be_read() -> None:
    def pieces(name: str) -> Iterator[bytes]:
        yield b"begun"
        raise NotFoundError("artifact", name)

    sent, parts = bytearray(), zipped([("a", 10)], pieces)
    with pytest.raises(NotFoundError):
        received(sent, parts)
    assert sent
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(sent))
