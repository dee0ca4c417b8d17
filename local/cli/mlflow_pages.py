"""`recsmith mlflow`: the tests as runs, in MLflow's own pages."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from local.cli.client import UserError
from local.cli.output import done, out, user_errors, working
from local.cli.own_process import HOST, free_port, own_process, until_healthy
from local.cli.system import DEFAULT_HOME, Home
from local.jobs.environment import REPOSITORY
from local.tracking import SETTING, artifact_root, on_a_server, tracking_uri
from shared.errors import UnavailableError
from shared.mlflow.tracker import SETTINGS, MlflowTracker
from shared.problems import without_secrets

_START_SECONDS = 90.0


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
        with _pages(uri, home, free_port(port)) as (process, url):
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
        except UnavailableError as fault:
            raise UserError(f"The store cannot be opened. {fault}") from None
    url = f"http://{HOST}:{port}"
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
    with _log(home).open("wb") as log, own_process(command, environment, log) as process:
        with working("Starting MLflow"):
            if not until_healthy(process, f"{url}/health", _START_SECONDS):
                raise UserError(_not_started(process, home))
        yield process, url


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
