"""The first breath of a training process: it writes down who it is, then becomes the trainer.

`python -m local.jobs.job_process JOBDIR PROGRAM ARGUMENT…`. Whoever starts a job may die between
starting it and taking note of it. So the process takes the note itself, in a file that only one
process can create: a job started twice runs once.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from local.state.files import create_file

PROCESS_FILE = "process.json"
TEMPORARY = "temporary"
CHECKPOINTS = "checkpoints"
CLAIMED_BY_ANOTHER = 99  # exit status
_CANNOT_START = 127


def identity(pid: int) -> dict[str, Any] | None:
    """What tells a process from a later one with the same pid; None where none is alive.

    `start_ticks` counts from the boot (`starttime` in proc(5)), so the boot belongs to it.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return None
    if fields[0] in ("Z", "X"):
        return None
    return {"pid": pid, "start_ticks": int(fields[19]), "boot_id": boot}


def claim(folder: Path) -> bool:
    """Notes this process as the job's; False where another was first."""
    mine = {**(identity(os.getpid()) or {}), "folder": folder.stat().st_ino}
    note = {**mine, "at": datetime.now(UTC).isoformat()}
    try:
        create_file(folder / PROCESS_FILE, json.dumps(note).encode())
    except FileExistsError:
        return False
    return True


def main(folder: Path, command: list[str]) -> int:
    if not claim(folder):
        return CLAIMED_BY_ANOTHER
    try:
        os.execvp(command[0], command)  # noqa: S606 - no shell is meant
    except OSError as error:
        sys.stderr.write(
            f"Cannot start {command[0]}: {error.strerror}. Set up the trainer's environment"
            " (`make demo` does), or point RECSMITH_TRAINER_PYTHON to its Python.\n"
        )
        return _CANNOT_START


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
