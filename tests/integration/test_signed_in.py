"""The command at a deployment, which knows its callers by signed tokens."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from scenario import Shop
from signing import Signer
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from typer.testing import CliRunner

from local.cli import app, sign_in
from local.cli.client import Api
from local.cli.sign_in import Bearer, SignIn
from shared.services.cancel_quick_test import cancel_quick_test
from tests.integration.deployed_api import AUDIENCE, Google, deployed, served

Say = Callable[..., str]


@pytest.fixture
def google(tmp_path: Path) -> Google:
    folder = tmp_path / "bin"
    folder.mkdir()
    return Google(folder)


@pytest.fixture
def shop() -> Shop:
    shop = Shop()
    shop.dataset()
    shop.settle()
    return shop


@pytest.fixture
def url(shop: Shop, google: Google) -> Iterator[str]:
    with deployed(shop.ports, google, admins="grace@shop.example") as url:
        yield url


@pytest.fixture
def say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, google: Google) -> Say:
    """Runs the command, and returns all that it said."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("PATH", f"{google.gcloud(google.token())}:/usr/bin:/bin")
    monkeypatch.delenv("RECSMITH_HOME", raising=False)
    monkeypatch.delenv("RECSMITH_URL", raising=False)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, status: int = 0, **more: Any) -> str:
        ended = CliRunner().invoke(app, arguments, **more)
        assert ended.exit_code == status, ended.output
        return " ".join(ended.output.split())

    return run


def test_who_signs_in_talks_to_the_deployment_until_signing_out(
    url: str, say: Say, tmp_path: Path
) -> None:
    assert f"Signed in to {url} as ada@shop.example." in say("--url", f"{url}/api/", "login")
    kept = sign_in.file()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.parent.stat().st_mode & 0o777 == 0o700
    said = say("dataset", "list")
    assert f"At {url}" in said
    assert "Shop" in said
    assert not (tmp_path / ".recsmith").exists()
    assert "There is no dataset yet" in say("dataset", "list", "--home", "own")
    assert "There is no dataset yet" in say("--url", "here", "dataset", "list")
    assert "Signed out" in say("logout")
    assert "There is no dataset yet" in say("dataset", "list")
    assert "not signed in" in say("logout")
    assert "eyJ" not in kept.read_text()


def test_a_test_is_started_followed_and_shown_as_on_a_laptop(
    url: str, say: Say, shop: Shop, google: Google
) -> None:
    google.gcloud(google.token("grace@shop.example"))
    say("--url", url, "login")
    dataset = next(iter(shop.documents.query("datasets"))).id
    shop.feature_config(dataset)
    shop.model_config()
    shop.settle()
    assert "code/trainer.py" in say("generate", "Ids", "Small", "--out", "code")
    test_id = shop.running_test()
    cancel_quick_test(test_id, shop.ports)
    shop.settle()
    said = say("quick-test", "show", test_id, status=1)
    assert "ancelled" in said
    said = say("quick-test", "delete", test_id, "--yes")
    assert "is deleted" in said


def test_a_viewer_is_told_what_a_role_is_missing(url: str, say: Say, shop: Shop) -> None:
    say("--url", url, "login")
    said = say("dataset", "profile", "Shop", status=1)
    assert "ada@shop.example is viewer; this takes editor. An admin can give that role." in said
    assert "Sign in again" not in said


def test_a_token_is_fetched_anew_before_it_ends_and_kept(
    url: str, say: Say, google: Google
) -> None:
    google.gcloud(google.token(exp=int(time.time()) + 200))
    say("--url", url, "login")
    fresh = google.token(exp=int(time.time()) + 3000)
    google.gcloud(fresh)
    say("dataset", "list")
    say("dataset", "list")
    assert len(google.asked()) == 2  # to sign in, and once more
    assert fresh in sign_in.file().read_text()
    assert sign_in.current() == url


def test_a_token_that_is_refused_is_fetched_anew_once(url: str, say: Say, google: Google) -> None:
    say("--url", url, "login")
    sign_in.remember(url, SignIn(by="gcloud", token=Signer("rsa").token()))
    assert "Shop" in say("dataset", "list")
    google.gcloud(Signer("rsa").token())
    sign_in.remember(url, SignIn(by="gcloud", token=Signer("rsa").token()))
    said = say("dataset", "list", status=1)
    assert f"Sign in again: recsmith --url {url} login" in said
    assert len(google.asked()) == 3


def test_somebody_unknown_is_not_remembered(url: str, say: Say, google: Google) -> None:
    google.gcloud(Signer("rsa").token(email_verified=True))
    assert "The token does not count" in say("--url", url, "login", status=1)
    assert not sign_in.file().exists()
    google.gcloud(None)
    said = say("--url", url, "login", status=1)
    assert "gcloud gave no token: ERROR:" in said
    assert "active account" in said
    assert f"You are not signed in to {url}." in say("--url", url, "dataset", "list", status=1)


def test_a_pasted_token_serves_until_it_ends(url: str, say: Say, google: Google) -> None:
    said = say("--url", url, "login", "--with", "token", input=f"{google.token()}\n")
    assert "Signed in" in said
    assert "eyJ" not in said
    assert "Shop" in say("dataset", "list")
    ended = google.token(iat=int(time.time()) - 900, exp=int(time.time()) - 60)
    sign_in.remember(url, SignIn(by="token", token=ended))
    assert "Sign in again" in say("dataset", "list", status=1)


def test_a_service_account_is_impersonated_for_its_audience(
    url: str, say: Say, google: Google
) -> None:
    account = "caller@shop.iam.gserviceaccount.com"
    google.gcloud(google.token(account), account)
    say("--url", url, "login", "--as", account, "--audience", AUDIENCE)
    assert google.asked() == [
        {
            "--quiet": "",
            "--impersonate-service-account": account,
            "--include-email": "",
            "--audiences": AUDIENCE,
        }
    ]
    said = say("--url", url, "login", "--audience", AUDIENCE, status=1)
    assert "Requires valid service account" in said
    assert "--as goes with" in say("--url", url, "login", "--as", "a", "--with", "adc", status=1)


def test_application_default_credentials_of_a_service_account_give_tokens(
    url: str, say: Say, google: Google, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def endpoint(scope: Any, receive: Any, send: Any) -> None:
        """https://developers.google.com/identity/protocols/oauth2/service-account"""
        body = (await receive())["body"].decode()
        if "assertion=" not in body or "jwt-bearer" not in body:
            await Response(status_code=400)(scope, receive, send)
            return
        answer = json.dumps({"id_token": google.token("robot@shop.example")})
        await Response(answer, media_type="application/json")(scope, receive, send)

    with served(endpoint) as tokens:
        key = tmp_path / "key.json"
        key.write_text(
            json.dumps(
                {
                    "type": "service_account",
                    "client_email": "robot@shop.example",
                    "private_key": Signer("rsa").private().decode(),
                    "private_key_id": "key-1",
                    "project_id": "shop",
                    "token_uri": f"{tokens}/token",
                }
            )
        )
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(key))
        assert "as robot@shop.example." in say("--url", url, "login", "--with", "adc")
        assert "Shop" in say("dataset", "list")
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
        said = say("--url", url, "login", "--with", "adc", status=1)
        assert "No token by application-default credentials" in said


@pytest.mark.parametrize(
    "answer",
    [
        RedirectResponse("https://accounts.google.com/o/oauth2/v2/auth?client_id=1"),
        PlainTextResponse("<html>Your client does not have permission</html>", 403),
        PlainTextResponse("Invalid IAP credentials", 401),
    ],
)
def test_what_stands_before_the_api_asks_to_sign_in(
    answer: Response, say: Say, google: Google
) -> None:
    """Identity-Aware Proxy and Cloud Run answer for themselves, in words of their own."""
    with served(answer) as url:
        sign_in.remember(url, SignIn(by="gcloud", token=google.token()))
        said = say("dataset", "list", status=1)
    assert f"Sign in again: recsmith --url {url} login" in said


def test_a_token_goes_nowhere_else(say: Say) -> None:
    for url in (
        "http://recsmith.example",
        "https://a:b@recsmith.example",
        "https://recsmith.example/other/",
        "ftp://127.0.0.1",
        "recsmith.example",
        "https://recsmith.example:port",
    ):
        assert "--url" in say("--url", url, "login", status=1)


def test_a_command_of_this_machine_takes_no_deployment(url: str, say: Say) -> None:
    assert "of this machine: no --url" in say("--url", url, "backup", "there", status=1)
    assert "not both" in say("--url", url, "dataset", "list", "--home", "here", status=1)
    assert "Say where" in say("login", status=1)


def test_a_file_that_others_may_read_is_not_used(url: str, say: Say) -> None:
    say("--url", url, "login")
    sign_in.file().chmod(0o644)
    assert "chmod 600" in say("dataset", "list", status=1)
    sign_in.file().write_text("{")
    sign_in.file().chmod(0o600)
    assert "delete it, and sign in again" in say("dataset", "list", status=1)


def test_a_stream_that_a_deployment_ends_is_taken_up_again(google: Google, say: Say) -> None:
    """A function ends a request after its minutes; Last-Event-ID says where to go on."""
    asked: list[str] = []
    states = ["pending", "running", "completed"]

    async def stream(scope: Any, receive: Any, send: Any) -> None:
        after = dict(scope["headers"]).get(b"last-event-id", b"0").decode()
        asked.append(after)
        number = int(after)
        document = json.dumps({"status": {"state": states[number]}})
        body = f"id: {number + 1}\ndata: {document}\n\n"
        await Response(body, media_type="text/event-stream")(scope, receive, send)

    with served(stream) as url:
        sign_in.remember(url, SignIn(by="gcloud", token=google.token()))
        with Api(url, Bearer(url)) as api:
            found = [one["status"]["state"] for one in api.follow("/api/quick-tests/a/events/")]
    assert found == states
    assert asked == ["0", "1", "2"]


def test_a_table_of_bigquery_is_named(say: Say, url: str) -> None:
    say("--url", url, "login")
    said = say("dataset", "add", "bq://not a table", status=1)
    assert "table: String should match pattern" in said
    said = say("dataset", "add", "bq://p.d.t", "--delimiter", ";", status=1)
    assert "A table of BigQuery has types" in said


def test_who_changed_what_is_told(url: str, say: Say, shop: Shop, google: Google) -> None:
    google.gcloud(google.token("grace@shop.example"))
    say("--url", url, "login")
    dataset = next(iter(shop.documents.query("datasets"))).id
    config = shop.feature_config(dataset)
    shop.settle()
    with Api(url, Bearer(url)) as api:
        kept = api.get(f"/api/feature-configs/{config}/")
        kept["spec"]["buyer_model_features"][0]["embedding_dim"] = 48
        body = {"name": "Wider", "spec": kept["spec"]}
        api.put(f"/api/feature-configs/{config}/", body, kept["revision"])
    said = say("versions", "Wider")
    assert "grace@shop.example Name Ids → Wider" in said
    assert "Buyer tower, customer: embedding dimension 32 → 48" in said
    assert "– created" in said
    assert "created" in say("versions", "Shop")
    assert "There is no dataset or config" in say("versions", "None", status=1)
