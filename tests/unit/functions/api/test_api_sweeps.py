"""Sweeps, estimates and full trainings over HTTP."""

from __future__ import annotations

import asyncio

import pytest
from api_client import Client, error, events
from scenario import Shop

from shared.jobs import TENSORS_FILE

SEEDS = [{"training_seed": seed} for seed in (1, 2)]


@pytest.fixture
def shop():
    return Shop()


@pytest.fixture
def client(shop):
    return Client(shop)


@pytest.fixture
def spec(shop):
    dataset_id = shop.dataset()
    shop.settle()
    return {
        "feature_config_ids": [shop.feature_config(dataset_id)],
        "model_config_ids": [shop.model_config()],
        "overrides": SEEDS,
    }


def create(client, spec):
    made = client("POST", "/api/sweeps/", {"name": "Seeds", "spec": spec})
    assert made.status_code == 201, made.text
    assert made.headers["ETag"].startswith('"1-')
    return made.json()["id"]


def test_a_sweep_is_made_read_listed_cancelled_and_deleted(client, shop, spec):
    sweep_id = create(client, spec)
    path = f"/api/sweeps/{sweep_id}/"
    assert client("GET", path).json()["status"]["state"] == "pending"
    shop.settle()
    status = client("GET", path).json()["status"]
    assert status["state"] == "running"
    assert [test["label"] for test in status["tests"]] == ["seed 1", "seed 2"]
    assert status["estimate"]["seconds"]["likely"] > 0

    def ids(**query):
        return [item["id"] for item in client("GET", "/api/sweeps/", params=query).json()["items"]]

    assert ids() == ids(state="running") == [sweep_id]
    assert ids(state="completed") == []
    error(client("DELETE", path), 409, "locked")
    for _ in range(2):
        answer = client("POST", f"{path}cancel/")
        assert answer.json()["status"]["state"] == "cancelled"
    assert client("DELETE", path).status_code == 204
    error(client("GET", path), 404, "not_found")
    error(client("POST", f"{path}cancel/"), 404, "not_found")
    error(client("GET", f"{path}events/"), 404, "not_found")


def test_what_is_wrong_with_a_sweep_is_said_field_by_field(client, spec):
    odd = {**spec, "max_tests": 1, "epochs": 0}
    found = error(client("POST", "/api/sweeps/", {"name": "x", "spec": odd}), 422, "invalid")
    assert [field["path"] for field in found["fields"]] == ["spec.epochs"]
    odd = {**spec, "max_tests": 1}
    found = error(client("POST", "/api/sweeps/", {"name": "x", "spec": odd}), 422, "invalid")
    assert [field["path"] for field in found["fields"]] == ["spec.max_tests"]
    for odd in ({}, "text", None, {"feature_config_ids": [7]}):
        error(client("POST", "/api/sweeps/", {"name": "x", "spec": odd}), 422, "invalid")


def test_a_sweep_is_tried_out_without_being_stored(client, shop, spec):
    answer = client("POST", "/api/sweeps/validate/", {"spec": spec}).json()
    assert answer["valid"]
    assert [test["label"] for test in answer["tests"]] == ["seed 1", "seed 2"]
    single = {
        "feature_config_id": spec["feature_config_ids"][0],
        "model_config_id": spec["model_config_ids"][0],
    }
    one = client("POST", "/api/quick-tests/estimate/", {"spec": single}).json()["estimate"]
    for bound in ("low", "likely", "high"):
        assert answer["estimate"]["seconds"][bound] == pytest.approx(2 * one["seconds"][bound])
    bad = client("POST", "/api/sweeps/validate/", {"spec": {**spec, "max_tests": 1}}).json()
    assert (bad["valid"], bad["tests"], bad["estimate"]) == (False, [], None)
    assert bad["problems"][0]["code"] == "too_many_tests"
    assert shop.documents.query("sweeps") == []


def test_the_stream_follows_a_sweep_to_its_end(client, shop, spec):
    sweep_id = create(client, spec)
    shop.settle()

    async def watch():
        streaming = asyncio.create_task(client.send("GET", f"/api/sweeps/{sweep_id}/events/"))
        for test in shop.swept(sweep_id).tests:
            await asyncio.sleep(0.05)
            assert not streaming.done()
            shop.succeed(test.quick_test_id)
            shop.settle()
        return await asyncio.wait_for(streaming, 5)

    told = [sweep["status"] for _, sweep in events(asyncio.run(watch()))]
    assert told[-1]["state"] == "completed"
    progress = [status["progress"] for status in told]
    assert progress == sorted(progress)


def test_a_test_is_estimated_with_all_that_is_to_be_said_of_it(client, shop, spec):
    single = {
        "feature_config_id": spec["feature_config_ids"][0],
        "model_config_id": spec["model_config_ids"][0],
    }
    path = "/api/quick-tests/estimate/"
    answer = client("POST", path, {"spec": single}).json()
    assert answer["valid"]
    assert answer["estimate"]["cost_usd"] is None
    assert answer == client("POST", path, single).json()
    more = client("POST", path, {"spec": {**single, "epochs": 50}}).json()
    seconds = [item["estimate"]["seconds"]["likely"] for item in (answer, more)]
    assert seconds[0] < seconds[1]
    bad = client("POST", path, {"spec": {**single, "model_config_id": "mc-none"}}).json()
    assert (bad["valid"], bad["estimate"]) == (False, None)
    assert bad["problems"][0]["path"] == "spec.model_config_id"
    assert not client("POST", path, {"spec": {"epochs": "many"}}).json()["valid"]
    assert shop.documents.query("quick_tests") == []


def test_sample_tensors_of_a_test_are_without_the_columns_that_it_left_out(client, shop):
    dataset_id = shop.dataset()
    shop.settle()
    features = [
        {"column": "department", "type": "string_embedding", "embedding_dim": 8},
        {"column": "product", "type": "string_embedding"},
    ]
    test_id = shop.quick_test(
        shop.feature_config(dataset_id, product_model_features=features),
        shop.model_config(),
        leave_out=[{"tower": "product", "column": "department"}],
    )
    shop.settle()
    tensors = {"customers": {"c1": [1.0] * 32}, "products": {"p1": [2.0] * 32}}
    shop.leave(test_id, TENSORS_FILE, tensors)
    shop.succeed(test_id)
    found = client("GET", f"/api/quick-tests/{test_id}/sample-tensors/").json()["product"]
    assert [(part["name"], len(part["values"])) for part in found["parts"]] == [("product", 32)]


def test_a_full_training_is_started_from_a_completed_test_and_found_by_its_purpose(client, shop):
    test_id = shop.running_test()
    path = f"/api/quick-tests/{test_id}/full-training/"
    found = error(client("POST", path, {}), 422, "invalid")
    assert [field["path"] for field in found["fields"]] == ["spec.source_test_id"]
    assert "is running" in found["fields"][0]["message"]
    shop.succeed(test_id)
    made = client("POST", path, {"epochs": 30})
    assert made.status_code == 201, made.text
    spec = made.json()["spec"]
    assert made.json()["name"] == "Try (full training)"
    assert (spec["epochs"], spec["early_stopping_patience"]) == (30, 2)
    assert spec["data_sample_percent"] == 100

    def ids(**query):
        page = client("GET", "/api/quick-tests/", params=query).json()
        return [item["id"] for item in page["items"]]

    assert ids(purpose="full_training") == [made.json()["id"]]
    assert ids(purpose="quick_test") == [test_id]
    assert ids(sweep_id="sw-none") == []
    error(client("POST", path, {"epochs": 0}), 422, "invalid")
    error(client("POST", "/api/quick-tests/qt-none/full-training/", {}), 404, "not_found")
