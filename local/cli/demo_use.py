"""`recsmith demo --serve`: the tested model goes into use, and out of it again."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from rich.markup import escape

from local import demo_data
from local.cli.batches import batch
from local.cli.client import Api, UserError
from local.cli.follow import failure, follow
from local.cli.models import promote_version, roll_back
from local.cli.output import done, heading, out, working
from local.cli.quick_tests import say_registered
from local.cli.serve import serving
from local.cli.tables import show_recommendations
from shared.documents.quick_test import QuickTest, TestState
from shared.wording import sentence

# One after the other; the second is the challenger.
_EPOCHS = (1, 2)
_TOP = 5
_SHELF = {"type": "in", "column": "department", "values": ["Produce"]}
_RULES = {"filters": [_SHELF], "caps": [{"column": "category", "at_most": 2}]}
_SAID = "vegetables and fruit alone, at most two of a category"
_FOLLOWS_SECONDS = 120.0
_REASON = "the demo shows both"


def use(api: Api, home: Path, test: QuickTest, customer_id: str) -> None:
    """Trains in full twice, promotes, serves, asks, fills a table, and rolls back.

    Raises:
        UserError: any of it went otherwise.
    """
    began = time.monotonic()
    first, second = (_trained(api, test, epochs) for epochs in _EPOCHS)
    model_id = first["model_id"]
    heading(f"In use: {first['name']}")
    _promote(api, model_id, first["version"])
    with serving(home, model_id) as (url, process):
        household = {"customer_id": customer_id}
        known = _asked(url, first["version"], household)
        heading(f"For household {customer_id}: {_SAID}")
        show_recommendations(known["recommendations"], [])
        _check(known)
        bought = known["recommendations"][0]
        if known["history"]:
            past = [{"product_id": bought["product_id"], "days_ago": 1}]
            anonymous = _asked(url, first["version"], {"history": past})
            heading(f"For a visitor who bought {bought['name'] or bought['product_id']} yesterday")
            show_recommendations(anonymous["recommendations"], [])
            _check(anonymous)

        heading("The challenger")
        _promote(api, model_id, second["version"])
        _until(url, process, second["version"], household)
        _fill(home, model_id)

        heading("And back")
        roll_back(api, model_id, "the demo shows the way back")
        _until(url, process, first["version"], household)
    done("From a test to use, and back", time.monotonic() - began)
    for command, what in (
        (f"recsmith serve {model_id}", "serves it again"),
        (f"recsmith models show {model_id}", "shows its versions, and how to use them"),
    ):
        out.print(f"  [title]{command}[/]  [note]{what}[/]", soft_wrap=True)


def _trained(api: Api, test: QuickTest, epochs: int) -> dict[str, Any]:
    """The version that a full training becomes. Small: of the test's own sample."""
    body = {
        "name": f"{demo_data.NAME}, {epochs} epochs" if epochs > 1 else demo_data.NAME,
        "epochs": epochs,
        "early_stopping_patience": 0,
        "data_sample_percent": test.spec.data_sample_percent,
        "model_name": demo_data.NAME,
    }
    made = api.post(f"/api/quick-tests/{test.id}/full-training/", body)
    heading(f"Full training {made['id']}: {made['name']}")
    ended = follow(api.follow(f"/api/quick-tests/{made['id']}/events/"))
    if ended.status.state is not TestState.COMPLETED:
        raise UserError(failure(ended))
    registered = say_registered(api, made["id"])
    if registered is None:
        raise UserError("The full training was not registered in time.")
    return registered


def _promote(api: Api, model_id: str, version: int) -> None:
    try:
        promote_version(api, model_id, version, None)
    except UserError as refused:  # worse than what an earlier demo left, or not comparable
        out.print(f"[note]{escape(str(refused))} The demo gives a reason.[/]", soft_wrap=True)
        promote_version(api, model_id, version, _REASON)


def _asked(url: str, version: int, instance: dict[str, Any]) -> dict[str, Any]:
    """One prediction by the server, under the demo's rules."""
    answer = _predict(url, {**instance, "k": _TOP, "rules": _RULES})
    if answer["metadata"]["version"] != version:
        raise UserError(f"Version {answer['metadata']['version']} answered instead of {version}.")
    prediction: dict[str, Any] = answer["predictions"][0]
    return prediction


def _predict(url: str, instance: dict[str, Any]) -> dict[str, Any]:
    body = {"instances": [instance]}
    return _json(lambda: httpx.post(f"{url}/predict", json=body, timeout=60.0, trust_env=False))


def _json(ask: Callable[[], httpx.Response]) -> dict[str, Any]:
    try:
        response = ask()
    except httpx.HTTPError as error:
        raise UserError(f"The server did not answer: {sentence(str(error))}") from None
    if not response.is_success:
        raise UserError(f"The server answered {response.status_code}: {response.text[:1000]}")
    answer: dict[str, Any] = response.json()
    return answer


def _check(prediction: dict[str, Any]) -> None:
    listed, notes = prediction["recommendations"], prediction["applied"]["notes"]
    if len(listed) < _TOP:
        raise UserError(" ".join([f"{len(listed)} of {_TOP} products were listed.", *notes]))


def _until(
    url: str, process: subprocess.Popen[bytes], version: int, instance: dict[str, Any]
) -> None:
    """Waits until the server has followed the alias."""
    start = time.monotonic()
    with working(f"The server follows to version {version}"):
        while process.poll() is None and _predict(url, instance)["metadata"]["version"] != version:
            if time.monotonic() - start > _FOLLOWS_SECONDS:
                health = _json(lambda: httpx.get(f"{url}/health", timeout=60.0, trust_env=False))
                told = f"The server does not follow to version {version}. {health['fault'] or ''}"
                raise UserError(told.strip())
            time.sleep(0.5)
    if process.poll() is not None:
        raise UserError("The server ended; what it said is above.")
    done(f"The server answers by version {version}", time.monotonic() - start)


def _fill(home: Path, model_id: str) -> None:
    target = home / "recommendations"
    batch(model_id, str(_unused(target)), home=home)


def _unused(folder: Path) -> Path:
    """The folder, or it with the first number that is free."""
    numbers = iter(range(2, 10_000))
    found = folder
    while found.exists():
        found = folder.with_name(f"{folder.name}-{next(numbers)}")
    return found
