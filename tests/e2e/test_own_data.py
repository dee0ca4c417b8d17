"""A file of one's own with nothing said but where it is: from the command to tested models."""

from __future__ import annotations

import os
import random
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.e2e.conftest import Laptop

pytestmark = pytest.mark.trainer

HEADER = "customer_id,product_id,trans_date,city,category,subcategory,revenue,quantity,user_rating"


def write(path: Path, rows: int) -> None:
    """Purchases of 60 customers over 40 products, each of which has its own idea of a rating."""
    draw = random.Random(3)
    begin = datetime(2024, 1, 1)
    lines = [HEADER]
    for row in range(rows):
        customer, product = draw.randrange(60), draw.randrange(40)
        at = begin + timedelta(hours=3 * row)
        rating = 1 + (customer + product) % 5
        lines.append(
            f"c{customer},{product},{at:%Y-%m-%d %H:%M:%S},city{customer % 5},cat{product % 4},"
            f"sub{product % 9},{draw.random() * 20:.2f},{1 + product % 3},{rating}"
        )
    path.write_text("\n".join(lines) + "\n")


def test_a_file_goes_to_a_ranking_and_a_retrieval_test_with_nothing_else_said(
    laptop: Laptop, tmp_path: Path
) -> None:
    file = tmp_path / "own.csv"
    write(file, 1_200)
    laptop.up()
    said = laptop.recsmith("dataset", "add", str(file))
    assert "trans_date is transaction_date" in said
    assert "user_rating is rating" in said
    (dataset,) = laptop.get("/api/datasets/")["items"]

    defaults = laptop.get(f"/api/datasets/{dataset['id']}/smart-defaults/")
    for tower in ("buyer", "product"):
        columns = [feature["column"] for feature in defaults[f"{tower}_model_features"]]
        assert columns
        assert "user_rating" not in columns
    features = laptop.post("/api/feature-configs/", {"name": "Features", "spec": defaults})
    preset = laptop.get("/api/model-configs/presets/minimal/")["spec"]
    tests = {}
    for kind in ("retrieval", "ranking"):
        spec = {**preset, "model_type": kind}
        model = laptop.post("/api/model-configs/", {"name": kind, "spec": spec})
        spec = {"feature_config_id": features["id"], "model_config_id": model["id"], "epochs": 1}
        spec["data_sample_percent"] = 100
        tests[kind] = laptop.post("/api/quick-tests/", {"spec": spec})
    retrieval, ranking = (laptop.ended(test["id"]) for test in tests.values())
    assert retrieval["state"] == ranking["state"] == "completed"
    assert retrieval["results"]["metrics"]["recall_at_10"] >= 0
    assert ranking["results"]["metrics"]["rmse"] >= 0
    assert retrieval["results"]["protocol"]["rating_column"] is None
    assert ranking["results"]["protocol"]["rating_column"] == "user_rating"
    for status in (retrieval, ranking):
        protocol = status["results"]["protocol"]
        assert protocol["split"] == "temporal"
        assert protocol["source_fingerprint"] == status["pinned"]["source_fingerprint"]

    # New rows are noticed, and used once they have been profiled.
    write(file, 1_500)
    os.utime(file)
    assert "has changed since it was profiled" in laptop.recsmith("dataset", "show", "own")
    spec = tests["ranking"]["spec"]
    answer = httpx.post(f"{laptop.url}/api/quick-tests/", json={"spec": spec}, timeout=30)
    assert answer.status_code == 422
    assert "Profile it again" in answer.text
    assert "1,500 rows (before: 1,200)" in laptop.recsmith("dataset", "profile", "own")
    assert "has changed" not in laptop.recsmith("dataset", "show", "own")
    again = laptop.post("/api/quick-tests/", {"spec": spec})["id"]
    status = laptop.ended(again)
    assert status["state"] == "completed", status["error"]
    assert (
        status["results"]["protocol"]["source_fingerprint"]
        == (status["pinned"]["source_fingerprint"])
    )
    assert status["comparison"] is None
