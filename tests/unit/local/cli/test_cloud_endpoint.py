"""`recsmith cloud endpoint` where Google Cloud does not answer."""

from __future__ import annotations

import concurrent.futures
from typing import Any

import pytest
from google.api_core.exceptions import RetryError, ServiceUnavailable
from google.auth.exceptions import RefreshError
from typer.testing import CliRunner

from local.cli import app
from shared.gcp import vertex_models


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (
            concurrent.futures.TimeoutError("Not in time."),
            "waits. What was begun goes on there. Give",
        ),
        (
            RetryError("Timeout of 60s exceeded", None),
            "60s exceeded, last exception: None. What was",
        ),
        (ConnectionError("Connection reset."), "asked: Connection reset. What was begun"),
        (ServiceUnavailable("The service is away."), "The service is away."),
        (RefreshError("Reauthenticate."), "gcloud auth application-default login"),
    ],
)
def test_what_becomes_of_a_command_is_said(
    monkeypatch: pytest.MonkeyPatch, fault: Exception, said: str
) -> None:
    class Vertex:
        def undeploy(self, model: str, version: int) -> Any:
            raise fault

    monkeypatch.setattr(vertex_models, "vertex_models", lambda *_: Vertex())
    ended = CliRunner().invoke(app, ["cloud", "endpoint", "undeploy", "rm-a", "3", "--project=p"])
    assert ended.exit_code == 1
    assert isinstance(ended.exception, SystemExit)
    assert said in " ".join(ended.output.split())
