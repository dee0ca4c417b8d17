"""What a process has loaded for good is not looked through by each full garbage collection."""

from __future__ import annotations

import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager


def freeze() -> None:
    """Counts all that is there as needed until the end; then it is collected like anything else,
    for extension modules complain of what is left."""
    gc.freeze()
    atexit.register(gc.unfreeze)


@contextmanager
def loading() -> Iterator[None]:
    """What is imported stays: nothing is searched for garbage meanwhile, and that never again."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        freeze()
