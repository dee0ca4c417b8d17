"""The `recsmith` command."""

from __future__ import annotations

import logging
import signal
import time
from enum import StrEnum
from functools import partial
from types import FrameType
from typing import Annotated

import typer

from local.cli import (
    cloud,
    comparing,
    configs,
    curves,
    datasets,
    experiments,
    models,
    quick_tests,
    rule_sets,
    schedules,
    sweeps,
    tunings,
)
from local.cli.api_calls import api
from local.cli.as_code import apply, diff, export, schema, validate
from local.cli.backups import backup, restore
from local.cli.batches import batch, embeddings
from local.cli.compiling import compile_templates
from local.cli.demo import demo
from local.cli.documents import add_commands
from local.cli.forgetting import forget
from local.cli.insight import report as dataset_report
from local.cli.letters import app as letters
from local.cli.log_rate import RateLimit
from local.cli.login import login, logout
from local.cli.mlflow_pages import mlflow
from local.cli.output import done, out, user_errors
from local.cli.recommend import recommend
from local.cli.serve import serve
from local.cli.system import DEFAULT_HOME, Home, emulated_system, own_system
from local.cli.token import file_of, token_of
from local.cli.versions import versions
from shared import garbage
from shared.as_code.kinds import KINDS
from shared.version import version

_HELP = """
Configure, test and compare two-tower recommendation models, on this machine or a deployment.

[bold]Examples[/bold]

  recsmith demo                              the whole way, on real data

  recsmith up                                the system and its API, until Ctrl-C

  recsmith dataset add purchases.parquet     your own data

  recsmith --url https://… login             a deployment, from then on
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
app.add_typer(configs.feature_configs, name="feature-config")
app.add_typer(configs.model_configs, name="model-config")
app.add_typer(sweeps.app, name="sweep")
app.add_typer(tunings.app, name="tuning")
app.add_typer(models.app, name="models")
app.add_typer(experiments.app, name="experiments")
app.add_typer(rule_sets.app, name="rules")
app.add_typer(schedules.app, name="schedules")
app.add_typer(letters, name="dead-letters")
app.add_typer(cloud.app, name="cloud")
for _group, _kind, _also in (
    (datasets.app, "dataset", ("create",)),
    (rule_sets.app, "rule_set", ("create",)),
    (sweeps.app, "sweep", ("create",)),
    (tunings.app, "tuning", ("create",)),
    (schedules.app, "schedule", ()),
):
    add_commands(_group, KINDS[_kind], also=_also)
for _alias, _group in (
    ("datasets", datasets.app),
    ("features", configs.feature_configs),
    ("feature-configs", configs.feature_configs),
    ("model-configs", configs.model_configs),
    ("tests", quick_tests.app),
    ("sweeps", sweeps.app),
    ("registry", models.app),
):
    app.add_typer(_group, name=_alias, hidden=True)
datasets.app.command("report")(dataset_report)
quick_tests.app.command("report")(comparing.report)
app.command("demo")(demo)
app.command("api")(api)
app.command("tune")(tunings.tune)
app.command("curve")(curves.curve)
app.command("train")(quick_tests.train)
app.command("compare")(comparing.compare)
app.command("generate")(quick_tests.generate)
app.command("recommend")(recommend)
app.command("serve")(serve)
app.command("batch")(batch)
app.command("embeddings")(embeddings)
app.command("mlflow")(mlflow)
app.command("forget")(forget)
app.command("apply")(apply)
app.command("diff")(diff)
app.command("validate")(validate)
app.command("export")(export)
app.command("schema")(schema)
app.command("versions")(versions)
app.command("login")(login)
app.command("logout")(logout)
app.command("backup")(backup)
app.command("restore")(restore)
app.command("compile")(compile_templates)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"Recsmith {version()}")
        raise typer.Exit


@app.callback()
def main(
    _: Annotated[
        bool,
        typer.Option(
            "--version",
            help="Show the version and exit.",
            callback=_show_version,
            is_eager=True,
        ),
    ] = False,
    url: Annotated[
        str | None,
        typer.Option(
            "--url",
            envvar="RECSMITH_URL",
            metavar="ADDRESS",
            help="A deployment to talk to, by default the one signed in to; `here`: this machine.",
        ),
    ] = None,
) -> None:
    log = logging.StreamHandler()
    log.addFilter(RateLimit())
    logging.basicConfig(
        level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s", handlers=[log]
    )
    signal.signal(signal.SIGTERM, _interrupt)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # under nohup it outlives a terminal
        signal.signal(signal.SIGHUP, _interrupt)


def _interrupt(_: int, __: FrameType | None) -> None:
    """SIGTERM and SIGHUP end a command as Ctrl-C does: everything that it started ends too."""
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
    token: Annotated[
        bool | None,
        typer.Option(
            "--token/--no-token",
            envvar="RECSMITH_TOKEN",
            help="Answer only to who shows the token in HOME/token, which your account alone may "
            "read: other accounts of this machine reach the port too. Kept for the next start.",
            show_default="as the last time; at first, no token",
        ),
    ] = None,
) -> None:
    """Run the whole system on this machine until Ctrl-C.

    State survives a restart. Running jobs end with the system.

    [bold]Examples[/bold]

      recsmith up

      recsmith up --port 9000 --home /data/recsmith

      recsmith up --backend emulators

      recsmith up --token
    """
    # With the HTTP server, which others need not load.
    from local.cli.server import address, console_line

    own = partial(own_system, keeps_schedules=True)
    system = own if backend is Backend.EMBEDDED else emulated_system
    with user_errors(), system(home, port, trainings, spare=spare, token=token) as api:
        done(f"Recsmith is up. State is in {home}.")
        out.print(f"  Console   {console_line(api, home)}", soft_wrap=True)
        out.print(f"  API       [title]{address(api, home, '/api/docs')}[/]", soft_wrap=True)
        if token_of(home) is not None:
            out.print(f"  Token     in {file_of(home)}; the console is opened with ?token=…")
        out.print("  [note]Ctrl-C stops it.[/]")
        garbage.freeze()
        while True:
            time.sleep(1)  # a wait without end may never hear of a signal: see `until_ended`
