"""The TFX runner: the same stages as components of a TFX pipeline, with lineage in ML Metadata."""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import Any

from google.protobuf import text_format
from tfx.components import Trainer, Transform
from tfx.components.schema_gen.import_schema_gen.component import ImportSchemaGen
from tfx.orchestration import data_types, metadata, pipeline
from tfx.orchestration.local.local_dag_runner import LocalDagRunner
from tfx.proto import trainer_pb2, transform_pb2

from shared.jobs import JobRequest, Stage
from trainer_image.locations import SPLITS, Locations, path_of
from trainer_image.modules import fetch_module
from trainer_image.status import StatusLog
from trainer_image.tfx_components import HeldOutEvaluator, SampledExampleGen
from trainer_image.train import custom_config
from trainer_image.transform import BEAM_RUNNER, raw_schema

_STAGE_OF = {
    "SampledExampleGen": Stage.EXAMPLES,
    "ImportSchemaGen": Stage.EXAMPLES,
    "Transform": Stage.TRANSFORM,
    "Trainer": Stage.TRAIN,
    "HeldOutEvaluator": Stage.EVALUATE,
}


def run_tfx(request: JobRequest, job_dir: Path, status: StatusLog) -> None:
    """Runs a job; the same files as the direct runner's lie under its `output_uri` afterwards."""
    _Runner(status, Locations(path_of(request.output_uri)).progress).run(
        make_pipeline(request, job_dir)
    )


def make_pipeline(request: JobRequest, job_dir: Path) -> pipeline.Pipeline:
    """The pipeline of one job, with its artifacts and its metadata store in `job_dir`."""
    code = job_dir / "code"
    root = job_dir / "pipeline"
    schema_file = job_dir / "schema.pbtxt"
    schema_file.write_text(text_format.MessageToString(raw_schema(request.examples.features)))

    examples = SampledExampleGen(request=request.model_dump_json())
    schema = ImportSchemaGen(schema_file=str(schema_file))
    transform = Transform(
        examples=examples.outputs["examples"],
        schema=schema.outputs["schema"],
        module_file=_module(
            "preprocessing", fetch_module(request.preprocessing, code, "preprocessing")
        ),
        splits_config=transform_pb2.SplitsConfig(analyze=["train"], transform=list(SPLITS)),
        force_tf_compat_v1=False,
        disable_statistics=True,
    )
    # A pattern, for the number of Transform's execution is not known yet; there is only one.
    candidates = posixpath.join(
        str(root), "Transform", "transformed_examples", "*", "Split-candidates", "*"
    )
    trainer = Trainer(
        examples=transform.outputs["transformed_examples"],
        transform_graph=transform.outputs["transform_graph"],
        module_file=_module("trainer", fetch_module(request.trainer, code, "trainer")),
        train_args=trainer_pb2.TrainArgs(splits=["train"]),
        eval_args=trainer_pb2.EvalArgs(splits=["eval"]),
        custom_config=custom_config(candidates, Locations(path_of(request.output_uri)).progress),
    )
    evaluator = HeldOutEvaluator(
        examples=examples.outputs["examples"],
        transform_graph=transform.outputs["transform_graph"],
        transformed_examples=transform.outputs["transformed_examples"],
        model=trainer.outputs["model"],
        request=request.model_dump_json(),
    )
    return pipeline.Pipeline(
        pipeline_name=request.job_id,
        pipeline_root=str(root),
        components=[examples, schema, transform, trainer, evaluator],
        metadata_connection_config=metadata.sqlite_metadata_connection_config(
            str(job_dir / "metadata.sqlite")
        ),
        beam_pipeline_args=[f"--runner={BEAM_RUNNER}"],
    )


def _module(name: str, path: Path) -> data_types.RuntimeParameter:
    """A module file's path, as a parameter: from a plain string TFX would build a wheel."""
    return data_types.RuntimeParameter(name=f"{name}_module", default=str(path), ptype=str)


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
                if _STAGE_OF[node.node_info.id] is stage:
                    node.execution_options.ClearField("skip")
                else:
                    node.execution_options.skip.SetInParent()
            with self._status.stage(stage), self._status.progress_of(self._progress_file):
                super().run_with_ir(ir, run_options)
