"""The main job with nothing stood in for: two configs become a tested model."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import signal
import sqlite3
from typing import Any

import httpx
import pytest

from local.cli.client import Api
from tests.e2e.conftest import MAPPING, Laptop, alive
from tests.waiting import eventually

pytestmark = pytest.mark.trainer
STAGES = ("examples", "transform", "train", "evaluate")


def test_over_http_two_configs_become_a_tested_model_that_recommends(running: Laptop) -> None:
    test_id = running.quick_test(running.configs())
    with Api(running.url) as api:
        told = list(api.follow(f"/api/quick-tests/{test_id}/events/"))

    # A stage may end before anybody follows, or between two looks.
    seen = list(dict.fromkeys(stage for test in told if (stage := test["status"]["stage"])))
    assert seen == [stage for stage in STAGES if stage in seen]
    assert {"train", "evaluate"} <= set(seen)
    progress = [test["status"]["progress"] for test in told]
    assert progress == sorted(progress)
    status = told[-1]["status"]
    assert (status["state"], status["progress"]) == ("completed", 100), status["error"]
    assert [(task["name"], task["state"]) for task in status["stages"]] == [
        (stage, "succeeded") for stage in STAGES
    ]
    losses = [epoch["loss"] for epoch in status["epochs"]]
    assert len(losses) == 2
    assert losses[1] < losses[0]
    results = status["results"]
    assert 0 < results["metrics"]["recall_at_100"] <= 1
    assert 0 < results["baselines"]["popularity"]["recall_at_100"] <= 1
    assert results["protocol"]["candidates"] == 150
    assert {"customer", "product"} <= {report["column"] for report in status["vocabulary"]}

    code = running.get(f"/api/quick-tests/{test_id}/generated-code/")
    for module in ("preprocessing", "trainer"):
        source = code[f"{module}_code"]
        ast.parse(source)
        assert hashlib.sha256(source.encode()).hexdigest() == status["code"][module]["sha256"]
    assert "def preprocessing_fn(" in code["preprocessing_code"]
    assert "def run_fn(" in code["trainer_code"]

    config_id = told[-1]["spec"]["feature_config_id"]
    config = running.get(f"/api/feature-configs/{config_id}/")
    tensors = running.get(f"/api/quick-tests/{test_id}/sample-tensors/")
    for tower in ("buyer", "product"):
        parts = [(part["name"], len(part["values"])) for part in tensors[tower]["parts"]]
        dims = config["status"][f"{tower}_tensor"]
        assert parts == [(part["name"], part["dim"]) for part in dims["breakdown"]]
        assert tensors[tower]["dim"] == dims["total"]

    eventually(lambda: running.status(test_id)["tracking"]["run_id"])
    said = running.recsmith("recommend", test_id, "--set", "customer=c7", "--k", "5")
    assert len(set(re.findall(r"^\d +(Product \d+)", said, re.MULTILINE))) == 5
    said = running.recsmith("recommend", test_id, "--customer", "c7", "--k", "5")
    assert "bought most before" in said
    assert config["status"]["best"]["quick_test_id"] == test_id


def test_documents_of_any_writer_set_the_chain_off_and_a_killed_training_fails_its_test_alone(
    running: Laptop,
) -> None:
    layers = [{"type": "dense", "units": 16, "activation": None}]
    model = {
        "buyer_tower_layers": layers,
        "product_tower_layers": layers,
        "output_embedding_dim": 16,
    }
    features = {
        "dataset_id": "shop",
        "buyer_model_features": [{"column": "customer", "type": "string_embedding"}],
        "product_model_features": [{"column": "product", "type": "string_embedding"}],
    }
    source = {"kind": "parquet", "uri": str(running.data)}
    tested = {"feature_config_id": "ids", "data_sample_percent": 100}
    before = running.jobs
    _insert(
        running,
        {
            "quick_tests/early": {**tested, "model_config_id": "small"},
            "model_configs/small": model,
            "feature_configs/ids": features,
            "datasets/shop": {"source": source, "column_mapping": MAPPING},
        },
    )
    running.reaches("early", "transform")
    assert running.times_begun("early", "examples") == 1
    pid = running.trainer_pid("early")
    os.kill(pid, signal.SIGKILL)
    status = running.ended("early")
    assert status["state"] == "failed"
    assert status["error"]["stage"] == "transform"
    assert "SIGKILL" in status["error"]["message"]
    assert not alive(pid)

    _insert(
        running,
        {
            "model_configs/wide": {**model, "buyer_tower_layers": [*layers, {"type": "lstm"}]},
            "quick_tests/late": {**tested, "model_config_id": "wide"},
        },
    )
    refused = running.ended("late")
    assert refused["state"] == "failed"
    assert "model config" in refused["error"]["message"].lower()
    assert refused["job"] is None
    assert running.jobs == sorted([*before, "quick-test-early-1"])
    again = running.quick_test({"feature_config_id": "ids", "model_config_id": "small"})
    running.reaches(again, "examples")
    cancelled = httpx.post(f"{running.url}/api/quick-tests/{again}/cancel/")
    assert cancelled.json()["status"]["state"] == "cancelled"
    eventually(lambda: not alive(running.trainer_pid(again)))


def _insert(laptop: Laptop, specs: dict[str, Any]) -> None:
    """As a script would: the least that a document is, by path."""
    with sqlite3.connect(laptop.home / "state.db", timeout=30) as foreign:
        foreign.executemany(
            "INSERT INTO documents (path, data) VALUES (?, ?)",
            [(path, json.dumps({"name": path, "spec": spec})) for path, spec in specs.items()],
        )
    foreign.close()
