"""A run of `trainer_image.batch` in the trainer's environment, for as long as somebody waits."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from local.jobs.environment import REPOSITORY, environment
from local.jobs.tethered import end
from shared.batches import BatchError

_STOP_SECONDS = 10.0


def batch_lines(
    python: str, arguments: Sequence[str], *, store: str, log: Path
) -> Iterator[dict[str, Any]]:
    """What the process says of itself, as it does. It ends with the iterator, and with whoever
    started it.

    Args:
        python: the trainer's.
        store: URI of the folder that models are loaded from.
        log: gets what a process that failed has said besides.

    Raises:
        BatchError: it cannot begin or go on.
    """
    command = [python, "-m", "trainer_image.batch", *arguments]
    with tempfile.TemporaryFile() as said:
        try:
            process = subprocess.Popen(
                [sys.executable, "-m", "local.jobs.tethered", *command],
                cwd=REPOSITORY,
                env=environment({"RECSMITH_STORE": store}),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                start_new_session=True,
            )
        except OSError as error:
            raise BatchError(f"Cannot start {sys.executable}: {error.strerror}.") from None
        try:
            assert process.stdout is not None
            for line in process.stdout:
                with suppress(ValueError):
                    if isinstance(told := json.loads(line), dict):
                        yield told
            if process.wait() != 0:
                raise BatchError(_last_words(said, log, process.returncode))
        finally:
            _end(process)


def _last_words(said: IO[bytes], log: Path, returncode: int) -> str:
    said.seek(0)
    text = said.read().decode(errors="replace").strip()
    with suppress(OSError):
        log.write_text(text, encoding="utf-8")
    lines = text.splitlines()
    if returncode == 1 and lines:
        return lines[-1][:1000]
    last = f": {lines[-1][:300]}" if lines else ""
    return (
        f"The process that fills the files ended with exit status {returncode}{last}. What is done "
        "stays: the same command goes on."
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        end(process, _STOP_SECONDS)
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
