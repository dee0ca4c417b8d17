"""How the client makes requests: again or not, as whom, and what it says when it cannot."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from recsmith_client import (
    ApiError,
    AsyncClient,
    Client,
    NoAnswerError,
    NoTokenError,
    UnexpectedAnswerError,
    models,
    operations,
    tokens,
)
from recsmith_client.calls import Call, segment
from recsmith_client.retries import pause_seconds

URL = "http://127.0.0.1:9"
HEALTH = {"status": "ok", "version": "9.9.9"}
SPEC = {"dataset_id": "d", "rules": {}}
RULES = models.RuleSetWrite(name="Rules", spec=models.RuleSetSpec.model_validate(SPEC))


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing waits between attempts."""
    for package in ("_sync", "_async"):
        monkeypatch.setattr(f"recsmith_client.{package}.connection.pause_seconds", lambda *_: 0.0)


def answering(*answers: httpx.Response | Exception) -> tuple[Client, list[httpx.Request]]:
    """A client of a server that gives these answers, and the requests that it got."""
    left, seen = iter(answers), list[httpx.Request]()

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        found = next(left)
        if isinstance(found, Exception):
            raise found
        return found

    return Client(URL, transport=httpx.MockTransport(answer)), seen


def rule_set(**fields: Any) -> dict[str, Any]:
    return {"id": "rs-1", "name": "Rules", "spec": SPEC, "status": {}, **fields}


@pytest.mark.parametrize(
    "fault",
    [httpx.ReadError("gone"), httpx.ConnectError("none"), httpx.Response(503), httpx.Response(502)],
)
def test_a_creation_is_sent_again_under_the_same_key(fault: httpx.Response | Exception) -> None:
    client, seen = answering(fault, httpx.Response(201, json=rule_set()))
    made = client.call(operations.create_rule_set(RULES))
    assert made.id == "rs-1"
    keys = [request.headers["Idempotency-Key"] for request in seen]
    assert len(keys) == 2
    assert keys[0] == keys[1]


@pytest.mark.parametrize(
    ("fault", "sent"),
    [
        (httpx.ReadError("gone"), 1),  # it may have been met
        (httpx.Response(503), 1),
        (httpx.ConnectError("none"), 2),
        (httpx.Response(429, headers={"Retry-After": "0"}), 2),
    ],
)
def test_what_has_no_key_is_sent_again_only_where_nothing_was_done(
    fault: httpx.Response | Exception, sent: int
) -> None:
    client, seen = answering(fault, httpx.Response(200, json=rule_set()))
    call = operations.update_rule_set("rs-1", RULES, if_match="1")
    if sent == 1:
        with pytest.raises((ApiError, NoAnswerError)):
            client.call(call)
    else:
        client.call(call)
    assert len(seen) == sent


def test_attempts_end() -> None:
    client, seen = answering(*[httpx.ConnectError("none")] * 9)
    with pytest.raises(NoAnswerError, match=r"No answer from http://127\.0\.0\.1:9: none"):
        client.call(operations.get_health())
    assert len(seen) == 5


def test_a_wait_is_as_long_as_the_server_says_or_doubles() -> None:
    assert pause_seconds(1, httpx.Response(503, headers={"Retry-After": "5"})) == 5.0
    assert pause_seconds(1, httpx.Response(503, headers={"Retry-After": "99999"})) == 60.0
    assert 0.1 <= pause_seconds(1) <= 0.2
    assert 0.4 <= pause_seconds(3, httpx.ReadError("gone")) <= 0.8
    assert pause_seconds(2000) <= 10.0


def test_an_error_carries_what_the_api_says() -> None:
    field = {"path": "spec.rules", "message": "Wrong.", "received": 3}
    told = {
        "code": "stale",
        "message": "It has changed.",
        "fields": [field],
        "current": {"id": "x"},
    }
    client, _ = answering(httpx.Response(409, json={"error": told}))
    with pytest.raises(ApiError) as raised:
        client.call(operations.get_health())
    error = raised.value
    assert (error.status, error.code, error.current, error.yours) == (
        409,
        "stale",
        {"id": "x"},
        None,
    )
    assert error.fields == [models.FieldError.model_validate(field)]
    assert str(error) == "It has changed.\n  spec.rules: Wrong."


@pytest.mark.parametrize("body", [b"<html>Sign in</html>", b'{"error": "none"}', b"[1]"])
def test_an_error_of_something_else_says_what_answered(body: bytes) -> None:
    client, _ = answering(httpx.Response(418, content=body))
    with pytest.raises(ApiError, match="/api/health/ answered 418") as raised:
        client.call(operations.get_health())
    assert raised.value.code is None


@pytest.mark.parametrize(
    ("health", "server"),
    [
        (httpx.Response(200, json=HEALTH), "of version 9.9.9"),
        (httpx.Response(200, content=b"Hello"), "no Recsmith"),
        (httpx.ConnectError("none"), "of an unknown version"),
    ],
)
def test_an_answer_of_another_version_names_both(
    health: httpx.Response | Exception, server: str
) -> None:
    client, _ = answering(httpx.Response(200, json={"id": 3}), health)
    with pytest.raises(UnexpectedAnswerError, match=f"the server is {server}") as raised:
        client.rule_sets.get("rs-1")
    assert f"made of version {operations.VERSION}" in str(raised.value)


def test_fields_of_a_newer_server_are_kept_and_sent_back() -> None:
    spec = {**SPEC, "new": {"field": 1}}
    newer = rule_set(spec=spec, status={}, description="")
    client, seen = answering(
        httpx.Response(200, json=newer, headers={"ETag": '"1-abc"'}),
        httpx.Response(200, json=newer),
    )
    found = client.rule_sets.get("rs-1")
    found.description = "Changed"
    client.rule_sets.update(found)
    assert seen[1].headers["If-Match"] == '"1-abc"'
    assert json.loads(seen[1].content) == {
        "name": "Rules",
        "description": "Changed",
        "spec": spec,
    }


def test_only_what_was_set_is_sent() -> None:
    client, seen = answering(httpx.Response(201, json=rule_set()))
    client.call(operations.create_rule_set(RULES))
    assert json.loads(seen[0].content) == {"name": "Rules", "spec": SPEC}


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_an_id_leads_nowhere_else(name: str) -> None:
    with pytest.raises(ValueError, match="is no id"):
        operations.get_rule_set(name)


def test_an_id_may_have_any_characters() -> None:
    assert segment("a/b?c#d ü") == "a%2Fb%3Fc%23d%20%C3%BC"


def events(*documents: dict[str, Any], broken: bool = False) -> httpx.Response:
    """A stream, which breaks at its end where it is said to."""

    def content() -> Iterator[bytes]:
        for number, document in enumerate(documents):
            yield f": ping\n\nid: {number}\ndata: {json.dumps(document)}\n\n".encode()
        if broken:
            raise httpx.ReadError("gone")

    return httpx.Response(200, content=content())


def tuning(state: str) -> dict[str, Any]:
    spec = {"feature_config_id": "f", "model_config_id": "m"}
    return {"id": "tu-1", "name": "T", "spec": spec, "status": {"state": state}}


def test_a_stream_that_breaks_is_taken_up_where_it_broke() -> None:
    client, seen = answering(
        events(tuning("pending"), tuning("running"), broken=True),
        httpx.Response(503),
        events(tuning("completed")),
    )
    told: list[str] = []
    ended = client.tunings.wait("tu-1", progress=lambda one: told.append(one.status.state))
    assert ended.status.state == "completed"
    assert told == ["pending", "running", "completed"]
    assert [request.headers.get("Last-Event-ID") for request in seen] == [None, "1", "1"]


def test_a_stream_of_what_is_gone_raises() -> None:
    gone = {"error": {"code": "not_found", "message": "There is no tuning.", "fields": []}}
    client, _ = answering(httpx.Response(404, json=gone))
    with pytest.raises(ApiError, match="There is no tuning"):
        client.tunings.wait("tu-1")


def token(seconds: float) -> str:
    """A JSON Web Token that ends in so many seconds; nobody signed it."""
    claims = base64.urlsafe_b64encode(json.dumps({"exp": time.time() + seconds}).encode())
    return f"e30.{claims.decode().rstrip('=')}.signature"


def shown(source: str | Callable[[], str], *statuses: int) -> list[str]:
    """The tokens that a deployment was shown, asked once for each status but refusals."""
    seen, left = list[str](), iter(statuses)

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["Authorization"].removeprefix("Bearer "))
        return httpx.Response(next(left), json=HEALTH)

    def ask() -> None:
        with Client(
            "https://shop.example", token=source, transport=httpx.MockTransport(answer)
        ) as client:
            for _ in range(sum(status == 200 for status in statuses)):
                client.call(operations.get_health())

    async def ask_without_blocking() -> None:
        async with AsyncClient(
            "https://shop.example", token=source, transport=httpx.MockTransport(answer)
        ) as client:
            for _ in range(sum(status == 200 for status in statuses)):
                await client.call(operations.get_health())

    ask()
    first, left, seen = seen, iter(statuses), []
    asyncio.run(ask_without_blocking())
    assert len(seen) == len(first)
    return first


def test_a_token_is_kept_until_shortly_before_it_ends() -> None:
    assert shown("mine", 200, 200) == ["mine", "mine"]
    lasting = shown(lambda: token(3600), 200, 200)
    assert lasting[0] == lasting[1]
    made: list[str] = []

    def brief() -> str:
        made.append(token(200 + len(made)))
        return made[-1]

    first, second = shown(brief, 200, 200)
    assert first != second


def test_a_token_that_is_refused_is_made_anew_once() -> None:
    made: list[str] = []

    def source() -> str:
        made.append(f"token-{len(made)}")
        return made[-1]

    assert shown(source, 401, 200) == ["token-0", "token-1"]
    client = Client(
        "https://shop.example",
        token=source,
        transport=httpx.MockTransport(lambda _: httpx.Response(401)),
    )
    with pytest.raises(ApiError, match="401"):
        client.call(operations.get_health())


def test_the_environment_and_gcloud_give_tokens(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv("RECSMITH_ID_TOKEN", "from the environment")
    assert tokens.found("https://shop.example")() == "from the environment"
    monkeypatch.delenv("RECSMITH_ID_TOKEN")
    with pytest.raises(NoTokenError, match="RECSMITH_ID_TOKEN is not set"):
        tokens.environment()

    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoTokenError, match="There is no `gcloud`"):
        tokens.gcloud()()
    gcloud = tmp_path / "gcloud"
    gcloud.write_text('#!/bin/sh\necho "$*"\n')
    gcloud.chmod(0o755)
    assert tokens.found("https://shop.example")() == "auth print-identity-token --quiet"
    assert tokens.gcloud("aud", "caller@shop.example")().split()[3:] == [
        "--impersonate-service-account=caller@shop.example",
        "--include-email",
        "--audiences=aud",
    ]
    gcloud.write_text("#!/bin/sh\necho 'ERROR: nobody is signed in' >&2\nexit 1\n")
    with pytest.raises(NoTokenError, match="ERROR: nobody is signed in"):
        tokens.gcloud()()


def test_google_credentials_that_are_missing_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from google.auth import exceptions
    from google.oauth2 import id_token

    def none(*_: object) -> str:
        raise exceptions.DefaultCredentialsError("There are none.")

    monkeypatch.setattr(id_token, "fetch_id_token", none)
    with pytest.raises(NoTokenError, match="There are none"):
        tokens.google("https://shop.example")()
    monkeypatch.setattr(id_token, "fetch_id_token", lambda _, audience: f"for {audience}")
    assert tokens.google("https://shop.example")() == "for https://shop.example"


def test_a_call_says_whether_it_may_be_repeated() -> None:
    assert Call("GET", "/", None).repeatable
    assert operations.clone_rule_set("rs-1").repeatable
    assert not operations.pause_schedule("sc-1").repeatable


def test_summaries_are_read_page_after_page_each_once() -> None:
    spec = {"feature_config_id": "f", "model_config_id": "m"}
    one, two = ({"id": name, "name": name, "spec": spec} for name in ("one", "two"))
    done = {**one, "status": {"state": "completed", "verdict": {"standing": "better", "label": ""}}}
    client, seen = answering(
        httpx.Response(200, json={"items": [done, two], "next_page_token": "next"}),
        httpx.Response(200, json={"items": [one], "next_page_token": None}),
    )
    found = client.quick_tests.summaries(state="completed")
    assert [summary.id for summary in found] == ["one", "two"]
    assert found[0].status.verdict is not None
    assert {request.url.path for request in seen} == {"/api/quick-tests/summaries/"}
    asked = [dict(request.url.params) for request in seen]
    assert asked == [
        {"limit": "200", "state": "completed"},
        {"limit": "200", "state": "completed", "page_token": "next"},
    ]
