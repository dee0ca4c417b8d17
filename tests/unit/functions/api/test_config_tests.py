"""Configs and their quick tests over HTTP: lists, archive, and the older forms of a request."""

from __future__ import annotations

import pytest
from api_client import Client, error
from scenario import MODEL_SPEC, Shop


@pytest.fixture
def shop():
    return Shop()


@pytest.fixture
def client(shop):
    return Client(shop)


@pytest.fixture
def configs(shop):
    dataset_id = shop.dataset()
    shop.settle()
    return {
        "feature_config_id": shop.feature_config(dataset_id),
        "model_config_id": shop.model_config(),
    }


def test_each_config_lists_its_own_tests(client, shop, configs):
    mine = shop.quick_test(**configs)
    other = shop.quick_test(configs["feature_config_id"], shop.model_config())

    def ids(path):
        return {item["id"] for item in client("GET", path).json()["items"]}

    assert ids(f"/api/feature-configs/{configs['feature_config_id']}/quick-tests/") == {mine, other}
    assert ids(f"/api/model-configs/{configs['model_config_id']}/quick-tests") == {mine}
    for kind in ("feature", "model"):
        error(client("GET", f"/api/{kind}-configs/none/quick-tests/"), 404, "not_found")


def test_archived_configs_are_listed_on_request_only(client, shop, configs):
    config_id = configs["feature_config_id"]
    dataset_id = shop.documents.data(f"feature_configs/{config_id}")["spec"]["dataset_id"]
    kept = shop.feature_config(dataset_id)

    def ids(path, **query):
        page = client("GET", path, params=query).json()
        return {item["id"] for item in page["items"]}

    paths = ("/api/feature-configs/", f"/api/datasets/{dataset_id}/feature-configs/")
    archived = client("POST", f"/api/feature-configs/{config_id}/archive/")
    assert archived.json()["status"]["lifecycle"] == "archived"
    for path in paths:
        assert ids(path) == {kept}
        assert ids(path, include_archived=True) == {kept, config_id}
    found = error(client("POST", "/api/quick-tests/", {"spec": configs}), 422, "invalid")
    assert found["fields"][0]["path"] == "spec.feature_config_id"
    back = client("POST", f"/api/feature-configs/{config_id}/unarchive/")
    assert back.json()["status"]["lifecycle"] == "draft"
    assert all(ids(path) == {kept, config_id} for path in paths)
    for verb in ("archive", "unarchive"):
        error(client("POST", f"/api/feature-configs/none/{verb}/"), 404, "not_found")


def test_the_flat_form_of_a_quick_test(client, configs):
    flat = {
        **configs,
        "rating_column": None,
        "epochs_override": 3,
        "batch_size_override": 128,
        "learning_rate_override": 0.01,
    }
    made = client("POST", "/api/quick-tests/", flat)
    assert made.status_code == 201, made.text
    spec = made.json()["spec"]
    assert (spec["epochs"], spec["batch_size_override"]) == (3, 128)
    assert (spec["learning_rate_override"], spec["rating_column"]) == (0.01, None)
    assert made.json()["name"] == "Ids × Small"
    named = client("POST", "/api/quick-tests/", {**configs, "name": "Mine"}).json()
    assert (named["name"], named["spec"]["epochs"]) == ("Mine", 2)
    wrong = error(
        client("POST", "/api/quick-tests/", {**configs, "epochs_override": 0}), 422, "invalid"
    )
    assert [(f["path"], f["received"]) for f in wrong["fields"]] == [("spec.epochs", 0)]
    wrong = error(client("POST", "/api/quick-tests/", {**configs, "odd": 1}), 422, "invalid")
    assert [field["path"] for field in wrong["fields"]] == ["odd"]


def test_the_older_path_of_a_quick_test(client, configs):
    path = f"/api/feature-configs/{configs['feature_config_id']}/quick-test/"
    body = {
        "model_config_id": configs["model_config_id"],
        "data_sample_percent": 25,
        "epochs": 1,
        "batch_size": 256,
    }
    made = client("POST", path, body)
    assert made.status_code == 201, made.text
    spec = made.json()["spec"]
    assert spec["feature_config_id"] == configs["feature_config_id"]
    assert (spec["data_sample_percent"], spec["epochs"]) == (25.0, 1)
    assert spec["batch_size_override"] == 256
    found = error(client("POST", path, {"epochs": 1}), 422, "invalid")
    assert [field["path"] for field in found["fields"]] == ["spec.model_config_id"]
    assert (
        error(client("POST", path, {**body, "odd": 1}), 422, "invalid")["fields"][0]["path"]
        == "odd"
    )
    error(client("POST", path, [1]), 422, "invalid")
    error(client("POST", "/api/feature-configs/none/quick-test/", body), 404, "not_found")
    assert not any(
        "quick-test/" in path for path in client("GET", "/api/openapi.json").json()["paths"]
    )


def test_generated_code_of_a_model_that_rates(client, shop, configs):
    spec = {**MODEL_SPEC, "model_type": "ranking"}
    made = client("POST", "/api/model-configs/", {"name": "Ranks", "spec": spec}).json()
    body = {**configs, "model_config_id": made["id"], "rating_column": "revenue"}
    answer = client("POST", "/api/generate-trainer-code/", body).json()
    assert answer["success"] is True
    data = answer["data"]
    assert set(data) == {
        *("trainer_code", "preprocessing_code", "is_valid", "validation_error"),
        *("feature_config", "model_config"),
    }
    assert '"revenue"' in data["trainer_code"]
    assert data["model_config"]["model_type"] == "ranking"
    del body["rating_column"]
    found = error(client("POST", "/api/generate-trainer-code/", body), 422, "invalid")
    assert [field["path"] for field in found["fields"]] == ["spec.rating_column"]
