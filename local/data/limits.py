"""What reading a source may take, whatever its files say of themselves."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import duckdb

from shared.errors import UnavailableError

T = TypeVar("T")
_AGAIN_SECONDS = 0.2
_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "ki": 2**10, "mi": 2**20, "gi": 2**30}
_LEAST = 8  # a reader starts with no less than such a part of the whole


@dataclass(frozen=True)
class Limits:
    """A source that takes more is refused.

    A small file can hold much more than it seems: a value that is repeated costs nothing in
    Parquet, and text of few letters next to nothing in a `.csv.gz`.

    Attributes:
        memory: of DuckDB, as it writes sizes, for all that is read at a time (`Budget`); what does
            not fit is spilled.
        spill: of the disk, for that.
        seconds, inspect_seconds: until profiling, or a first look, gives up.
    """

    memory: str = "2GB"
    spill: str = "20GB"
    seconds: float = 600.0
    inspect_seconds: float = 30.0


LIMITS = Limits()


@contextmanager
def interrupted_after(seconds: float, connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Interrupts what a connection does once the time is over: duckdb.InterruptException."""
    over = threading.Event()

    def watch() -> None:
        if not over.wait(seconds):
            # An interrupt between two statements hits neither.
            while not over.wait(_AGAIN_SECONDS):
                connection.interrupt()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


@dataclass(frozen=True)
class Share:
    """What one reader may take, in bytes; `final` where there is no more to be had."""

    memory: int
    spill: int
    final: bool


class MoreNeededError(Exception):
    """A reader ran out of a share that was not the whole."""


class Budget:
    """Memory and spill that all readers of one system share.

    A reader gets half of what is free, and begins again with the whole where that does not do; it
    then reads alone. Beyond four at a time readers wait.
    """

    def __init__(self, limits: Limits) -> None:
        self._memory, self._spill = _bytes(limits.memory), _bytes(limits.spill)
        self._free = self._memory
        self._alone = 0  # who waits for the whole, or has it
        self._changed = threading.Condition()

    def run(self, read: Callable[[Share], T], patience: float | None = None) -> T:
        """What `read` returns.

        Args:
            read: raises MoreNeededError where its share is too little; never of the whole.
            patience: seconds to wait for a share; None waits for as long as others read.

        Raises:
            UnavailableError: others have read for so long.
        """
        try:
            with self._share(patience) as share:
                return read(share)
        except MoreNeededError:
            with self._whole(patience) as share:
                return read(share)

    @contextmanager
    def _share(self, patience: float | None) -> Iterator[Share]:
        with self._changed:
            least = self._memory // _LEAST
            self._wait(lambda: not self._alone and self._free >= least, patience)
            part = max(self._free // 2, least)
            self._free -= part
        try:
            yield Share(part, self._spill * part // self._memory, final=False)
        finally:
            self._give_back(part)

    @contextmanager
    def _whole(self, patience: float | None) -> Iterator[Share]:
        with self._changed:
            self._alone += 1
            try:
                self._wait(lambda: self._free == self._memory, patience)
            except UnavailableError:
                self._alone -= 1
                self._changed.notify_all()
                raise
            self._free = 0
        try:
            yield Share(self._memory, self._spill, final=True)
        finally:
            with self._changed:
                self._alone -= 1
            self._give_back(self._memory)

    def _wait(self, until: Callable[[], bool], patience: float | None) -> None:
        if not self._changed.wait_for(until, patience):
            raise UnavailableError("Other data is being read. Try again in a while.")

    def _give_back(self, part: int) -> None:
        with self._changed:
            self._free += part
            self._changed.notify_all()


def _bytes(size: str) -> int:
    """`2GB` → 2,000,000,000, `1GiB` → 1,073,741,824: as DuckDB reads sizes."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?) ?([kmg]?i?)b?", size.strip().lower())
    if found is None or found[2] not in _UNITS:
        raise ValueError(f"A size is written as 2GB or 512MiB. Received: {size!r}.")
    return int(float(found[1]) * _UNITS[found[2]])
