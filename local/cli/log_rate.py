"""A bound on what is logged, so that whoever provokes faults cannot fill a disk."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

RECORDS = 60
_WINDOW_SECONDS = 60.0


@dataclass
class _Window:
    began: float
    passed: int = 0
    left_out: int = 0


class RateLimit(logging.Filter):
    """Lets each logger's first RECORDS of a minute pass. The last of them says that more are left
    out, the first of the next minute how many.

    Args:
        clock: seconds, of any origin.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._windows: dict[str, _Window] = {}
        self._lock = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        with self._lock:
            now = self._clock()
            window = self._windows.setdefault(record.name, _Window(now))
            said = ""
            if now - window.began >= _WINDOW_SECONDS:
                if window.left_out:
                    said = f" ({window.left_out:,} of {record.name} before this were left out)"
                window = self._windows[record.name] = _Window(now)
            window.passed += 1
            if window.passed > RECORDS:
                window.left_out += 1
                return False
            if window.passed == RECORDS:
                said += f" (further ones of {record.name} within this minute are left out)"
        if said:
            record.msg, record.args = f"{record.getMessage()}{said}", None
        return True
