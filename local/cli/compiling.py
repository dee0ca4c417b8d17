"""`recsmith compile`: the pipeline's templates for Vertex AI, made in the trainer's environment."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from local.cli.client import UserError
from local.cli.output import done, out, user_errors, working
from local.jobs.environment import REPOSITORY, trainer_python

_DATAFLOW = "Dataflow"


def compile_templates(
    image: Annotated[str, typer.Option(help="The trainer's image, best with its digest.")],
    folder: Annotated[Path, typer.Option("--out", help="Where the templates go.")],
    project: Annotated[
        str | None, typer.Option(help="Pays for queries of BigQuery, and for Dataflow.")
    ] = None,
    machine: Annotated[
        str | None, typer.Option(help="CPUs x GB of all components but the Trainer, such as 4x16.")
    ] = None,
    training_machine: Annotated[
        str | None,
        typer.Option(help="CPUs x GB of the Trainer, or of the only task, such as 8x32."),
    ] = None,
    gpu: Annotated[
        str | None,
        typer.Option(help="Train in full on a GPU of this type, such as NVIDIA_TESLA_T4."),
    ] = None,
    gpus: Annotated[
        int | None,
        typer.Option(help="So many of them on one machine: 1, 2, 4, 8 or 16.", min=1),
    ] = None,
    timeout_minutes: Annotated[
        int | None, typer.Option(help="A component ends itself after so long.", min=1)
    ] = None,
    separate_tasks: Annotated[
        bool,
        typer.Option("--separate-tasks", help="A task for each stage of quick tests too."),
    ] = False,
    cached: Annotated[
        bool, typer.Option("--cached", help="Use the outputs of earlier, equal separate tasks.")
    ] = False,
    dataflow_above_rows: Annotated[
        int | None,
        typer.Option(
            help="Run Transform, where it is a separate task, there above so many rows.",
            min=1,
            rich_help_panel=_DATAFLOW,
        ),
    ] = None,
    dataflow_region: Annotated[str | None, typer.Option(rich_help_panel=_DATAFLOW)] = None,
    dataflow_temp: Annotated[
        str | None,
        typer.Option(help="gs:// folder for its temporary files.", rich_help_panel=_DATAFLOW),
    ] = None,
    dataflow_service_account: Annotated[str | None, typer.Option(rich_help_panel=_DATAFLOW)] = None,
    dataflow_subnetwork: Annotated[
        str | None,
        typer.Option(help="Its workers then have no public addresses.", rich_help_panel=_DATAFLOW),
    ] = None,
    dataflow_kms_key: Annotated[str | None, typer.Option(rich_help_panel=_DATAFLOW)] = None,
) -> None:
    """Write the pipeline's templates for Vertex AI: quick_test.json and full_training.json.

    One template serves all jobs of its purpose; machines, time limit and image are in it.

    [bold]Examples[/bold]

      recsmith compile --image REPOSITORY/trainer@sha256:… --project shop --out templates

      recsmith compile --image … --out templates --training-machine 16x64 --timeout-minutes 60

      recsmith compile --image … --out templates --gpu NVIDIA_TESLA_T4 --gpus 4
    """
    options: dict[str, Any] = {
        "image": image,
        "out": folder,
        "project": project,
        "machine": machine,
        "training-machine": training_machine,
        "gpu": gpu,
        "gpus": gpus,
        "timeout-minutes": timeout_minutes,
        "dataflow-above-rows": dataflow_above_rows,
        "dataflow-region": dataflow_region,
        "dataflow-temp": dataflow_temp,
        "dataflow-service-account": dataflow_service_account,
        "dataflow-subnetwork": dataflow_subnetwork,
        "dataflow-kms-key": dataflow_kms_key,
    }
    given = [f"--{name}={value}" for name, value in options.items() if value is not None]
    with user_errors(), working("Compiling the pipeline"):
        flags = {"--separate-tasks": separate_tasks, "--cached": cached}
        written = _compile([*given, *(flag for flag, is_set in flags.items() if is_set)])
    done("The templates are written.")
    for path in written:
        out.print(f"  {escape(path)}")


def _compile(arguments: list[str]) -> list[str]:
    """The templates' paths. Raises UserError."""
    command = [trainer_python(), "-m", "trainer_image.compile", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    try:
        ended = subprocess.run(command, capture_output=True, text=True, env=environment)
    except OSError as error:
        raise UserError(
            f"Cannot start {command[0]}: {error.strerror}. `make demo` sets up the trainer's "
            "environment; RECSMITH_TRAINER_PYTHON names another one's Python."
        ) from None
    if ended.returncode != 0:
        last = ended.stderr.strip().splitlines()[-1:] or ["it says nothing"]
        raise UserError(f"The pipeline cannot be compiled: {last[0].rpartition(': error: ')[2]}")
    return ended.stdout.split("\n")[:-1]
