"""A training process that has loaded its libraries before there is a job for it.

`python -m local.jobs.spare_trainer WARM PROGRAM`, with the trainer's Python: imports the module
WARM, waits for a job's folder, as a line of JSON on stdin, then notes who it is there and becomes
the job's process, which runs the module PROGRAM. It ends with its stdin: when nobody can give it a
job any more.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from local.jobs.job_process import CLAIMED_BY_ANOTHER, TEMPORARY, claim

_DISCARDED = 0


class SpareTrainer:
    """A running spare, and the pipe to it.

    Args:
        command: what runs this module, with its arguments.
    """

    def __init__(self, command: Sequence[str], cwd: Path, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            command,
            cwd=cwd,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def take(self, folder: Path) -> subprocess.Popen[bytes] | None:
        """Makes it the process of a job; None where it has ended."""
        assert self.process.stdin is not None
        try:
            with self.process.stdin as stdin:
                stdin.write(json.dumps(str(folder)).encode() + b"\n")
        except OSError:
            self.end()
            return None
        if self.process.poll() is not None:
            return None
        return self.process

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):
            self.process.stdin.close()


def main(warm: str, program: str) -> None:
    from shared import code_version  # it notes which code is about to be loaded

    with ThreadPoolExecutor(1) as beside:
        asked = beside.submit(_asked)
        with contextlib.suppress(Exception):  # the job itself will say what is amiss
            importlib.import_module(warm)
        folder = asked.result()
    if not code_version.unchanged():  # Recsmith was upgraded: a process of the new version runs it
        os._exit(_DISCARDED)
    if not claim(folder):
        os._exit(CLAIMED_BY_ANOTHER)
    os.chdir(folder)
    (folder / TEMPORARY).mkdir(exist_ok=True)
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder / TEMPORARY)
    log = os.open(folder / "log.txt", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for standard, target in enumerate((nothing, log, log)):
        os.dup2(target, standard)
    sys.argv = [program, str(folder)]
    runpy.run_module(program, run_name="__main__", alter_sys=True)


def _asked() -> Path:
    """The folder of the job; the process ends at once where none will come."""
    line = sys.stdin.readline()
    if not line.endswith("\n"):
        os._exit(_DISCARDED)
    return Path(json.loads(line))


if __name__ == "__main__":
    main(*sys.argv[1:])
