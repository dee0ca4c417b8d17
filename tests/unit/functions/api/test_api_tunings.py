"""Tunings over HTTP."""

from __future__ import annotations

import asyncio

import pytest
from api_client import Client, error, events
from tuned import SPACE, Tuned, planted


@pytest.fixture
def shop():
    return Tuned()


@pytest.fixture
def client(shop):
    return Client(shop)


@pytest.fixture
def spec(shop):
    return {"feature_config_id": shop.features, "model_config_id": shop.model, "trials": 2}


def create(client, spec):
    made = client("POST", "/api/tunings/", {"name": "Better", "spec": spec})
    assert made.status_code == 201, made.text
    return made.json()["id"]


def test_a_tuning_is_made_read_listed_stopped_cancelled_and_deleted(client, shop, spec):
    tuning_id = create(client, {**spec, "trials": 5})
    path = f"/api/tunings/{tuning_id}/"
    assert client("GET", path).json()["status"]["state"] == "pending"
    shop.settle()
    status = client("GET", path).json()["status"]
    assert (status["state"], status["metric"]) == ("running", "recall_at_100")
    assert [trial["label"] for trial in status["trials"]] == ["the default"]

    def ids(**query):
        return [item["id"] for item in client("GET", "/api/tunings/", params=query).json()["items"]]

    assert ids() == ids(state="running") == [tuning_id]
    tests = client("GET", "/api/quick-tests/", params={"tuning_id": tuning_id}).json()["items"]
    assert [test["name"] for test in tests] == ["Better: trial 1, the default"]
    error(client("DELETE", path), 409, "locked")
    shop.come_to(shop.under_way()[0], planted)
    shop.settle()
    assert client("POST", f"{path}stop/").json()["status"]["stop_requested"]
    shop.settle()
    status = client("GET", path).json()["status"]
    assert (status["state"], status["verdict"]["verdict"]) == ("completed", "default_as_good")
    assert client("POST", f"{path}cancel/").json()["status"]["state"] == "completed"
    assert client("DELETE", path).status_code == 204
    for last in ("", "stop/", "cancel/", "events/"):
        method = "POST" if last in ("stop/", "cancel/") else "GET"
        error(client(method, f"{path}{last}"), 404, "not_found")


def test_what_it_would_search_and_take_is_told_without_storing_anything(client, shop, spec):
    answer = client("POST", "/api/tunings/validate/", {"spec": spec}).json()
    assert answer["valid"]
    assert "half_life" in [one["setting"] for one in answer["space"]]
    one, whole = (answer[name]["seconds"]["likely"] for name in ("estimate_of_one", "estimate"))
    assert whole == pytest.approx(8 * one)
    bad = client("POST", "/api/tunings/validate/", {"spec": {**spec, "space": []}}).json()
    assert (bad["valid"], bad["estimate"]) == (False, None)
    assert bad["problems"][0]["code"] == "empty_space"
    assert not client("POST", "/api/tunings/validate/", {"spec": {"trials": "many"}}).json()[
        "valid"
    ]
    assert shop.documents.query("tunings") == []


def test_what_is_wrong_is_said_field_by_field(client, spec):
    odd = {**spec, "space": [{**SPACE[1], "high": 5000}]}
    found = error(client("POST", "/api/tunings/", {"name": "x", "spec": odd}), 422, "invalid")
    assert [field["path"] for field in found["fields"]] == ["spec.space[0].high"]
    for odd in ({}, "text", None, {"feature_config_id": 7}):
        error(client("POST", "/api/tunings/", {"name": "x", "spec": odd}), 422, "invalid")


def test_the_stream_follows_a_tuning_to_its_end(client, shop, spec):
    tuning_id = create(client, spec)
    shop.settle()

    async def watch():
        streaming = asyncio.create_task(client.send("GET", f"/api/tunings/{tuning_id}/events/"))
        while running := shop.under_way():
            await asyncio.sleep(0.05)
            assert not streaming.done()
            shop.come_to(running[0], planted)
            shop.settle()
        return await asyncio.wait_for(streaming, 5)

    told = [tuning["status"] for _, tuning in events(asyncio.run(watch()))]
    assert told[-1]["state"] == "completed"
    progress = [status["progress"] for status in told]
    assert progress == sorted(progress)


def test_a_quick_test_may_set_what_a_tuning_searches(client, shop, spec):
    configs = {name: spec[name] for name in ("feature_config_id", "model_config_id")}
    path = "/api/quick-tests/"
    made = client("POST", path, {"spec": {**configs, "settings": {"output_width": 64}}})
    assert made.status_code == 201, made.text
    shop.settle()
    (request,) = shop.pipelines.requests.values()
    code = shop.artifacts.read(request.trainer.uri).decode()
    assert "Dense(64)" in code
    other = client("POST", path, {"spec": configs}).json()["id"]
    shop.settle()
    for test_id, recall in ((made.json()["id"], 0.3), (other, 0.2)):
        shop.succeed(test_id, recall)
    ids = {"quick_test_ids": [made.json()["id"], other]}
    compared = client("POST", "/api/quick-tests/compare/", ids).json()
    (group,) = compared["groups"]
    assert [row["fields"]["output_embedding_dim"] for row in group["rows"]] == ["64", "32"]
    for settings, said in (
        ({"magic": 1}, "There is no setting 'magic'"),
        ({"dropout": 0.95}, "Dropout is a number from 0 to 0.9"),
    ):
        body = {"spec": {**configs, "settings": settings}}
        found = error(client("POST", path, body), 422, "invalid")
        assert said in found["fields"][0]["message"]
