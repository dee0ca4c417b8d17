"""Quick tests in short say what whole ones say."""

from __future__ import annotations

from typing import Any

import pytest
from api_client import Client
from lab import Lab, ranking, retrieval
from scenario import vocabulary

from shared.documents.base import Collection

WHOLE, SHORT = "/api/quick-tests/", "/api/quick-tests/summaries/"
TESTS = Collection.QUICK_TESTS


@pytest.fixture
def lab() -> Lab:
    return Lab()


@pytest.fixture
def client(lab: Lab) -> Client:
    return Client(lab)


def part_of(short: Any, whole: Any) -> Any:
    """The whole's fields that the short form has."""
    if isinstance(short, dict) and isinstance(whole, dict):
        return {name: part_of(value, whole[name]) for name, value in short.items()}
    return whole


def all_states(lab: Lab, client: Client) -> list[str]:
    features, model = lab.features(), lab.model()
    best = lab.completed("Best", 0.4, features, model)
    worse = lab.completed("Worse", 0.2, features, model, beats=False, seed=2)
    rating = lab.launched("Rates", features, model)
    lab.leave_results(rating, ranking(0.8), vocabularies=[vocabulary()])
    lab.job_news(rating)
    plain = lab.launched("Without intervals", features, model)
    lab.leave_results(plain, {**retrieval(0.3), "intervals": {}, "differences": {}})
    lab.job_news(plain)
    running = lab.launched("Running", features, model, settings={"temperature": 0.1})
    cancelled = lab.launched("Cancelled", features, model)
    client("POST", f"{WHOLE}{cancelled}/cancel/")
    lab.settle()
    client("PATCH", f"{WHOLE}{best}/", {"add_tags": ["keep"], "pinned": True, "description": "!"})
    return [best, worse, rating, plain, running, cancelled]


def test_a_test_in_short_says_what_the_whole_one_says(lab: Lab, client: Client) -> None:
    made = all_states(lab, client)
    whole, short = client("GET", WHOLE).json(), client("GET", SHORT).json()
    assert [one["id"] for one in short["items"]] == [one["id"] for one in whole["items"]]
    assert {one["id"] for one in short["items"]} == set(made)
    for one, all_of_it in zip(short["items"], whole["items"], strict=True):
        assert one == part_of(one, all_of_it)
    completed = [one["status"] for one in short["items"] if one["status"]["results"]]
    assert {one["verdict"]["standing"] for one in completed} == {
        "better",
        "no_clear_difference",
        "unknown",
    }
    assert any(one["comparison"] for one in completed)


@pytest.mark.parametrize(
    "query", [{"state": "completed"}, {"tag": "keep"}, {"archived": False}, {"limit": 2}]
)
def test_it_is_listed_where_the_whole_one_is(
    lab: Lab, client: Client, query: dict[str, Any]
) -> None:
    all_states(lab, client)
    token = None
    while True:
        asked = {**query, "page_token": token} if token else query
        whole, short = (client("GET", path, params=asked).json() for path in (WHOLE, SHORT))
        assert [one["id"] for one in short["items"]] == [one["id"] for one in whole["items"]]
        assert short["items"]
        assert short["next_page_token"] == whole["next_page_token"]
        token = short["next_page_token"]
        if token is None:
            return


def test_it_follows_every_write(lab: Lab, client: Client) -> None:
    test_id = lab.launched("One", lab.features(), lab.model())
    (running,) = client("GET", SHORT).json()["items"]
    lab.leave_results(test_id, retrieval(0.3, beats=True))
    lab.job_news(test_id)
    (completed,) = client("GET", SHORT).json()["items"]
    states = [one["status"]["state"] for one in (running, completed)]
    assert states == ["running", "completed"]
    assert completed["status"]["verdict"]["standing"] == "better"


@pytest.mark.parametrize(
    "spoiled",
    [
        {"name": 7},
        {"spec": {"feature_config_id": "f"}},
        {"spec": {"feature_config_id": "f", "model_config_id": "m", "epochs": 0}},
        {"spec": "none"},
        {"revision": -1, "marks": "none", "created_at": 5, "managed_by": []},
        {"status": "none"},
        {"status": {"state": "flying"}},
        {"status": {"state": "completed", "results": {"metrics": {"recall_at_100": "1e999"}}}},
    ],
)
def test_what_is_stored_is_no_more_trusted(
    lab: Lab, client: Client, spoiled: dict[str, Any]
) -> None:
    path = TESTS.path(lab.completed("One", 0.3, lab.features(), lab.model()))
    lab.documents.write(path, {**lab.documents.data(path), **spoiled})
    whole, short = client("GET", WHOLE).json(), client("GET", SHORT).json()
    assert short["unreadable"] == whole["unreadable"]
    assert short["items"] == [
        part_of(one, all_of_it)
        for one, all_of_it in zip(short["items"], whole["items"], strict=True)
    ]


@pytest.mark.parametrize(
    "results",
    [
        {"baselines": "none"},
        {"baselines": {"popularity": "none"}},
        {"differences": {"popularity": {"recall_at_100": {"low": 0.1}}}},
        {"differences": {"popularity": {"recall_at_100": {"low": "1e999", "high": "1e999"}}}},
        {"protocol": {}},
    ],
)
def test_no_verdict_is_made_of_what_is_unreadable_nor_taken_over(
    lab: Lab, client: Client, results: dict[str, Any]
) -> None:
    path = TESTS.path(lab.completed("One", 0.3, lab.features(), lab.model()))
    stored = lab.documents.data(path)
    stored["status"]["results"] |= results
    stored["status"]["verdict"] = {"standing": "better", "label": "Beats everything"}
    lab.documents.write(path, stored)
    (one,) = client("GET", SHORT).json()["items"]
    assert (one["status"]["state"], one["status"]["verdict"]) == ("completed", None)
