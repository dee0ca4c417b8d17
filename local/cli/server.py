"""Serving the API on this machine, and finding a system that is served already."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import uvicorn
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from functions.api import create_app
from functions.api.errors import error_response
from local.bootstrap import System
from local.cli.client import Api, UserError

_HOST = "127.0.0.1"
_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_START_SECONDS = 20.0
_PROBE_SECONDS = 3.0


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
            origin = headers.get("origin")
            response = None
            if _name(host) not in _LOCAL_NAMES:
                response = error_response(
                    421, "wrong_host", "This server answers to localhost and 127.0.0.1 only."
                )
            elif origin and scope["method"] not in _READS and origin != f"http://{host}":
                response = error_response(
                    403, "cross_origin", "Pages of another origin may not change anything here."
                )
            if response is not None:
                await response(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _name(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


@contextmanager
def serving(system: System, home: Path, port: int = 0) -> Iterator[Api]:
    """Serves a system's API on 127.0.0.1 until the block ends.

    Args:
        port: 0 for any free one.

    Raises:
        UserError: the port is taken.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
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
            LocalOnly(create_app(system.ports)),
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
        with _announced(home, url), Api(url) as api:
            yield api
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()


@contextmanager
def _announced(home: Path, url: str) -> Iterator[None]:
    """While the block runs, `server.json` says where the system is."""
    note = home / "server.json"
    draft = home / f"server.json.{os.getpid()}"
    draft.write_text(json.dumps({"pid": os.getpid(), "url": url}))
    draft.replace(note)
    try:
        yield
    finally:
        if _note(home) == (os.getpid(), url):
            note.unlink(missing_ok=True)


def running(home: Path) -> str | None:
    """The URL of the system that is being served from this home, or None."""
    noted = _note(home)
    if noted is None:
        return None
    pid, url = noted
    try:
        os.kill(pid, 0)
        answer = httpx.get(f"{url}/api/health/", timeout=_PROBE_SECONDS, trust_env=False)
        return url if answer.is_success else None
    except (httpx.HTTPError, OSError):
        return None


def _note(home: Path) -> tuple[int, str] | None:
    try:
        note = json.loads((home / "server.json").read_text())
        return int(note["pid"]), str(note["url"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
