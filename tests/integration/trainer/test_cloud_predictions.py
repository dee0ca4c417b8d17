"""The API of a deployment over the real HTTP server behind a door that, as Cloud Run's, lets in
whom Google vouches for: by tokens that google-auth fetches as it would there."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from google.auth import jwt
from signing import Signer

from local.state.artifacts import FileArtifactStore
from shared.errors import RefusedError, UnavailableError
from shared.gcp.served_predictor import ServedPredictor
from shared.predictions import PredictionRequest
from shared.problems import InvalidError
from tests.integration.http_server import MODEL, STAND_IN, HttpServer, point
from tests.waiting import eventually

pytestmark = [pytest.mark.trainer, pytest.mark.xdist_group("http server")]

API = "recsmith-api@shop.iam.gserviceaccount.com"
ASK = PredictionRequest(customer_id="c", k=3)


class Google:
    """Gives a service account ID tokens for the audience that it signs for.

    https://developers.google.com/identity/protocols/oauth2/service-account
    """

    def __init__(self) -> None:
        self.account, self.own = Signer("rsa"), Signer("rsa")
        self.issued = 0

    def token(self, assertion: str) -> str:
        wish = jwt.decode(assertion, certs=json.loads(self.account.fetch("")))
        self.issued += 1
        return self.own.token(
            iss="https://accounts.google.com",
            aud=wish["target_audience"],
            email=wish["iss"],
            email_verified=True,
        )


class Door:
    """What Cloud Run does before a request reaches the server.

    https://cloud.google.com/run/docs/troubleshooting#unauthorized-client

    Attributes:
        invokers: accounts with roles/run.invoker.
    """

    def __init__(self, google: Google, server: HttpServer) -> None:
        self.google, self.server = google, server
        self.invokers, self.url = {API}, ""

    def refusal(self, authorization: str) -> int | None:
        try:
            certs = json.loads(self.google.own.fetch(""))
            token = authorization.removeprefix("Bearer ")
            claims = jwt.decode(token, certs=certs, audience=self.url)
        except Exception:
            return 401
        return None if claims["email"] in self.invokers else 403


@contextmanager
def listening(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Quiet(BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers["Content-Length"]))

    def say(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class Deployment:
    """A store of versions, the server that follows it, the door before it, and the adapter."""

    def __init__(self, store: Path, door: Door, key: Path) -> None:
        self.store, self.door, self.key = store, door, key
        self.revision = 1
        self.predictor = self.asking(door.url)

    def asking(self, url: str) -> ServedPredictor:
        return ServedPredictor({MODEL: url}, FileArtifactStore(self.store), seconds=10)

    def uri(self, number: int) -> str:
        return (self.store / "jobs" / f"v{number}").as_uri()

    def promote(self, number: int) -> None:
        self.revision += 1
        point(self.store, self.revision, number, self.uri(number))


@pytest.fixture
def deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    store = tmp_path / "store"
    for number in (1, 2):
        folder = store / "jobs" / f"v{number}"
        folder.mkdir(parents=True)
        (folder / "model").write_text(f"model {number}")
    point(store, 1, 1, (store / "jobs" / "v1").as_uri())
    google = Google()

    class Tokens(Quiet):
        def do_POST(self) -> None:
            (assertion,) = parse_qs(self.body().decode())["assertion"]
            answer = json.dumps({"id_token": google.token(assertion)}).encode()
            self.say(200, answer, {"Content-Type": "application/json"})

    class CloudRun(Quiet):
        def do_POST(self) -> None:
            body = self.body()
            if status := door.refusal(self.headers.get("Authorization", "")):
                self.say(status, b"<html>Error</html>", {"Content-Type": "text/html"})
                return
            told = {k: v for k, v in self.headers.items() if k.startswith("Recsmith-")}
            inside = door.server.connection()
            inside.request("POST", self.path, body, told)
            answer: http.client.HTTPResponse = inside.getresponse()
            content = answer.read()
            kept = {k: v for k, v in answer.getheaders() if k != "Content-Length"}
            self.say(answer.status, content, kept)

    arguments = ("--model", MODEL, "--store", store.as_uri(), "--poll-seconds", "0.05")
    with HttpServer(tmp_path, STAND_IN, *arguments) as server:
        door = Door(google, server)
        with listening(Tokens) as tokens, listening(CloudRun) as door.url:
            key = tmp_path / "key.json"
            told = {"type": "service_account", "client_email": API, "private_key_id": "key-1"}
            told |= {"private_key": google.account.private().decode(), "project_id": "shop"}
            key.write_text(json.dumps({**told, "token_uri": f"{tokens}/token"}))
            monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(key))
            server.ready()
            yield Deployment(store, door, key)


def test_the_api_asks_the_version_that_is_in_production(deployment: Deployment) -> None:
    predictor = deployment.predictor
    answer = predictor.predict(deployment.uri(1), ASK)
    assert answer.query == {"model": "model 1", "k": 3}
    inputs = predictor.describe(deployment.uri(1), search="d")
    assert [one.customer_id for one in inputs.customers] == ["d"]
    assert deployment.door.google.issued == 1  # until it expires
    wrong = PredictionRequest(values={"refuse": 1})
    with pytest.raises(InvalidError, match="Not this one") as raised:
        predictor.predict(deployment.uri(1), wrong)
    assert [one.path for one in raised.value.problems] == ["values.refuse"]
    with pytest.raises(UnavailableError, match="the server's log says why"):
        predictor.predict(deployment.uri(1), PredictionRequest(values={"fail": 1}))


def test_what_is_not_in_production_is_refused_until_it_is(deployment: Deployment) -> None:
    predictor = deployment.predictor
    with pytest.raises(RefusedError, match=r"is version 1 of 'Shop'\. Promote"):
        predictor.predict(deployment.uri(2), ASK)
    deployment.promote(2)

    told: list[object] = []

    def answers() -> bool:
        try:
            told.append(predictor.predict(deployment.uri(2), ASK).query["model"])
        except UnavailableError as error:
            told.append(str(error))
            return False
        return True

    eventually(answers)
    *before, last = told
    assert last == "model 2"
    assert all("should answer by version 2, and does not yet" in str(one) for one in before)
    with pytest.raises(RefusedError, match=r"is version 2 of 'Shop'\. Promote"):
        predictor.predict(deployment.uri(1), ASK)


def test_without_a_right_or_a_token_for_this_service_nobody_gets_in(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment.door.invokers.clear()
    with pytest.raises(UnavailableError, match=r"needs roles/run\.invoker"):
        deployment.predictor.predict(deployment.uri(1), ASK)
    deployment.door.invokers.add(API)
    elsewhere = deployment.door.url.replace("127.0.0.1", "localhost")
    with pytest.raises(UnavailableError, match="audience"):
        deployment.asking(elsewhere).predict(deployment.uri(1), ASK)
    told = json.loads(deployment.key.read_text())
    deployment.key.write_text(json.dumps({**told, "token_uri": "http://127.0.0.1:1/token"}))
    with pytest.raises(UnavailableError, match="No ID token"):
        deployment.asking(deployment.door.url).predict(deployment.uri(1), ASK)
