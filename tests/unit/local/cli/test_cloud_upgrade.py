"""Upgrades and the way back, over programs that refuse what `gcloud` and `terraform` refuse."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from local.cli.client import UserError
from local.cli.cloud_checks import Deployment
from local.cli.cloud_upgrade import Deployer, Upgrade
from local.jobs.pipelines import REPOSITORY
from shared.gcp.template import PARAMETERS

NOW = datetime(2026, 1, 31, 10, 15, tzinfo=UTC)
BUCKET = "gs://shop-recsmith-recsmith"
GOLDEN = REPOSITORY / "tests" / "golden" / "templates"


def template(*names: str) -> str:
    declared = {name: {"parameterType": "STRING"} for name in names}
    return json.dumps({"pipelineSpec": {"root": {"inputDefinitions": {"parameters": declared}}}})


class Cloud:
    """A deployment of v1 from the first commit of a repository, and the programs."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root, self._state, programs = folder / "repo", folder / "state", folder / "bin"
        for one in (self.root / "infra" / "terraform", self._state, programs):
            one.mkdir(parents=True)
        fake = Path(__file__).with_name("fake_cloud.py")
        for name in ("gcloud", "terraform", "make"):
            program = programs / name
            program.write_text(f'#!/bin/sh\nexec {sys.executable} {fake} "$0" "$@"\n')
            program.chmod(0o755)
        monkeypatch.setenv("FAKE_CLOUD", str(self._state))
        monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
        self.change(
            bundle="one",
            function=_function("v1", "functions/one.zip"),
            documents=["of before"],
            objects={
                f"{BUCKET}/functions/one.zip": "one",
                **{
                    f"{BUCKET}/templates/{release}/{name}.json": template(*PARAMETERS)
                    for release in ("v1", "v2", "v3")
                    for name in ("quick_test", "full_training")
                },
            },
        )
        self.git("init", "-q")
        (self.root / ".gitignore").write_text("/build/\n.terraform/\n*.tfvars\n")
        (self.root / "infra" / "terraform" / "main.tf").write_text("")
        (self.root / "infra" / "terraform" / "terraform.tfvars").write_text('release = "v1"\n')
        noted = self.root / "infra" / "terraform" / ".terraform" / "terraform.tfstate"
        noted.parent.mkdir()
        config = {"bucket": "shop-recsmith-terraform", "prefix": "recsmith"}
        noted.write_text(json.dumps({"backend": {"config": config}}))
        self.commit("one")

    def git(self, *arguments: str) -> str:
        who = ["-c", "user.name=Ada", "-c", "user.email=ada@shop.example"]
        command = ["git", *who, *arguments]
        told = subprocess.run(command, cwd=self.root, check=True, capture_output=True, text=True)
        return told.stdout.strip()

    def commit(self, source: str) -> None:
        (self.root / "source").write_text(f"{source}\n")
        self.git("add", "-A")
        self.git("commit", "-qm", source)

    @property
    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self._state / "state.json").read_text())
        return found

    def change(self, **fields: Any) -> None:
        kept = self.state if (self._state / "state.json").exists() else {}
        (self._state / "state.json").write_text(json.dumps({**kept, **fields}))

    def calls(self) -> list[str]:
        """What has been called that changes something."""
        log = self._state / "calls"
        lines = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        words = ("apply", "export", "import")
        return [word for line in lines for word in words if word in line]

    def deployer(self, release: str, *, agreed: bool = True, dry: bool = False) -> Deployer:
        at = Deployment("shop-recsmith", "europe-west1", release=release)
        return Deployer(at, self.root, lambda _: agreed, dry=dry)

    def upgraded(self, release: str, source: str, now: datetime = NOW) -> Upgrade:
        self.commit(source)
        found = self.deployer(release).upgrade(now)
        assert found is not None
        return found

    @property
    def runs(self) -> tuple[str, str]:
        """Release and bundle."""
        uri = self.state["function"]["serviceConfig"]["environmentVariables"]
        return uri["RECSMITH_TEMPLATE_URI"].rpartition("/")[2], self.state["bundle"]


def _function(release: str, bundle: str) -> dict[str, Any]:
    uri = f"{BUCKET}/templates/{release}"
    return {
        "serviceConfig": {"environmentVariables": {"RECSMITH_TEMPLATE_URI": uri}},
        "buildConfig": {"source": {"storageSource": {"object": bundle}}},
    }


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    return Cloud(tmp_path, monkeypatch)


def test_an_upgrade_exports_documents_and_then_applies(cloud: Cloud) -> None:
    made = cloud.upgraded("v2", "two")
    assert cloud.calls() == ["export", "apply"]
    assert cloud.runs == ("v2", "two")
    assert made.documents == f"{BUCKET}/backups/20260131T101500Z/documents"
    kept = cloud.state["objects"]
    assert f"{made.documents}/documents.overall_export_metadata" in kept
    noted = json.loads(kept[f"{BUCKET}/backups/20260131T101500Z/upgrade.json"])
    assert noted["before"] == {"release": "v1", "bundle": "functions/one.zip", "commit": None}
    assert noted["after"]["commit"] == cloud.git("rev-parse", "HEAD")
    own = cloud.root / "infra" / "terraform" / "release.auto.tfvars"
    assert own.read_text() == 'release = "v2"\n'


def test_a_dry_run_shows_everything_and_changes_nothing(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.commit("two")
    assert cloud.deployer("v2", dry=True).upgrade(NOW) is None
    assert not cloud.calls()
    assert cloud.runs == ("v1", "one")
    said = capsys.readouterr().out
    assert f"gcloud firestore export {BUCKET}/backups/20260131T101500Z/documents" in said
    assert "apply -input=false" in said
    assert "Resources: 1 changed." in said
    assert cloud.deployer("v2", agreed=False).upgrade(NOW) is None
    assert not cloud.calls()


def test_what_is_deployed_already_is_left_alone(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cloud.deployer("v1").upgrade(NOW) is None
    assert not cloud.calls()
    assert "v1 is deployed already" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("names", "why"),
    [
        ([*PARAMETERS, "region_of_data"], "requires 'region_of_data'"),
        (["trainer_config"], "declares no parameter 'job_request'"),
    ],
)
def test_templates_that_this_version_cannot_launch_are_refused_first(
    cloud: Cloud, names: list[str], why: str
) -> None:
    cloud.commit("two")
    objects = cloud.state["objects"]
    objects[f"{BUCKET}/templates/v2/full_training.json"] = template(*names)
    cloud.change(objects=objects)
    with pytest.raises(UserError, match=f"full_training.json does not fit this version: .*{why}"):
        cloud.deployer("v2").upgrade(NOW)
    with pytest.raises(UserError, match="matched no objects"):
        cloud.deployer("v9").upgrade(NOW)
    assert not cloud.calls()


def test_a_plan_that_deletes_documents_or_a_bucket_is_refused(cloud: Cloud) -> None:
    cloud.commit("two")
    lost = {
        "type": "google_firestore_database",
        "address": "google_firestore_database.documents",
        "change": {"actions": ["delete", "create"]},
    }
    cloud.change(further_changes=[lost])
    with pytest.raises(UserError, match=r"would delete google_firestore_database\.documents"):
        cloud.deployer("v2").upgrade(NOW)
    assert not cloud.calls()


def test_what_is_not_committed_is_refused(cloud: Cloud) -> None:
    (cloud.root / "source").write_text("changed\n")
    with pytest.raises(UserError, match="Files here are changed"):
        cloud.deployer("v2").upgrade(NOW)
    assert not cloud.calls()


def test_an_apply_that_fails_says_why_and_leaves_the_export(cloud: Cloud) -> None:
    cloud.commit("two")
    cloud.change(apply_fails=True)
    with pytest.raises(UserError, match="Error creating function: build failed"):
        cloud.deployer("v2").upgrade(NOW)
    assert cloud.runs == ("v1", "one")
    assert not (cloud.root / "infra" / "terraform" / "release.auto.tfvars").exists()
    with pytest.raises(UserError, match="Path already exists"):
        cloud.deployer("v2").upgrade(NOW)  # within the same second
    cloud.change(apply_fails=False)
    assert cloud.deployer("v2").upgrade(NOW + timedelta(minutes=1)) is not None


def test_a_rollback_deploys_what_ran_before_from_its_own_commit(cloud: Cloud) -> None:
    cloud.upgraded("v2", "two")
    cloud.upgraded("v3", "three", NOW + timedelta(days=1))
    cloud.change(documents=["of now"])
    found = cloud.deployer("v3").rollback()
    assert found is not None
    assert cloud.runs == ("v2", "two")
    assert cloud.state["documents"] == ["of now"]
    own = cloud.root / "infra" / "terraform" / "release.auto.tfvars"
    assert own.read_text() == 'release = "v2"\n'
    assert cloud.git("worktree", "list").count("\n") == 0  # it is tidied up
    assert (cloud.root / "source").read_text() == "three\n"
    with pytest.raises(UserError, match="Which commit v1 was deployed from is not known"):
        cloud.deployer("v2").rollback()


def test_a_rollback_brings_documents_back_where_that_is_asked_for(cloud: Cloud) -> None:
    cloud.upgraded("v2", "two")
    cloud.upgraded("v3", "three", NOW + timedelta(days=1))
    cloud.change(documents=["of now"])
    cloud.deployer("v3", dry=True).rollback(documents=True)
    assert cloud.runs == ("v3", "three")
    cloud.deployer("v3").rollback(documents=True)
    assert cloud.calls() == ["export", "apply", "export", "apply", "apply", "import"]
    assert cloud.state["documents"] == ["of before"]


def test_there_is_nothing_to_go_back_to_without_an_upgrade(cloud: Cloud) -> None:
    with pytest.raises(UserError, match="No upgrade by this command"):
        cloud.deployer("v1").rollback()


def test_a_repository_without_its_state_is_refused(cloud: Cloud) -> None:
    cloud.commit("two")
    (cloud.root / "infra" / "terraform" / ".terraform" / "terraform.tfstate").unlink()
    with pytest.raises(UserError, match="Backend initialization required"):
        cloud.deployer("v2").upgrade(NOW)


def test_the_templates_of_this_version_fit_it() -> None:
    from shared.gcp.template import check

    for recorded in sorted(GOLDEN.glob("*.json")):
        check(recorded.read_bytes())
