"""`trainer_image.batch` over a model whose arithmetic is known, which may end itself at any moment.

python batch_program.py ARGUMENTS…

RECSMITH_TEST_KILL_AT: SIGKILL at the n-th time that a file of the run is opened, renamed or
deleted. RECSMITH_TEST_SLOW: a file; while it is there, a block of customers waits for it to go.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

_REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(_REPOSITORY), str(_REPOSITORY / "tests" / "unit")]

import batched  # noqa: E402

from trainer_image import batch  # noqa: E402

__all__ = ["batched"]  # for trials, which have no path to it
_SEEN = {"open", "os.rename", "os.remove", "os.mkdir"}


class Model(batched.Model):
    def call(self, signature: str, rows: Any, pasts: Any = None, of: Any = None) -> Any:
        slow = os.environ.get("RECSMITH_TEST_SLOW")
        many = len(rows.get("customer", [])) > 1  # one is how the model is tried first
        while many and slow and Path(slow).exists():
            time.sleep(0.01)
        return super().call(signature, rows, pasts, of)


def _end_at(moment: int) -> None:
    seen = 0

    def look(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal seen
        if event in _SEEN and ".unfinished" in str(arguments[0]):
            seen += 1
            if seen == moment:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(look)


if __name__ == "__main__":
    if told := os.environ.get("RECSMITH_TEST_KILL_AT"):
        _end_at(int(told))
    model: Any = Model
    sys.exit(batch.main(sys.argv[1:], model))
