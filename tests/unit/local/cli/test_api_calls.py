"""`recsmith api`: every operation of the API, from a terminal."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from api_client import Client
from lab import Lab
from starlette.testclient import TestClient
from typer.testing import CliRunner

from local.cli import app
from local.cli.client import Api
from local.jobs.environment import REPOSITORY


@pytest.fixture
def client() -> Client:
    return Client(Lab())


@pytest.fixture
def recsmith(client: Client, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs `recsmith api`; gives its exit status and what it printed."""

    def connected(_: object) -> Api:
        system = Api("http://127.0.0.1")
        monkeypatch.setattr(system, "_http", TestClient(client.app, raise_server_exceptions=False))
        return system

    monkeypatch.setattr(sys.modules["local.cli.api_calls"], "connected", connected)

    def run(*arguments: object, given: str = "") -> tuple[int, str]:
        ended = CliRunner().invoke(app, ["api", *map(str, arguments)], input=given)
        return ended.exit_code, ended.output

    return run


def test_all_operations_of_the_api_are_listed_and_can_be_called(recsmith: Any) -> None:
    status, said = recsmith("--json")
    assert status == 0
    listed = {(one["method"], one["path"]) for one in json.loads(said)}
    described = json.loads((REPOSITORY / "console/src/api/openapi.json").read_text())["paths"]
    offered = {(method.upper(), path) for path in described for method in described[path]}
    assert listed == offered
    for method, path in sorted(listed):
        said = recsmith(method, path.replace("{", "").replace("}", ""))[1]
        assert "METHOD is" not in said
        assert "There is nothing at" not in said


def test_what_is_sent_and_answered(recsmith: Any, tmp_path: Path) -> None:
    preset = json.loads(recsmith("GET", "/api/model-configs/presets/minimal/")[1])
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"name": "Mine", "spec": preset["spec"]}))
    status, said = recsmith("post", "/api/model-configs/", "--body", config)
    assert status == 0
    made = json.loads(said)
    assert made["name"] == "Mine"
    again = recsmith("POST", "/api/model-configs/", "--body", "-", given=config.read_text())
    assert again[0] == 0
    found = json.loads(recsmith("GET", "/api/model-configs/", "-q", "limit=1")[1])
    assert len(found["items"]) == 1
    path = f"/api/model-configs/{made['id']}/"
    status, said = recsmith("DELETE", path, "--if-match", "7")
    assert status == 1
    assert "is at revision 1, not 7" in said
    assert recsmith("DELETE", path, "--if-match", made["revision"]) == (0, "")
    assert recsmith("GET", path)[0] == 1


def test_an_answer_goes_into_a_file(recsmith: Any, tmp_path: Path) -> None:
    out = tmp_path / "health.json"
    assert recsmith("GET", "/api/health/", "--out", out)[0] == 0
    assert json.loads(out.read_text())
    status, said = recsmith("GET", "/api/health/", "--out", tmp_path / "no" / "where")
    assert status == 1
    assert "cannot be written" in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["HEAD", "/api/health/"], "METHOD is GET, POST, PUT, PATCH or DELETE. Received: 'HEAD'."),
        (["GET"], "Give a PATH, too"),
        (["GET", "api/health/"], "PATH starts with /"),
        (["GET", "/api/health/", "-q", "limit"], "--query is NAME=VALUE. Received: 'limit'."),
        (["POST", "/api/datasets/", "--body", "nowhere.json"], "nowhere.json cannot be read"),
        (["GET", "/api/nowhere/"], "There is nothing at /api/nowhere/."),
    ],
)
def test_what_is_wrong_is_said(recsmith: Any, arguments: list[str], words: str) -> None:
    status, said = recsmith(*arguments)
    assert status == 1
    assert words in " ".join(said.split())


def test_a_body_that_is_no_json_is_said(recsmith: Any) -> None:
    status, said = recsmith("POST", "/api/datasets/", "--body", "-", given="{'a': 1}")
    assert status == 1
    assert "is no JSON: " in said
