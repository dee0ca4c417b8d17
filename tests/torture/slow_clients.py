"""Callers that never finish what they send, more of them than the server may hold open."""

from __future__ import annotations

import resource
import select
import socket
import time
from contextlib import ExitStack, suppress

from tests.torture.load_shop import Probe, running
from tests.torture.trial import Tally, trial
from tests.waiting import happens

_FILES = 600  # that the server may have open, and this process as well
_CALLERS = 500
_SLOWEST_SECONDS, _MEBIBYTES, _LOG_BYTES = 5.0, 250.0, 100_000
_HEAD = b"POST /api/model-configs/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
_UNFINISHED = [
    b"",
    b"GET /api/heal",
    _HEAD,
    _HEAD + b"X-Filler: " + b"x" * 15_000,
    _HEAD + b"Content-Length: 1000000\r\n\r\n" + b"x" * 200_000,
    _HEAD + b"Transfer-Encoding: chunked\r\n\r\n10\r\n",
]
_NO_HTTP = b"\x16\x03\x01 this is no HTTP\r\n\r\n"


@trial("load", "half-sent requests, more than there may be connections", seconds=150)
def slow_clients(tally: Tally) -> None:
    """The API answers beside them, in bounded memory; all are ended, and the log stays short."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (_FILES, _FILES))
    with running(tally.folder) as system:
        with Probe(system, "/api/model-configs/?limit=20") as probe, ExitStack() as stack:
            for _ in range(tally.of(5, 1)):
                _round(tally, system.http.base_url.port or 0, stack)
                stack.close()
        for _ in range(tally.of(3000, 500)):
            tally.tried()
            with socket.create_connection(("127.0.0.1", system.http.base_url.port or 0)) as one:
                one.sendall(_NO_HTTP)
        if not system.http.get("/api/health/").is_success:
            tally.loses("health is refused afterwards")
    for fault in probe.faults:
        tally.loses(fault)
    slowest = max(probe.seconds)
    if slowest > _SLOWEST_SECONDS:
        tally.loses(f"an answer took {slowest:.1f} s beside them")
    if probe.peak > _MEBIBYTES:
        tally.loses(f"{probe.peak:.0f} MiB held; at most {_MEBIBYTES:.0f} expected")
    logged = (tally.folder / "recsmith.log").stat().st_size
    if logged > _LOG_BYTES:
        tally.loses(f"{logged:,} bytes were logged")
    tally.figure(
        f"answers within {slowest:.1f} s; at most {probe.peak:.0f} MiB; {logged:,} bytes logged"
    )


def _round(tally: Tally, port: int, stack: ExitStack) -> None:
    """Opens as many as this process may, and waits until the server has ended those that are late
    with their headers. Each sends a byte now and then, as if it were alive."""
    late = []
    for number in range(_CALLERS):
        tally.tried()
        begun = _UNFINISHED[number % len(_UNFINISHED)]
        one = stack.enter_context(socket.socket())
        one.setblocking(False)
        with suppress(BlockingIOError):
            one.connect(("127.0.0.1", port))
        select.select([], [one], [], 10)
        with suppress(OSError):  # ended already, to make room; or its buffer is full
            one.send(begun)
        if b"\r\n\r\n" not in begun:
            late.append(one)

    def all_ended() -> bool:
        for one in list(late):
            if _ended(one):
                late.remove(one)
        time.sleep(0.2)
        return not late

    if not happens(all_ended, 40):
        tally.loses(f"{len(late)} callers without headers are still connected")


def _ended(one: socket.socket) -> bool:
    """Whether the server has closed it; sends one byte more where not."""
    try:
        while one.recv(4096):
            pass
    except BlockingIOError:
        with suppress(OSError):
            one.send(b"a")
        return False
    except OSError:
        pass
    return True
