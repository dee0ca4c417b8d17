"""The trainer's programs, each in a process of its own, forked from one that has loaded TensorFlow,
TFX and Beam: that takes longer than what most tests ask of them.

`python -m tests.integration.trainer.loaded SOCKET`, with the trainer's Python, ends with its
standard input. TensorFlow may be forked as long as nothing was computed with it.
"""

from __future__ import annotations

import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from local.jobs.environment import REPOSITORY, default_trainer_command
from shared import garbage
from trainer_image.job.leave import leave

_MODULES = (
    "trainer_image.evaluation.evaluate",
    "trainer_image.runners.direct",
    "trainer_image.training.transform",
    "trainer_image.runners.tfx_pipeline",
)


class Forked:
    """What tests need of `subprocess.Popen`, of `python -m MODULE ARGUMENTS` in the repository.

    Args:
        environment: all of its variables.
        stdout, stderr: files, written anew.
    """

    def __init__(
        self,
        module: str,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        stdout: Path,
        stderr: Path,
    ) -> None:
        for path in (stdout, stderr):
            path.write_bytes(b"")
        asked = {
            "module": module,
            "arguments": arguments,
            "environment": dict(environment),
            "files": [str(stdout), str(stderr)],
        }
        self.returncode: int | None = None
        self._files = stdout, stderr
        self._told = socket.socket(socket.AF_UNIX)
        self._told.connect(_loaded())
        self._told.sendall(json.dumps(asked).encode())
        self._told.shutdown(socket.SHUT_WR)
        self._lines = self._told.makefile()
        self.pid = int(self._lines.readline())

    def wait(self, timeout: float | None = None) -> int:
        """
        Raises:
            TimeoutExpired: it has not ended within so many seconds.
        """
        if self.returncode is None:
            if not select.select([self._told], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
            self.returncode = int(self._lines.readline())
            self._lines.close()
            self._told.close()
        return self.returncode

    def poll(self) -> int | None:
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """All that it wrote to standard output and standard error, once it has ended."""
        self.wait(timeout)
        stdout, stderr = (path.read_text(errors="replace") for path in self._files)
        return stdout, stderr

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


@cache
def _loaded() -> str:
    """Address of the process that is forked. Its standard input is closed when this process
    ends, and it ends with that."""
    address = f"{tempfile.mkdtemp(prefix='recsmith-loaded-')}/socket"
    trainer = subprocess.Popen(
        [default_trainer_command()[0], "-m", __name__, address],
        cwd=REPOSITORY,
        env={
            **os.environ,
            "PYTHONPATH": str(REPOSITORY),  # without `watch/`, which is for the forked ones
            "TF_CPP_MIN_LOG_LEVEL": "2",
            "TF_USE_LEGACY_KERAS": "1",
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert trainer.stdout is not None
    assert trainer.stdout.readline(), "the trainer's libraries cannot be loaded"
    _KEPT.append(trainer)
    return address


_KEPT: list[subprocess.Popen[bytes]] = []  # with its standard input, which else would be closed


def _serve(address: str) -> NoReturn:
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(address)
    listening.listen()
    with garbage.loading():
        for module in _MODULES:
            importlib.import_module(module)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("loaded", flush=True)  # noqa: T201 - the answer that is waited for
    while True:
        ready, _, _ = select.select([0, listening.fileno()], [], [])
        if 0 in ready:
            Path(address).unlink()
            Path(address).parent.rmdir()
            leave(0)
        connection, _ = listening.accept()
        if os.fork() == 0:
            listening.close()
            _attend(connection)
        connection.close()


def _attend(connection: socket.socket) -> NoReturn:
    """Forks what is asked for and answers with its process id, then with its exit code."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with connection.makefile() as lines:
        asked = json.loads(lines.read())
    if (child := os.fork()) == 0:
        connection.close()
        _become(**asked)
    with suppress(OSError):  # whoever asked may be gone
        connection.sendall(f"{child}\n".encode())
        _, status = os.waitpid(child, 0)
        connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    leave(0)


def _become(
    module: str, arguments: list[str], environment: dict[str, str], files: list[str]
) -> NoReturn:
    os.environ.clear()
    os.environ.update(environment)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, path in enumerate(files, 1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_APPEND), number)
    sys.path[1:1] = filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))
    sys.modules.pop("sitecustomize", None)
    with suppress(ModuleNotFoundError):
        importlib.import_module("sitecustomize")
    sys.argv = [module, *arguments]
    status: Any = 0
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as error:
        status = error.code
    except BaseException:
        sys.excepthook(*sys.exc_info())
        status = 1
    if isinstance(status, str):
        print(status, file=sys.stderr)  # noqa: T201 - as Python does at its end
    leave(status if isinstance(status, int) else int(status is not None))


if __name__ == "__main__":
    _serve(sys.argv[1])
