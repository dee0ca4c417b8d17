"""Secrets in requests, addresses and settings, and every place where they might turn up."""

from __future__ import annotations

import base64
import io
import json
import logging
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx

from functions.telemetry import JsonLines
from local.tracking import SETTING
from tests.integration.stand_in import stand_in
from tests.torture.api_shop import CSV, MAPPING, MODEL_SPEC, feature_spec
from tests.torture.authorisation import AUDIENCE, Issuer
from tests.torture.fake_mlflow import FakeMlflow
from tests.torture.traversal import Served
from tests.torture.trial import Tally, trial
from tests.waiting import happens

TOKEN, IAP, PASSWORD, URI, SIGNATURE = (
    f"hush-{what}-5up3rs3cr3t" for what in ("token", "iap", "mlflow", "source", "signature")
)
HEADERS = {"Authorization": f"Bearer {TOKEN}", "X-Goog-IAP-JWT-Assertion": IAP}
SOURCES = [
    f"https://me:{URI}@host.example/rows.csv?X-Goog-Signature={SIGNATURE}&x=1",
    f"s3://me:{URI}@shop/rows.csv",
    f"file:///rows.csv?sig={SIGNATURE}",
    f"file://me:{URI}@localhost/rows.csv",
    f"{'x' * 150}https://host.example/{'y' * 30}?sig={SIGNATURE}",
]
SECRETS = [
    *(TOKEN, IAP, PASSWORD, URI, SIGNATURE),
    base64.b64encode(f"trial:{PASSWORD}".encode()).decode(),
]


class Searched:
    """Looks for secrets in whatever it is shown."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally

    def __call__(self, where: str, content: str | bytes) -> None:
        self._tally.tried()
        text = content.decode(errors="replace") if isinstance(content, bytes) else content
        for secret in SECRETS:
            if secret in text:
                around = text[max(0, text.index(secret) - 120) :][:200]
                self._tally.lets_in(f"{secret} in {where}: …{around!r}")

    def answer(self, what: str, answer: httpx.Response) -> Any:
        headers = "".join(f"{name}: {value}\n" for name, value in answer.headers.items())
        self(f"the headers of {what}", headers)
        try:
            found = answer.json()
        except ValueError:
            self(f"the answer to {what}", answer.text)
            return None
        self(f"the answer to {what}", json.dumps(_without_sources(found)))
        return found


def _without_sources(data: Any) -> Any:
    """A dataset's own source is what somebody wrote there, and is shown as that."""
    if isinstance(data, dict):
        return {key: _without_sources(inner) for key, inner in data.items() if key != "source"}
    return [_without_sources(one) for one in data] if isinstance(data, list) else data


@trial("abuse", "secrets: tokens, passwords and signed addresses, searched for", seconds=150)
def secrets(tally: Tally) -> None:
    searched = Searched(tally)
    with FakeMlflow(tally.folder / "runs") as tracking:
        _laptop(tally, searched, tracking)
        if f"trial:{PASSWORD}" not in tracking.credentials:
            tally.loses("MLflow was never given its password")
        searched("what MLflow was sent", "\n".join(tracking.bodies))
    _deployed(searched)
    _settings(searched)
    for file in tally.folder.rglob("*"):
        if file.is_file() and not file.name.startswith("state.db"):
            searched(str(file.relative_to(tally.folder)), file.read_bytes())
    with sqlite3.connect(tally.folder / "home" / "state.db") as state:
        for (table,) in state.execute("SELECT name FROM sqlite_master WHERE type = 'table'"):
            for row in state.execute(f"SELECT * FROM {table}"):
                searched(f"{table} of state.db", "\n".join(map(_cell, row)))
    state.close()


def _cell(value: Any) -> str:
    try:
        return json.dumps(_without_sources(json.loads(value)), ensure_ascii=False)
    except (TypeError, ValueError):
        return str(value)


@contextmanager
def _up(tally: Tally, tracking: FakeMlflow) -> Iterator[httpx.Client]:
    """`recsmith up`, and a client of it that carries tokens."""
    folder = tally.folder
    recsmith = [sys.executable, "-c", "from local.cli import app; app()"]
    environment = {
        **os.environ,
        SETTING: f"http://trial:{PASSWORD}@127.0.0.1:{tracking.port}",
        "RECSMITH_TRAINER_PYTHON": str(stand_in(folder)),
    }
    home = folder / "home"
    with (folder / "up.log").open("wb") as log:
        process = subprocess.Popen(
            [*recsmith, "up", "--home", str(home), "--port", "0"],
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        assert happens((home / "server.json").exists), (folder / "up.log").read_text()
        url = json.loads((home / "server.json").read_text())["url"]
        with httpx.Client(base_url=url, headers=HEADERS, timeout=60, trust_env=False) as client:
            yield client
        if not tally.small:
            shown = subprocess.run(
                [*recsmith, "mlflow", "--home", str(home)],
                env=environment,
                capture_output=True,
                timeout=60,
            )
            (folder / "mlflow.log").write_bytes(shown.stdout + shown.stderr)
    finally:
        process.terminate()
        process.wait(30)


def _laptop(tally: Tally, searched: Searched, tracking: FakeMlflow) -> None:
    rows = tally.folder / "purchases.csv"
    rows.write_text(CSV)
    with _up(tally, tracking) as client:

        def ask(method: str, path: str, body: Any = None) -> Any:
            answer = client.request(method, f"/api/{path}", json=body)
            return searched.answer(f"{method} {path} ({answer.status_code})", answer)

        spec = {"source": {"kind": "csv", "uri": str(rows)}, "column_mapping": MAPPING}
        dataset = ask("POST", "datasets/", {"name": "Shop", "spec": spec})["id"]
        for uri in SOURCES:
            bad = {"kind": "csv", "uri": uri}
            ask("POST", "datasets/", {"name": "Bad", "spec": {"source": bad}})
            ask("POST", "datasets/inspect/", {"source": bad})
            ask("PUT", f"datasets/{dataset}/", {"revision": 1, "spec": {"source": bad}})
        _past_the_api(tally.folder / "home" / "state.db")
        assert happens(
            lambda: ask("GET", f"datasets/{dataset}/")["status"]["validation"]["state"] == "valid",
            60,
        )
        features = ask("POST", "feature-configs/", {"name": "F", "spec": feature_spec(dataset)})
        model = ask("POST", "model-configs/", {"name": "M", "spec": MODEL_SPEC})
        pair = {"feature_config_id": features["id"], "model_config_id": model["id"]}
        moods = tally.of(("broken", "refusing", "gone", "well"), ("gone", "well"))
        for number, mood in enumerate(moods):
            tracking.mood = mood
            made = ask("POST", "quick-tests/", {**pair, "training_seed": number})
            told = "run_id" if mood == "well" else "error"

            def tracked(test: str = made["id"], told: str = told) -> bool:
                found = client.get(f"/api/quick-tests/{test}/").json()
                return bool(found["status"]["tracking"][told])

            if not happens(tracked):
                tally.loses(f"a test is not tracked by an MLflow that is {mood}")
            for end in ("", "report/", "generated-code/", "versions/"):
                ask("GET", f"quick-tests/{made['id']}/{end}")
        for path in ("datasets/", "quick-tests/", f"none/?token={TOKEN}", "datasets/none/"):
            ask("GET", path)
        ask("POST", "datasets/", [])
        assert happens(
            lambda: all(
                one["status"]["validation"]["state"] == "invalid"
                for one in ask("GET", "datasets/")["items"]
                if one["id"] != dataset
            ),
            60,
        )


def _past_the_api(database: Path) -> None:
    with sqlite3.connect(database, timeout=30) as foreign:
        for number, uri in enumerate(SOURCES):
            spec = {"source": {"kind": "csv", "uri": uri}}
            foreign.execute(
                "INSERT INTO documents (path, data) VALUES (?, ?)",
                (f"datasets/bad-{number}", json.dumps({"name": "Bad", "spec": spec})),
            )
    foreign.close()


def _deployed(searched: Searched) -> None:
    """The guarded app behind a real server, with every log line that there is."""
    from functions.api import create_app
    from functions.api.guard import guard
    from functions.settings import Settings

    sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))
    from scenario import Shop

    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(JsonLines("shop-prod"))
    logging.basicConfig(level=logging.DEBUG, handlers=[handler], force=True)
    issuer, shop = Issuer(), Shop()
    good = issuer.token("admin@shop.example")
    given = {"project": "shop-prod", "location": "europe-west4", "bucket": "shop"}
    tokens = [IAP, f"{IAP}.b.c", f"{_part(IAP)}.{_part(IAP)}.{_part(IAP)}", good + IAP, good]
    for auth in ("iap", "run"):
        settings = Settings.model_validate({**given, "auth": auth, "auth_audience": AUDIENCE})
        with patch("functions.api.identity._fetch", issuer.certificates):
            app = guard(create_app(shop.ports), settings, shop.ports.documents)

            @app.get("/api/fault/")
            def fault() -> None:
                raise RuntimeError("a fault of ours")

            with Served(app, logs=True) as port:
                for token in tokens:
                    headers = {
                        "Authorization": f"Bearer {TOKEN if auth == 'iap' else token}",
                        "X-Goog-IAP-JWT-Assertion": token if auth == "iap" else IAP,
                    }
                    for path in ("datasets/", "none/", "fault/"):
                        answer = httpx.get(
                            f"http://127.0.0.1:{port}/api/{path}", headers=headers, trust_env=False
                        )
                        searched.answer(f"GET {path} by {auth}", answer)
                        for one in (good, _part(IAP)):
                            if one in answer.text:
                                searched("an answer", f"a whole token: {TOKEN}")
    logging.getLogger().removeHandler(handler)
    text = lines.getvalue()
    if "a fault of ours" not in text:
        raise AssertionError("the fault is in no log, so that nothing was searched")
    searched("the deployed app's log", text)
    for one in (good, _part(IAP)):
        if one in text:
            searched("the deployed app's log", f"a whole token: {TOKEN}")


def _part(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _settings(searched: Searched) -> None:
    """What is said of a setting that is wrong, and of all of them."""
    from functions.settings import SettingsError, read_settings

    good = {
        **{"RECSMITH_PROJECT": "shop-prod", "RECSMITH_LOCATION": "europe-west4"},
        **{"RECSMITH_BUCKET": "shop", "RECSMITH_AUTH": "run"},
    }
    for uri in (f"htp://me:{PASSWORD}@host", f"me:{PASSWORD}@host", f"http://me:{PASSWORD}@host"):
        try:
            told = repr(read_settings({**good, SETTING: uri}))
        except SettingsError as error:
            told = str(error)
        searched("what is said of the settings", told)
