"""`recsmith cloud check`, over what `gcloud` would answer."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from indexes import INDEXES
from typer.testing import CliRunner

from local.cli import app
from local.cli.cloud_checks import AFTER, BEFORE, Deployment, GcloudError, run
from local.jobs.environment import REPOSITORY

AT = Deployment("shop-recsmith", "europe-west1")
APIS = re.findall(
    r'"(\w+\.googleapis\.com)"', (REPOSITORY / "infra/terraform/apis.tf").read_text("utf-8")
)
FUNCTIONS = [
    "api", "publish-change", "validate-config", "generate-code", "launch-quick-test",
    "track-quick-test", "advance-sweep", "advance-tuning", "record-experiment", "register-model",
    "send-messages", "reconcile",
]  # fmt: skip
INDEX_COUNT = len(INDEXES)


def quota(cpus: int) -> list[dict[str, Any]]:
    """As Cloud Quotas tells of it, beside another region and another metric."""

    def info(metric: str, **values: int) -> dict[str, Any]:
        told = [
            {"dimensions": {"region": region}, "details": {"value": str(value)},
             "applicableLocations": [region]}
            for region, value in values.items()
        ]  # fmt: skip
        return {"metric": f"aiplatform.googleapis.com/{metric}", "dimensionsInfos": told}

    mine = {"europe-west1": cpus, "us-central1": 1}
    return [info("custom_model_training_cpus", **mine), info("other", **{"europe-west1": 1})]


WELL: dict[str, Any] = {
    "billing": {"billingEnabled": True},
    "services": [{"config": {"name": name}} for name in [*APIS, "serviceusage.googleapis.com"]],
    "resource-manager": {},
    "beta": quota(64),
    "firestore databases": [],
    "firestore indexes": [{"state": "READY"}] * INDEX_COUNT,
    "functions": [
        {"name": f"projects/p/locations/r/functions/recsmith-{name}", "state": "ACTIVE"}
        for name in FUNCTIONS
    ],
    "scheduler": {"state": "ENABLED"},
    "storage": [
        {"name": "templates/v1/quick_test.json"},
        {"name": "templates/v1/full_training.json"},
    ],
    "pubsub": [],
}


def answers(**other: Any) -> Any:
    """What gcloud answers: all is well but for what is given otherwise."""
    given = {**WELL, **{name.replace("_", " "): found for name, found in other.items()}}
    policies = given.pop("policies", {})

    def ask(*arguments: str) -> Any:
        if arguments[:2] == ("resource-manager", "org-policies"):
            assert arguments[2:] == ("describe", arguments[3], "--effective")
            return policies.get(arguments[3], {"listPolicy": {"allValues": "ALLOW"}})
        group = arguments[0] if arguments[0] in given else " ".join(arguments[:2])
        found = given[group]
        if isinstance(found, Exception):
            raise found
        return found

    return ask


@pytest.mark.parametrize("checks", [BEFORE, AFTER])
def test_nothing_is_wrong_where_all_is_well(checks: Any) -> None:
    found = list(run(checks, AT, answers()))
    assert {finding.state for finding in found} == {"good"}
    assert len(found) >= len(checks)


@pytest.mark.parametrize(
    ("checks", "found", "says", "remedy"),
    [
        (BEFORE, {"billing": {}}, "It has none.", "gcloud billing projects link"),
        (
            BEFORE,
            {"services": []},
            "Not enabled: cloudresourcemanager.googleapis.com",
            "gcloud services enable",
        ),
        (
            BEFORE,
            {
                "policies": {
                    "gcp.resourceLocations": {"listPolicy": {"allowedValues": ["us-central1"]}}
                }
            },
            "They may be in us-central1.",
            "gcp.resourceLocations",
        ),
        (
            BEFORE,
            {
                "firestore_databases": [
                    {
                        "name": "projects/shop-recsmith/databases/(default)",
                        "locationId": "us-east1",
                        "type": "DATASTORE_MODE",
                    }
                ]
            },
            "DATASTORE_MODE in us-east1",
            "database =",
        ),
        (
            BEFORE,
            {
                "policies": {
                    "run.allowedIngress": {"listPolicy": {"allowedValues": ["internal"]}},
                }
            },
            "It does not allow all.",
            "Have run.allowedIngress changed",
        ),
        (
            BEFORE,
            {
                "policies": {
                    "iam.disableServiceAccountCreation": {"booleanPolicy": {"enforced": True}}
                }
            },
            "forbids it",
            "an account of its own",
        ),
        (AFTER, {"beta": quota(3)}, "3 CPUs; one test takes 4.", "Quotas"),
        (AFTER, {"functions": WELL["functions"][1:]}, "It is not there.", "terraform apply"),
        (AFTER, {"scheduler": {"state": "PAUSED"}}, "It is paused", "scheduler jobs resume"),
        (AFTER, {"firestore_indexes": [{"state": "CREATING"}]}, f"0 of {INDEX_COUNT} are.", "wait"),
        (AFTER, {"storage": []}, "lacks full_training.json, quick_test.json", "step 4"),
        (AFTER, {"pubsub": [{"message": {}}]}, "There is one", "Alerts"),
    ],
)
def test_what_is_wrong_is_said_with_its_remedy(
    checks: Any, found: dict[str, Any], says: str, remedy: str
) -> None:
    bad = [one for one in run(checks, AT, answers(**found)) if one.state == "bad"]
    assert len(bad) == 1
    assert says in bad[0].detail
    assert remedy in bad[0].remedy


def test_what_may_not_be_asked_is_unknown_and_the_rest_is_asked_all_the_same() -> None:
    found = list(run(AFTER, AT, answers(scheduler=GcloudError("PERMISSION_DENIED"))))
    (unknown,) = [one for one in found if one.state == "unknown"]
    assert (unknown.what, unknown.detail) == ("The clock runs and is answered", "PERMISSION_DENIED")
    assert found[-1].what == "No event became a dead letter"


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """A `gcloud` that does this."""
    program = folder / "gcloud"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_logs_and_the_address_are_asked_of_gcloud(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uri = '{"serviceConfig": {"uri": "https://api-1.a.run.app"}}'
    install(tmp_path, monkeypatch, f"case $2 in describe) echo '{uri}';; *) echo $@;; esac")
    at = ["--project", "shop-recsmith", "--region", "us-east1", "--name", "staging"]
    ended = CliRunner().invoke(app, ["cloud", "open", "--print", *at])
    assert ended.stdout == "https://api-1.a.run.app/api/docs\n"
    ended = CliRunner().invoke(app, ["cloud", "logs", "api", *at])
    assert "read staging-api --gen2 --region us-east1 --limit 50" in ended.stdout
    install(tmp_path, monkeypatch, "echo 'ERROR: no such function' >&2; exit 1")
    ended = CliRunner().invoke(app, ["cloud", "open", *at])
    assert ended.exit_code == 1
    assert "no such function" in ended.output


def test_the_command_asks_gcloud_and_ends_with_1_where_something_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, monkeypatch, "case $1 in billing) echo '{}';; *) echo no >&2; exit 1;; esac")
    asked = ["cloud", "check", "--project", "shop-recsmith", "--before", "--json"]
    ended = CliRunner().invoke(app, asked)
    assert ended.exit_code == 1
    found = json.loads(ended.stdout)
    assert [one["state"] for one in found] == ["bad", "unknown", "unknown", "unknown"]
    monkeypatch.setenv("PATH", "/nowhere")
    assert CliRunner().invoke(app, asked).exit_code == 1


def test_a_quota_that_is_too_small_for_a_training_or_not_told_of_is_unknown() -> None:
    for told, detail in ((quota(8), "a full training takes 16"), ([], "No quota is told of")):
        (found,) = [one for one in run(AFTER, AT, answers(beta=told)) if one.state == "unknown"]
        assert detail in found.detail
        assert "Quotas" in found.remedy


def test_the_status_says_what_is_deployed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    api = json.dumps({"serviceConfig": {"uri": "https://api-1.a.run.app"}})
    launcher = json.dumps(
        {
            "serviceConfig": {
                "environmentVariables": {"RECSMITH_TEMPLATE_URI": "gs://b/templates/v7"}
            },
            "buildConfig": {"source": {"storageSource": {"object": "functions/a.zip"}}},
        }
    )
    script = (
        f"case \"$2 $3\" in 'describe recsmith-api') echo '{api}';; "
        f"'describe recsmith-launch-quick-test') echo '{launcher}';; "
        "'jobs describe') echo '{\"state\": \"PAUSED\"}';; *) echo '[]';; esac"
    )
    install(tmp_path, monkeypatch, script)
    ended = CliRunner().invoke(app, ["cloud", "status", "--project", "shop-recsmith"])
    assert ended.exit_code == 0, ended.output
    assert "https://api-1.a.run.app" in ended.stdout
    assert "Release    v7" in ended.stdout
    assert "It is paused" in ended.stdout
