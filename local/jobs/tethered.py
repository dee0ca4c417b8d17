"""Runs a program that ends, with all that it starts, when whoever asked for it is gone.

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

_STOP_SECONDS = 5.0


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
