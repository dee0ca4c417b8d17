"""The pipeline's custom components. They call the stages, and keep what TFX expects.

Without postponed annotations: TFX reads them as types.
"""

import posixpath

import tensorflow as tf
from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.types import artifact_utils, standard_artifacts
from tfx.utils import path_utils

from shared.jobs import JobRequest
from trainer_image.evaluate import evaluate, sample_tensors
from trainer_image.examples import read_examples
from trainer_image.locations import SPLITS, Locations, path_of
from trainer_image.reports import write_reports
from trainer_image.served import load_model
from trainer_image.tables import load_examples, save_examples, write_records
from trainer_image.vocabulary import report_vocabularies

_RECORD_ROWS = 16384


@component
def SampledExampleGen(  # noqa: N802 - named like TFX's own components
    examples: OutputArtifact[standard_artifacts.Examples], request: Parameter[str]
) -> None:
    """Writes the sampled and split source as a standard Examples artifact.

    Its splits are `train`, `eval`, and `candidates`; each is one file, whose order Transform keeps.
    """
    job = JobRequest.model_validate_json(request)
    tables = read_examples(job.examples)
    save_examples(tables, job.examples.product_key, Locations(path_of(job.output_uri)))
    examples.split_names = artifact_utils.encode_split_names(list(SPLITS))
    examples.set_string_custom_property("file_format", "tfrecords_gzip")
    examples.set_string_custom_property("payload_format", "FORMAT_TF_EXAMPLE")
    for split, rows in tables.splits().items():
        folder = artifact_utils.get_split_uri([examples], split)
        path = posixpath.join(folder, "data_tfrecord-00000-of-00001.gz")
        write_records(rows.to_batches(_RECORD_ROWS), path)


@component
def HeldOutEvaluator(  # noqa: N802
    examples: InputArtifact[standard_artifacts.Examples],
    transform_graph: InputArtifact[standard_artifacts.TransformGraph],
    transformed_examples: InputArtifact[standard_artifacts.Examples],
    model: InputArtifact[standard_artifacts.Model],
    request: Parameter[str],
) -> None:
    """Measures the model, and puts what the pipeline made where a job's files belong.

    Transformed examples keep the names of Transform's files, which are gzipped and may be several.
    """
    job = JobRequest.model_validate_json(request)
    output = Locations(path_of(job.output_uri))
    _copy(path_utils.serving_model_dir(model.uri), output.model)
    _copy(transform_graph.uri, output.transform_graph)
    for split in SPLITS:
        folder = artifact_utils.get_split_uri([transformed_examples], split)
        _copy(folder, posixpath.dirname(output.transformed(split)))

    tables = load_examples(output)
    evaluated = load_model(output.model)
    evaluation = evaluate(evaluated, job.examples, tables)
    tensors = sample_tensors(evaluated, job.examples, tables)
    vocabularies = report_vocabularies(job.vocabularies, output.transform_graph, tables)
    write_reports(evaluation, vocabularies, tensors, output)


def _copy(source: str, target: str) -> None:
    for folder, _, files in tf.io.gfile.walk(source):
        to = posixpath.join(target, posixpath.relpath(folder, source))
        tf.io.gfile.makedirs(to)
        for name in files:
            tf.io.gfile.copy(posixpath.join(folder, name), posixpath.join(to, name), overwrite=True)
