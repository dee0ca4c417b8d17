"""Rule sets over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from api_client import Client, error
from lab import Lab
from scenario import RULES

PATH = "/api/rule-sets/"


@pytest.fixture
def lab() -> Lab:
    return Lab()


@pytest.fixture
def client(lab: Lab) -> Client:
    return Client(lab)


def checked(client: Client, lab: Lab, rules: Any = RULES, **more: Any) -> dict[str, Any]:
    body = {"spec": {"dataset_id": lab.dataset_id, "rules": rules}, **more}
    answer = client("POST", f"{PATH}validate/", body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_one_is_made_read_changed_listed_and_deleted(lab: Lab, client: Client) -> None:
    body = {"name": "Front page", "spec": {"dataset_id": lab.dataset_id, "rules": RULES}}
    made = client("POST", PATH, body)
    assert made.status_code == 201, made.text
    path = f"{PATH}{made.json()['id']}/"
    lab.settle()
    found = client("GET", path).json()
    assert found["status"]["validation"]["state"] == "valid"
    assert found["status"]["published_revision"] == 1
    body["spec"]["rules"] = {"pins": [{"product_id": "p1", "place": 1}]}
    assert client("PUT", path, body).json()["revision"] == 2
    assert [one["name"] for one in client("GET", PATH).json()["items"]] == ["Front page"]
    assert len(client("GET", f"{path}versions/").json()) == 2
    assert client("DELETE", path).status_code == 204
    error(client("GET", path), 404, "not_found")


def test_what_is_wrong_is_named_by_its_field(lab: Lab, client: Client) -> None:
    rules = {
        "filters": [
            {"type": "range", "column": "department", "max": 1},
            {"type": "in", "column": "colour", "values": ["red"]},
        ],
        "caps": [{"column": "price", "at_most": 1}],
    }
    found = checked(client, lab, rules)
    assert not found["valid"]
    assert [(one["path"], one["code"]) for one in found["problems"]] == [
        ("spec.rules.filters[0].column", "wrong_type"),
        ("spec.rules.filters[1].column", "unknown_column"),
    ]
    unread = checked(client, lab, {"filters": [{"type": "in", "column": "price", "value": 1}]})
    assert {one["path"] for one in unread["problems"]} == {
        "spec.rules.filters[0].values",
        "spec.rules.filters[0].value",
    }
    assert unread["spec"] is None


def test_rules_of_a_request_are_named_by_their_fields(lab: Lab, client: Client) -> None:
    filters: list[Any] = [{"type": "in", "column": "price", "value": 1}, {"type": "cheap"}]
    body = {"customer_id": "c1", "rules": {"filters": filters, "pins": [{"place": 0}]}}
    answer = client("POST", "/api/quick-tests/any/predictions/", body)
    fields = error(answer, 422, "invalid")["fields"]
    assert {one["path"] for one in fields} == {
        "rules.filters[0].values",
        "rules.filters[0].value",
        "rules.filters[1]",
        "rules.pins[0].product_id",
        "rules.pins[0].place",
    }


def test_a_check_tells_the_columns_and_how_many_products_fit(lab: Lab, client: Client) -> None:
    found = checked(client, lab)
    assert found["valid"]
    assert found["filters"] == ["price up to 20"]
    assert [(one["name"], one["type"]) for one in found["columns"]] == [
        ("department", "text"),
        ("price", "number"),
        ("organic", "text"),
    ]
    assert found["preview"] is None
    test = lab.completed("Done", 0.2, lab.features(), lab.model())
    lab.leave(test, "model/saved_model.pb", "a model")
    two = {"filters": [*RULES["filters"], {"type": "except", "product_ids": ["p1"]}]}
    assert checked(client, lab, two, quick_test_id=test)["preview"] == {
        "products": 100,
        "fitting": 80,
        "filters": [
            {"filter": "price up to 20", "fitting": 90},
            {"filter": "none of 1 product", "fitting": 90},
        ],
    }
    body = {"spec": {"dataset_id": lab.dataset_id, "rules": RULES}, "quick_test_id": "qt-none"}
    error(client("POST", f"{PATH}validate/", body), 404, "not_found")
