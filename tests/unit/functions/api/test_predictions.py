"""Predictions over HTTP, with a predictor in memory."""

from __future__ import annotations

import dataclasses

import pytest
from api_client import Client, error
from scenario import Shop

from functions.api import predictions
from shared.documents.base import Collection
from shared.documents.quick_test import QuickTest
from shared.errors import RefusedError, UnavailableError
from shared.jobs import REQUEST_FILE, JobRequest
from shared.places import job_id_of, output_key
from shared.ports import Ports
from shared.services.inputs import launched_test


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def client(shop: Shop) -> Client:
    return Client(shop)


def completed(shop: Shop) -> str:
    test_id = shop.running_test()
    shop.leave(test_id, "model/saved_model.pb", "a model")
    shop.succeed(test_id)
    return test_id


def test_a_customer_gets_products_and_sees_what_they_bought_before(
    shop: Shop, client: Client
) -> None:
    test_id = completed(shop)
    body = {"customer_id": "c1", "k": 3}
    answer = client("POST", f"/api/quick-tests/{test_id}/predictions/", body).json()
    assert answer["known"]
    shown = [(one["product_id"], one["bought_before"]) for one in answer["recommendations"]]
    assert shown == [("p1", True), ("p2", True), ("new", False)]
    assert [(one["product_id"], one["count"]) for one in answer["history"]] == [
        ("p1", 2),
        ("p2", 1),
    ]
    assert shop.predictor.asked == [shop.test(test_id).artifacts_uri]


def test_strangers_are_answered_and_named_as_such(shop: Shop, client: Client) -> None:
    body = {"values": {"customer": "nobody"}}
    answer = client("POST", f"/api/quick-tests/{completed(shop)}/predictions/", body).json()
    assert not answer["known"]
    assert answer["history"] == []
    assert [one["product_id"] for one in answer["recommendations"]] == ["new"]


def test_the_inputs_say_how_to_ask_and_find_customers(shop: Shop, client: Client) -> None:
    shop.predictor.bought |= {"x7": ["p1"], "x8": ["p2"]}
    path = f"/api/quick-tests/{completed(shop)}/prediction-inputs/"
    inputs = client("GET", path).json()
    assert inputs["columns"] == [{"column": "customer", "type": "text", "example": "c1"}]
    assert [one["customer_id"] for one in inputs["customers"]] == ["c1", "x7", "x8"]
    found = client("GET", f"{path}?search=x&limit=1").json()
    assert found["customers"] == [{"customer_id": "x7", "purchases": 1}]
    error(client("GET", f"{path}?limit=0"), 422, "invalid")


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"customer_id": "c1", "k": 0}, "k"),
        ({"customer_id": "c1", "k": 1001}, "k"),
        ({"customer_id": 7}, "customer_id"),
        ({"customer_id": ""}, "customer_id"),
        ({"customer": "c1"}, "customer"),
        ({"values": {"colour": "red"}}, "values.colour"),
        ({"values": ["red"]}, "values"),
        ({"customer_id": "c1", "product_ids": ["p"] * 1001}, "product_ids"),
        ({"customer_id": "c1", "list": "favourites"}, "list"),
        ({"history": [{"product_id": "p1", "days_ago": -1}]}, "history[0].days_ago"),
        ({"history": [{"product_id": "p1"}, {"product_id": ""}]}, "history[1].product_id"),
        ({"history": [{"product_id": "p1", "bought": 1}]}, "history[0].bought"),
        ({"history": [{"product_id": "p1"}] * 10_001}, "history"),
    ],
)
def test_an_error_names_the_field(shop: Shop, client: Client, body: object, path: str) -> None:
    answer = client("POST", f"/api/quick-tests/{completed(shop)}/predictions/", body)
    assert [field["path"] for field in error(answer, 422, "invalid")["fields"]] == [path]


def test_a_list_is_asked_for_and_a_visitors_past_is_given(shop: Shop, client: Client) -> None:
    path = f"/api/quick-tests/{completed(shop)}/predictions/"
    history = [{"product_id": "p7", "days_ago": 1.5}]
    for which, expected in (
        ("all", [("p7", 1.5), ("new", None)]),
        ("buy_again", [("p7", 1.5)]),
        ("discover", [("new", None)]),
    ):
        answer = client("POST", path, {"list": which, "history": history}).json()
        found = [
            (one["product_id"], one["last_bought_days_ago"]) for one in answer["recommendations"]
        ]
        assert found == expected


def test_no_number_is_no_age(shop: Shop, client: Client) -> None:
    path = f"/api/quick-tests/{completed(shop)}/predictions/"
    options = {
        "content": '{"history": [{"product_id": "p1", "days_ago": NaN}]}',
        "headers": {"Content-Type": "application/json"},
    }
    (field,) = error(client("POST", path, **options), 422, "invalid")["fields"]
    assert field["path"] == "history[0].days_ago"


def test_more_past_purchases_than_are_taken_is_an_error_with_the_limit(
    shop: Shop, client: Client
) -> None:
    path = f"/api/quick-tests/{completed(shop)}/predictions/"
    answer = client("POST", path, {"history": [{"product_id": "p1"}] * 10_001})
    assert "10000" in error(answer, 422, "invalid")["fields"][0]["message"]
    assert client("POST", path, {"history": [{"product_id": "p1"}] * 10_000}).status_code == 200


def test_a_test_without_a_model_says_so(shop: Shop, client: Client) -> None:
    body = {"customer_id": "c1"}
    error(client("POST", "/api/quick-tests/nothing/predictions/", body), 404, "not_found")
    test_id = shop.running_test()
    path = f"/api/quick-tests/{test_id}/predictions/"
    found = error(client("POST", path, body), 409, "no_model")
    assert found["message"] == "The test is running: it has no model yet."
    client("POST", f"/api/quick-tests/{test_id}/cancel/")
    found = error(client("POST", path, body), 409, "no_model")
    assert found["message"] == "The test is cancelled: it has no model."
    assert shop.predictor.asked == []


def test_a_model_that_was_deleted_or_lies_elsewhere_is_not_asked(
    shop: Shop, client: Client
) -> None:
    test_id = shop.running_test()
    shop.succeed(test_id)  # and leaves no model
    body = {"customer_id": "c1"}
    path = f"/api/quick-tests/{test_id}/predictions/"
    error(client("POST", path, body), 404, "not_found")
    document = shop.documents.data(f"quick_tests/{test_id}")
    document["status"]["artifacts_uri"] = "file:///somewhere/else"
    shop.documents.write(f"quick_tests/{test_id}", document)
    error(client("POST", path, body), 404, "not_found")
    assert shop.predictor.asked == []


def test_without_a_process_the_answer_is_503(shop: Shop, client: Client) -> None:
    path = f"/api/quick-tests/{completed(shop)}/predictions/"
    body = {"customer_id": "c1"}
    shop.predictor.fault = UnavailableError("Too many predictions are waiting for the model.")
    answer = client("POST", path, body)
    assert "Too many" in error(answer, 503, "unavailable")["message"]
    assert answer.headers["Retry-After"]
    client.app.state.ports = dataclasses.replace(shop.ports, predictor=None)
    assert "served_models" in error(client("POST", path, body), 503, "unavailable")["message"]


def test_a_model_that_is_not_among_those_served_is_a_conflict(shop: Shop, client: Client) -> None:
    shop.predictor.fault = RefusedError("This test's model is not served.")
    answer = client("POST", f"/api/quick-tests/{completed(shop)}/predictions/", {})
    assert "not served" in error(answer, 409, "refused")["message"]


def test_the_launcher_leaves_the_request_beside_the_model(shop: Shop) -> None:
    test_id = shop.running_test()
    uri = f"{shop.test(test_id).artifacts_uri}/{REQUEST_FILE}"
    kept = JobRequest.model_validate_json(shop.artifacts.read(uri))
    assert kept == shop.pipelines.requests[shop.job_id(test_id)]


def test_where_a_model_lies_is_read_once_for_each_version_of_its_test(
    shop: Shop, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def counted(test_id: str, ports: Ports) -> QuickTest:
        read.append(test_id)
        return launched_test(test_id, ports)

    monkeypatch.setattr(predictions, "launched_test", counted)
    test_id = completed(shop)
    path = f"/api/quick-tests/{test_id}/predictions/"
    for _ in range(3):
        assert client("POST", path, {"customer_id": "c1"}).status_code == 200
    assert read == [test_id]
    shop.ports.documents.transact(
        lambda transaction: transaction.update(Collection.QUICK_TESTS.path(test_id), {"status": {}})
    )
    assert client("POST", path, {"customer_id": "c1"}).status_code == 409
    assert read == [test_id] * 2


def test_a_model_that_is_gone_is_not_asked(shop: Shop, client: Client) -> None:
    test_id = completed(shop)
    path = f"/api/quick-tests/{test_id}/predictions/"
    assert client("POST", path, {"customer_id": "c1"}).status_code == 200
    shop.ports.artifacts.remove(output_key(job_id_of(test_id), "quick_test"))
    assert client("POST", path, {"customer_id": "c1"}).status_code == 404
