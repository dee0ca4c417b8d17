"""Experiments over HTTP."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from api_client import Client, error
from registered import MODEL, Registered

from shared.documents.online_experiment import Experiment
from shared.online.outcomes import LeftOut, Outcomes, Tables, VersionOutcomes

PATH = f"/api/registered-models/{MODEL}/experiment/"
HALVES = [{"version": 1, "share_percent": 50}, {"version": 2, "share_percent": 50}]
TABLES = {
    "exposures": {"source": {"kind": "csv", "uri": "/log.csv"}},
    "outcomes": {"source": {"kind": "csv", "uri": "/orders.csv"}},
}


class Reader:
    def read(self, experiment: Experiment, tables: Tables) -> Outcomes:
        self.read_for = experiment.id
        versions = [
            VersionOutcomes(version=one.version, customers=5000, converted=converted)
            for one, converted in zip(experiment.versions, (500, 650), strict=True)
        ]
        return Outcomes(
            days=tables.days, exposed=[5000, 5000], versions=versions, left_out=LeftOut()
        )


@pytest.fixture
def shop() -> Registered:
    shop = Registered()
    shop.versions(0.2, 0.3)
    shop.promote(MODEL, 1)
    return shop


@pytest.fixture
def client(shop: Registered) -> Client:
    return Client(shop)


def start(client: Client, shop: Registered, **body: Any) -> str:
    answer = client("POST", f"{PATH}start/", {"versions": HALVES, **body})
    assert answer.status_code == 200, answer.text
    shop.settle()
    running: str = client("GET", f"/api/registered-models/{MODEL}/").json()["status"]["experiment"][
        "id"
    ]
    return running


def test_an_experiment_is_started_shown_and_ended(client: Client, shop: Registered) -> None:
    running = start(client, shop)
    error(client("POST", f"{PATH}start/", {"versions": HALVES}), 409, "locked")
    assert client("POST", f"{PATH}end/").status_code == 200
    shop.settle()
    status = client("GET", f"/api/registered-models/{MODEL}/").json()["status"]
    assert status["experiment"] is None
    assert [one["id"] for one in status["ended_experiments"]] == [running]
    error(client("POST", f"{PATH}end/"), 422, "invalid")


def test_what_cannot_run_is_said_by_field(client: Client) -> None:
    versions = [{"version": 1, "share_percent": 60}, {"version": 7, "share_percent": 60}]
    found = error(client("POST", f"{PATH}start/", {"versions": versions}), 422, "invalid")
    assert {one["path"] for one in found["fields"]} == {
        "spec.experiment.versions",
        "spec.experiment.versions[1].version",
    }
    wrong = client("POST", f"{PATH}start/", {"versions": "half"})
    assert error(wrong, 422, "invalid")["fields"][0]["path"] == "spec.experiment.versions"


def test_results_are_answered_and_nothing_of_them_is_stored(
    client: Client, shop: Registered
) -> None:
    running = start(client, shop)
    reader = Reader()
    client.app.state.ports = replace(client.app.state.ports, outcomes=reader)
    before = dict(shop.documents.data(f"registered_models/{MODEL}"))
    answer = client("POST", f"{PATH}measure/", TABLES)
    assert answer.status_code == 200, answer.text
    assert reader.read_for == running
    assert answer.json()["differences"][0]["standing"] == "higher"
    assert shop.documents.data(f"registered_models/{MODEL}") == before
    wrong = client("POST", f"{PATH}measure/", {**TABLES, "experiment_id": "ex-none"})
    assert "ex-none" in error(wrong, 404, "not_found")["message"]


def test_where_no_tables_are_read_it_is_said_who_does(client: Client, shop: Registered) -> None:
    start(client, shop)
    answer = client("POST", f"{PATH}measure/", TABLES)
    assert "recsmith experiments measure" in answer.json()["error"]["message"]
    assert 400 <= answer.status_code < 500


def test_a_sample_size_is_answered(client: Client) -> None:
    path = "/api/registered-models/sample-size/"
    found = client("POST", path, {"rate_percent": 10, "change_percent": 20}).json()
    assert found["customers"] == 7682
    wrong = client("POST", path, {"rate_percent": 10, "change_percent": 0})
    assert error(wrong, 422, "invalid")["fields"][0]["path"] == "change_percent"
