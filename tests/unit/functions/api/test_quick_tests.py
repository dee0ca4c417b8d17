"""Quick tests over HTTP, live status included."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from api_client import Client, error, events
from scenario import Shop

from shared.jobs import Stage, State


@pytest.fixture
def shop():
    return Shop()


@pytest.fixture
def client(shop):
    return Client(shop)


@pytest.fixture
def polled(shop, monkeypatch):
    """Returns once a stream has looked at its document twice more, so that it told what it saw."""
    looks = 0
    get = shop.documents.get

    def counted(path):
        nonlocal looks
        looks += 1
        return get(path)

    monkeypatch.setattr(shop.documents, "get", counted)

    async def wait(streaming):
        enough = looks + 3
        while looks < enough and not streaming.done():
            await asyncio.sleep(0.005)

    return wait


def _configs(shop):
    dataset_id = shop.dataset()
    shop.settle()
    return {
        "feature_config_id": shop.feature_config(dataset_id),
        "model_config_id": shop.model_config(),
    }


def test_a_posted_test_runs_and_can_be_read(client, shop):
    spec = _configs(shop)
    made = client("POST", "/api/quick-tests/", {"spec": {**spec, "epochs": 3}})
    assert made.status_code == 201, made.text
    assert made.json()["name"] == "Ids × Small"
    path = f"/api/quick-tests/{made.json()['id']}/"
    error(client("GET", f"{path}generated-code/"), 404, "not_found")
    shop.settle()
    test = client("GET", path).json()
    assert test["status"]["state"] == "running"
    assert shop.pipelines.requests[test["status"]["job"]["job_id"]].epochs == 3
    code = client("GET", f"{path}generated-code/").json()
    assert "def preprocessing_fn(" in code["preprocessing_code"]
    assert code["trainer"] == test["status"]["code"]["trainer"]
    shop.artifacts.files[code["trainer"]["uri"]] += b"# changed"
    refused = error(client("GET", f"{path}generated-code/"), 404, "not_found")
    assert "it has been changed" in refused["message"]


def test_what_a_test_names_must_be_there(client, shop):
    spec = {**_configs(shop), "model_config_id": "mc-none"}
    found = error(client("POST", "/api/quick-tests/", {"spec": spec}), 422, "invalid")
    assert [field["path"] for field in found["fields"]] == ["spec.model_config_id"]
    for odd in ({"feature_config_id": 7}, "text", None):
        response = client("POST", "/api/quick-tests/", {"spec": odd})
        error(response, 422, "invalid")


def test_lists_are_filtered(client, shop):
    running = shop.running_test()
    spec = shop.documents.data(f"quick_tests/{running}")["spec"]

    def ids(**query):
        page = client("GET", "/api/quick-tests/", params=query).json()
        return [item["id"] for item in page["items"]]

    assert ids(state="running", feature_config_id=spec["feature_config_id"]) == [running]
    assert ids(model_config_id=spec["model_config_id"]) == [running]
    assert ids(state="failed") == []
    assert ids(model_config_id="mc-none") == []


def test_cancelling_stops_the_job_and_is_repeatable(client, shop):
    test_id = shop.running_test()
    for _ in range(2):
        answer = client("POST", f"/api/quick-tests/{test_id}/cancel/")
        assert answer.json()["status"]["state"] == "cancelled"
    assert shop.pipelines.cancelled[0] == shop.job_id(test_id)


def test_the_stream_tells_every_change_and_ends_with_the_test(client, shop, polled):
    test_id = shop.running_test()
    path = f"/api/quick-tests/{test_id}/events/"

    async def watch():
        streaming = asyncio.create_task(client.send("GET", path))
        await polled(streaming)
        shop.pipelines.advance(shop.job_id(test_id), Stage.TRANSFORM, State.RUNNING)
        shop.job_news(test_id)
        await polled(streaming)
        assert not streaming.done()
        shop.succeed(test_id)
        return await asyncio.wait_for(streaming, 5)

    told = events(asyncio.run(watch()))
    states = [(test["status"]["stage"], test["status"]["state"]) for _, test in told]
    assert states[0] == (None, "running")
    assert ("transform", "running") in states
    assert states[-1][1] == "completed"
    versions = [int(event_id) for event_id, _ in told]
    assert versions == sorted(set(versions))

    last = {"Last-Event-ID": str(versions[-1])}
    assert events(client("GET", path, headers=last)) == []
    before = {"Last-Event-ID": str(versions[-2])}
    resumed = events(client("GET", path, headers=before))
    assert [event_id for event_id, _ in resumed] == [str(versions[-1])]


def test_the_stream_ends_where_the_document_does(client, shop, polled):
    test_id = shop.running_test()

    async def watch():
        streaming = asyncio.create_task(client.send("GET", f"/api/quick-tests/{test_id}/events/"))
        await polled(streaming)
        shop.documents.transact(lambda transaction: transaction.delete(f"quick_tests/{test_id}"))
        return await asyncio.wait_for(streaming, 5)

    assert len(events(asyncio.run(watch()))) == 1


def test_all_who_follow_a_test_hear_of_every_change_by_one_reading(client, shop, polled):
    test_id = shop.running_test()
    path = f"/api/quick-tests/{test_id}/events/"
    reads = 0
    get = shop.documents.get

    def counted(path):
        nonlocal reads
        reads += path == f"quick_tests/{test_id}"
        return get(path)

    shop.documents.get = counted

    async def watch():
        streaming = [asyncio.create_task(client.send("GET", path)) for _ in range(30)]
        while reads < 60:  # each looks whether there is such a test, then at what it says
            await asyncio.sleep(0.005)
        joined = reads
        await asyncio.sleep(0.1)  # twenty times as long as a poll waits
        assert reads - joined < 60
        shop.succeed(test_id)
        return await asyncio.wait_for(asyncio.gather(*streaming), 5)

    last = {events(answer)[-1][1]["status"]["state"] for answer in asyncio.run(watch())}
    assert last == {"completed"}


def test_who_joins_others_gets_what_is_new_at_once(shop):
    shop.ports = replace(shop.ports, look_again_seconds=30)
    client = Client(shop)
    test_id = shop.running_test()
    path = f"/api/quick-tests/{test_id}/events/"

    async def watch():
        first = asyncio.create_task(client.send("GET", path))
        await asyncio.sleep(0.2)
        shop.succeed(test_id)
        second = await asyncio.wait_for(client.send("GET", path), 5)
        return await asyncio.wait_for(first, 5), second

    for answer in asyncio.run(watch()):
        assert events(answer)[-1][1]["status"]["state"] == "completed"


def test_a_fault_of_the_store_ends_the_streams_of_all_who_follow(client, shop, polled):
    test_id = shop.running_test()
    path = f"/api/quick-tests/{test_id}/events/"

    def lost(_):
        raise ConnectionError("the store is away")

    async def watch():
        streaming = [asyncio.create_task(client.send("GET", path)) for _ in range(3)]
        await polled(streaming[-1])
        shop.documents.get = lost
        return await asyncio.wait_for(asyncio.gather(*streaming, return_exceptions=True), 5)

    assert len(asyncio.run(watch())) == 3


def test_a_warning_comes_with_changes_that_would_help_and_nothing_is_stored(client, shop):
    test_id = shop.running_test(data_sample_percent=10)
    shop.succeed(test_id, recall=0.05, holdout_customers=12)
    path = f"/api/quick-tests/{test_id}/"
    before = client("GET", path).json()
    items = client("GET", f"{path}fixes/").json()["items"]
    few = [item for item in items if item["code"] == "few_held_out_customers"]
    assert [item["label"] for item in few] == ["Sample 25%", "Hold out 20%"]
    assert few[0]["path"] in [warning["path"] for warning in before["status"]["warnings"]]
    assert few[0]["before"] == before["spec"]
    assert few[0]["after"] == {**before["spec"], "data_sample_percent": 25.0}
    assert client("GET", path).json() == before
    assert {item["code"] for item in items} <= {w["code"] for w in before["status"]["warnings"]}


def test_a_test_that_has_not_completed_or_is_not_there_has_no_changes(client, shop):
    running = shop.running_test()
    assert client("GET", f"/api/quick-tests/{running}/fixes/").json() == {"items": []}
    error(client("GET", "/api/quick-tests/none/fixes/"), 404, "not_found")
