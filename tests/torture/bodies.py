"""Bodies that are too large, never end or are no events, and whoever asks meanwhile."""

from __future__ import annotations

import logging
import socket
import sys
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import httpx

from functions.api import create_app
from functions.api.asgi import MAX_BODY_BYTES
from functions.api.console import WithConsole
from functions.api.guard import guard
from functions.settings import Settings
from local.cli.server import CONSOLE, LocalOnly
from tests.torture.traversal import Served
from tests.torture.trial import Tally, trial

_HEAD = "POST /api/model-configs/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
_TARGETS = ("publish_change", "validate_config", "track_quick_test", "record_experiment")
_SLOWEST = 5.0  # of an answer while others dawdle


def _shop() -> Any:
    sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))
    from scenario import Shop

    return Shop()


@trial("abuse", "bodies over the limit, without an end, dawdling", seconds=90)
def bodies(tally: Tally) -> None:
    shop = _shop()
    settings = Settings(
        project="a-shop",
        location="europe-west4",
        bucket="shop",
        auth="none",
        emulated=True,
    )
    apps = {
        "local": LocalOnly(WithConsole(create_app(shop.ports), CONSOLE)),
        "deployed": guard(create_app(shop.ports), settings, shop.ports.documents),
    }
    slowest = 0.0
    for name, app in apps.items():
        with Served(app) as port:
            large = b"x" * (MAX_BODY_BYTES + 1)
            declared = f"{_HEAD}Content-Length: {len(large)}\r\n\r\n".encode()
            chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
            chunked = f"{_HEAD}Transfer-Encoding: chunked\r\n\r\n".encode()
            sent = {
                "declared": (declared + large, 413),
                "only declared": (declared, 413),
                "in chunks": (chunked + chunk * 17, 413),
                "small enough": (f"{_HEAD}Content-Length: 2\r\n\r\n".encode() + b"{}", 422),
            }
            for what, (request, wanted) in sent.items():
                tally.tried()
                status = _status(port, request)
                if status != wanted:
                    tally.lets_in(f"{name}: a body {what} gets {status}, not {wanted}")
            slowest = max(slowest, _dawdling(tally, name, port))
    tally.figure(f"answered within {slowest * 1000:.0f} ms beside those that dawdle")


def _status(port: int, request: bytes) -> int | None:
    """None where there is no answer in time."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        with suppress(OSError):  # the answer may be there before all is sent
            connection.sendall(request)
        try:
            return int(connection.recv(1000).split()[1])
        except (OSError, IndexError):
            return None


def _dawdling(tally: Tally, name: str, port: int) -> float:
    """Many send a part of a body and no more; the slowest answer to others meanwhile."""
    slowest = 0.0
    with ExitStack() as open_ones, httpx.Client(trust_env=False, timeout=20) as client:
        for _ in range(tally.of(400, 100)):
            tally.tried()
            one = open_ones.enter_context(socket.create_connection(("127.0.0.1", port)))
            one.sendall(f"{_HEAD}Content-Length: 1000\r\n\r\n".encode() + b'{"name')
        for _ in range(10):
            began = time.monotonic()
            status = client.get(f"http://127.0.0.1:{port}/api/health/").status_code
            slowest = max(slowest, time.monotonic() - began)
            if status != 200:
                tally.loses(f"{name}: {status} while others dawdle")
    if slowest > _SLOWEST:
        tally.loses(f"{name}: an answer took {slowest:.1f} s while others dawdle")
    return slowest


@trial("abuse", "event functions: what is no event", seconds=60)
def no_events(tally: Tally) -> None:
    """Refused (4xx), or an error that has it delivered again until it is a dead letter (500); done
    with (200) only where a document's change cannot be read. The answer never says where."""
    import functions_framework

    from functions import deployed

    logging.disable()
    deployed.install(_shop().ports)
    event = {
        "ce-id": "1",
        "ce-source": "//pubsub",
        "ce-specversion": "1.0",
        "ce-type": "google.cloud.pubsub.topic.v1.messagePublished",
        "content-type": "application/json",
    }
    requests: list[tuple[dict[str, str], bytes]] = [
        ({}, b""),
        ({"content-type": "application/json"}, b"{"),
        ({"content-type": "application/cloudevents+json"}, b"[]"),
        (event, b""),
        (event, b"{"),
        (event, b"\xff\xfe"),
        (event, b'{"message": 7}'),
        (event, b'{"message": {"data": "no base64!"}}'),
        (event, b'{"message": {"data": "e30="}}'),
        (event, b"[" * 100_000),
        ({**event, "ce-specversion": "9"}, b"{}"),
        ({**event, "ce-id": ""}, b"x" * (2 * MAX_BODY_BYTES)),
    ]
    source = str(Path(__file__).parents[2] / "functions" / "main.py")
    answers: dict[int, int] = {}
    for target in _TARGETS:
        app = functions_framework.create_app(target, source, "cloudevent")
        client = app.test_client()
        for headers, body in requests:
            tally.tried()
            answer = client.post("/", headers=headers, data=body)
            answers[answer.status_code] = answers.get(answer.status_code, 0) + 1
            if "Traceback" in answer.text or "/functions/" in answer.text:
                tally.lets_in(f"{target} tells where it failed: {answer.text[:200]}")
            if answer.status_code < 400 and target != "publish_change":
                tally.loses(f"{target} drops {body[:40]!r} with {answer.status_code}")
    told = ", ".join(f"{count} × {status}" for status, count in sorted(answers.items()))
    tally.figure(told)
