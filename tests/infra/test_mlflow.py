"""MLflow's server on Cloud Run: private, with its own bucket and database and nothing else."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from infra.locks import REPOSITORY, python_lock
from tests.infra.configuration import FOLDER, blocks, text, value

RESOURCES = [block for block in blocks("resource") if block.name.startswith("mlflow")]
IMAGE = REPOSITORY / "infra" / "mlflow"
DOCKERFILE = (IMAGE / "Dockerfile").read_text(encoding="utf-8")


def of(kind: str, name: str = "mlflow") -> dict[str, Any]:
    (found,) = [block.body for block in RESOURCES if (block.kind, block.name) == (kind, name)]
    return found


def container_of(kind: str, name: str) -> dict[str, Any]:
    (template,) = of(kind, name)["template"]
    (template,) = template.get("template", [template])
    (container,) = template["containers"]
    assert value(template, "service_account") == "${google_service_account.mlflow[0].email}"
    return dict(container)


SERVER = container_of("google_cloud_run_v2_service", "mlflow")
UPGRADE = container_of("google_cloud_run_v2_job", "mlflow_upgrade")


def test_nothing_is_made_where_no_image_is_named() -> None:
    for block in RESOURCES:
        asked = value(block.body, "count") or value(block.body, "for_each")
        assert asked.startswith("${local.with_mlflow ? "), block.address
        assert asked.endswith((" : 0}", " : toset([])}")), block.address


def test_its_account_reaches_its_files_and_its_database_alone() -> None:
    rights = {
        (block.kind, value(block.body, "role"))
        for block in blocks("resource")
        if "google_service_account.mlflow" in str(block.body.get("member"))
    }
    assert rights == {
        ("google_storage_bucket_iam_member", "roles/storage.objectUser"),
        ("google_secret_manager_secret_iam_member", "roles/secretmanager.secretAccessor"),
        ("google_project_iam_member", "roles/cloudsql.client"),
    }
    bucket = value(of("google_storage_bucket_iam_member"), "bucket")
    assert bucket == "${google_storage_bucket.mlflow[0].name}"
    (condition,) = of("google_project_iam_member", "mlflow_database")["condition"]
    assert "projects/%s/instances/%s" in value(condition, "expression")


def test_whoever_asks_is_named() -> None:
    source = text(FOLDER / "mlflow.tf")
    assert "invoker_iam_disabled" not in source
    invokers = of("google_cloud_run_v2_service_iam_member")
    assert value(invokers, "member") == "${google_service_account.functions[each.key].member}"


def test_the_address_of_the_database_comes_from_a_secret_and_stands_in_no_command() -> None:
    for container in (SERVER, UPGRADE):
        (env,) = [one for one in container["env"] if "value_source" in one]
        assert value(env, "name") == "MLFLOW_BACKEND_STORE_URI"
        (source,) = env["value_source"]
        (reference,) = source["secret_key_ref"]
        assert value(reference, "secret") == "${var.mlflow_database_secret}"
        assert "database" not in str(container["args"])


def test_the_image_has_the_mlflow_that_was_asked_whether_it_takes_the_commands() -> None:
    """By tests/integration/test_mlflow_commands.py."""
    locked = {package.name: package.version for package in python_lock("mlflow")}
    assert locked["mlflow"] == {one.name: one.version for one in python_lock("light")}["mlflow"]
    assert (value(SERVER, "command"), value(UPGRADE, "command")) == (["mlflow"], ["sh"])


def test_an_instance_is_asked_once_it_answers() -> None:
    (startup,) = SERVER["startup_probe"]
    assert value(startup["http_get"][0], "path") == "/health"
    # https://cloud.google.com/run/docs/configuring/healthchecks
    waits = value(startup, "period_seconds") * value(startup, "failure_threshold")
    assert waits + value(startup, "initial_delay_seconds") <= 240


def test_the_image_is_locked_and_does_not_run_as_root() -> None:
    checkov = [Path(sys.executable).parent / "checkov", "-f", IMAGE / "Dockerfile"]
    ended = subprocess.run(
        [*checkov, "--framework", "dockerfile", "-o", "json"],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "LOG_LEVEL": "CRITICAL"},
    )
    assert json.loads(ended.stdout)["results"]["failed_checks"] == []
    installs = [line for line in DOCKERFILE.split("&& ") if "pip install" in line]
    assert installs
    assert all("--require-hashes" in line for line in installs)
    assert re.findall(r"^USER (\S+)", DOCKERFILE, re.M) == ["mlflow"]
    ignored = (IMAGE / "Dockerfile.dockerignore").read_text(encoding="utf-8").split()
    for copied in re.findall(r"^COPY (.+)$", DOCKERFILE, re.M):
        for source in copied.split()[:-1]:
            assert f"!{source}" in ignored
            assert (REPOSITORY / source).exists()


def test_its_build_uses_what_it_is_told() -> None:
    build = yaml.safe_load((IMAGE / "cloudbuild.yaml").read_text(encoding="utf-8"))
    used = set(re.findall(r"\$\{(_[A-Z]+)\}", str(build["steps"])))
    assert used == set(build["substitutions"])
