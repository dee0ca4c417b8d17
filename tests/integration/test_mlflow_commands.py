"""What Terraform has MLflow's image run, put to MLflow's own command line."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from mlflow.cli import cli

from local.jobs.environment import REPOSITORY

TERRAFORM = (REPOSITORY / "infra" / "terraform" / "mlflow.tf").read_text(encoding="utf-8")
SERVER, UPGRADE = (
    re.findall(r'"((?:[^"\\]|\\.)*)"', listed)
    for listed in re.findall(r"args\s+= \[(.*?)\n? *\]\n", TERRAFORM, re.S)
)
DATABASE = "postgresql+psycopg2://mlflow:secret@/mlflow?host=/cloudsql/p:r:i"


def test_the_server_takes_its_options_and_its_database_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MLFLOW_BACKEND_STORE_URI", DATABASE)
    (name, *options) = SERVER
    given = cli.commands[name].make_context(name, list(options)).params
    assert given["backend_store_uri"] == DATABASE
    assert (given["host"], given["port"], given["allowed_hosts"]) == ("0.0.0.0", 8080, "*")
    assert given["serve_artifacts"] is True
    assert given["artifacts_destination"].startswith("${google_storage_bucket.mlflow")


def test_an_upgrade_takes_the_database(tmp_path: Path) -> None:
    """The shell's words, as a program called mlflow gets them."""
    option, script = UPGRADE
    stand_in = tmp_path / "mlflow"
    stand_in.write_text("#!/bin/sh\nprintf '%s\\n' \"$@\"\n")
    stand_in.chmod(0o755)
    ended = subprocess.run(
        ["sh", option, script.replace('\\"', '"')],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "MLFLOW_BACKEND_STORE_URI": DATABASE},
        capture_output=True,
        text=True,
        check=True,
    )
    group, name, *given = ended.stdout.splitlines()
    command = cli.commands[group].commands[name]
    assert command.make_context(name, given).params == {"url": DATABASE}
