"""The settings of many tests: what charts and tables of them are drawn from."""

from __future__ import annotations

from typing import Any

import pytest
from api_client import Client, error
from lab import Lab

SETTINGS = "/api/quick-tests/settings/"


@pytest.fixture
def lab() -> Lab:
    return Lab()


@pytest.fixture
def client(lab: Lab) -> Client:
    return Client(lab)


def asked(client: Client, *ids: str) -> dict[str, Any]:
    answer = client("POST", SETTINGS, {"quick_test_ids": ids})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_settings_differ_and_have_a_scale_where_they_do(lab: Lab, client: Client) -> None:
    features, model = lab.features(), lab.model()
    tests = [
        lab.completed("a", 0.2, features, model, learning_rate_override=0.01),
        lab.completed("b", 0.3, features, lab.model("Other"), learning_rate_override=0.001),
    ]
    found = asked(client, *tests)
    settings = {one["key"]: one for one in found["settings"]}
    assert settings["learning_rate"]["differs"]
    assert settings["learning_rate"]["numeric"]
    assert not settings["batch_size"]["differs"]
    assert (settings["model_config"]["differs"], settings["model_config"]["numeric"]) == (
        True,
        False,
    )
    values = {one["quick_test_id"]: one["values"] for one in found["tests"]}
    assert list(values) == tests
    assert [values[one]["learning_rate"]["number"] for one in tests] == [0.01, 0.001]
    assert values[tests[0]]["learning_rate"]["text"] == "0.01"


def test_of_tests_over_unlike_columns_each_has_all_settings(lab: Lab, client: Client) -> None:
    model = lab.model()
    more = [{"column": name, "type": "string_embedding"} for name in ("customer", "city")]
    tests = [
        lab.completed("a", 0.2, lab.features(), model),
        lab.completed("b", 0.2, lab.features("More", buyer_model_features=more), model),
    ]
    found = asked(client, *tests)
    keys = {one["key"] for one in found["settings"]}
    assert all(set(one["values"]) == keys for one in found["tests"])
    values = [one["values"]["buyer.city"]["text"] for one in found["tests"]]
    assert values[1] != values[0] == "–"


def test_what_has_not_completed_is_left_out_with_the_reason(lab: Lab, client: Client) -> None:
    running = lab.launched("r", lab.features(), lab.model())
    found = asked(client, running)
    assert (found["tests"], found["settings"]) == ([], [])
    assert [one["reason"] for one in found["left_out"]] == [
        "It is running; only completed tests have results."
    ]


@pytest.mark.parametrize(
    ("ids", "path"), [([], "quick_test_ids"), (["qt-none"], "quick_test_ids[0]")]
)
def test_what_cannot_be_told_is_refused(client: Client, ids: list[str], path: str) -> None:
    fields = error(client("POST", SETTINGS, {"quick_test_ids": ids}), 422, "invalid")["fields"]
    assert [one["path"] for one in fields] == [path]
