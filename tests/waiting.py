"""What tests need on a machine that is slow at the moment, or whose signals are ignored."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

# Seconds. What is waited for mostly happens at once; a test that never sees it fails after this.
PATIENCE = 300.0


def eventually(look: Callable[[], T | None], timeout: float = PATIENCE) -> T:
    """What `look` returns, once that is true.

    Raises:
        AssertionError: it was not true within `timeout` seconds.
    """
    found = _awaited(look, timeout)
    assert found, "it did not happen in time"
    return found


def happens(look: Callable[[], object], timeout: float = PATIENCE) -> bool:
    """Whether it becomes true in time: for whoever counts what does not."""
    return bool(_awaited(look, timeout))


def _awaited(look: Callable[[], T | None], timeout: float) -> T | None:
    began = time.monotonic()
    while not (found := look()):
        waited = time.monotonic() - began
        if waited >= timeout:
            return None
        # What takes minutes is not looked at a hundred times a second.
        time.sleep(min(max(0.01, waited / 50), 0.2))
    return found


def signalled(*, ignored: bool = False) -> list[str]:
    """How a command begins that hears SIGINT and SIGHUP, also where these tests do not (under
    nohup, cron or a CI runner); with `ignored`, one that ignores SIGINT, also where they do not."""
    return ["env", "--ignore-signal=INT" if ignored else "--default-signal=INT,HUP"]
