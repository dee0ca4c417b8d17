"""Registered models over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from api_client import Client, error
from scenario import Shop

from shared.documents.registered_model import registered_model_id
from shared.jobs import REQUEST_FILE

PATH = f"/api/registered-models/{registered_model_id('Shop')}/"


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def tests(shop: Shop) -> list[str]:
    """Two full trainings, which are versions 1 and 2, of which no interval is known."""
    dataset = shop.dataset()
    shop.settle()
    configs = shop.feature_config(dataset), shop.model_config()
    shop.settle()
    return [shop.fully_trained(*configs, recall) for recall in (0.2, 0.3)]


@pytest.fixture
def client(shop: Shop) -> Client:
    return Client(shop)


def promote(client: Client, **body: Any) -> Any:
    return client("POST", f"{PATH}promote/", body)


def test_a_model_is_listed_read_promoted_and_rolled_back(
    client: Client, shop: Shop, tests: list[str]
) -> None:
    (listed,) = client("GET", "/api/registered-models/").json()["items"]
    assert (listed["name"], listed["status"]["versions"]) == ("Shop", 2)
    versions = client("GET", f"{PATH}versions/").json()["items"]
    assert [one["quick_test_id"] for one in versions] == tests[::-1]
    answer = promote(client, version=1)
    assert answer.status_code == 200, answer.text
    assert answer.json()["verdict"]["standing"] == "first"
    shop.settle()
    refused = error(promote(client, version=2), 422, "invalid")
    (field,) = refused["fields"]
    assert field["path"] == "spec.production.reason"
    assert "Neither test has bootstrap replicates" in field["message"]
    answer = promote(client, version=2, reason="a trial").json()
    assert (answer["verdict"]["standing"], answer["verdict"]["needs_reason"]) == (
        "not_comparable",
        True,
    )
    shop.settle()
    status = client("GET", PATH).json()["status"]
    aliases = status["aliases"]
    assert (aliases["production"]["version"], aliases["previous"]["version"]) == (2, 1)
    assert status["rolls_back_to"] == 1
    answer = client("POST", f"{PATH}rollback/", {}).json()
    assert answer["verdict"]["standing"] == "rollback"
    shop.settle()
    status = client("GET", PATH).json()["status"]
    assert status["aliases"]["production"]["version"] == 1
    assert status["rolls_back_to"] is None  # as the API, which refuses it
    error(client("POST", f"{PATH}rollback/", {}), 422, "invalid")


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "version"),
        ({"version": 9}, "spec.production.version"),
        ({"version": "two"}, "spec.production.version"),
        ({"version": 0}, "spec.production.version"),
        ({"version": 1, "reason": "x" * 2001}, "spec.production.reason"),
        ({"version": 1, "why": "x"}, "why"),
    ],
)
def test_a_bad_promotion_names_the_field_and_changes_nothing(
    client: Client, shop: Shop, tests: list[str], body: dict[str, Any], path: str
) -> None:
    before = client("GET", PATH).json()
    refused = error(client("POST", f"{PATH}promote/", body), 422, "invalid")
    assert [field["path"] for field in refused["fields"]] == [path]
    shop.settle()
    assert client("GET", PATH).json() == before


def test_what_is_not_there_is_not_found(client: Client, tests: list[str]) -> None:
    none = "/api/registered-models/rm-none/"
    for path in (none, f"{none}versions/", f"{none}versions/1/card/", f"{PATH}versions/9/card/"):
        error(client("GET", path), 404, "not_found")
    error(client("POST", f"{none}promote/", {"version": 1}), 404, "not_found")
    error(client("POST", f"{none}rollback/", {}), 404, "not_found")
    refused = error(client("POST", f"{PATH}rollback/", {}), 422, "invalid")
    assert "before the present one" in refused["fields"][0]["message"]


def test_a_card_says_what_a_version_is(client: Client, shop: Shop, tests: list[str]) -> None:
    answer = client("GET", f"{PATH}versions/2/card/")
    assert answer.headers["content-type"].startswith("text/markdown")
    card = answer.text
    assert card.startswith("# Shop, version 2\n")
    for said in (
        "- Dataset: Shop, fingerprint `v1`",
        "Recall@100 | 30.0%",
        "SHA-256",
        "measured before results were split by segments",
        "nothing rented",
    ):
        assert said in card


def test_what_people_wrote_is_no_markup_in_a_card(client: Client, shop: Shop) -> None:
    dataset = shop.dataset()
    shop.settle()
    configs = shop.feature_config(dataset), shop.model_config()
    shop.settle()
    shop.fully_trained(*configs, model_name="<script>*x*\n# y")
    (model,) = client("GET", "/api/registered-models/").json()["items"]
    card = client("GET", f"/api/registered-models/{model['id']}/versions/1/card/").text
    assert card.startswith("# \\<script\\>\\*x\\* \\# y, version 1\n")


def test_use_says_where_a_model_lies_and_how_it_is_asked(
    client: Client, shop: Shop, tests: list[str]
) -> None:
    request = shop.pipelines.requests[shop.job_id(tests[1])]
    shop.leave(tests[1], REQUEST_FILE, request.model_dump_json())
    use = client("GET", f"/api/quick-tests/{tests[1]}/use/").json()
    assert use["registered"]["version"] == 2
    code = {step["title"]: step["code"] for step in use["steps"]}
    assert code["Where it lies"] == use["model_uri"]
    assert "row = {'customer': 'CUSTOMER'}" in code["Load it in Python"]
    assert len(code["Load it in Python"].splitlines()) == 4
    model_id = use["registered"]["model_id"]
    assert code["Bring it into production"] == f"recsmith models promote {model_id} 2"
    assert code["Go back"] == f"recsmith models rollback {model_id}"
    assert "127.0.0.1:8080/predict" in code["Ask it over HTTP"]
    assert f'served_models = ["{model_id}"]' in code["Deploy it on Google Cloud"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("name", "--help"), ("model_id", 'x" ; rm -r ~'), ("model_id", "rm-x\n--help")],
)
def test_what_a_status_says_of_a_model_is_no_part_of_a_command(
    client: Client, shop: Shop, tests: list[str], name: str, value: str
) -> None:
    data = shop.documents.data(f"quick_tests/{tests[0]}")
    data["status"]["registered"][name] = value
    shop.documents.write(f"quick_tests/{tests[0]}", data)
    use = client("GET", f"/api/quick-tests/{tests[0]}/use/").json()
    assert use["registered"][name] == value
    assert all(value not in step["code"] for step in use["steps"])


def test_backticks_in_a_fingerprint_end_no_code_in_a_card(
    client: Client, shop: Shop, tests: list[str]
) -> None:
    data = shop.documents.data(f"quick_tests/{tests[0]}")
    data["status"]["pinned"]["dataset_fingerprint"] = "a`<b>`\n# c"
    shop.documents.write(f"quick_tests/{tests[0]}", data)
    card = client("GET", f"{PATH}versions/1/card/").text
    assert "fingerprint `` a`<b>` # c ``" in card


def test_a_rollback_waits_for_a_pending_promotion(
    client: Client, shop: Shop, tests: list[str]
) -> None:
    promote(client, version=1)
    found = error(client("POST", f"{PATH}rollback/", {}), 409, "locked")
    assert "Version 1 of 'Shop' is just being brought into production" in found["message"]


def test_use_of_a_test_without_a_model_is_refused(client: Client, shop: Shop) -> None:
    test_id = shop.running_test()
    error(client("GET", f"/api/quick-tests/{test_id}/use/"), 409, "no_model")
    error(client("GET", "/api/quick-tests/qt-none/use/"), 404, "not_found")
