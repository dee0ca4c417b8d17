"""`recsmith` commands, each in a process of its own, forked from one that has loaded all of it:
that takes longer than what most commands do."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typer.main

from local.jobs.environment import REPOSITORY
from tests.waiting import PATIENCE

_ONE_BY_ONE = threading.Lock()
_NEEDED_BY_MOST = (
    "local.cli",
    "local.cli.server",
    "local.runtime",
    "local.wiring",
    "functions.api",
)


def forked(
    arguments: Sequence[str], cwd: Path, environment: Mapping[str, str]
) -> tuple[int, str, str]:
    """A command's exit status, and what it wrote to standard output and standard error."""
    with TemporaryDirectory() as folder:
        said, complained = Path(folder, "said"), Path(folder, "complained")
        asked = {
            "arguments": arguments,
            "cwd": str(cwd),
            "environment": dict(environment),
            "files": [str(said), str(complained)],
        }
        with _ONE_BY_ONE:
            process = _loaded()
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps(asked).encode())
            if not select.select([process.stdout], [], [], PATIENCE)[0]:
                os.killpg(process.pid, signal.SIGKILL)
                _loaded.cache_clear()
                raise TimeoutError(f"{arguments}: {said.read_text()}{complained.read_text()}")
            status = int(process.stdout.readline())
        return status, said.read_text(), complained.read_text()


@cache
def _loaded() -> subprocess.Popen[bytes]:
    """Ends with this process, at whose end its standard input does."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.integration.forked_commands"],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
        start_new_session=True,
    )


def _serve() -> None:
    for module in _NEEDED_BY_MOST:
        import_module(module)
    typer.main.get_command = cache(typer.main.get_command)
    typer.main.get_command(import_module("local.cli").app)
    while asked := os.read(0, 1 << 16):  # shorter than a pipe holds
        if (child := os.fork()) == 0:
            _become(json.loads(asked))
        _, status = os.waitpid(child, 0)
        os.write(1, b"%d\n" % os.waitstatus_to_exitcode(status))


def _become(asked: Any) -> None:
    from local.cli import app

    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, path in enumerate(asked["files"], 1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
    sys.argv = ["recsmith", *asked["arguments"]]
    app()


if __name__ == "__main__":
    _serve()
