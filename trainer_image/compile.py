"""Writes the pipeline's templates for Vertex AI: one for each purpose, for all of its jobs.

python -m trainer_image.compile --image IMAGE --out FOLDER

A template is a PipelineJob as JSON. Whoever launches a job reads it as it is, needs no TFX, and
gives the values of the parameters that it declares.

A quick test is one task, because most of its time would go into starting a machine for each of
four; a full training is a task for each stage, so that training gets a larger machine, and
Transform may run on Dataflow (`--separate-tasks` does so for quick tests too).
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import re
import sys
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

from shared.jobs import Purpose
from trainer_image.job.leave import leave

# What a template has to take, by whether it is a task for each stage.
PARAMETERS = {
    False: frozenset({"job_request"}),
    True: frozenset(
        {
            "examples_config",
            "job_request",
            "preprocessing_module_uri",
            "trainer_config",
            "trainer_module_uri",
        }
    ),
}
PIPELINE_NAME = "recsmith"
# How often the task that trains is tried again: it goes on from its last checkpoint. One that has
# told why it failed ends at once (`trainer_image.task`).
RETRIES = 2
# Set by the launcher, job by job; no template works without it.
_ANY_ROOT = "gs://set-by-the-launcher"


class BadTemplateError(Exception):
    """TFX made something of the pipeline that would not run as meant."""


@dataclass(frozen=True)
class Machine:
    """What a component asks for, with GPUs of a type or none. Vertex AI takes the smallest machine
    that has as much."""

    cpus: int
    memory_gb: int
    gpu: str = ""
    gpus: int = 1

    @classmethod
    def parse(cls, text: str) -> Machine:
        """`8x32`: 8 virtual CPUs, 32 GB."""
        cpus, separator, memory = text.partition("x")
        if not (separator and cpus.isdigit() and memory.isdigit() and int(cpus) and int(memory)):
            raise argparse.ArgumentTypeError(f"expected CPUs x GB such as 8x32, received {text!r}")
        return cls(int(cpus), int(memory))


@dataclass(frozen=True)
class Settings:
    """What all jobs of a template have in common.

    Attributes:
        project: who pays for queries of BigQuery.
        training: the machine of the Trainer, or of the only task; `machine` is that of all others.
        separate: a task for each stage.
        cached: whether Vertex AI may use the outputs of an earlier, equal task. Its outputs must
            still be there.
        dataflow_above_rows: above so many rows Transform runs on Dataflow; None: never.
        dataflow: its options, such as `--project=…`.
    """

    image: str
    machine: Machine
    training: Machine
    timeout_minutes: int
    separate: bool = True
    project: str | None = None
    cached: bool = False
    dataflow_above_rows: int | None = None
    dataflow: Sequence[str] = ()


# By purpose: machine, training machine (that of `shared/prices.toml`), minutes.
DEFAULTS: dict[Purpose, tuple[Machine, Machine, int]] = {
    "quick_test": (Machine(4, 16), Machine(4, 16), 180),
    "full_training": (Machine(4, 16), Machine(16, 64), 24 * 60),
}
# Beside each GPU: what n1-standard-8 has, which takes any of the older types.
_BESIDE_GPU = Machine(8, 30)
# How many GPUs of a type machines of Vertex AI may have.
_GPUS = (1, 2, 4, 8, 16)


def template(purpose: Purpose, settings: Settings) -> dict[str, Any]:
    """The PipelineJob of a purpose.

    Raises:
        BadTemplateError: TFX compiled the pipeline into something else than is meant.
    """
    from kfp.pipeline_spec.pipeline_spec_pb2 import PipelineDeploymentConfig
    from tfx.orchestration import data_types, pipeline
    from tfx.orchestration.kubeflow.v2 import kubeflow_v2_dag_runner as kubeflow

    from trainer_image.runners.tfx_pipeline import Parameters, components
    from trainer_image.runners.whole_job import QuickTest
    from trainer_image.training.beam import in_process, on_dataflow_above

    resources = PipelineDeploymentConfig.PipelineContainerSpec.ResourceSpec

    def parameter(name: str) -> Any:
        return data_types.RuntimeParameter(name=name, ptype=str)

    if settings.separate:
        parts = components(
            Parameters(
                examples=parameter("examples_config"),
                request=parameter("job_request"),
                preprocessing=parameter("preprocessing_module_uri"),
                trainer=parameter("trainer_module_uri"),
                training=parameter("trainer_config"),
            )
        )
    else:
        parts = [QuickTest(request=parameter("job_request"))]
    for part in parts:
        trains = part.id == "Trainer" or not settings.separate
        machine = settings.training if trains else settings.machine
        asked = resources(cpu_limit=machine.cpus, memory_limit=machine.memory_gb)
        if machine.gpu:
            asked.accelerator.type, asked.accelerator.count = machine.gpu, machine.gpus
        part.with_platform_config(asked)
    # Workers on Dataflow run the same image; where one is named, TFX packs none of its own.
    image = f"--sdk_container_image={settings.image}"
    beam = (
        in_process(image)
        if settings.dataflow_above_rows is None
        else on_dataflow_above(settings.dataflow_above_rows, image, *settings.dataflow)
    )
    command = ["python", "-m", "trainer_image.task"]
    command += ["--timeout_minutes", str(settings.timeout_minutes)]
    if settings.project is not None:
        command += ["--billed_project", settings.project]
    if settings.training.gpu:
        command += ["--training_gpu", settings.training.gpu]
        if settings.training.gpus > 1:
            command += ["--training_workers", str(settings.training.gpus)]
    runner = kubeflow.KubeflowV2DagRunner(
        kubeflow.KubeflowV2DagRunnerConfig(
            display_name=f"{PIPELINE_NAME} {purpose.replace('_', ' ')}",
            default_image=settings.image,
            default_commands=command,
            use_pipeline_spec_2_1=True,
        )
    )
    job: dict[str, Any] = runner.run(
        pipeline.Pipeline(
            pipeline_name=PIPELINE_NAME,
            pipeline_root=_ANY_ROOT,
            components=parts,
            enable_cache=settings.cached,
            beam_pipeline_args=beam,
        ),
        write_out=False,
    )
    for part in parts:
        if part.id == "Trainer" or not settings.separate:
            task = job["pipelineSpec"]["root"]["dag"]["tasks"][part.id]
            task["retryPolicy"] = {"maxRetryCount": RETRIES}
    job["labels"] = {"app": "recsmith", "purpose": purpose}
    _check(job, PARAMETERS[settings.separate])
    return job


def _check(job: dict[str, Any], parameters: frozenset[str]) -> None:
    """Raises BadTemplateError where a parameter is missing, or has become a constant."""
    root = job["pipelineSpec"]["root"]
    declared = set(root["inputDefinitions"]["parameters"])
    if declared != parameters:
        raise BadTemplateError(
            f"The template takes {sorted(declared)}; expected {sorted(parameters)}."
        )
    used = {
        value["componentInputParameter"]
        for task in root["dag"]["tasks"].values()
        for value in task.get("inputs", {}).get("parameters", {}).values()
        if "componentInputParameter" in value
    }
    if used != parameters:
        raise BadTemplateError(f"No component is given {sorted(parameters - used)}.")
    if "RuntimeParameter" in json.dumps(job):
        raise BadTemplateError("A parameter inside another value has become a constant.")


def main(arguments: list[str] | None = None) -> int:
    os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    options = _parser().parse_args(arguments)
    if options.gpus is not None and options.gpu is None:
        sys.exit("--gpus needs --gpu as well.")
    dataflow = _dataflow(options)
    for purpose in get_args(Purpose):
        machine, training, minutes = DEFAULTS[purpose]
        separate = options.separate_tasks or purpose == "full_training"
        if options.gpu is not None and purpose == "full_training":
            number = options.gpus or 1
            beside = _BESIDE_GPU.cpus * number, _BESIDE_GPU.memory_gb * number
            training = Machine(*beside, gpu=options.gpu, gpus=number)
        if (given := options.training_machine) is not None:
            training = replace(given, gpu=training.gpu, gpus=training.gpus)
        settings = Settings(
            image=options.image,
            machine=options.machine or machine,
            training=training,
            timeout_minutes=options.timeout_minutes or minutes,
            separate=separate,
            project=options.project,
            # The only task makes nothing for others, and Beam runs within it.
            cached=options.cached and separate,
            dataflow_above_rows=options.dataflow_above_rows if separate else None,
            dataflow=dataflow,
        )
        path = Path(options.out) / f"{purpose}.json"
        _write(path, template(purpose, settings))
        print(path)  # noqa: T201
    return 0


def _dataflow(options: argparse.Namespace) -> list[str]:
    named = {
        "project": options.project,
        "region": options.dataflow_region,
        "temp_location": options.dataflow_temp,
        "staging_location": options.dataflow_temp,
        "service_account_email": options.dataflow_service_account,
        "subnetwork": options.dataflow_subnetwork,
        "dataflow_kms_key": options.dataflow_kms_key,
    }
    if options.dataflow_above_rows is None:
        return []
    if missing := [name for name in ("project", "region", "temp_location") if not named[name]]:
        option = "--project" if missing[0] == "project" else f"--dataflow-{missing[0]}"
        sys.exit(f"--dataflow-above-rows needs {option.removesuffix('_location')} as well.")
    given = [f"--{name}={value}" for name, value in named.items() if value]
    if options.dataflow_subnetwork:
        given.append("--no_use_public_ips")
    return [*given, "--labels=app=recsmith", "--experiments=use_runner_v2"]


def _write(path: Path, job: dict[str, Any]) -> None:
    """Writes a whole file or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as part:
        json.dump(job, part, indent=2, sort_keys=True)
        part.write("\n")
    Path(part.name).replace(path)
    path.chmod(0o644)


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, received {text}")
    return count


def _gpu(text: str) -> str:
    if not re.fullmatch(r"NVIDIA_[A-Z0-9_]+", text):
        raise argparse.ArgumentTypeError(f"expected such as NVIDIA_TESLA_T4, received {text!r}")
    return text


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m trainer_image.compile",
        description="Writes quick_test.json and full_training.json, templates for Vertex AI.",
    )
    add = parser.add_argument
    add("--image", required=True, help="the trainer's image, best with its digest")
    add("--out", required=True, help="folder for the templates")
    add("--project", help="the project that pays for queries of BigQuery, and for Dataflow")
    add("--machine", type=Machine.parse, help="CPUs x GB of all components but the Trainer")
    add(
        "--training-machine",
        type=Machine.parse,
        help="CPUs x GB of the Trainer, or of the only task",
    )
    add("--gpu", type=_gpu, help="train in full on a GPU of this type, such as NVIDIA_TESLA_T4")
    add(
        "--gpus",
        type=int,
        choices=_GPUS,
        help="so many of them on one machine, each with a worker that takes its part of each batch",
    )
    add("--timeout-minutes", type=_count, help="a component ends itself after so long")
    add("--separate-tasks", action="store_true", help="a task for each stage of quick tests too")
    add("--cached", action="store_true", help="use the outputs of earlier, equal separate tasks")
    add(
        "--dataflow-above-rows",
        type=_count,
        help="run Transform, where it is a separate task, on Dataflow above so many rows",
    )
    add("--dataflow-region")
    add("--dataflow-temp", help="gs:// folder for its temporary files")
    add("--dataflow-service-account")
    add("--dataflow-subnetwork", help="its workers then have no public addresses")
    add("--dataflow-kms-key")
    return parser


if __name__ == "__main__":
    leave(main())
