"""What the configuration promises: small rights, retries, nothing public; and that it evaluates."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.infra.configuration import ALL_TEXT, FILES, FOLDER, blocks, parsed, text, value

RESOURCES = list(blocks("resource"))
REPOSITORY = FOLDER.parents[1]


def of(kind: str) -> dict[str, dict[str, Any]]:
    return {block.name: block.body for block in RESOURCES if block.kind == kind}


def test_checkov_finds_nothing_that_is_not_argued() -> None:
    checkov = Path(sys.executable).parent / "checkov"
    ended = subprocess.run(
        [checkov, "-d", FOLDER, "--framework", "terraform", "--compact", "-o", "json"],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "LOG_LEVEL": "CRITICAL"},
    )
    report = json.loads(ended.stdout)
    failed = [
        f"{check['check_id']} {check['resource']}: {check['check_name']}"
        for check in report["results"]["failed_checks"]
    ]
    assert not failed
    assert report["summary"]["passed"] > 100
    assert report["summary"]["parsing_errors"] == 0
    for check in report["results"]["skipped_checks"]:
        assert len(check["check_result"]["suppress_comment"]) > 20, check["check_id"]


def test_only_the_pipelines_account_may_be_acted_as() -> None:
    acting = [
        (block.kind, value(block.body, "service_account_id"))
        for block in RESOURCES
        if "serviceAccountUser" in str(block.body)
    ]
    assert acting
    assert set(acting) == {
        ("google_service_account_iam_member", "${google_service_account.pipeline.name}")
    }


def test_no_role_is_given_for_everything_and_nothing_to_everybody() -> None:
    assert not re.search(r"roles/(owner|editor|viewer)\b", ALL_TEXT)
    assert not re.search(r"roles/[a-zA-Z.]*[aA]dmin\b", ALL_TEXT)
    assert "allUsers" not in ALL_TEXT
    assert "allAuthenticatedUsers" not in ALL_TEXT


def test_every_step_is_retried_and_then_goes_to_the_dead_letters() -> None:
    steps = of("google_pubsub_subscription")["steps"]
    (retry,) = steps["retry_policy"]
    assert (value(retry, "minimum_backoff"), value(retry, "maximum_backoff")) == ("10s", "600s")
    (dead,) = steps["dead_letter_policy"]
    assert 5 <= value(dead, "max_delivery_attempts") <= 100
    kept = of("google_pubsub_subscription")["dead_letters"]
    assert value(kept, "topic") == value(dead, "dead_letter_topic")
    publisher = of("google_pubsub_topic_iam_member")["dead_letters"]
    subscriber = of("google_pubsub_subscription_iam_member")["dead_letters"]
    for right in (publisher, subscriber):
        assert value(right, "member") == "${local.pubsub_agent}"


def test_no_function_outlives_its_events_acknowledgement() -> None:
    deadline = value(of("google_pubsub_subscription")["steps"], "ack_deadline_seconds")
    timeouts = [int(found) for found in re.findall(r"timeout = (\d+)", ALL_TEXT)]
    assert timeouts
    assert max(timeouts) <= deadline


def test_every_entry_point_is_deployed(locals_: dict[str, Any]) -> None:
    deployed = {name.replace("-", "_") for name in locals_["functions"]}
    assert entry_points() <= deployed


def test_every_listener_is_a_step_and_every_step_has_somebody_to_call_it(
    locals_: dict[str, Any],
) -> None:
    listeners, steps = set(locals_["listeners"]), set(locals_["steps"])
    assert listeners < steps
    # Eventarc calls the one, the clock the other.
    assert steps - listeners == {"publish-change", "reconcile"}
    published = {entry["topic"] for entry in locals_["publications"].values()}
    # Vertex AI's logs and Cloud Storage write to the one that is left.
    assert set(locals_["topics"]) - published == {"pipeline-status"}


def test_accounts_have_names_that_google_takes(locals_: dict[str, Any]) -> None:
    """With the longest name that a deployment may have, too."""
    for deployment in ("recsmith", "recsmith-prd"):
        names = [f"{deployment}-{name}" for name in locals_["functions"]]
        assert all(re.fullmatch(r"[a-z][-a-z0-9]{4,28}[a-z0-9]", name) for name in names)


def test_whatever_a_project_has_once_is_called_after_the_deployment() -> None:
    """So that staging lies beside production."""
    named = {
        block.address: name
        for block in RESOURCES
        for key in ("name", "account_id", "repository_id", "role_id")
        if isinstance(name := value(block.body, key), str) and "recsmith" in name.lower()
    }
    assert not named
    assert re.findall(r"^\s*name\s+= var\.database$", ALL_TEXT, re.M)


def test_nothing_waits_for_a_metric_that_was_made_a_moment_ago() -> None:
    assert not of("google_logging_metric")
    assert "logging.googleapis.com/user" not in ALL_TEXT


def test_rights_for_others_than_the_projects_own_are_asked_for() -> None:
    """Organisations with domain-restricted sharing refuse them."""
    foreign = [block for block in RESOURCES if "@google.com" in str(block.body)]
    assert [value(block.body, "count") for block in foreign] == ["${var.access_logs ? 1 : 0}"]
    assert value(variables()["access_logs"], "default") is False


def variables() -> dict[str, dict[str, Any]]:
    return {
        name: body
        for file in FILES
        for part in parsed(file).get("variable", [])
        for name, body in part.items()
    }


def entry_points() -> set[str]:
    """Functions of functions/main.py with a decorator of functions-framework."""
    tree = ast.parse((REPOSITORY / "functions" / "main.py").read_text(encoding="utf-8"))
    return {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and any("functions_framework" in ast.unparse(found) for found in node.decorator_list)
    }


def test_what_runs_in_a_job_or_a_build_changes_neither_code_nor_functions(
    locals_: dict[str, Any],
) -> None:
    writers = locals_["writers"]
    folders = {name: set(writer["folders"]) for name, writer in writers.items()}
    assert folders["build"] == {"templates"}
    assert not folders["pipeline"] & {"code", "functions", "templates", "settings", "builds"}
    writing = [
        body
        for body in of("google_storage_bucket_iam_member").values()
        if value(body, "role") == "roles/storage.objectUser"
        and value(body, "bucket") == "${google_storage_bucket.artifacts.name}"
    ]
    # Jobs and builds, whoever tells servers what is in use, and whoever starts batches.
    assert len(writing) == 3
    conditions = [value(one, "expression") for body in writing for one in body["condition"]]
    assert sum("/objects/${folder}/" in one for one in conditions) == 2
    assert sum("/objects/batches/" in one for one in conditions) == 1
    pointers = {folder for folders in locals_["pointers"].values() for folder in folders}
    assert pointers == {"registry", "rule_sets"}


def test_the_least_rights_of_trainings_are_their_tasks_and_their_metadata(
    locals_: dict[str, Any],
) -> None:
    permissions = locals_["pipeline_permissions"]
    assert {permission.split(".")[1] for permission in permissions} == {
        "customJobs",
        *("metadataStores", "metadataSchemas", "artifacts", "executions", "contexts"),
    }
    assert not [permission for permission in permissions if permission.endswith((".delete", "*"))]
    assert "aiplatform" not in str(of("google_project_iam_member")["pipeline"])
    role = value(of("google_project_iam_custom_role")["pipeline"], "permissions")
    assert role == "${local.pipeline_permissions}"


def test_jobs_may_look_for_their_bucket() -> None:
    """Before it makes the first folder in a bucket, TensorFlow wants its metadata."""
    right = of("google_storage_bucket_iam_member")["pipeline_bucket"]
    assert value(right, "role") == "roles/storage.legacyBucketReader"
    assert value(right, "member") == "${google_service_account.pipeline.member}"


def test_an_upgrade_leaves_the_earlier_bundles_where_they_are() -> None:
    assert value(of("google_storage_bucket_object")["functions"], "deletion_policy") == "ABANDON"


def test_every_alert_is_explained_in_the_handbook(locals_: dict[str, Any]) -> None:
    handbook = (REPOSITORY / "docs" / "google-cloud.md").read_text(encoding="utf-8")
    for name, alert in {**locals_["alerts"], **locals_["other_alerts"]}.items():
        assert f"**{alert['name']}.**" in handbook, name


def test_events_of_every_step_are_watched(locals_: dict[str, Any]) -> None:
    watched = locals_["alerts"]["stuck-events"]["filter"]
    (pattern,) = re.findall(r'full_match\("(.*?)"\)', watched)
    trigger = value(of("google_eventarc_trigger")["documents"], "name")
    trigger = trigger.replace("${var.name}", "recsmith")
    own = [f"recsmith.{name}" for name in locals_["listeners"]]
    for name in (*own, f"eventarc-europe-west1-{trigger}-sub-123"):
        assert re.fullmatch(pattern, name), name
    assert not re.fullmatch(pattern, "orders")
    assert '!= "recsmith.dead-letters"' in watched


_IMAGE = f"europe-west1-docker.pkg.dev/p/recsmith/trainer@sha256:{'0' * 64}"
_STAND_IN = re.compile(
    r"(?:data\.)?google_\w+\.\w+(?:\[(?:[^\[\]]|\[[^\]]*\])*\])*(?:\.\w+(?:\[[^\]]*\])?)*"
)


@pytest.fixture(scope="module")
def terraform(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The variables and the locals alone, which Terraform evaluates without any provider.

    Whatever comes from the provider is stood in for by text, and accounts by a map.
    """
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not installed")
    folder = tmp_path_factory.mktemp("terraform")
    (folder / "functions.zip").write_bytes(b"bundle")
    shutil.copy(FOLDER / "variables.tf", folder)
    parts = []
    for file in FILES:
        source = text(file)
        for found in re.finditer(r"^locals \{.*?^\}", source, re.M | re.S):
            whole = re.sub(
                r"in google_service_account\.functions :",
                'in { for function in local.functions : function => { member = "m" } } :',
                found[0],
            )
            parts.append(_STAND_IN.sub('"given"', whole))
    (folder / "locals.tf").write_text("\n".join(parts))
    names = sorted(
        {
            name
            for file in FILES
            for part in parsed(file).get("locals", [])
            for name in part
            if not name.startswith("__")
        }
    )
    (folder / "outputs.tf").write_text(
        "\n".join(f'output "{name}" {{\n  value = local.{name}\n}}' for name in names)
    )
    return folder


def evaluated(folder: Path, **variables: Any) -> subprocess.CompletedProcess[str]:
    given = {"project_id": "shop-recsmith", "functions_bundle": "functions.zip", **variables}
    (folder / "given.auto.tfvars.json").write_text(json.dumps(given))
    state = folder / "terraform.tfstate"
    state.unlink(missing_ok=True)
    return subprocess.run(
        ["terraform", "apply", "-auto-approve", "-input=false", "-no-color"],
        cwd=folder,
        capture_output=True,
        text=True,
    )


def outputs(folder: Path) -> dict[str, Any]:
    ended = subprocess.run(
        ["terraform", "output", "-json"], cwd=folder, capture_output=True, text=True, check=True
    )
    return {name: output["value"] for name, output in json.loads(ended.stdout).items()}


@pytest.fixture(scope="module")
def locals_(terraform: Path) -> dict[str, Any]:
    """All locals as Terraform evaluates them, with nothing but what must be given."""
    ended = evaluated(terraform)
    assert ended.returncode == 0, ended.stderr
    return outputs(terraform)


def test_everything_that_may_be_given_evaluates(terraform: Path) -> None:
    key = "projects/p/locations/europe-west1/keyRings/r/cryptoKeys/k"
    ended = evaluated(
        terraform,
        users=["group:analysts@example.com"],
        admins=["head@example.com"],
        domain="recsmith.example.com",
        bigquery_datasets=["shop-data.sales", "shop-data.web"],
        source_buckets=["shop-files"],
        kms_key=key,
        name="staging",
        database="staging",
        alert_emails=[f"{name}@example.com" for name in "abcdefg"],
        kms_more_services=["gcp-sa-aiplatform-cc"],
        use_dataflow=True,
        network="projects/12345/global/networks/vpc",
        settings={"LOG_LEVEL": "DEBUG"},
        served_models=["rm-grocery-0a1b2c3d4e"],
        serving_image=_IMAGE,
        serving_invokers=["serviceAccount:shop@shop.iam.gserviceaccount.com"],
        mlflow_image=_IMAGE,
        mlflow_database_secret="recsmith-mlflow-database",
        mlflow_cloud_sql="shop-recsmith:europe-west1:recsmith-mlflow",
        mlflow_users=["group:analysts@example.com"],
    )
    assert ended.returncode == 0, ended.stderr
    found = outputs(terraform)
    uri, audience = (
        found["settings"][f"RECSMITH_MLFLOW_{name}"] for name in ("TRACKING_URI", "AUDIENCE")
    )
    assert uri == audience == "given"  # the address of the service
    assert found["secrets"] == {}  # functions show who they are by a token, not by a secret
    assert found["people"] == ["group:analysts@example.com", "user:head@example.com"]
    assert len(found["dataset_readers"]) == 2 * len(found["data_readers"])
    assert found["dataset_readers"]["shop-data.sales/pipeline"]["dataset"] == "sales"
    assert found["settings"]["RECSMITH_LOG_LEVEL"] == "DEBUG"
    assert found["settings"]["RECSMITH_KMS_KEY"] == key
    assert found["api_settings"]["RECSMITH_AUTH"] == "iap"
    assert set(found["kms_agents"]) > {
        "storage",
        "gcp-sa-pubsub",
        "gcp-sa-firestore",
        "gcp-sa-aiplatform-cc",
        "dataflow-service-producer-prod",
    }
    assert len(found["budget_emails"]) == 5  # more are refused
    assert found["topic_prefix"] == "staging-"
    (service,) = found["served"].values()
    assert re.fullmatch(r"staging-serve-[0-9a-f]{10}", service)
    assert len(found["served_invokers"]) == 1
    assert f'"{found["alerts"]["dead-letters"]["filter"]}"'.count("staging.dead-letters") == 1


def test_a_token_for_mlflow_elsewhere_goes_to_whoever_talks_to_it(terraform: Path) -> None:
    given = evaluated(terraform, mlflow_token_secret="mlflow-token", channels_secret="channels")
    assert given.returncode == 0, given.stderr
    found = outputs(terraform)
    token = {"MLFLOW_TRACKING_TOKEN": "mlflow-token"}
    assert found["secrets"] == {
        "api": token,
        "reconcile": token,
        "record-experiment": token,
        "send-messages": {"RECSMITH_CHANNELS": "channels"},
    }
    assert "RECSMITH_MLFLOW_TRACKING_URI" not in found["settings"]


def test_keys_go_to_accounts_that_are_there(terraform: Path) -> None:
    """A service's account is made with its first use; a right for one that is not is refused."""
    key = "projects/p/locations/europe-west1/keyRings/r/cryptoKeys/k"
    assert evaluated(terraform, kms_key=key, kms_documents=False).returncode == 0
    agents = set(outputs(terraform)["kms_agents"])
    page = (REPOSITORY / "docs" / "google-cloud.md").read_text(encoding="utf-8")
    ((services,),) = [re.findall(r"^for service in (.+); do$", page, re.M)]
    made = {
        "aiplatform": "gcp-sa-aiplatform",
        "artifactregistry": "gcp-sa-artifactregistry",
        "cloudfunctions": "gcf-admin-robot",
        "compute": "compute-system",
        "eventarc": "gcp-sa-eventarc",
        "firestore": "gcp-sa-firestore",
        "iap": "gcp-sa-iap",
        "pubsub": "gcp-sa-pubsub",
        "run": "serverless-robot-prod",
    }
    assert agents - {"storage"} <= {made[service] for service in services.split()}


@pytest.mark.parametrize(
    ("variable", "bad", "says"),
    [
        ("pipeline_rights", "all", "google or least"),
        ("project_id", "Shop", "6 to 30 lower-case letters"),
        ("region", "europe-west4-a", "not a zone"),
        ("name", "Staging", "3 to 12"),
        ("name", "recsmith-staging", "3 to 12"),
        ("name", "staging", "database of its own"),
        ("database", "Staging", "4 to 63"),
        ("kms_more_services", ["x@y"], "service agent's domain"),
        ("keep_quick_tests_days", -1, "whole number of days"),
        ("region", "EU", "not a zone"),
        ("release", "Release 1", "up to 63"),
        ("functions_bundle", "gone.zip", "make bundle"),
        ("users", ["allUsers"], "IAM member"),
        ("admins", ["user:head@example.com"], "plain e-mail address"),
        ("domain", "https://recsmith.example.com/", "without scheme"),
        ("bigquery_datasets", ["sales"], "project.dataset"),
        ("source_buckets", ["gs://shop-files"], "without gs://"),
        ("bigquery_max_gb", 0, "At least 1"),
        ("alert_emails", ["user:head@example.com"], "plain e-mail address"),
        ("labels", {"team": "Shop"}, "lower-case"),
        ("labels", {"1": "shop"}, "starts with a letter"),
        ("billing_account", "123", "XXXXXX"),
        ("monthly_budget", 0.5, "whole number"),
        ("keep_intermediates_days", -1, "whole number of days"),
        ("api_min_instances", 11, "0 to 10"),
        ("network", "default", "project's number"),
        ("kms_key", "projects/p/locations/us/keyRings/r/cryptoKeys/k", "same region"),
        ("access_policy", "accessPolicies/1", "The number"),
        ("access_policy", "123", "need a way inside"),
        ("vpc_connector", "projects/p/locations/us/connectors/c", "same region"),
        ("mlflow_token_secret", "projects/p/secrets/s", "without its project"),
        ("mlflow_image", "europe-west1-docker.pkg.dev/p/recsmith/mlflow:v1", "by its digest"),
        ("mlflow_image", _IMAGE, "Give mlflow_database_secret too"),
        ("mlflow_database_secret", "postgresql://u:p@h/d", "without its project"),
        ("mlflow_cloud_sql", "recsmith-mlflow", "PROJECT:REGION:INSTANCE"),
        ("mlflow_users", ["allUsers"], "Nobody is let in without a name"),
        ("settings", {"mlflow": "x"}, "upper-case"),
        ("served_models", ["Grocery: weekly"], "not its name"),
        ("served_models", ["rm-grocery-0a1b2c3d4e"], "Give serving_image too"),
        ("serving_image", "europe-west1-docker.pkg.dev/p/recsmith/trainer:v1", "by its digest"),
        ("serving_invokers", ["allUsers"], "Nobody is let in without a name"),
        ("serving_ingress", "ALL", "INGRESS_TRAFFIC_INTERNAL_ONLY or"),
        ("serving_memory", "4GB", "Mi or Gi"),
        ("serving_cpu", "3", "1, 2, 4 or 8"),
        ("serving_min_instances", 5, "0 up to serving_max_instances"),
        ("serving_max_instances", 0, "1 to 100"),
    ],
)
def test_what_cannot_be_is_refused_with_what_would_be_right(
    terraform: Path, variable: str, bad: Any, says: str
) -> None:
    ended = evaluated(terraform, **{variable: bad})
    assert ended.returncode == 1
    assert says in " ".join(ended.stderr.replace("│", " ").split())
