"""The pipeline's components. They call the stages, and keep what TFX expects.

Without postponed annotations: TFX reads them as types.
"""

import posixpath
from collections.abc import Sequence

import pyarrow as pa
from google.protobuf import text_format
from tfx.components import Trainer, Transform
from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.dsl.components.base.executor_spec import BeamExecutorSpec, ExecutorClassSpec
from tfx.types import artifact_utils, standard_artifacts
from tfx.utils import path_utils

from shared.examples import ExamplesSpec
from shared.jobs import JobRequest
from trainer_image.evaluation.champion import measure_champion
from trainer_image.evaluation.evaluate import evaluate, sample_tensors
from trainer_image.evaluation.reports import write_reports
from trainer_image.evaluation.vocabulary import report_vocabularies
from trainer_image.examples.read import read_examples
from trainer_image.examples.tables import load_examples, save_examples, write_records
from trainer_image.job.locations import SPLITS, Locations, open_file, path_of
from trainer_image.job.remote import copy_tree, given
from trainer_image.job.store import check_places
from trainer_image.runners.tfx_executors import (
    ROWS_PROPERTY,
    VerifiedTrainerExecutor,
    VerifiedTransformExecutor,
)
from trainer_image.serving.served import load_model
from trainer_image.training.transform import raw_schema
from trainer_image.training.warm_start import check_unseen

_RECORD_ROWS = 16384
# Folder of an Examples artifact that holds the same rows as people and DuckDB read them.
_TABLES = "tables"


class VerifiedTransform(Transform):
    """TFX's Transform over a module that is verified first."""

    EXECUTOR_SPEC = BeamExecutorSpec(VerifiedTransformExecutor)


class VerifiedTrainer(Trainer):
    """TFX's Trainer over a module that is verified first."""

    EXECUTOR_SPEC = ExecutorClassSpec(VerifiedTrainerExecutor)


@component
def SampledExampleGen(  # noqa: N802 - named like TFX's own components
    examples: OutputArtifact[standard_artifacts.Examples],
    schema: OutputArtifact[standard_artifacts.Schema],
    spec: Parameter[str],
) -> None:
    """Writes the sampled and split source as a standard Examples artifact, and its schema.

    Its splits are `train`, `eval`, and `candidates`, in files that workers can read side by side.
    It writes nothing elsewhere, so that a pipeline service may use its outputs again.

    Args:
        spec: an ExamplesSpec as JSON, or the URI of a file that holds it.
    """
    wanted = ExamplesSpec.model_validate_json(given(spec))
    tables = read_examples(wanted)
    save_examples(tables, wanted, Locations(posixpath.join(examples.uri, _TABLES)))
    examples.split_names = artifact_utils.encode_split_names(list(SPLITS))
    examples.set_string_custom_property("file_format", "tfrecords_gzip")
    examples.set_string_custom_property("payload_format", "FORMAT_TF_EXAMPLE")
    examples.set_string_custom_property(ROWS_PROPERTY, str(len(tables.train) + len(tables.eval)))
    for split, parts in tables.parts().items():
        write_split(parts, artifact_utils.get_split_uri([examples], split))
    with open_file(posixpath.join(schema.uri, "schema.pbtxt"), "w") as file:
        file.write(text_format.MessageToString(raw_schema(wanted.features)))


def write_split(parts: Sequence[pa.Table], folder: str) -> None:
    """Writes a split as gzipped TFRecords of tf.Example. Each shard is a file, so that several
    workers of Beam have something to do: each reads whole files, for a gzipped one cannot be read
    from its middle."""
    for number, rows in enumerate(parts):
        path = posixpath.join(folder, f"data_tfrecord-{number:05}-of-{len(parts):05}.gz")
        write_records(rows.to_batches(_RECORD_ROWS), path)


@component
def HeldOutEvaluator(  # noqa: N802
    examples: InputArtifact[standard_artifacts.Examples],
    transform_graph: InputArtifact[standard_artifacts.TransformGraph],
    transformed_examples: InputArtifact[standard_artifacts.Examples],
    model: InputArtifact[standard_artifacts.Model],
    request: Parameter[str],
) -> None:
    """Measures the model, and the one in production where that is asked for, and puts what the
    pipeline made where a job's files belong.

    Transformed examples keep the names of Transform's files, which are gzipped and may be several.

    Args:
        request: a JobRequest as JSON, or the URI of a file that holds it.
    """
    job = JobRequest.model_validate_json(given(request))
    check_places(job)
    output = Locations(path_of(job.output_uri))
    copy_tree(posixpath.join(examples.uri, _TABLES), output.root)
    copy_tree(path_utils.serving_model_dir(model.uri), output.model)
    copy_tree(transform_graph.uri, output.transform_graph)
    for split in SPLITS:
        folder = artifact_utils.get_split_uri([transformed_examples], split)
        copy_tree(folder, posixpath.dirname(output.transformed(split)))

    tables = load_examples(output)
    check_unseen(job, tables)
    evaluated = load_model(output.model)
    evaluation = evaluate(evaluated, job.examples, tables, job.rules)
    measure_champion(job, tables, output)
    tensors = sample_tensors(evaluated, job.examples, tables)
    vocabularies = report_vocabularies(job.vocabularies, output.transform_graph, tables)
    write_reports(evaluation, vocabularies, tensors, output)
