"""One test from a table to its metrics, to see that a deployment works; nothing of it stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from local.cli.client import Api, UserError
from local.cli.cloud_checks import Finding
from local.cli.system import settled

PUBLIC_TABLE = "bigquery-public-data.thelook_ecommerce.order_items"
PUBLIC_ROLES = {
    "user_id": "customer_id",
    "product_id": "product_id",
    "created_at": "transaction_date",
}


def smoke(api: Api, source: dict[str, Any], roles: dict[str, str]) -> Iterator[Finding]:
    """Each step as it is done, up to the first that fails; then what was made is deleted."""
    name = f"Smoke test {datetime.now(UTC):%Y-%m-%d %H:%M:%S}"
    made: list[str] = []
    what, remedy = "The API answers", "recsmith cloud logs api"
    try:
        api.get("/api/health/")
        yield Finding(what, "good")

        what, remedy = "A dataset is profiled", "recsmith cloud logs validate-config"
        spec = {"source": source, "column_mapping": roles}
        dataset = _made(api, "datasets", name, spec, made)
        found = settled(api, dataset)
        yield Finding(what, "good", f"{found['status']['row_count']:,} rows")

        what, remedy = "Configs are valid", "recsmith cloud logs generate-code"
        features = _made(api, "feature-configs", name, api.get(f"{dataset}smart-defaults/"), made)
        preset = api.get("/api/model-configs/presets/minimal/")
        model = _made(api, "model-configs", name, preset["spec"], made)
        ids = {
            "feature_config_id": settled(api, features)["id"],
            "model_config_id": settled(api, model)["id"],
        }
        yield Finding(what, "good")

        what = "A quick test completes"
        remedy = "recsmith cloud logs launch-quick-test, and the job's log in Vertex AI"
        test = _made(api, "quick-tests", None, {**ids, "data_sample_percent": 5, "epochs": 1}, made)
        status = list(api.follow(f"{test}events/"))[-1]["status"]
        if status["state"] != "completed":
            error = (status["error"] or {}).get("message", "It does not say why.")
            raise UserError(f"It {status['state']}: {error}")
        yield Finding(what, "good", f"in {status['duration_seconds'] / 60:.1f} minutes")
    except UserError as fault:
        fields = "; ".join(f"{one['path']}: {one['message']}" for one in fault.fields)
        yield Finding(what, "bad", f"{fault} {fields}".strip(), remedy)
    finally:
        left = [path for path in reversed(made) if not _deleted(api, path)]
    if left:
        detail = f"{', '.join(left)} could not be deleted."
        yield Finding("Nothing of it stays", "unknown", detail, "Delete them as an admin.")


def _made(api: Api, kind: str, name: str | None, spec: dict[str, Any], made: list[str]) -> str:
    """The path of a new document."""
    body = {"spec": spec} if name is None else {"name": name, "spec": spec}
    path = f"/api/{kind}/{api.post(f'/api/{kind}/', body)['id']}/"
    made.append(path)
    return path


def _deleted(api: Api, path: str) -> bool:
    try:
        api.delete(path, api.get(path)["revision"])
    except UserError:
        return False
    return True
