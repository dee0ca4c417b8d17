"""The stages as components of a TFX pipeline, and the runner for one machine.

Vertex AI runs the same components: `trainer_image.compile` writes them as a template.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from tfx.dsl.components.base.base_component import BaseComponent
from tfx.orchestration import data_types, metadata, pipeline
from tfx.orchestration.local.local_dag_runner import LocalDagRunner
from tfx.proto import trainer_pb2, transform_pb2

from shared.documents.base import CodeArtifact
from shared.jobs import REQUEST_FILE, JobRequest, Stage
from trainer_image.job.locations import SPLITS, Locations, open_file, path_of
from trainer_image.job.status import StatusLog
from trainer_image.runners.tfx_components import (
    HeldOutEvaluator,
    SampledExampleGen,
    VerifiedTrainer,
    VerifiedTransform,
)
from trainer_image.runners.tfx_executors import CHECKPOINTS
from trainer_image.training.beam import in_process

# The components' names, as pipeline services show them.
STAGES = {
    "SampledExampleGen": Stage.EXAMPLES,
    "Transform": Stage.TRANSFORM,
    "Trainer": Stage.TRAIN,
    "HeldOutEvaluator": Stage.EVALUATE,
}

Parameter: TypeAlias = data_types.RuntimeParameter


@dataclass(frozen=True)
class Parameters:
    """What differs from job to job. Each is a whole value of its component: TFX makes a constant
    of a RuntimeParameter inside another value, and says nothing.

    Attributes:
        examples: an ExamplesSpec as JSON, or the URI of a file that holds it.
        request: a JobRequest, likewise.
        preprocessing, trainer: modules' URIs, with their SHA-256 as `artifact_of` reads it. From a
            plain string TFX would build a wheel.
        training: the trainer's `custom_config` as JSON: `progress_file`.
    """

    examples: str | Parameter
    request: str | Parameter
    preprocessing: Parameter
    trainer: Parameter
    training: Parameter


def components(parameters: Parameters) -> list[BaseComponent]:
    """The pipeline, in its order, under the names of STAGES."""
    examples = SampledExampleGen(spec=parameters.examples)
    transform = VerifiedTransform(
        examples=examples.outputs["examples"],
        schema=examples.outputs["schema"],
        module_file=parameters.preprocessing,
        splits_config=transform_pb2.SplitsConfig(
            analyze=["train", "fitting"], transform=list(SPLITS)
        ),
        force_tf_compat_v1=False,
        disable_statistics=True,
    ).with_id("Transform")
    trainer = VerifiedTrainer(
        examples=transform.outputs["transformed_examples"],
        transform_graph=transform.outputs["transform_graph"],
        module_file=parameters.trainer,
        train_args=trainer_pb2.TrainArgs(splits=["train"]),
        eval_args=trainer_pb2.EvalArgs(splits=["eval"]),
        custom_config=parameters.training,
    ).with_id("Trainer")
    evaluator = HeldOutEvaluator(
        examples=examples.outputs["examples"],
        transform_graph=transform.outputs["transform_graph"],
        transformed_examples=transform.outputs["transformed_examples"],
        model=trainer.outputs["model"],
        request=parameters.request,
    )
    return [examples, transform, trainer, evaluator]


def run_tfx(request: JobRequest, job_dir: Path, status: StatusLog, checkpoints: str) -> None:
    """Runs a job; the same files as the direct runner's lie under its `output_uri` afterwards.

    Where an earlier process of the job was killed, only its training is gone on with.
    """
    output = Locations(path_of(request.output_uri))
    progress_file = output.progress
    with open_file(output[REQUEST_FILE], "w") as file:  # for the trainer, which is told of no more
        file.write(request.model_dump_json())
    training = {"progress_file": progress_file, CHECKPOINTS: checkpoints}
    shutil.rmtree(job_dir / "pipeline", ignore_errors=True)
    (job_dir / "metadata.sqlite").unlink(missing_ok=True)
    parameters = Parameters(
        examples=request.examples.model_dump_json(),
        request=request.model_dump_json(),
        preprocessing=_given("preprocessing", _named(request.preprocessing)),
        trainer=_given("trainer", _named(request.trainer)),
        training=_given("training", json.dumps(training)),
    )
    job = pipeline.Pipeline(
        pipeline_name=request.job_id,
        pipeline_root=str(job_dir / "pipeline"),
        components=components(parameters),
        metadata_connection_config=metadata.sqlite_metadata_connection_config(
            str(job_dir / "metadata.sqlite")
        ),
        beam_pipeline_args=in_process(),
    )
    _Runner(status, progress_file).run(job)


def _given(name: str, value: str) -> Parameter:
    return Parameter(name=name, default=value, ptype=str)


def _named(artifact: CodeArtifact) -> str:
    return f"{artifact.uri}#sha256={artifact.sha256}"


class _Runner(LocalDagRunner):
    """Runs a pipeline stage by stage, and tells of each."""

    def __init__(self, status: StatusLog, progress_file: str) -> None:
        super().__init__()
        self._status = status
        self._progress_file = progress_file

    def run_with_ir(self, ir: Any, run_options: Any = None) -> None:
        nodes = [node.pipeline_node for node in ir.nodes]
        for stage in Stage:
            for node in nodes:
                if STAGES[node.node_info.id] is stage:
                    node.execution_options.ClearField("skip")
                else:
                    node.execution_options.skip.SetInParent()
            with self._status.stage(stage), self._status.progress_of(self._progress_file):
                super().run_with_ir(ir, run_options)
