"""A sweep with nothing stood in for: six trainings end within their bound, compared."""

from __future__ import annotations

import re

import httpx
import pytest

from local.cli.client import Api
from tests.e2e.conftest import Laptop

pytestmark = pytest.mark.trainer


def test_a_sweep_of_six_ends_within_its_bound_with_a_heatmap_and_its_best_is_trained_in_full(
    laptop: Laptop,
) -> None:
    laptop.up()
    configs = laptop.configs()
    spec = {
        "feature_config_ids": [configs["feature_config_id"]],
        "model_config_ids": [configs["model_config_id"]],
        "overrides": [
            {"learning_rate_override": rate, "batch_size_override": batch}
            for rate in (0.0005, 0.005)
            for batch in (64, 256, 1024)
        ],
        "data_sample_percent": 50,
        "epochs": 1,
        "max_tests": 6,
        "budget_minutes": 15,
    }
    forecast = httpx.post(f"{laptop.url}/api/sweeps/validate/", json={"spec": spec}).json()
    assert forecast["valid"], forecast["problems"]
    made = laptop.post("/api/sweeps/", {"name": "Rates and batches", "spec": spec})
    with Api(laptop.url) as api:
        told = list(api.follow(f"/api/sweeps/{made['id']}/events/"))

    progress = [sweep["status"]["progress"] for sweep in told]
    assert progress == sorted(progress)
    status = told[-1]["status"]
    assert (status["state"], status["progress"]) == ("completed", 100), status
    assert len(status["tests"]) == len(laptop.jobs) == 6
    assert {test["state"] for test in status["tests"]} == {"completed"}
    assert not status["budget_spent"]
    worked = 0.0
    for test in status["tests"]:
        own = laptop.status(test["quick_test_id"])
        assert own["results"]["metrics"]["recall_at_100"] == test["metrics"]["recall_at_100"]
        worked += own["duration_seconds"]
        if any(stage["reused"] for stage in own["stages"]):
            assert own["estimate_error"] is None
        else:
            likely = own["estimate"]["seconds"]["likely"]
            assert own["estimate_error"] == pytest.approx(own["duration_seconds"] / likely - 1)
    assert worked <= spec["budget_minutes"] * 60
    assert len({test["metrics"]["recall_at_100"] for test in status["tests"]}) > 1
    # Those that reused the first one's rows still teach how long the other stages take.
    assert re.fullmatch(r"[3-5] earlier runs on this system", own["estimate"]["basis"])

    said = laptop.recsmith("sweep", "show", made["id"])
    verdict = r"is clearly the best: Recall@100|has the highest value: Recall@100|No clear best: "
    assert re.search(verdict, said)
    assert ("★ best" in said) == ("is clearly the best" in said)
    assert "Recall@100: Batch size by Learning rate" in said
    assert re.search(r"Batch size +0\.0005 +0\.005 *\n", said)
    for batch in ("64", "256", "1,024"):
        assert re.search(rf"^{batch} +0\.\d+ +0\.\d+ *$", said, re.MULTILINE), said

    best = max(status["tests"], key=lambda test: test["metrics"]["recall_at_100"])
    said = laptop.recsmith("train", best["quick_test_id"], "--epochs", "3", "--patience", "1")
    assert "home/artifacts/models/" in said
    (trained,) = laptop.get("/api/quick-tests/?purpose=full_training")["items"]
    assert trained["spec"]["source_test_id"] == best["quick_test_id"]
    config = laptop.get(f"/api/feature-configs/{configs['feature_config_id']}/")
    assert config["status"]["lifecycle"] == "promoted"
    said = laptop.recsmith("recommend", trained["id"], "--set", "customer=c7", "--k", "5")
    assert len(set(re.findall(r"^\d +(Product \d+)", said, re.MULTILINE))) == 5
