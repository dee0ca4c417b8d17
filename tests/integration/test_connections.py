"""What the laptop's server bears from callers that do not send what they began."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from local.cli import connections
from local.cli.server import serving
from tests.waiting import PATIENCE

_POST = b"POST /api/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n"


async def _reads_all(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        size, more = 0, True
        while more:
            message = await receive()
            size += len(message.get("body", b""))
            more = message.get("more_body", False)
        await PlainTextResponse(str(size))(scope, receive, send)


@pytest.fixture
def address(tmp_path: Path) -> Iterator[tuple[str, int]]:
    with serving(_reads_all, tmp_path) as api:
        url = httpx.URL(api.url)
        yield url.host, url.port or 0


def _opened(address: tuple[str, int], sent: bytes) -> socket.socket:
    one = socket.create_connection(address, timeout=PATIENCE)
    one.sendall(sent)
    return one


def _all_of(one: socket.socket) -> bytes:
    """What comes until the server closes the connection; b"" where it resets it, because what was
    sent had not been read yet."""
    try:
        with one:
            return b"".join(iter(lambda: one.recv(4096), b""))
    except ConnectionResetError:
        return b""


def test_what_is_worth_it_is_sent_compressed(tmp_path: Path) -> None:
    with serving(PlainTextResponse("recommended " * 1000), tmp_path) as api:
        answer = httpx.get(f"{api.url}/api/", timeout=PATIENCE)
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.num_bytes_downloaded < 1000 < len(answer.text)


@pytest.mark.parametrize("sent", [b"", b"GET /api/ HT", _POST, _POST + b"\r\nhalf of it"], ids=repr)
def test_what_does_not_arrive_in_time_is_answered_408_and_ended(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(connections, "HEADER_SECONDS", 0.2)
    monkeypatch.setattr(connections, "REQUEST_SECONDS", 0.2)
    answer = _all_of(_opened(address, sent))
    assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert b'"message": "The request did not arrive in time."' in answer


def test_a_connection_may_be_kept_for_one_request_after_another(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HEADER_SECONDS", 0.2)
    with _opened(address, b"") as one:
        for _ in range(3):
            one.sendall(_POST + b"\r\n" + b"x" * 1000)
            answer = b""
            while not answer.endswith(b"\r\n\r\n1000"):
                received = one.recv(4096)
                assert received
                answer += received
        one.sendall(_POST)
        assert _all_of(one).startswith(b"HTTP/1.1 408 ")


def test_one_too_many_ends_whoever_has_owed_for_the_longest(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "at_most", lambda: 3)
    with ExitStack() as stack:
        first, *others = (stack.enter_context(_opened(address, _POST)) for _ in range(3))
        last = stack.enter_context(_opened(address, _POST))
        assert not _all_of(first).startswith(b"HTTP/1.1 200 ")
        for one in (*others, last):
            one.sendall(b"Connection: close\r\n\r\n" + b"x" * 1000)
            assert _all_of(one).startswith(b"HTTP/1.1 200 ")


def test_more_of_unfinished_requests_than_may_be_held_ends_the_oldest(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "UNFINISHED_BYTES", 1200)
    with _opened(address, _POST + b"\r\n" + b"x" * 700) as first:
        second = _opened(address, _POST + b"Connection: close\r\n\r\n" + b"x" * 700)
        assert not _all_of(first).startswith(b"HTTP/1.1 200 ")
        second.sendall(b"x" * 300)
        assert _all_of(second).startswith(b"HTTP/1.1 200 ")
