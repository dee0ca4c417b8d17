"""Every error has one shape, whoever found it."""

from __future__ import annotations

import json

import pytest
from api_client import Client, error
from scenario import DATASET_SPEC, MODEL_SPEC, Shop, feature_spec

from functions.api.asgi import MAX_BODY_BYTES
from shared.errors import ConflictError


@pytest.fixture
def shop():
    return Shop()


@pytest.fixture
def client(shop):
    return Client(shop)


def _text(client, text, content_type="application/json"):
    return client(
        "POST", "/api/model-configs/", content=text, headers={"Content-Type": content_type}
    )


def test_what_is_not_there_is_404(client):
    assert "/api/docs" in error(client("GET", "/api/nothing"), 404, "not_found")["message"]
    missing = error(client("GET", "/api/feature-configs/fc-1/"), 404, "not_found")
    assert missing["message"] == "There is no feature config 'fc-1'."
    error(client("GET", "/nothing"), 404, "not_found")
    error(client("GET", "/api/quick-tests/qt-1/events/"), 404, "not_found")
    error(client("POST", "/api/quick-tests/qt-1/cancel/"), 404, "not_found")
    assert (
        "standard"
        in error(client("GET", "/api/model-configs/presets/enormous/"), 404, "not_found")["message"]
    )


def test_a_wrong_method_is_405(client):
    error(client("DELETE", "/api/datasets/"), 405, "method_not_allowed")


@pytest.mark.parametrize(
    "text",
    [
        b'{"name":',
        b"\xff",
        b"[" * 100_000,
        b'{"name": "a", "spec": {"learning_rate": ' + b"9" * 5_000 + b"}}",
    ],
    ids=["cut off", "no text", "endless", "too many digits"],
)
def test_malformed_json_is_400(client, text):
    error(_text(client, text), 400, "malformed_json")


def test_no_body_is_a_missing_one(client):
    (field,) = error(_text(client, b""), 422, "invalid")["fields"]
    assert field == {"path": "", "message": "Field required.", "received": None}


@pytest.mark.parametrize("depth", [100, 900])
@pytest.mark.parametrize("around", ["%s", '{"name": "a", "spec": %s}', '{"name": %s, "spec": {}}'])
def test_deep_nesting_is_like_any_other_wrong_value(client, depth, around):
    text = around % ("[" * depth + "]" * depth)
    for field in error(_text(client, text), 422, "invalid")["fields"]:
        assert len(str(field["received"])) <= 201


def test_another_content_type_is_415(client):
    error(_text(client, "{}", "text/plain"), 415, "unsupported_media_type")


def test_a_body_beyond_the_limit_is_413_whatever_it_declares(client):
    large = json.dumps({"name": "x" * MAX_BODY_BYTES})
    error(_text(client, large), 413, "too_large")

    async def unannounced():
        for _ in range(20):
            yield b" " * 100_000

    error(_text(client, unannounced()), 413, "too_large")


def test_one_answer_names_everything_that_is_wrong(client):
    spec = {
        "buyer_tower_layers": [{"type": "dense", "units": 0}, {"type": "lstm"}],
        "product_tower_layers": [],
        "learning_rate": -1,
        "momentum": 0.9,
    }
    found = error(client("POST", "/api/model-configs/", {"name": "", "spec": spec}), 422, "invalid")
    received = {field["path"]: field["received"] for field in found["fields"]}
    assert received == {
        "name": "",
        "spec.buyer_tower_layers[0].units": 0,
        "spec.buyer_tower_layers[1]": "{'type': 'lstm'}",
        "spec.learning_rate": -1,
        "spec.momentum": 0.9,
    }


def test_rules_across_fields_are_reported_alike(client, shop):
    dataset = shop.dataset()
    shop.settle()
    spec = feature_spec(dataset)
    spec["buyer_model_features"][0]["column"] = "custmer"
    found = error(
        client("POST", "/api/feature-configs/", {"name": "a", "spec": spec}), 422, "invalid"
    )
    first = found["fields"][0]
    assert first["path"] == "spec.buyer_model_features[0].column"
    assert first["received"] == "custmer"
    assert "Did you mean 'customer'" in first["message"]


def test_towers_of_unlike_ends_are_refused(client):
    spec = {**MODEL_SPEC, "product_tower_layers": [{"type": "dense", "units": 16}]}
    found = error(
        client("POST", "/api/model-configs/", {"name": "a", "spec": spec}), 422, "invalid"
    )
    assert any("product_tower_layers" in field["path"] for field in found["fields"])


def test_the_source_of_a_dataset_is_looked_at(client):
    spec = {**DATASET_SPEC, "source": {"kind": "csv", "uri": "/missing.csv"}}
    found = error(client("POST", "/api/datasets/", {"name": "a", "spec": spec}), 422, "invalid")
    assert [field["path"] for field in found["fields"]] == ["spec.source.uri"]
    assert found["fields"][0]["received"] == "/missing.csv"


def test_missing_and_unknown_fields_of_the_body_are_named(client):
    found = error(client("POST", "/api/datasets/", {"nmae": "a"}), 422, "invalid")
    assert {field["path"] for field in found["fields"]} == {"name", "spec", "nmae"}
    error(client("POST", "/api/datasets/", [1]), 422, "invalid")


def test_values_that_json_lacks_are_echoed_as_text(client):
    text = '{"name": "\\ud800", "spec": {"learning_rate": NaN, "temperature": 1e999}}'
    found = error(_text(client, text), 422, "invalid")
    received = {field["path"]: field["received"] for field in found["fields"]}
    assert received["spec.learning_rate"] == "nan"
    assert received["spec.temperature"] == "inf"


def test_query_parameters_are_checked(client):
    for query in ("limit=0", "limit=many", "page_token=nowhere"):
        error(client("GET", f"/api/datasets/?{query}"), 422, "invalid")
    error(client("GET", "/api/quick-tests/?state=asleep"), 422, "invalid")


def test_a_store_that_is_busy_is_503(client, shop):
    def busy(_):
        raise ConflictError

    shop.documents.transact = busy
    response = client("POST", "/api/model-configs/", {"name": "a", "spec": MODEL_SPEC})
    error(response, 503, "busy")
    assert response.headers["retry-after"] == "1"


def test_a_defect_says_nothing_of_itself(client, shop):
    def broken(*_, **__):
        raise RuntimeError("secret")

    shop.documents.get = broken
    response = client("GET", "/api/datasets/ds-1/")
    error(response, 500, "internal")
    assert "secret" not in response.text


@pytest.mark.parametrize("document_id", ["__all__", "x" * 2000, "a%2Fb"])
def test_an_id_that_no_document_can_have_is_not_there(client, document_id):
    for path in ("feature-configs", "quick-tests"):
        assert client("GET", f"/api/{path}/{document_id}/").status_code == 404
    assert client("DELETE", f"/api/datasets/{document_id}/").status_code in (404, 405)


@pytest.mark.parametrize("document_id", ["", "/", "..", "fc-1/versions/1", "x" * 2000])
def test_a_page_and_a_trial_of_no_document_are_refused(client, document_id):
    error(client("GET", "/api/datasets/", params={"page_token": document_id}), 422, "invalid")
    body = {"spec": MODEL_SPEC, "id": document_id}
    error(client("POST", "/api/model-configs/validate/", body), 404, "not_found")


def test_a_sweep_of_what_can_be_no_config_is_judged(client):
    spec = {"feature_config_ids": ["a/b"], "model_config_ids": [".."]}
    answer = client("POST", "/api/sweeps/validate/", {"spec": spec})
    assert (answer.status_code, answer.json()["valid"]) == (200, False)
