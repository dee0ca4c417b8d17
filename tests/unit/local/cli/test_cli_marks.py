"""Runs are marked on the command line, and lists are narrowed by it."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from api_client import Client
from lab import Lab
from starlette.testclient import TestClient
from typer.testing import CliRunner

from local.cli import app
from local.cli.client import Api


@pytest.fixture
def lab() -> Lab:
    return Lab()


@pytest.fixture
def recsmith(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs `recsmith quick-test`; gives its exit status and what it printed."""
    client = Client(lab)

    def connected(_: object) -> Api:
        system = Api("http://127.0.0.1")
        monkeypatch.setattr(system, "_http", TestClient(client.app, raise_server_exceptions=False))
        return system

    for module in ("marks", "quick_tests"):
        monkeypatch.setattr(sys.modules[f"local.cli.{module}"], "connected", connected)

    def run(*arguments: str) -> tuple[int, str]:
        ended = CliRunner().invoke(app, ["quick-test", *arguments])
        return ended.exit_code, " ".join(ended.output.split())

    return run


def test_a_test_is_tagged_found_by_it_and_archived(lab: Lab, recsmith: Any) -> None:
    features, model = lab.features(), lab.model()
    ids = {name: lab.completed(name, 0.2, features, model) for name in ("Kept", "Gone")}
    assert recsmith("mark", "Kept", "--tag", "paper", "--tag", "v2", "--pin", "--note", "Why") == (
        0,
        "✓ Kept: tagged paper and v2, pinned.",
    )
    assert recsmith("list", "--tag", "paper", "--columns", "id,description")[1] == (
        f"{ids['Kept']} Why"
    )
    assert recsmith("mark", ids["Gone"], "--archive")[1] == "✓ Gone: no tags, archived."
    assert recsmith("list", "--columns", "name")[1] == "Kept"
    assert recsmith("list", "--archived", "--columns", "name")[1] == "Gone"
    assert recsmith("list", "--owner", "ana@example.com", "--columns", "name")[1] == ""
    assert "no tags" in recsmith("mark", "Kept", "--untag", "paper", "--untag", "v2", "--unpin")[1]


def test_what_cannot_be_marked_is_said(lab: Lab, recsmith: Any) -> None:
    lab.completed("Kept", 0.2, lab.features(), lab.model())
    status, said = recsmith("mark", "Kept")
    assert (status, "Say what to change: --tag" in said) == (1, True)
    status, said = recsmith("mark", "Kept", "--tag", "a,b")
    assert (status, "A tag has no comma" in said) == (1, True)
