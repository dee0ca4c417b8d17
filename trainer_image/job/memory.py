"""Memory that is no longer needed goes back to the system before the next step takes its own."""

from __future__ import annotations

import ctypes
import gc
import sys

import pyarrow as pa

# Of fewer there is less to give back than it takes to look for it.
_FEWEST_ROWS = 500_000


def end_stage(rows: int) -> None:
    """Frees what only cycles of objects hold, as models of Keras do, and gives it back.

    Args:
        rows: that were worked on; nothing happens where these are few.
    """
    if rows >= _FEWEST_ROWS:
        gc.collect()
    give_back(rows)


def give_back(rows: int) -> None:
    """Gives back what the allocators have kept: glibc's keeps most of what arrays of up to 32 MiB
    have left. Args: as of `end_stage`."""
    if rows < _FEWEST_ROWS:
        return
    pa.default_memory_pool().release_unused()
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):
        trim(0)
