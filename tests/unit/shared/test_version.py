"""One version, from pyproject.toml, wherever it is told."""

from __future__ import annotations

import importlib.metadata

import pytest
from api_client import Client
from scenario import Shop
from typer.testing import CliRunner

from local.cli import app
from shared.version import version

INSTALLED = importlib.metadata.version("recsmith")


def test_the_command_the_api_and_its_description_tell_the_installed_version() -> None:
    told = CliRunner().invoke(app, ["--version"])
    assert (told.exit_code, told.output) == (0, f"Recsmith {INSTALLED}\n")
    client = Client(Shop())
    assert client("GET", "/api/health/").json() == {"status": "ok", "version": INSTALLED}
    assert client("GET", "/api/openapi.json").json()["info"]["version"] == INSTALLED


def test_an_image_tells_the_version_that_it_was_built_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSMITH_VERSION", "9.8.7")
    assert version() == "9.8.7"
    monkeypatch.delenv("RECSMITH_VERSION")

    def missing(_: str) -> str:
        raise importlib.metadata.PackageNotFoundError

    monkeypatch.setattr("shared.version.installed_version", missing)
    assert version() == "unknown"
