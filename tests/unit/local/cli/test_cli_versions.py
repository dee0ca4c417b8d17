"""Versions and their differences on the command line."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
import typer
from api_client import Client
from lab import Lab
from typer.testing import CliRunner

from local.cli.client import UserError
from local.cli.documents import add_commands
from local.cli.versions import add_version_commands
from shared import editing
from shared.as_code.kinds import KINDS
from shared.documents.base import Collection


class InMemory:
    """The command's client of the API, over the fakes."""

    def __init__(self, lab: Lab) -> None:
        self._send = Client(lab)

    def __enter__(self) -> InMemory:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def get(self, path: str, **query: Any) -> Any:
        answer = self._send("GET", path, params=query)
        if answer.is_error:
            found = answer.json()["error"]
            raise UserError(found["message"], found["fields"], found["code"])
        return answer.json()

    def items(self, path: str) -> Any:
        return self.get(path)["items"]


@pytest.fixture
def lab() -> Lab:
    return Lab()


@pytest.fixture
def recsmith(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a command of the group of model configs; gives its exit status and what it printed."""

    def connected(_: object) -> InMemory:
        return InMemory(lab)

    monkeypatch.setattr(sys.modules[add_version_commands.__module__], "connected", connected)
    group = typer.Typer()
    add_commands(group, KINDS["model_config"])

    def run(*arguments: str) -> tuple[int, str]:
        ended = CliRunner().invoke(group, list(arguments))
        return ended.exit_code, ended.output

    return run


@pytest.fixture
def model(lab: Lab) -> str:
    """A model config of three versions, of which the first and the last have been tested."""
    features, made = lab.features(), lab.model("Small")
    lab.completed("Before", 0.2, features, made)
    for rate in (0.01, 0.02):
        now = editing.get(lab.ports, Collection.MODEL_CONFIGS, made)
        spec = {**now.spec.model_dump(mode="json"), "learning_rate": rate}
        editing.update(
            lab.ports, Collection.MODEL_CONFIGS, made, name=now.name, description="", spec=spec
        )
        lab.settle()
    lab.completed("After", 0.25, features, made, seed=2)
    return made


@pytest.mark.usefixtures("model")
def test_a_difference_is_told_in_the_servers_words(recsmith: Any) -> None:
    status, told = recsmith("diff", "Small", "--from", "1")
    assert status == 0
    assert "Small, version 1 → version 3" in told
    assert "Learning rate 0.002 → 0.02" in told
    assert "Recall@100 20.0% → 25.0%: clearly better" in told
    assert "version 2 has no completed quick test" in recsmith("diff", "Small")[1]


@pytest.mark.usefixtures("model")
def test_it_is_json_or_markdown_where_that_is_asked_for(recsmith: Any) -> None:
    found = json.loads(recsmith("diff", "Small", "--from", "1", "--to", "2", "--json")[1])
    assert found["changes"] == ["Learning rate 0.002 → 0.01"]
    assert (
        recsmith("diff", "Small", "--from", "1", "--to", "2", "--markdown")[1]
        == (found["markdown"])
    )


@pytest.mark.usefixtures("model")
def test_two_are_compared_by_name(recsmith: Any, lab: Lab) -> None:
    lab.model("Wide", batch_size=1024)
    told = recsmith("diff", "Small", "Wide")[1]
    assert "Small, version 3 → Wide, version 1" in told
    assert "Batch size 4,096 → 1,024" in told


@pytest.mark.usefixtures("model")
def test_what_is_not_there_ends_in_an_error(recsmith: Any) -> None:
    status, told = recsmith("diff", "Small", "--from", "9")
    assert status == 1
    assert "There is no version 9. Versions are 1, 2 and 3." in told


@pytest.mark.usefixtures("model")
def test_each_version_is_listed_with_what_it_changed(recsmith: Any) -> None:
    status, told = recsmith("versions", "Small")
    assert status == 0
    assert "Learning rate 0.01 → 0.02" in told
    assert "created" in told
