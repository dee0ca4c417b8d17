"""Memory that is no longer needed goes back to the system before the next step takes its own."""

from __future__ import annotations

import ctypes
import gc
import sys

import pyarrow as pa

_FEW_ROWS = 500_000


def are_few(rows: int) -> bool:
    """Whether what so many rows take is no concern: there is less to give back than it takes to
    look for it, and two things may be computed beside each other."""
    return rows < _FEW_ROWS


def end_stage(rows: int) -> None:
    """Frees what only cycles of objects hold, as models of Keras do, and gives it back.

    Args:
        rows: that were worked on; nothing happens where these are few.
    """
    if not are_few(rows):
        gc.collect()
    give_back(rows)


def give_back(rows: int) -> None:
    """Gives back what the allocators have kept: glibc's keeps most of what arrays of up to 32 MiB
    have left. Args: as of `end_stage`."""
    if are_few(rows):
        return
    pa.default_memory_pool().release_unused()
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):
        trim(0)
