"""Starts the workers that train one model on one machine, and sees to it that none is left over."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from trainer_image.job.status import JobFailedError
from trainer_image.training.train import GPU
from trainer_image.training.worker import Task

_MODULE = "trainer_image.training.worker"
_VISIBLE = "CUDA_VISIBLE_DEVICES"
_POLL_SECONDS = 0.2


def train_together(number: int, task: Task) -> None:
    """Trains a model with so many workers, of which each has a GPU where there are any.

    All are over when it returns or raises, or when this process is killed. The first that fails
    ends the others, which would wait for it.

    Raises:
        JobFailedError: with what the worker said that failed first.
    """
    with tempfile.TemporaryDirectory(prefix="workers-") as folder, ExitStack() as ends:
        told = Path(folder) / "task.json"
        told.write_text(task.to_json())
        faults = [Path(folder) / f"fault-{worker}.txt" for worker in range(number)]
        started: list[subprocess.Popen[bytes]] = []
        for environment, fault in zip(environments(number), faults, strict=True):
            process = subprocess.Popen(
                [sys.executable, "-m", _MODULE, str(told), str(fault)],
                stdin=subprocess.PIPE,  # closes with this process, and ends it
                env=environment,
            )
            ends.callback(_end, process)
            started.append(process)
        if failed := _failures(started):
            raise JobFailedError(_cause(failed, faults))


def environments(number: int) -> list[dict[str, str]]:
    """What each worker is told of itself and the others: TF_CONFIG, and where a GPU is asked for,
    which of those of this process is its own."""
    addresses = _free_addresses(number)
    visible = (os.environ.get(_VISIBLE) or ",".join(map(str, range(number)))).split(",")
    found = []
    for worker in range(number):
        cluster = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": worker}}
        environment = {**os.environ, "TF_CONFIG": json.dumps(cluster)}
        if os.environ.get(GPU):
            environment[_VISIBLE] = visible[worker]
        found.append(environment)
    return found


def _free_addresses(number: int) -> list[str]:
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(number)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return ["{}:{}".format(*one.getsockname()) for one in sockets]


def _failures(started: Sequence[subprocess.Popen[bytes]]) -> dict[int, int]:
    """Waits for the chief, which leaves the model, or for a failure: exit statuses by worker."""
    while True:
        failed = {worker: code for worker, one in enumerate(started) if (code := one.poll())}
        if failed or started[0].returncode == 0:
            return failed
        time.sleep(_POLL_SECONDS)


def _cause(failed: Mapping[int, int], faults: Sequence[Path]) -> str:
    """Why the first of them failed; the others say that they miss it."""
    silent = [worker for worker in failed if not faults[worker].exists()]
    if silent:
        return (
            f"Worker {silent[0] + 1} of {len(faults)} ended with exit status {failed[silent[0]]} "
            "and said nothing: it was killed, such as for memory, or crashed."
        )
    first = min((faults[worker] for worker in failed), key=lambda path: path.stat().st_mtime_ns)
    return first.read_text()


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.kill()
    process.wait()
    if process.stdin is not None:
        process.stdin.close()
