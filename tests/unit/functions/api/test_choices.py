"""What the API offers to choose from, and what it says of a choice before it is stored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from api_client import Client, error
from scenario import MODEL_SPEC, Shop, feature_spec

from shared.documents.model_config import ModelConfigSpec
from shared.jobs import Stage

OUT = {"type": "dense", "units": 32, "activation": None}
RATING = {"type": "dense", "units": 1, "activation": None, "l2_reg": 0.0}


@pytest.fixture
def shop():
    return Shop()


@pytest.fixture
def client(shop):
    return Client(shop)


@pytest.fixture
def dataset_id(shop):
    made = shop.dataset()
    shop.settle()
    return made


def test_a_cross_is_sized_by_the_rule_that_sizes_the_defaults(client, shop, dataset_id):
    def sized(*parts):
        asked = {"parts": [{"column": column, "buckets": buckets} for column, buckets in parts]}
        return client("POST", f"/api/datasets/{dataset_id}/recommend-cross/", json=asked)

    for spec in (
        client("GET", f"/api/datasets/{dataset_id}/smart-defaults/").json(),
        *(
            item["spec"]
            for item in client(
                "GET", f"/api/feature-configs/templates/?dataset_id={dataset_id}"
            ).json()["items"]
        ),
    ):
        for tower in ("buyer", "product"):
            buckets = {
                f"{feature['column']}_bucket": (
                    feature["column"],
                    feature["transforms"]["bucketize"]["buckets"],
                )
                for feature in spec[f"{tower}_model_features"]
                if "transforms" in feature
            }
            for cross in spec[f"{tower}_model_crosses"]:
                parts = [buckets.get(part, (part, None)) for part in cross["features"]]
                found = sized(*parts).json()
                assert found["hash_bucket_size"] == cross["hash_bucket_size"]
    error(sized(("customer", None)), 422, "invalid")


def test_embedding_recommendations(client, shop, dataset_id):
    found = client("GET", f"/api/datasets/{dataset_id}/embedding-recommendations").json()
    by_column = {item["column"]: item for item in found["items"]}
    assert by_column["product"]["embedding_dim"] == 64
    assert by_column["product"]["vocab_settings"]["max_size"] == 10_000
    assert found["widths"][0] == {"at_least": 0, "below": 50, "embedding_dim": 8}
    assert found["widths"][-1] == {"at_least": 500_000, "below": None, "embedding_dim": 128}
    error(client("GET", "/api/datasets/none/embedding-recommendations/"), 404, "not_found")
    fresh = f"/api/datasets/{shop.dataset()}/embedding-recommendations/"
    assert (
        "not been profiled" in error(client("GET", fresh), 422, "invalid")["fields"][0]["message"]
    )


def test_templates_can_be_posted_as_they_are_but_for_the_blank_one(client, dataset_id):
    plain = client("GET", "/api/feature-configs/templates/").json()["items"]
    assert {item["spec"] for item in plain} == {None}
    query = {"dataset_id": dataset_id}
    found = client("GET", "/api/feature-configs/templates/", params=query).json()["items"]
    assert [item["key"] for item in found] == [item["key"] for item in plain]
    for item in found:
        body = {"name": item["name"], "spec": item["spec"]}
        response = client("POST", "/api/feature-configs/", body)
        assert response.status_code == (422 if item["key"] == "blank" else 201)
        dims = sum(part["dim"] for part in item["buyer_tensor"]["breakdown"])
        assert item["buyer_tensor"]["total"] == dims
    error(client("GET", "/api/feature-configs/templates/?dataset_id=none"), 404, "not_found")


def test_rating_heads_losses_and_optimizers(client):
    heads = client("GET", "/api/model-configs/rating-head-presets/").json()["items"]
    assert [head["key"] for head in heads][:3] == ["recommended", "wide", "minimal"]
    assert [layer["units"] for layer in heads[2]["layers"]] == [64, 32, 1]
    losses = client("GET", "/api/model-configs/loss-functions/").json()["items"]
    assert [loss["key"] for loss in losses] == ["mse", "binary_crossentropy", "huber"]
    assert all(loss["name"] and loss["description"] and loss["when_to_use"] for loss in losses)
    optimizers = client("GET", "/api/model-configs/optimizers/").json()["items"]
    assert {item["key"] for item in optimizers} == {
        *("adagrad", "adam", "sgd", "rmsprop", "adamw", "ftrl")
    }
    for item in optimizers:
        spec = {**MODEL_SPEC, "optimizer": item["key"], "learning_rate": item["learning_rate"]}
        answer = client("POST", "/api/model-configs/validate/", {"spec": spec}).json()
        assert (answer["valid"], answer["problems"]) == (True, [])


def test_the_default_optimizer_is_suggested_at_the_default_rate(client):
    fields = ModelConfigSpec.model_fields
    listed = client("GET", "/api/model-configs/optimizers/").json()["items"]
    rates = {item["key"]: item["learning_rate"] for item in listed}
    assert rates[fields["optimizer"].default] == fields["learning_rate"].default


def test_a_model_without_features_is_counted_over_example_inputs(client):
    answer = client("POST", "/api/model-configs/validate/", {"spec": MODEL_SPEC}).json()
    counted = answer["parameters"]
    widths = counted["buyer_tower"]["input_width"], counted["product_tower"]["input_width"]
    assert widths == (100, 50)
    assert counted["buyer_tower"]["embeddings"] == []
    assert counted["total"] > 0


def test_presets_tell_how_large_they_are(client, shop, dataset_id):
    (minimal,) = [
        item
        for item in client("GET", "/api/model-configs/presets/").json()["items"]
        if item["key"] == "minimal"
    ]
    assert minimal["parameters"]["total"] == (101 + 51) * 64 + 2 * 65 * 32
    config_id = shop.feature_config(dataset_id)
    path = f"/api/model-configs/presets/minimal/?feature_config_id={config_id}"
    counted = client("GET", path).json()["parameters"]
    layers = 2 * (33 * 64 + 65 * 32)
    assert counted["total"] == layers + 32 * (2_010 + 5_010)
    assert counted["estimated"] is True
    error(
        client("GET", "/api/model-configs/presets/minimal/?feature_config_id=x"), 404, "not_found"
    )


def test_presets_tell_how_long_they_take_once_a_test_has_completed_here(client, shop):
    def estimates(config_id: str) -> list[Any]:
        path = f"/api/model-configs/presets/?feature_config_id={config_id}"
        return [item["estimate"] for item in client("GET", path).json()["items"]]

    test_id = shop.running_test()
    path = f"quick_tests/{test_id}"
    config_id = shop.documents.data(path)["spec"]["feature_config_id"]
    assert not any(estimates(config_id))
    shop.succeed(test_id)

    def took(seconds: int) -> None:
        """Every stage of the completed test."""
        moment = datetime(2026, 1, 1, tzinfo=UTC)
        stages = [
            {
                "name": stage.value,
                "state": "succeeded",
                "started_at": (moment + timedelta(seconds=seconds * n)).isoformat(),
                "ended_at": (moment + timedelta(seconds=seconds * (n + 1))).isoformat(),
            }
            for n, stage in enumerate(Stage)
        ]
        times = {"stages": stages, "duration_seconds": 4.0 * seconds + 1}
        status = shop.documents.data(path)["status"] | times
        shop.documents.transact(lambda transaction: transaction.update(path, {"status": status}))

    took(10)
    quick = estimates(config_id)
    assert [one["basis"] for one in quick] == ["1 earlier run on this system"] * 7
    took(100)
    slow = estimates(config_id)
    for one, other in zip(quick, slow, strict=True):
        assert one["seconds"]["likely"] < other["seconds"]["likely"]
    listed = client("GET", "/api/model-configs/presets/").json()["items"]
    assert not any(item["estimate"] for item in listed)  # of no features in particular


def test_a_completed_test_makes_the_count_exact(client, shop):
    test_id = shop.running_test()
    shop.succeed(test_id)
    config_id = shop.documents.data(f"quick_tests/{test_id}")["spec"]["feature_config_id"]
    body = {"spec": MODEL_SPEC, "feature_config_id": config_id}
    answer = client("POST", "/api/model-configs/validate/", body).json()
    (customer,) = answer["parameters"]["buyer_tower"]["embeddings"]
    assert (customer["rows"], customer["estimated"]) == (210, False)  # 200 values, 10 unknown

    spec = feature_spec(shop.documents.data(f"feature_configs/{config_id}")["spec"]["dataset_id"])
    spec["buyer_model_features"][0]["embedding_dim"] = 16
    client("PUT", f"/api/feature-configs/{config_id}/", {"name": "x", "spec": spec})
    answer = client("POST", "/api/model-configs/validate/", body).json()
    assert answer["parameters"]["buyer_tower"]["embeddings"][0]["estimated"] is True


def test_validating_a_feature_config_stores_nothing(client, shop, dataset_id):
    before = dict(shop.documents.documents)
    spec = feature_spec(dataset_id)
    spec["product_model_features"].append({"column": "customer", "type": "string_embedding"})
    path = "/api/feature-configs/validate/"
    answer = client("POST", path, {"spec": spec}).json()
    assert answer["valid"] is True
    assert [(p["code"], p["level"]) for p in answer["problems"]] == [
        ("column_in_both_towers", "warning")
    ]
    assert (answer["buyer_tensor"]["total"], answer["product_tensor"]["total"]) == (32, 64)
    assert answer["spec"]["buyer_model_features"][0]["vocab_settings"]["oov_buckets"] == 10

    spec["buyer_model_features"][0]["column"] = "custmer"
    answer = client("POST", path, {"spec": spec}).json()
    assert answer["valid"] is False
    assert answer["problems"][0]["path"] == "spec.buyer_model_features[0].column"
    answer = client("POST", path, {"spec": {"dataset_id": dataset_id, "odd": 1}}).json()
    assert (answer["valid"], answer["spec"], answer["config_hash"]) == (False, None, None)
    assert [p["path"] for p in answer["problems"]] == ["spec.odd"]
    assert shop.documents.documents == before


def test_a_config_that_is_edited_is_no_duplicate_of_itself(client, shop):
    model_id = shop.model_config()
    path = "/api/model-configs/validate/"
    again = client("POST", path, {"spec": MODEL_SPEC}).json()
    assert [(p["code"], p["received"]) for p in again["problems"]] == [
        ("duplicate_config", model_id)
    ]
    assert client("POST", path, {"spec": MODEL_SPEC, "id": model_id}).json()["problems"] == []
    error(client("POST", path, {"spec": MODEL_SPEC, "id": "mc-none"}), 404, "not_found")
    body = {"spec": MODEL_SPEC, "feature_config_id": "fc-none"}
    error(client("POST", path, body), 404, "not_found")


@pytest.mark.parametrize("task", ["ranking", "multitask"])
def test_a_model_that_rates_gets_the_head_that_fits_its_buyer_tower(client, shop, task):
    spec = {**MODEL_SPEC, "model_type": task}
    made = client("POST", "/api/model-configs/", {"name": "a", "spec": spec}).json()
    dense = {"type": "dense", "units": 32, "activation": "relu", "l2_reg": 0.0}
    assert made["spec"]["rating_head_layers"] == [dense, RATING]
    answer = client("POST", "/api/model-configs/validate/", {"spec": spec}).json()
    assert answer["spec"] == made["spec"]

    own = {**spec, "rating_head_layers": [RATING]}
    changed = client("PUT", f"/api/model-configs/{made['id']}/", {"name": "a", "spec": own}).json()
    assert changed["spec"]["rating_head_layers"] == [RATING]
    path = f"/api/model-configs/{made['id']}/"
    assert client("PUT", path, {"name": "a", "spec": spec}).json()["spec"] == made["spec"]

    shop.documents.write("model_configs/script", {"name": "x", "spec": spec})
    shop.settle()
    stored = shop.documents.data("model_configs/script")["status"]["validation"]
    assert [p["code"] for p in stored["problems"]] == ["empty_rating_head"]


def test_a_retrieval_model_needs_no_head_and_a_bad_tower_is_told(client):
    made = client("POST", "/api/model-configs/", {"name": "a", "spec": MODEL_SPEC}).json()
    assert made["spec"]["rating_head_layers"] == []
    spec = {**MODEL_SPEC, "model_type": "ranking", "buyer_tower_layers": [{"type": "odd"}]}
    found = error(
        client("POST", "/api/model-configs/", {"name": "a", "spec": spec}), 422, "invalid"
    )
    assert found["fields"][0]["path"] == "spec.buyer_tower_layers[0]"
