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

from functions.api.asgi import Compressed, SafeHeaders
from functions.api.console import WithConsole, built
from functions.api.errors import error_response
from functions.api.own_site import OwnSiteOnly
from local.cli.client import Api, UserError
from local.cli.connections import BoundedHttp
from local.cli.note import announced
from local.cli.output import out
from local.cli.token import ask_for_token, token_of, with_token
from local.cli.token_guard import TokenOnly
from local.jobs.environment import REPOSITORY

CONSOLE = REPOSITORY / "console" / "dist"

_HOST = "127.0.0.1"
_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_START_SECONDS = 20.0


def console_line(api: Api, home: Path) -> str:
    """Where the console is, or how to get it."""
    if built(CONSOLE):
        return f"[title]{address(api, home, '/')}[/]"
    return "[note]not built: `make console` does, with Node.js 20.19 or newer; all else works[/]"


def address(api: Api, home: Path, path: str) -> str:
    """What a browser is to open; with the token on a terminal only, for others may read a log."""
    return with_token(f"{api.url}{path}", token_of(home) if out.is_terminal else None)


class LocalOnly:
    """Answers only requests that were meant for this machine.

    A page from elsewhere may have its own name resolve to 127.0.0.1 (DNS rebinding): the Host
    header gives it away.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            host = Headers(scope=scope).get("host", "")
            if _name(host) not in _LOCAL_NAMES:
                response = error_response(
                    421, "wrong_host", "This server answers to localhost and 127.0.0.1 only."
                )
                await response(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _name(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


@contextmanager
def serving(app: ASGIApp, home: Path, port: int = 0, *, token: bool | None = None) -> Iterator[Api]:
    """Serves a home's API and console on 127.0.0.1 until the block ends.

    Args:
        port: 0 for any free one.
        token: whether the home's token is asked for; None is as the last time.

    Raises:
        UserError: the port is taken, or the home's token cannot be used.
    """
    asked_for = ask_for_token(home, token)
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
    port = listener.getsockname()[1]
    url = f"http://{_HOST}:{port}"
    served: ASGIApp = Compressed(WithConsole(app, CONSOLE))
    if asked_for is not None:
        served = TokenOnly(served, asked_for, port)
    server = uvicorn.Server(
        uvicorn.Config(
            SafeHeaders(LocalOnly(OwnSiteOnly(served))),
            http=BoundedHttp,
            log_config=None,  # one place for all of a command's logs
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
        with announced(home, url), Api(url, token=asked_for) as api:
            yield api
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()
