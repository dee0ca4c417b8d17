"""`recsmith serve`: a model behind HTTP on this machine."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.markup import escape

from local.cli.client import UserError
from local.cli.output import done, out, user_errors
from local.cli.own_process import announced, free_port, until_ended, until_healthy
from local.cli.system import DEFAULT_HOME, Home
from local.cli.told_model import told_of
from local.jobs.environment import environment, trainer_python
from local.jobs.tethered import tethered
from shared.registry import Alias

_START_SECONDS = 300.0
# What the server may take to answer what it was asked; then it ends, and then it is ended.
_DRAIN_SECONDS, _STOP_SECONDS = 4.0, 8.0
# What the libraries say as they are loaded would hide what the server says.
_QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONWARNINGS": "ignore"}
_EXAMPLE = {"instances": [{"customer_id": "CUSTOMER"}], "parameters": {"k": 10}}


def serve(
    model: Annotated[
        str,
        typer.Argument(
            metavar="MODEL",
            help="Id or name of a registered model, or of a quick test that has completed.",
        ),
    ],
    port: Annotated[int, typer.Option(help="On 127.0.0.1.", min=0, max=65535)] = 8080,
    alias: Annotated[
        Alias, typer.Option(help="Which version of a registered model.")
    ] = Alias.PRODUCTION,
    home: Home = DEFAULT_HOME,
) -> None:
    """Answer predictions over HTTP until Ctrl-C, as the same server does on Google Cloud.

    A registered model is followed: when another version is promoted, or the last one rolled back,
    that one answers within seconds, and no request is lost. Health, metrics and the form of
    requests are in docs/serving.md.

    [bold]Examples[/bold]

      recsmith serve Grocery

      recsmith serve Grocery --alias previous --port 8081

      recsmith serve qt-ab12
    """
    with user_errors(), serving(home, model, alias=alias, port=port) as (url, process):
        _show(url)
        until_ended(process)
        raise UserError("The server ended; what it said is above.")


@contextmanager
def serving(
    home: Path, model: str, *, alias: Alias = Alias.PRODUCTION, port: int = 0
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The address of a server of a model, which answers, and its process; it ends with the block.

    Raises:
        UserError: there is no such model, or it cannot be served.
    """
    what, called = told_of(home, model, alias)
    if port:
        free_port(port)  # or it is said at once, and by which option another one is given
    command = [_trainer(), "-m", "trainer_image.http_server", *what]
    command += ["--port", str(port), "--drain-seconds", str(_DRAIN_SECONDS)]
    store = (home / "artifacts").resolve().as_uri()
    told = environment({"RECSMITH_STORE": store, **_QUIET})
    with TemporaryDirectory(prefix="recsmith-") as folder:
        file = Path(folder) / "address"
        command += ["--announce", str(file)]
        with tethered(command, told, stop_seconds=_STOP_SECONDS) as process:
            url = announced(process, file, _START_SECONDS)
            if url is None or not until_healthy(process, f"{url}/health", _START_SECONDS):
                raise UserError("The server does not answer; what it said is above.")
            done(f"{called} is served.")
            yield url, process


def _trainer() -> str:
    """The Python of the trainer's environment. Raises UserError."""
    python = trainer_python()
    if shutil.which(python) is None:
        raise UserError(
            f"There is no {python}. `make demo` sets up the trainer's environment; "
            "RECSMITH_TRAINER_PYTHON names another one's Python."
        )
    return python


def _show(url: str) -> None:
    body = shlex.quote(json.dumps(_EXAMPLE))
    for title, command in (
        ("Predict", f"curl -s {url}/predict -H 'Content-Type: application/json' -d {body}"),
        ("Health", f"curl -s {url}/health"),
        ("Metrics", f"curl -s {url}/metrics"),
    ):
        out.print(f"  {title:<9} [title]{escape(command)}[/]", soft_wrap=True)
    out.print("  [note]Ctrl-C stops it.[/]")
