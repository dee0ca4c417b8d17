"""Serving the API on this machine, to this machine."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from functions.api.console import WithConsole, built
from functions.api.errors import error_response
from local.cli.client import Api, UserError
from local.cli.note import announced
from local.pipelines import REPOSITORY

CONSOLE = REPOSITORY / "console" / "dist"

_HOST = "127.0.0.1"
_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_START_SECONDS = 20.0


def console_line(url: str) -> str:
    """Where the console is, or how to get it."""
    if built(CONSOLE):
        return f"[title]{url}/[/]"
    return "[note]not built: `make console` does, with Node.js 20.19 or newer; all else works[/]"


class LocalOnly:
    """Answers only requests that were meant for this machine.

    A page from elsewhere may have its own name resolve to 127.0.0.1 (DNS rebinding): the Host
    header gives it away. It may also send a form here: its Origin is another.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            host = headers.get("host", "")
            response = None
            if _name(host) not in _LOCAL_NAMES:
                response = error_response(
                    421, "wrong_host", "This server answers to localhost and 127.0.0.1 only."
                )
            elif scope["method"] not in _READS and _of_elsewhere(headers, f"http://{host}"):
                response = error_response(
                    403, "cross_origin", "Pages of another origin may not change anything here."
                )
            if response is not None:
                await response(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _of_elsewhere(headers: Headers, here: str) -> bool:
    """By what browsers say of themselves; programs say neither."""
    site = headers.get("sec-fetch-site", "none")
    return headers.get("origin", here) != here or site in ("cross-site", "same-site")


def _name(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


@contextmanager
def serving(app: ASGIApp, home: Path, port: int = 0) -> Iterator[Api]:
    """Serves a home's API and console on 127.0.0.1 until the block ends.

    Args:
        port: 0 for any free one.

    Raises:
        UserError: the port is taken.
    """
    # asyncio sends small answers at once (TCP_NODELAY) only where the socket names its protocol.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((_HOST, port))
    except OSError as error:
        listener.close()
        raise UserError(
            f"Port {port} cannot be used: {error.strerror}. Give another one with --port."
        ) from None
    url = f"http://{_HOST}:{listener.getsockname()[1]}"
    server = uvicorn.Server(
        uvicorn.Config(
            LocalOnly(WithConsole(app, CONSOLE)),
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=2,
        )
    )
    thread = threading.Thread(target=server.run, args=([listener],), name="http", daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not server.started:
            if not thread.is_alive() or time.monotonic() > deadline:
                raise UserError("The HTTP server did not start.")
            time.sleep(0.02)
        with announced(home, url), Api(url) as api:
            yield api
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()
