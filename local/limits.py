"""What reading a source may take, whatever its files say of themselves."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

_AGAIN_SECONDS = 0.2


@dataclass(frozen=True)
class Limits:
    """A source that takes more is refused.

    A small file can hold much more than it seems: a value that is repeated costs nothing in
    Parquet, and text of few letters next to nothing in a `.csv.gz`.

    Attributes:
        memory: of DuckDB, as it writes sizes; what does not fit is spilled.
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
