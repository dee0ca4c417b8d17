"""Programs that end, with all that they start, when whoever asked for them is gone.

`python -m local.jobs.tethered PROGRAM ARGUMENT…`, in a session of its own, with a pipe for standard
input that nobody writes to: the pipe ends with the process at its other end, however that ended.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

_REPOSITORY = Path(__file__).resolve().parents[2]
_STOP_SECONDS = 5.0


@contextmanager
def tethered(
    command: Sequence[str],
    environment: Mapping[str, str] | None = None,
    log: IO[bytes] | None = None,
    stop_seconds: float = _STOP_SECONDS,
) -> Iterator[subprocess.Popen[bytes]]:
    """A program that ends, with all that it starts, when the block or this process does.

    Not by `prctl`: what Python runs between fork and exec aborts where a library's threads, such as
    gRPC's, do not stand a fork.

    Args:
        environment: None: this process's own.
        log: for what it has to say; None: where this process has its own errors.
        stop_seconds: so long it may take to end when it is told to.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "local.jobs.tethered", *command],
        cwd=_REPOSITORY,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=log or sys.stderr.fileno(),
        stderr=subprocess.STDOUT,
        start_new_session=True,  # a group of its own, so that its workers end with it
    )
    try:
        yield process
    finally:
        end(process, stop_seconds)


def end(process: subprocess.Popen[bytes], stop_seconds: float) -> None:
    """Ends a program in a session of its own with all that it has started: by SIGTERM, and what is
    there so many seconds later by SIGKILL."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(stop_seconds)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def main(command: list[str]) -> int:
    signal.signal(signal.SIGTERM, lambda *_: None)  # ends when the program has ended
    program = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    threading.Thread(target=_end_with_the_other_side, daemon=True).start()
    status = program.wait()
    return status if status >= 0 else 128 - status  # as a shell says that a signal ended it


def _end_with_the_other_side() -> None:
    sys.stdin.buffer.read()
    os.killpg(0, signal.SIGTERM)
    time.sleep(_STOP_SECONDS)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    # At once: an orderly end would wait for the thread that reads, and abort.
    os._exit(main(sys.argv[1:]))
