"""`recsmith mlflow`: the tests as runs, in MLflow's own pages."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated

import httpx
import typer

from local.cli.client import UserError
from local.cli.console import done, out, user_errors, working
from local.cli.system import DEFAULT_HOME, Home
from local.pipelines import REPOSITORY
from local.tracking import SETTING, artifact_root, on_a_server, tracking_uri
from shared.mlflow.tracker import SETTINGS, MlflowTracker
from shared.ports import Unavailable
from shared.problems import without_secrets

_HOST = "127.0.0.1"
_START_SECONDS = 90.0
_STOP_SECONDS = 5.0


def mlflow(
    port: Annotated[int, typer.Option(help="On 127.0.0.1.", min=0, max=65535)] = 8701,
    home: Home = DEFAULT_HOME,
) -> None:
    """Show every test that has ended as a run, in MLflow's own pages, until Ctrl-C.

    [bold]Examples[/bold]

      recsmith mlflow

      recsmith mlflow --port 5000
    """
    with user_errors():
        uri = tracking_uri(home)
        if uri is None:
            raise UserError(f"Experiment tracking is turned off by {SETTING}.")
        if on_a_server(uri):
            done("The tests are tracked by a server that has its own pages.")
            out.print(f"  MLflow   [title]{without_secrets(uri)}[/]")
            return
        with _pages(uri, home, _free(port)) as (process, url):
            done("MLflow is up.")
            out.print(f"  Experiments   [title]{url}[/]")
            out.print("  [note]Ctrl-C stops it.[/]")
            process.wait()
            raise UserError(f"MLflow ended. {_last_words(_log(home))}")


@contextmanager
def _pages(uri: str, home: Path, port: int) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """MLflow's server over the store, answering; it ends with the block.

    Raises:
        UserError: the store cannot be opened, or the server does not start.
    """
    with working("Opening the store"):
        try:
            MlflowTracker(uri, artifact_root(home)).prepare()
        except Unavailable as fault:
            raise UserError(f"The store cannot be opened. {fault}") from None
    url = f"http://{_HOST}:{port}"
    command = [
        *(sys.executable, "-m", "local.tethered"),
        *(sys.executable, "-m", "mlflow", "server"),
        *("--default-artifact-root", artifact_root(home)),
        *("--host", _HOST, "--port", str(port), "--workers", "1"),
    ]
    with _log(home).open("wb") as log:
        process = subprocess.Popen(
            command,
            # The store's address may hold a password, and everybody sees a command.
            env={
                **SETTINGS,
                "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",  # it judges what language models say
                **os.environ,
                "PYTHONPATH": _path(),
                "MLFLOW_BACKEND_STORE_URI": uri,
            },
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a group of its own, so that its workers end with it
        )
    try:
        with working("Starting MLflow"):
            _answering(process, url, home)
        yield process, url
    finally:
        _end(process)


def _answering(process: subprocess.Popen[bytes], url: str, home: Path) -> None:
    """Returns once the server answers. Raises UserError."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise UserError(f"MLflow did not start. {_last_words(_log(home))}")
        with suppress(httpx.HTTPError):
            if httpx.get(f"{url}/health", timeout=5.0, trust_env=False).is_success:
                return
        time.sleep(0.2)
    raise UserError(f"MLflow did not start within {_START_SECONDS:.0f} seconds.")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends the server and its workers."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(_STOP_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _free(port: int) -> int:
    """The port, or any free one for 0. Raises UserError where it is taken."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError as error:
            raise UserError(
                f"Port {port} cannot be used: {error.strerror}. Give another one with --port."
            ) from None
        return int(probe.getsockname()[1])


def _path() -> str:
    """Where Python looks for modules: with this program's own first."""
    return os.pathsep.join([str(REPOSITORY), *filter(None, [os.environ.get("PYTHONPATH")])])


def _log(home: Path) -> Path:
    return home / "mlflow.log"


def _last_words(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1][:300] if lines else "It says nothing."
