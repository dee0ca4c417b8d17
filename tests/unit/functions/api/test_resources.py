"""Datasets and configs over HTTP."""

from __future__ import annotations

import pytest
from api_client import Client, error
from scenario import COLUMNS, DATASET_SPEC, MODEL_SPEC, Shop, feature_spec


@pytest.fixture
def shop():
    return Shop()


@pytest.fixture
def client(shop):
    return Client(shop)


def _made(client, path, name="One", spec=MODEL_SPEC):
    response = client("POST", path, {"name": name, "spec": spec})
    assert response.status_code == 201, response.text
    return response


def test_a_document_lives_from_post_to_delete(client):
    made = _made(client, "/api/model-configs/")
    assert made.headers["etag"].startswith('"1-')
    path = f"/api/model-configs/{made.json()['id']}/"
    assert client("GET", path).json() == made.json()

    changed = client("PUT", path, {"name": "Two", "spec": {**MODEL_SPEC, "batch_size": 64}})
    assert changed.status_code == 200
    assert (changed.json()["name"], changed.json()["revision"]) == ("Two", 2)
    assert changed.json()["spec"]["batch_size"] == 64
    assert changed.headers["etag"].startswith('"2-')

    versions = client("GET", f"{path}versions/").json()
    assert [version["revision"] for version in versions] == [2, 1]
    assert [version["spec"]["batch_size"] for version in versions] == [64, 4096]

    copy = client("POST", f"{path}clone/").json()
    assert (copy["name"], copy["spec"]) == ("Two (copy)", changed.json()["spec"])
    assert client("POST", f"{path}clone/", {"name": "Three"}).json()["name"] == "Three"

    gone = client("DELETE", path)
    assert (gone.status_code, gone.content) == (204, b"")
    error(client("GET", path), 404, "not_found")


def test_a_stale_update_gets_both_versions(client):
    document_id = _made(client, "/api/model-configs/").json()["id"]
    path = f"/api/model-configs/{document_id}/"
    first = {"name": "A", "spec": {**MODEL_SPEC, "batch_size": 64}}
    assert client("PUT", path, first, headers={"If-Match": '"1"'}).status_code == 200
    second = {"name": "B", "spec": {**MODEL_SPEC, "batch_size": 128}}
    found = error(client("PUT", path, second, headers={"If-Match": "1"}), 409, "stale")
    assert found["current"]["spec"]["batch_size"] == 64
    assert found["current"]["revision"] == 2
    assert found["yours"]["spec"]["batch_size"] == 128
    error(client("DELETE", path, headers={"If-Match": 'W/"1"'}), 409, "stale")
    error(client("DELETE", path, headers={"If-Match": "newest"}), 422, "invalid")
    assert client("DELETE", path, headers={"If-Match": "*"}).status_code == 204


def test_a_rename_makes_what_others_have_seen_stale(client):
    made = _made(client, "/api/model-configs/")
    path = f"/api/model-configs/{made.json()['id']}/"
    seen = {"If-Match": made.headers["etag"]}
    renamed = client("PUT", path, {"name": "Mine", "spec": MODEL_SPEC}, headers=seen)
    assert (renamed.status_code, renamed.json()["revision"]) == (200, 1)
    assert renamed.headers["etag"] != made.headers["etag"]
    theirs = {"name": "Theirs", "spec": MODEL_SPEC}
    found = error(client("PUT", path, theirs, headers=seen), 409, "stale")
    assert "another name or description" in found["message"]
    assert found["current"]["name"] == "Mine"
    error(client("DELETE", path, headers=seen), 409, "stale")
    now = {"If-Match": client("GET", path).headers["etag"]}
    described = {"name": "Mine", "description": "for Ulm", "spec": MODEL_SPEC}
    assert client("PUT", path, described, headers=now).status_code == 200
    error(client("DELETE", path, headers=now), 409, "stale")
    assert client("DELETE", path, headers={"If-Match": "1"}).status_code == 204


def test_a_dataset_in_use_stays(client, shop):
    dataset_id = shop.dataset()
    shop.settle()
    config_id = shop.feature_config(dataset_id)
    found = error(client("DELETE", f"/api/datasets/{dataset_id}/"), 409, "in_use")
    assert found["message"] == (
        f"Dataset {dataset_id!r} is used by feature config 'Ids' ({config_id}). Delete those first."
    )


def _usage(client, path):
    response = client("GET", f"{path}usage/")
    assert response.status_code == 200, response.text
    return response.json()


def test_what_keeps_a_document_is_said_before_it_is_deleted(client, shop):
    dataset, model = shop.dataset(), shop.model_config()
    shop.settle()
    nothing = {"deletable": True, "reason": None, "advice": None, "users": [], "total": 0}
    nothing["removes"] = []
    assert _usage(client, f"/api/datasets/{dataset}/") == nothing
    features = shop.feature_config(dataset)
    found = _usage(client, f"/api/datasets/{dataset}/")
    assert not found["deletable"]
    assert found["users"] == [{"collection": "feature_configs", "id": features, "name": "Ids"}]
    tests = [shop.quick_test(features, model) for _ in range(22)]
    for path, advice in (
        (
            f"/api/feature-configs/{features}/",
            "Delete those quick tests first. Or archive it, to hide it from lists.",
        ),
        (f"/api/model-configs/{model}/", "Delete those quick tests first."),
    ):
        found = _usage(client, path)
        assert (found["total"], len(found["users"])) == (22, 20)
        assert {user["id"] for user in found["users"]} < set(tests)
        assert found["advice"] == advice
        assert found["reason"].endswith(advice)
        assert error(client("DELETE", path), 409, "in_use")["message"] == found["reason"]
    error(client("GET", "/api/datasets/gone/usage/"), 404, "not_found")


def test_a_sweep_keeps_its_configs_and_itself_until_it_has_ended(client, shop):
    dataset, model = shop.dataset(), shop.model_config()
    shop.settle()
    features = shop.feature_config(dataset)
    shop.settle()
    sweep = shop.sweep([features], [model])
    assert _usage(client, f"/api/sweeps/{sweep}/")["deletable"]
    found = _usage(client, f"/api/model-configs/{model}/")
    assert [(user["collection"], user["id"]) for user in found["users"]] == [("sweeps", sweep)]
    assert found["reason"].endswith("Cancel the sweep first, or wait for its end.")
    shop.settle()
    running = _usage(client, f"/api/sweeps/{sweep}/")
    assert running["reason"] == f"Sweep {sweep!r} is running. Cancel it first."
    assert (
        error(client("DELETE", f"/api/sweeps/{sweep}/"), 409, "locked")["message"]
        == (running["reason"])
    )
    client("POST", f"/api/sweeps/{sweep}/cancel/")
    shop.settle()
    assert _usage(client, f"/api/sweeps/{sweep}/")["deletable"]
    assert client("DELETE", f"/api/sweeps/{sweep}/").status_code == 204


def test_lists_page_to_their_end(client):
    made = {_made(client, "/api/model-configs/", str(n)).json()["id"] for n in range(5)}
    seen, token = [], None
    while True:
        query = {"limit": 2, **({"page_token": token} if token else {})}
        page = client("GET", "/api/model-configs/", params=query).json()
        seen += [item["id"] for item in page["items"]]
        assert len(page["items"]) <= 2
        token = page["next_page_token"]
        if token is None:
            break
    assert len(seen) == 5
    assert set(seen) == made


def test_an_unreadable_document_does_not_hide_the_others(client, shop):
    _made(client, "/api/model-configs/")
    shop.documents.write("model_configs/odd", {"name": "odd", "spec": {"batch_size": 1}})
    shop.settle()
    page = client("GET", "/api/model-configs/").json()
    assert len(page["items"]) == 1
    assert page["unreadable"]["odd"][0]["path"].startswith("spec.")


def test_presets_can_be_posted_as_they_are(client):
    presets = client("GET", "/api/model-configs/presets/").json()["items"]
    assert [preset["key"] for preset in presets][:3] == ["recommended", "wide", "minimal"]
    for preset in presets:
        assert client("GET", f"/api/model-configs/presets/{preset['key']}/").json() == preset
        made = _made(client, "/api/model-configs/", preset["name"], preset["spec"])
        assert made.json()["spec"] == preset["spec"]


def test_smart_defaults_can_be_posted_as_they_are(client, shop):
    dataset_id = _made(client, "/api/datasets/", "Shop", DATASET_SPEC).json()["id"]
    path = f"/api/datasets/{dataset_id}/"
    not_yet = error(client("GET", f"{path}smart-defaults/"), 422, "invalid")
    assert "not been profiled" in not_yet["fields"][0]["message"]
    shop.settle()
    columns = client("GET", path).json()["status"]["columns"]
    assert [column["name"] for column in columns] == [column.name for column in COLUMNS]

    defaults = client("GET", f"{path}smart-defaults").json()
    assert defaults["dataset_id"] == dataset_id
    assert defaults["product_model_features"][0]["column"] == "product"
    made = _made(client, "/api/feature-configs/", "Defaults", defaults)
    assert made.json()["spec"] == defaults


def test_a_datasets_feature_configs_are_its_own(client, shop):
    mine, other = shop.dataset(), shop.dataset()
    shop.settle()
    spec = feature_spec(mine)
    del spec["dataset_id"]
    path = f"/api/datasets/{mine}/feature-configs/"
    made = _made(client, path, "Mine", spec).json()
    assert made["spec"]["dataset_id"] == mine
    shop.feature_config(other)
    assert [item["id"] for item in client("GET", path).json()["items"]] == [made["id"]]
    wrong = client("POST", path, {"name": "a", "spec": feature_spec(other)})
    assert error(wrong, 422, "invalid")["fields"][0]["path"] == "spec.dataset_id"
    error(client("GET", "/api/datasets/nowhere/feature-configs/"), 404, "not_found")


def test_generated_code_comes_as_two_modules(client, shop):
    dataset_id = shop.dataset()
    shop.settle()
    body = {
        "feature_config_id": shop.feature_config(dataset_id),
        "model_config_id": shop.model_config(),
    }
    answer = client("POST", "/api/generate-trainer-code/", body).json()
    assert answer["success"] is True
    data = answer["data"]
    assert (data["is_valid"], data["validation_error"]) == (True, None)
    assert "def preprocessing_fn(" in data["preprocessing_code"]
    assert "def run_fn(" in data["trainer_code"]
    assert data["feature_config"]["buyer_tensor_dim"] == 32
    assert data["model_config"]["buyer_tower_summary"] == "32"
    unknown = {**body, "model_config_id": "mc-none"}
    error(client("POST", "/api/generate-trainer-code/", unknown), 404, "not_found")


def test_paths_work_with_and_without_slash_and_by_older_verbs(client):
    made = client("POST", "/api/model-configs/create/", {"name": "a", "spec": MODEL_SPEC})
    assert made.status_code == 201
    document_id = made.json()["id"]
    assert client("GET", f"/api/model-configs/{document_id}").status_code == 200
    assert client("GET", "/api/health").json()["status"] == "ok"
    path = f"/api/model-configs/{document_id}"
    body = {"name": "b", "spec": MODEL_SPEC}
    assert client("PUT", f"{path}/update", body).json()["name"] == "b"
    assert client("DELETE", f"{path}/delete/").status_code == 204
