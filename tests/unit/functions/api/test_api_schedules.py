"""Schedules over HTTP and on the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from api_client import Client, error
from registered import MODEL, Registered
from typer.testing import CliRunner

from local.cli import schedules
from local.cli.client import Api, UserError

PATH = "/api/schedules/"


@pytest.fixture
def shop() -> Registered:
    shop = Registered()
    shop.versions(0.2)
    shop.promote(MODEL, 1)
    return shop


@pytest.fixture
def client(shop: Registered) -> Client:
    return Client(shop)


def write(**spec: Any) -> dict[str, Any]:
    return {"name": "Nightly", "spec": {"model_id": MODEL, "cron": "0 3 * * *", **spec}}


def test_a_schedule_is_made_read_changed_paused_resumed_run_and_deleted(
    client: Client, shop: Registered
) -> None:
    made = client("POST", PATH, write(zone="Europe/Berlin"))
    assert made.status_code == 201, made.text
    path = f"{PATH}{made.json()['id']}/"
    shop.settle()
    assert client("GET", path).json()["status"]["next_at"] == "2025-01-01T02:00:00Z"
    paused = client("POST", f"{path}pause/").json()
    assert paused["spec"] == {**made.json()["spec"], "enabled": False}
    shop.settle()
    assert client("GET", path).json()["status"]["next_at"] is None
    assert client("POST", f"{path}resume/").json()["spec"]["enabled"] is True
    shop.settle()
    asked = client("POST", f"{path}run/").json()
    assert asked["status"]["requested_at"] == "2025-01-01T00:00:00Z"
    for query, found in (("", 1), (f"?model={MODEL}", 1), ("?model=rm-other", 0)):
        assert len(client("GET", f"{PATH}{query}").json()["items"]) == found
    revision = {"If-Match": str(client("GET", path).json()["revision"])}
    changed = client("PUT", path, write(cron="0 5 * * mon"), headers=revision)
    assert changed.json()["spec"]["cron"] == "0 5 * * mon"
    revisions = [one["revision"] for one in client("GET", f"{path}versions/").json()]
    assert revisions == [4, 3, 2, 1]
    revision = {"If-Match": str(changed.json()["revision"])}
    assert client("DELETE", path, headers=revision).status_code == 204
    error(client("GET", path), 404, "not_found")


def test_a_trial_says_when_it_would_fire_or_what_is_wrong(client: Client) -> None:
    good = client("POST", f"{PATH}validate/", {"spec": write(cron="0 3 * * mon")["spec"]}).json()
    assert good["valid"]
    assert good["next_times"][:2] == ["2025-01-06T03:00:00Z", "2025-01-13T03:00:00Z"]
    bad = client("POST", f"{PATH}validate/", {"spec": write(cron="0 3 31 2 *")["spec"]}).json()
    assert (bad["valid"], bad["next_times"]) == (False, [])
    assert [one["path"] for one in bad["problems"]] == ["spec.cron"]
    assert client("GET", PATH).json()["items"] == []


def test_a_second_run_is_refused_while_one_is_under_way(client: Client, shop: Registered) -> None:
    made = client("POST", PATH, write()).json()
    path = f"schedules/{made['id']}"
    shop.settle()
    data = shop.documents.data(path)
    run = {"due_at": "2025-01-01T00:00:00Z", "started_at": "2025-01-01T00:00:00Z", "revision": 1}
    shop.documents.write(path, {**data, "status": {**data["status"], "run": run}})
    found = error(client("POST", f"{PATH}{made['id']}/run/"), 409, "locked")
    assert "under way" in found["message"]


class _Here(Api):
    """The command line's client, over the application."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def _request(self, method: str, path: str, **arguments: Any) -> Any:
        body = arguments.pop("json", None)
        query = arguments.pop("params", None)
        headers = arguments.pop("headers", None)
        response = self._client(method, path, body, params=query, headers=headers)
        if response.is_error:
            told = response.json()["error"]
            raise UserError(told["message"], told["fields"])
        return response


@pytest.fixture
def recsmith(
    client: Client, shop: Registered, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> Any:
    @contextmanager
    def connected(_: Any) -> Iterator[Api]:
        yield _Here(client)

    def settled(api: Api, path: str) -> Any:
        shop.settle()
        return api.get(path)

    monkeypatch.setattr(schedules, "connected", connected)
    monkeypatch.setattr(schedules, "settled", settled)

    def run(*arguments: str, status: int = 0) -> str:
        told = CliRunner().invoke(schedules.app, [*arguments, "--home", str(tmp_path)])
        assert told.exit_code == status, told.output
        return told.output

    return run


def test_the_command_line_makes_shows_pauses_runs_and_deletes_one(
    recsmith: Any, shop: Registered
) -> None:
    assert "`recsmith schedules create` makes one" in recsmith("list")
    told = recsmith("create", "shop", "--cron", "0 3 * * *", "--zone", "Europe/Berlin")
    assert "fires next 2025-01-01 03:00 CET" in told
    (listed,) = json.loads(recsmith("list", "--model", "Shop", "--json"))
    assert listed["spec"]["zone"] == "Europe/Berlin"
    assert "paused" in recsmith("pause", "Shop")
    assert "paused" in recsmith("show", "Shop")
    assert "fires next 2025-01-01 03:00 CET" in recsmith("resume", "Shop")
    assert "begins within a minute" in recsmith("run", "Shop")
    assert "a run was asked for" in recsmith("show", "Shop")
    assert json.loads(recsmith("show", "Shop", "--json"))["id"] == listed["id"]
    assert "Deleted" in recsmith("delete", "Shop")
    refused = recsmith("create", "Shop", "--cron", "0 3 31 2 *", status=1)
    assert "never fires" in refused
    assert shop.documents.query("schedules") == []
