"""What one server's connections may cost: how many there are, how long a request may take to
arrive, and how much of unfinished ones is held."""

from __future__ import annotations

import asyncio
import json
import logging
import resource
from collections.abc import Iterable
from functools import cache
from http import HTTPStatus

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

CONNECTIONS = 1000
HEADER_SECONDS = 10.0
REQUEST_SECONDS = 60.0
UNFINISHED_BYTES = 64 * 1024 * 1024

_FILES = 4096
_FILES_OF_OTHERS = 256  # of the database, of jobs, of libraries
_CODES = {408: "timeout", 503: "unavailable"}
_log = logging.getLogger(__name__)


@cache
def at_most() -> int:
    """So many connections as this process can hold, CONNECTIONS at most; raises its own limit on
    open files towards what that takes, as far as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    if soft == resource.RLIM_INFINITY:
        return CONNECTIONS
    return max(1, min(CONNECTIONS, soft - _FILES_OF_OTHERS))


class BoundedHttp(H11Protocol):
    """A connection that is closed where its caller owes a request for too long: HEADER_SECONDS for
    its headers, REQUEST_SECONDS for the whole. Where one too many comes, or too much of unfinished
    requests is held, whoever has owed for the longest goes; a new one goes only where nobody owes.
    """

    _owed_since: float | None = None
    _phase: object = None
    _timer: asyncio.TimerHandle | None = None
    _held = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        if len(self.connections) >= at_most() and not _drop_one(self.connections):
            transport.write(_answer(503, "Too many connections are open.", "Retry-After: 5\r\n"))
            transport.close()
            # The transport still tells of its end, which needs a transport to speak of.
            self.transport = transport
            return
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        self._held += len(data)
        super().data_received(data)
        self._watch()
        if self._owed_since is not None:
            held = sum(one.held for one in _bounded(self.connections))
            if held > UNFINISHED_BYTES:
                _drop_one(self.connections)

    def connection_lost(self, exc: Exception | None) -> None:
        self._settle()
        super().connection_lost(exc)

    def _watch(self) -> None:
        """Sets the time by which the caller must have sent what comes next."""
        phase = self.conn.their_state
        if phase not in (h11.IDLE, h11.SEND_BODY):
            self._settle()
        elif phase is not self._phase:
            if self._timer is not None:
                self._timer.cancel()
            if self._owed_since is None:
                self._owed_since = self.loop.time()
            seconds = HEADER_SECONDS if phase is h11.IDLE else REQUEST_SECONDS
            self._timer = self.loop.call_at(self._owed_since + seconds, self.drop)
        self._phase = phase

    def _settle(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._owed_since = None
        self._held = 0

    @property
    def owed_since(self) -> float | None:
        """By the event loop's clock; None where a whole request is being answered."""
        idle = self.cycle is not None and self.cycle.response_complete
        return self.loop.time() if self._owed_since is None and idle else self._owed_since

    @property
    def held(self) -> int:
        """Bytes of a request that is not whole yet."""
        return self._held

    def drop(self) -> None:
        """Ends the connection, with word of why where no answer has begun."""
        self._settle()
        if self.transport.is_closing():
            return
        if self.cycle is None or not self.cycle.response_started or self.cycle.response_complete:
            self.transport.write(_answer(408, "The request did not arrive in time."))
        self.transport.close()


def _drop_one(connections: Iterable[object]) -> bool:
    """Ends the connection that has owed for the longest; False where none owes."""
    owing = [
        (since, one)
        for one in _bounded(connections)
        if (since := one.owed_since) is not None and not one.transport.is_closing()
    ]
    if not owing:
        return False
    _, longest = min(owing, key=lambda found: found[0])
    longest.drop()
    _log.warning("A connection was ended that sent nothing whole, to make room for others.")
    return True


def _bounded(connections: Iterable[object]) -> list[BoundedHttp]:
    return [one for one in connections if isinstance(one, BoundedHttp)]


def _answer(status: int, message: str, headers: str = "") -> bytes:
    body = json.dumps({"error": {"code": _CODES[status], "message": message, "fields": []}})
    return (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n{headers}\r\n{body}"
    ).encode()
