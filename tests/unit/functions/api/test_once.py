"""A request that creates something may be sent again: `Idempotency-Key`."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
import pytest
from api_client import Client, error
from lab import Lab
from scenario import DATASET_SPEC, MODEL_SPEC, RULES, feature_spec

from shared.documents.request_key import REQUEST_KEYS
from shared.handlers.publish_change import publish_change
from shared.handlers.reconcile import reconcile
from shared.ports import DocumentChange

KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}


@pytest.fixture
def lab():
    return Lab()


@pytest.fixture
def client(lab):
    return Client(lab)


def _count(lab, collection):
    return len(lab.documents.query(collection))


def _creations(lab):
    """By operation: path, body and collection of everything that creates."""
    features, model = lab.features(), lab.model()
    test = lab.completed("Done", 0.2, features, model)
    rules = lab.rule_set(lab.dataset_id)
    model_id = lab.registered(features, model)
    pair = {"feature_config_id": features, "model_config_id": model}
    grid = {"feature_config_ids": [features], "model_config_ids": [model]}
    whole = feature_spec(lab.dataset_id)
    return {
        "createDataset": ("/api/datasets/", {"name": "D", "spec": DATASET_SPEC}, "datasets"),
        "createFeatureConfig": (
            "/api/feature-configs/",
            {"name": "F", "spec": whole},
            "feature_configs",
        ),
        "createDatasetFeatureConfig": (
            f"/api/datasets/{lab.dataset_id}/feature-configs/",
            {"name": "F", "spec": whole},
            "feature_configs",
        ),
        "createModelConfig": (
            "/api/model-configs/",
            {"name": "M", "spec": MODEL_SPEC},
            "model_configs",
        ),
        "cloneFeatureConfig": (
            f"/api/feature-configs/{features}/clone/",
            {"name": "C"},
            "feature_configs",
        ),
        "cloneModelConfig": (f"/api/model-configs/{model}/clone/", None, "model_configs"),
        "createQuickTest": ("/api/quick-tests/", {"spec": pair}, "quick_tests"),
        "createSweep": ("/api/sweeps/", {"name": "S", "spec": grid}, "sweeps"),
        "createRuleSet": (
            "/api/rule-sets/",
            {"name": "R", "spec": {"dataset_id": lab.dataset_id, "rules": RULES}},
            "rule_sets",
        ),
        "createSchedule": (
            "/api/schedules/",
            {"name": "N", "spec": {"model_id": model_id, "cron": "0 3 * * *"}},
            "schedules",
        ),
        "cloneRuleSet": (f"/api/rule-sets/{rules}/clone/", None, "rule_sets"),
        "createTuning": ("/api/tunings/", {"name": "T", "spec": pair}, "tunings"),
        "startFullTraining": (f"/api/quick-tests/{test}/full-training/", {}, "quick_tests"),
        "startLearningCurve": (f"/api/quick-tests/{test}/learning-curve/", {}, "sweeps"),
        "older form": (
            f"/api/feature-configs/{features}/quick-test/",
            {"model_config_id": model},
            "quick_tests",
        ),
    }


OPERATIONS = list(_creations(Lab()))


def test_every_operation_that_creates_takes_a_key(client):
    described = client("GET", "/api/openapi.json").json()["paths"]
    creating = {
        operation["operationId"]: [item["name"] for item in operation["parameters"]]
        for methods in described.values()
        for method, operation in methods.items()
        if method == "post" and "201" in operation["responses"]
    }
    assert set(creating) == set(OPERATIONS) - {"older form"}
    assert all("Idempotency-Key" in names for names in creating.values())


@pytest.mark.parametrize("operation", OPERATIONS)
def test_sent_again_it_creates_nothing_and_is_answered_as_before(operation, lab, client):
    path, body, collection = _creations(lab)[operation]
    before = _count(lab, collection)
    first = client("POST", path, body, headers=KEY)
    assert first.status_code == 201, first.text
    lab.settle()
    again = client("POST", path, body, headers=KEY)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["etag"] == first.headers["etag"]
    assert _count(lab, collection) == before + 1


@pytest.mark.parametrize("operation", OPERATIONS)
def test_without_a_key_or_with_another_one_it_is_another_request(operation, lab, client):
    path, body, collection = _creations(lab)[operation]
    before = _count(lab, collection)
    for headers in (KEY, {"Idempotency-Key": "other"}, {}, {}):
        assert client("POST", path, body, headers=headers).status_code == 201
    assert _count(lab, collection) == before + 4


def test_the_key_of_another_request_is_refused(lab, client):
    body = {"name": "One", "spec": MODEL_SPEC}
    made = client("POST", "/api/model-configs/", body, headers=KEY).json()
    for path, other in (
        ("/api/model-configs/", {**body, "name": "Two"}),
        (f"/api/model-configs/{made['id']}/clone/", None),
        ("/api/datasets/", {"name": "D", "spec": DATASET_SPEC}),
    ):
        refused = error(client("POST", path, other, headers=KEY), 422, "idempotency_key_reused")
        (field,) = refused["fields"]
        assert (field["path"], field["received"]) == ("Idempotency-Key", KEY["Idempotency-Key"])
    assert _count(lab, "model_configs") == 1


def test_how_body_path_and_key_are_written_does_not_matter(lab, client):
    first = client(
        "POST", "/api/model-configs/", {"name": "One", "spec": MODEL_SPEC}, headers=KEY
    ).json()
    turned = {"spec": dict(reversed(MODEL_SPEC.items())), "name": "One"}
    quoted = {"Idempotency-Key": f'"{KEY["Idempotency-Key"]}"'}
    assert client("POST", "/api/model-configs", turned, headers=quoted).json() == first
    assert client("POST", "/api/model-configs/create", turned, headers=KEY).json() == first


def test_of_two_at_once_one_creates_and_both_get_its_answer(lab, client):
    body = {"name": "One", "spec": MODEL_SPEC}
    others = []

    def rival():
        others.append(
            asyncio.run(client.send("POST", "/api/model-configs/", body, headers=KEY)).json()
        )

    async def both():
        lab.documents.meanwhile = rival  # between the first one's reading and its commit
        return await client.send("POST", "/api/model-configs/", body, headers=KEY)

    answered = asyncio.run(both())
    assert (answered.status_code, [answered.json()]) == (201, others)
    assert _count(lab, "model_configs") == 1


def test_what_was_refused_or_has_failed_may_be_sent_again(lab, client):
    path = "/api/model-configs/"
    error(client("POST", path, {"name": "", "spec": MODEL_SPEC}, headers=KEY), 422, "invalid")
    assert _count(lab, REQUEST_KEYS) == 0
    made = client("POST", path, {"name": "One", "spec": MODEL_SPEC}, headers=KEY)
    assert made.status_code == 201


def test_the_first_answer_stands_whatever_has_become_of_things_since(lab, client):
    model = lab.model("Original")
    path = f"/api/model-configs/{model}/clone/"
    first = client("POST", path, headers=KEY).json()
    client("DELETE", f"/api/model-configs/{first['id']}/")
    client("DELETE", f"/api/model-configs/{model}/")
    assert client("POST", path, headers=KEY).json() == first
    assert _count(lab, "model_configs") == 0


def test_each_caller_has_keys_of_their_own(lab, client):
    body = {"name": "One", "spec": MODEL_SPEC}

    async def as_caller(email):
        async def app(one, receive, send):
            caller = type("Caller", (), {"email": email})
            await client.app(
                {**one, "state": {**one.get("state", {}), "caller": caller}}, receive, send
            )

        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            return (await http.post("/api/model-configs/", json=body, headers=KEY)).json()

    ids = [asyncio.run(as_caller(email))["id"] for email in ("a@x", "b@x", "a@x")]
    assert ids[0] == ids[2] != ids[1]


def test_a_key_is_forgotten_after_a_day(lab, client):
    body = {"name": "One", "spec": MODEL_SPEC}
    first = client("POST", "/api/model-configs/", body, headers=KEY).json()
    lab.clock.advance(timedelta(hours=23).total_seconds())
    reconcile(lab.ports)
    assert client("POST", "/api/model-configs/", body, headers=KEY).json() == first
    lab.clock.advance(timedelta(hours=2).total_seconds())
    assert client("POST", "/api/model-configs/", body, headers=KEY).json()["id"] != first["id"]
    assert _count(lab, REQUEST_KEYS) == 1
    lab.clock.advance(timedelta(hours=25).total_seconds())
    reconcile(lab.ports)
    assert _count(lab, REQUEST_KEYS) == 0


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "two words", '"', "schlüssel".encode()])
def test_what_is_no_key_is_refused(client, key):
    body = {"name": "One", "spec": MODEL_SPEC}
    response = client("POST", "/api/model-configs/", body, headers={"Idempotency-Key": key})
    assert error(response, 422, "invalid")["fields"][0]["path"] == "Idempotency-Key"


def test_a_kept_answer_that_somebody_has_wrecked_answers_nothing(lab, client):
    body = {"name": "One", "spec": MODEL_SPEC}
    first = client("POST", "/api/model-configs/", body, headers=KEY).json()
    (kept,) = lab.documents.query(REQUEST_KEYS)
    lab.documents.transact(lambda t: t.set(kept.path, {"answer": "none"}))
    second = client("POST", "/api/model-configs/", body, headers=KEY)
    assert second.status_code == 201
    assert second.json()["id"] != first["id"]


def test_no_handler_hears_of_keys(lab, client):
    client("POST", "/api/model-configs/", {"name": "One", "spec": MODEL_SPEC}, headers=KEY)
    (kept,) = lab.documents.query(REQUEST_KEYS)
    # Terraform's trigger is for `{collection}/{document}`.
    assert kept.path.count("/") > 1
    before = len(lab.events.published)
    publish_change(DocumentChange(kept.path, None, kept.data), lab.ports)
    assert len(lab.events.published) == before
