"""The demo's server, where it does not answer as it should."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from local.cli import demo_use
from local.cli.client import UserError

URL = "http://127.0.0.1:1"
OLD = {"predictions": [{}], "metadata": {"version": 1}}


def answering(monkeypatch: pytest.MonkeyPatch, **answers: Any) -> None:
    """By method: what is answered, or raised."""

    def answer(method: str) -> Any:
        def ask(url: str, **_: Any) -> httpx.Response:
            told = answers[method]
            if isinstance(told, Exception):
                raise told
            return httpx.Response(200, json=told, request=httpx.Request(method, url))

        return ask

    for method in ("get", "post"):
        monkeypatch.setattr(httpx, method, answer(method))


def process(returncode: int | None) -> Any:
    return SimpleNamespace(poll=lambda: returncode)


def until(returncode: int | None = None) -> None:
    demo_use._until(URL, process(returncode), 2, {"customer_id": "c"})


def test_a_server_that_does_not_answer_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, post=httpx.ReadTimeout("timed out"))
    with pytest.raises(UserError, match="did not answer: Timed out"):
        demo_use._asked(URL, 1, {"customer_id": "c"})
    with pytest.raises(UserError, match="did not answer: Timed out"):
        until()


def test_a_server_that_has_ended_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, post=httpx.ConnectError("refused"))
    with pytest.raises(UserError, match="The server ended"):
        until(returncode=1)


def test_a_server_that_does_not_follow_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_use, "_FOLLOWS_SECONDS", -1.0)
    answering(monkeypatch, post=OLD, get={"fault": "The folder of version 2 lacks model."})
    with pytest.raises(UserError, match=r"follow to version 2\. The folder of version 2 lacks"):
        until()
    answering(monkeypatch, post=OLD, get={"fault": None})
    with pytest.raises(UserError, match=r"follow to version 2\.$"):
        until()
