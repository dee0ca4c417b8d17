"""`recsmith mlflow`: the tests as runs, in MLflow's own pages."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from local.cli.client import UserError
from local.cli.output import done, out, user_errors, working
from local.cli.own_process import HOST, free_port, until_ended, until_healthy
from local.cli.system import DEFAULT_HOME, Home
from local.jobs.environment import REPOSITORY
from local.jobs.tethered import tethered
from local.tracking import SETTING, artifact_root, on_a_server, tracking_uri
from shared.errors import UnavailableError
from shared.mlflow.tracker import SETTINGS, MlflowTracker
from shared.problems import without_secrets

_START_SECONDS = 90.0
# MLflow takes no socket that is bound already: it binds one itself, and its server logs which.
_LISTENS = re.compile(r"running on (http://\S+)")


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
        if port:
            free_port(port)  # or it is said at once, and by which option another one is given
        with _pages(uri, home, port) as (process, url):
            done("MLflow is up.")
            out.print(f"  Experiments   [title]{url}[/]")
            out.print("  [note]Ctrl-C stops it.[/]")
            until_ended(process)
            raise UserError(f"MLflow ended. {_last_words(_log(home))}")


@contextmanager
def _pages(uri: str, home: Path, port: int) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """MLflow's server over the store, answering at an address; it ends with the block. Port 0 is
    any free one.

    Raises:
        UserError: the store cannot be opened, or the server does not start.
    """
    with working("Opening the store"):
        try:
            MlflowTracker(uri, artifact_root(home)).prepare()
        except UnavailableError as fault:
            raise UserError(f"The store cannot be opened. {fault}") from None
    command = [
        *(sys.executable, "-m", "mlflow", "server"),
        *("--default-artifact-root", artifact_root(home)),
        *("--host", HOST, "--port", str(port), "--workers", "1"),
    ]
    # The store's address may hold a password, and everybody sees a command.
    environment = {
        **SETTINGS,
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",  # it judges what language models say
        **os.environ,
        "PYTHONPATH": _path(),
        "MLFLOW_BACKEND_STORE_URI": uri,
    }
    with _log(home).open("wb") as log, tethered(command, environment, log) as process:
        with working("Starting MLflow"):
            url = _address(process, _log(home))
            if url is None or not until_healthy(process, f"{url}/health", _START_SECONDS):
                raise UserError(_not_started(process, home))
        yield process, url


def _address(process: subprocess.Popen[bytes], log: Path) -> str | None:
    """Where it listens; None where it ends before, or does not say so in time."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if found := _LISTENS.search(log.read_text(errors="replace")):
            return found[1]
        time.sleep(0.1)
    return None


def _not_started(process: subprocess.Popen[bytes], home: Path) -> str:
    if process.poll() is not None:
        return f"MLflow did not start. {_last_words(_log(home))}"
    return f"MLflow did not start within {_START_SECONDS:.0f} seconds."


def _path() -> str:
    """Where Python looks for modules: with this program's own first."""
    return os.pathsep.join([str(REPOSITORY), *filter(None, [os.environ.get("PYTHONPATH")])])


def _log(home: Path) -> Path:
    return home / "mlflow.log"


def _last_words(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1][:300] if lines else "It says nothing."
