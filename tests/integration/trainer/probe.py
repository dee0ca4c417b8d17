"""Looks at what the trainer makes, from inside the trainer's environment.

python -m tests.integration.trainer.probe CALLS.json

CALLS.json is a list of `[function, arguments]`; tables come and go as Parquet files.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from shared.documents.dataset import FileSource
from shared.examples import ExamplesSpec, RawFeature
from shared.jobs import ChampionModel, JobRequest
from shared.predictions import PredictionRequest
from shared.problems import InvalidError
from shared.tables.files import source_files
from trainer_image.evaluation.champion import measure_champion
from trainer_image.examples.read import read_examples
from trainer_image.examples.tables import as_array, load_examples, save_examples
from trainer_image.job.leave import leave
from trainer_image.job.locations import Locations
from trainer_image.job.modules import import_module
from trainer_image.job.status import JobFailedError
from trainer_image.serving.predictor import Predictor


def examples(specs: dict[str, Any], out: str) -> None:
    """Reads each spec: `<name>-<split>.parquet`, or what was wrong in `<name>.error`."""
    for name, spec in specs.items():
        try:
            found = read_examples(ExamplesSpec.model_validate(spec))
        except JobFailedError as error:
            Path(out, f"{name}.error").write_text(str(error))
            continue
        names = pa.table({"name": found.names})
        for split, rows in {**found.splits(), "names": names}.items():
            pq.write_table(rows, f"{out}/{name}-{split}.parquet")


def champions(jobs: dict[str, str], out: str) -> None:
    """Measures the model of each job over the job's own rows, as another job would, into
    `<out>/<name>/CASE/champion.json`: `same` as they are, `renamed` where the product of most
    held-out rows is a new one, `older` where those rows are as old as what was trained on, and
    `gone` where there is no model."""
    for name, root in jobs.items():
        own = Locations(root)
        request = JobRequest.model_validate_json(Path(root).with_name("request.json").read_bytes())
        found = load_examples(own)
        key = request.examples.product_key
        counts = found.eval[key].value_counts().to_pylist()
        most = max(counts, key=lambda one: one["counts"])["values"]

        def renamed(rows: pa.Table, key: str = key, most: str = most) -> pa.Table:
            ids = pc.if_else(pc.equal(rows[key], most), "brand new", rows[key])
            return rows.set_column(rows.column_names.index(key), key, ids)

        other = replace(
            found,
            train=renamed(found.train),
            eval=renamed(found.eval),
            candidates=renamed(found.candidates),
        )
        older = replace(found, eval_times=pc.subtract(found.eval_times, 10**9))
        cases = {"same": found, "renamed": other, "older": older, "gone": found}
        for case, rows in cases.items():
            uri = Path(root).as_uri() + ("/nowhere" if case == "gone" else "")
            champion = ChampionModel(quick_test_id="qt-champion", artifacts_uri=uri)
            asked = request.model_copy(update={"champion": champion})
            measure_champion(asked, rows, Locations(f"{out}/{name}/{case}"))
        kept = found.eval.filter(pc.not_equal(found.eval[key], most))
        Path(out, f"{name}.json").write_text(json.dumps([len(found.eval), len(kept)]))


def transform(
    module: str, features: list[dict[str, Any]], train: str, others: dict[str, str], out: str
) -> None:
    """Analyzes the rows of `train`, and transforms those of `others` into `<out>/<name>.parquet`;
    the vocabularies go to `<out>/vocabularies.json`. The same by TensorFlow Transform's own
    pipeline goes to `<out>/by-beam`."""
    import tensorflow_transform as tft
    from apache_beam.runners.portability.fn_api_runner import FnApiRunner

    from trainer_image.training import in_memory
    from trainer_image.training.transform import analyze, analyze_by_beam, materialize

    raw = [RawFeature.model_validate(feature) for feature in features]
    preprocessing_fn = import_module(Path(module)).preprocessing_fn

    def transformed(analyze: Callable[..., None], to: str) -> str:
        graph = f"{to}/graph"
        analyze(preprocessing_fn, raw, [train], graph, f"{to}/temporary")
        paths = {name: f"{to}/{name}.tfrecord" for name in others}
        materialize(graph, {paths[name]: pq.read_table(others[name]) for name in others})
        for name, path in paths.items():
            records(graph, [path], f"{to}/{name}.parquet")
        return graph

    with mock.patch.object(in_memory, "InMemoryRunner", return_value=FnApiRunner()):
        transformed(analyze_by_beam, f"{out}/by-beam")
    graph = transformed(analyze, out)
    assets = Path(graph, "transform_fn", "assets").iterdir()
    output = tft.TFTransformOutput(graph)
    Path(out, "vocabularies.json").write_text(
        json.dumps(
            {
                path.name: [value.decode() for value in output.vocabulary_by_name(path.name)]
                for path in assets
            }
        )
    )


def records(graph: str, files: list[str], out: str) -> None:
    """Transformed examples as a table."""
    import tensorflow as tf
    import tensorflow_transform as tft

    compression = "GZIP" if files[0].endswith(".gz") else ""
    spec = tft.TFTransformOutput(graph).transformed_feature_spec()
    dataset = tf.data.TFRecordDataset(sorted(files), compression_type=compression)
    (batch,) = dataset.batch(10_000_000).map(lambda rows: tf.io.parse_example(rows, spec))
    table = pa.table({key: as_array(batch[key].numpy()) for key in sorted(batch)})
    pq.write_table(table, out)


def embed(model: str, queries: str, candidates: str, out: str) -> None:
    """Embeddings by the model's signatures, of the rows of two tables, into an .npz."""
    import tensorflow as tf

    loaded = tf.saved_model.load(model)
    embeddings = {}
    for name, path in (("query", queries), ("candidate", candidates)):
        signature = loaded.signatures[f"{name}_embedding"]
        rows = pq.read_table(path)
        raw = {
            key: tf.constant(rows[key].to_numpy(), spec.dtype)
            for key, spec in signature.structured_input_signature[1].items()
        }
        embeddings[name] = signature(**raw)["embedding"].numpy()
    np.savez(out, **embeddings)


def call(model: str, signature: str, rows: dict[str, list[Any]], out: str) -> None:
    """What a signature answers to raw values, as JSON."""
    import scann  # noqa: F401 - registers the operations of a saved index
    import tensorflow as tf

    loaded = tf.saved_model.load(model)  # its signatures live only as long as it does
    function = loaded.signatures[signature]
    raw = {
        key: tf.constant(rows[key], spec.dtype)
        for key, spec in function.structured_input_signature[1].items()
    }
    found = {name: values.numpy().tolist() for name, values in function(**raw).items()}
    Path(out).write_text(json.dumps(found, default=bytes.decode))


def copies(bucket: str, files: dict[str, str], sources: dict[str, str], out: str) -> None:
    """Writes files into a file system of TensorFlow's, and copies each source from there: the
    contents in `<out>/copies.json`, or what was wrong."""
    import tensorflow as tf

    from trainer_image.job.remote import copy_files

    for name, content in files.items():
        tf.io.gfile.makedirs(f"{bucket}/{name}".rpartition("/")[0])
        with tf.io.gfile.GFile(f"{bucket}/{name}", "w") as file:
            file.write(content)
    found: dict[str, Any] = {}
    for name, uri in sources.items():
        try:
            copied = copy_files(FileSource(kind="csv", uri=f"{bucket}/{uri}"), Path(out, name))
            found[name] = [path.read_text() for path in source_files(copied)]
        except InvalidError as error:
            found[name] = str(error)
    Path(out, "copies.json").write_text(json.dumps(found))


def stored_remotely(spec: dict[str, Any], bucket: str, out: str) -> None:
    """Examples saved into a file system of TensorFlow's, copied there and loaded again: each split
    before and after, and the files that there are in `<out>/files.json`."""
    import tensorflow as tf

    from trainer_image.job.remote import copy_tree

    wanted = ExamplesSpec.model_validate(spec)
    found = read_examples(wanted)
    save_examples(found, wanted, Locations(f"{bucket}/artifact/tables"))
    copy_tree(f"{bucket}/artifact/tables", f"{bucket}/job")
    loaded = load_examples(Locations(f"{bucket}/job"))
    for name, tables in (("before", found), ("after", loaded)):
        for split, rows in tables.splits().items():
            pq.write_table(rows, f"{out}/{name}-{split}.parquet")
    files = [
        f"{folder}/{name}"
        for folder, _, names in tf.io.gfile.walk(f"{bucket}/job")
        for name in names
    ]
    Path(out, "files.json").write_text(json.dumps(files))


def beam_options(arguments: list[str], rows: int, out: str) -> None:
    """What Beam understands of a container's arguments for so many rows: `<out>/beam.json`."""
    from apache_beam.options.pipeline_options import PipelineOptions

    from trainer_image.training.beam import beam_arguments

    options = PipelineOptions(beam_arguments(arguments, rows))
    understood = options.get_all_options(drop_default=True)
    Path(out, "beam.json").write_text(json.dumps(understood))


def predictions(artifacts: str, requests: list[dict[str, Any]], alone: bool, out: str) -> None:
    """What a job's model answers to all requests at once and, if asked, to each alone."""
    predictor = Predictor(artifacts)
    asked = [PredictionRequest.model_validate(request) for request in requests]
    answers = {"at_once": predictor.predict_many(asked)}
    if alone:
        answers["alone"] = [of for one in asked for of in predictor.predict_many([one])]
    texts = {
        name: [
            {"wrong": [problem.path for problem in one.problems]}
            if isinstance(one, InvalidError)
            else one.model_dump(mode="json")
            for one in of
        ]
        for name, of in answers.items()
    }
    Path(out).write_text(json.dumps(texts))


FUNCTIONS = {
    one.__name__: one
    for one in (
        examples,
        transform,
        records,
        embed,
        call,
        copies,
        stored_remotely,
        beam_options,
        predictions,
        champions,
    )
}

if __name__ == "__main__":
    for function, arguments in json.loads(Path(sys.argv[1]).read_text()):
        FUNCTIONS[function](**arguments)
    leave(0)
