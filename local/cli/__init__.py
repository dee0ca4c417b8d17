"""The `recsmith` command."""

from __future__ import annotations

import logging
import signal
from enum import StrEnum
from types import FrameType
from typing import Annotated

import typer

from local.cli import comparing, datasets, quick_tests, sweeps
from local.cli.console import done, out, user_errors
from local.cli.demo import demo
from local.cli.letters import app as letters
from local.cli.mlflow_pages import mlflow
from local.cli.recommend import recommend
from local.cli.system import DEFAULT_HOME, Home, emulated_system, own_system
from local.cli.templates import compile_templates
from shared import garbage

_HELP = """
Configure, test and compare two-tower recommendation models, on this machine.

[bold]Examples[/bold]

  recsmith demo                              the whole way, on real data

  recsmith up                                the system and its API, until Ctrl-C

  recsmith dataset add purchases.parquet     your own data
"""
app = typer.Typer(
    help=_HELP,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(datasets.app, name="dataset")
app.add_typer(quick_tests.app, name="quick-test")
app.add_typer(sweeps.app, name="sweep")
app.add_typer(letters, name="dead-letters")
quick_tests.app.command("report")(comparing.report)
app.command("demo")(demo)
app.command("train")(quick_tests.train)
app.command("compare")(comparing.compare)
app.command("generate")(quick_tests.generate)
app.command("recommend")(recommend)
app.command("mlflow")(mlflow)
app.command("compile")(compile_templates)


@app.callback()
def main() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    signal.signal(signal.SIGTERM, _interrupt)


def _interrupt(_: int, __: FrameType | None) -> None:
    """SIGTERM ends a command as Ctrl-C does: everything that it started ends too."""
    raise KeyboardInterrupt


class Backend(StrEnum):
    EMBEDDED = "embedded"
    EMULATORS = "emulators"


@app.command("up")
def up(
    port: Annotated[int, typer.Option(help="On 127.0.0.1.", min=0, max=65535)] = 8700,
    home: Home = DEFAULT_HOME,
    backend: Annotated[
        Backend,
        typer.Option(
            help="`embedded` needs nothing else. `emulators` runs the functions as they are "
            "deployed, over Google's emulators of Firestore and Pub/Sub.",
        ),
    ] = Backend.EMBEDDED,
    trainings: Annotated[
        int,
        typer.Option(
            envvar="RECSMITH_TRAININGS",
            help="Trained at the same time; further tests wait, in the order of their launch.",
            min=1,
            max=64,
        ),
    ] = 1,
    spare: Annotated[
        bool,
        typer.Option(
            envvar="RECSMITH_SPARE_TRAINER",
            help="Keep a process ready that has loaded TensorFlow, about 700 MiB, so that the next "
            "training starts at once.",
        ),
    ] = True,
) -> None:
    """Run the whole system on this machine until Ctrl-C.

    State survives a restart. Running jobs end with the system.

    [bold]Examples[/bold]

      recsmith up

      recsmith up --port 9000 --home /data/recsmith

      recsmith up --backend emulators
    """
    from local.cli.server import console_line  # with the HTTP server, which others need not load

    system = own_system if backend is Backend.EMBEDDED else emulated_system
    with user_errors(), system(home, port, trainings, spare=spare) as api:
        done(f"Recsmith is up. State is in {home}.")
        out.print(f"  Console   {console_line(api.url)}")
        out.print(f"  API       [title]{api.url}/api/docs[/]")
        out.print("  [note]Ctrl-C stops it.[/]")
        garbage.keep_all()
        while True:
            signal.pause()
