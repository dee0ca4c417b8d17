"""Models that the client and the command line download."""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from recsmith_client import ApiError, AsyncClient, Client, NoAnswerError, RecsmithError

from local.cli.client import Api, UserError

URL = "http://127.0.0.1:9"
VERSION = "/api/registered-models/grocery/versions/2/"
MODEL = {"id": "grocery", "name": "Grocery", "spec": {}, "status": {"rolls_back_to": None}}
Answer = httpx.Response | Exception


def archive() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as opened:
        opened.writestr("model/saved_model.pb", b"weights" * 1000)
    return made.getvalue()


WHOLE = archive()
DAMAGED = WHOLE.replace(b"weights", b"WEIGHTS", 1)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing waits between attempts."""
    for package in ("_sync", "_async"):
        monkeypatch.setattr(f"recsmith_client.{package}.connection.pause_seconds", lambda *_: 0.0)


def serving(*answers: Answer) -> Callable[[httpx.Request], httpx.Response]:
    """A server of one registered model, whose archive is answered so, one after another."""
    left = iter(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        if not request.url.path.startswith(VERSION):
            return httpx.Response(200, json=MODEL)
        found = next(left)
        if isinstance(found, Exception):
            raise found
        return found

    return answer


def saved(folder: Path, *answers: Answer) -> Path:
    with Client(URL, transport=httpx.MockTransport(serving(*answers))) as client:
        return client.download_model("grocery", folder / "model.zip", version=2)


def test_a_download_that_broke_off_is_made_again_and_is_there_whole(tmp_path: Path) -> None:
    (tmp_path / "model.zip").write_text("what was there")
    path = saved(tmp_path, httpx.ReadError("gone"), httpx.Response(200, content=WHOLE))
    assert path.read_bytes() == WHOLE
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (httpx.Response(200, content=DAMAGED), RecsmithError),
        (httpx.Response(200, content=WHOLE[:-30]), RecsmithError),
        (httpx.Response(200, content=b"<h1>Sign in</h1>"), RecsmithError),
        (httpx.Response(404, json={"error": {"code": "not_found", "message": "No."}}), ApiError),
    ],
    ids=["damaged", "cut short", "a page", "an error"],
)
def test_what_is_no_whole_model_leaves_what_was_there(
    tmp_path: Path, answer: httpx.Response, fault: type[Exception]
) -> None:
    (tmp_path / "model.zip").write_text("what was there")
    with pytest.raises(fault):
        saved(tmp_path, answer)
    assert [one.read_text() for one in tmp_path.iterdir()] == ["what was there"]


def test_a_server_that_is_never_there_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(NoAnswerError):
        saved(tmp_path, *[httpx.ReadError("gone")] * 5)
    assert not list(tmp_path.iterdir())


def test_asyncio_saves_the_same(tmp_path: Path) -> None:
    async def run() -> Path:
        transport = httpx.MockTransport(serving(httpx.Response(200, content=WHOLE)))
        async with AsyncClient(URL, transport=transport) as client:
            return await client.download_model("grocery", tmp_path / "a.zip", version=2)

    assert asyncio.run(run()).read_bytes() == WHOLE


@pytest.mark.parametrize(
    ("content", "words"),
    [(WHOLE, None), (DAMAGED, "damaged"), (b"a page", "no whole archive")],
    ids=["whole", "damaged", "a page"],
)
def test_the_command_saves_only_what_is_whole(
    tmp_path: Path, content: bytes, words: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    api, file = Api(URL), tmp_path / "model.zip"
    transport = httpx.MockTransport(serving(httpx.Response(200, content=content)))
    monkeypatch.setattr(api, "_http", httpx.Client(base_url=URL, transport=transport))
    if words is None:
        api.save(f"{VERSION}model.zip/", file)
        assert file.read_bytes() == content
        return
    with pytest.raises(UserError, match=words):
        api.save(f"{VERSION}model.zip/", file)
    assert not list(tmp_path.iterdir())
