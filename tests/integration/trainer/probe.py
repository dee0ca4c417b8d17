"""Looks at what the trainer makes, from inside the trainer's environment.

python -m tests.integration.trainer.probe CALLS.json

CALLS.json is a list of `[function, arguments]`; tables come and go as Parquet files.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from shared.documents.dataset import FileSource
from shared.examples import ExamplesSpec, RawFeature
from shared.problems import Invalid
from shared.source_files import source_files
from trainer_image.examples import read_examples
from trainer_image.locations import Locations
from trainer_image.modules import import_module
from trainer_image.status import JobFailed
from trainer_image.tables import load_examples, save_examples


def examples(specs: dict[str, Any], out: str) -> None:
    """Reads each spec: `<name>-<split>.parquet`, or what was wrong in `<name>.error`."""
    for name, spec in specs.items():
        try:
            found = read_examples(ExamplesSpec.model_validate(spec))
        except JobFailed as error:
            Path(out, f"{name}.error").write_text(str(error))
            continue
        names = pa.table({"name": found.names})
        for split, rows in {**found.splits(), "names": names}.items():
            pq.write_table(rows, f"{out}/{name}-{split}.parquet")


def transform(
    module: str, features: list[dict[str, Any]], train: str, others: dict[str, str], out: str
) -> None:
    """Analyzes the rows of `train`, and transforms those of `others` into `<out>/<name>.parquet`;
    the vocabularies go to `<out>/vocabularies.json`."""
    import tensorflow_transform as tft

    from trainer_image.transform import analyze, materialize

    graph, temporary = f"{out}/graph", f"{out}/temporary"
    raw = [RawFeature.model_validate(feature) for feature in features]
    analyze(import_module(Path(module)).preprocessing_fn, raw, train, graph, temporary)
    paths = {name: f"{out}/{name}.tfrecord" for name in others}
    materialize(graph, {name: (pq.read_table(others[name]), paths[name]) for name in others})
    for name, path in paths.items():
        records(graph, [path], f"{out}/{name}.parquet")
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
    table = pa.table({key: pa.array(batch[key].numpy()) for key in sorted(batch)})
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
    if "candidate_ids" in found:
        found["candidate_ids"] = [[one.decode() for one in row] for row in found["candidate_ids"]]
    Path(out).write_text(json.dumps(found))


def losses(module: str, job: str, out: str) -> None:
    """Trains, in this process, on the transformed examples of a job; writes `<out>.json`."""
    from trainer_image.train import TrainArguments, custom_config

    trainer = import_module(Path(module))
    trainer.save = lambda *_: None
    trainer.run_fn(
        TrainArguments(
            train_files=[f"{job}/transformed/train/*"],
            eval_files=[f"{job}/transformed/eval/*"],
            transform_output=f"{job}/transform_graph",
            serving_model_dir=f"{out}/model",
            model_run_dir=out,
            custom_config=custom_config(f"{job}/transformed/candidates/*", f"{out}.json"),
        )
    )


def copies(bucket: str, files: dict[str, str], sources: dict[str, str], out: str) -> None:
    """Writes files into a file system of TensorFlow's, and copies each source from there: the
    contents in `<out>/copies.json`, or what was wrong."""
    import tensorflow as tf

    from trainer_image.remote import copy_files

    for name, content in files.items():
        tf.io.gfile.makedirs(f"{bucket}/{name}".rpartition("/")[0])
        with tf.io.gfile.GFile(f"{bucket}/{name}", "w") as file:
            file.write(content)
    found: dict[str, Any] = {}
    for name, uri in sources.items():
        try:
            copied = copy_files(FileSource(kind="csv", uri=f"{bucket}/{uri}"), Path(out, name))
            found[name] = [path.read_text() for path in source_files(copied)]
        except Invalid as error:
            found[name] = str(error)
    Path(out, "copies.json").write_text(json.dumps(found))


def stored_remotely(spec: dict[str, Any], bucket: str, out: str) -> None:
    """Examples saved into a file system of TensorFlow's, copied there and loaded again: each split
    before and after, and the files that there are in `<out>/files.json`."""
    import tensorflow as tf

    from trainer_image.remote import copy_tree

    found = read_examples(ExamplesSpec.model_validate(spec))
    product = ExamplesSpec.model_validate(spec).product_key
    save_examples(found, product, Locations(f"{bucket}/artifact/tables"))
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

    from trainer_image.beam import beam_arguments

    options = PipelineOptions(beam_arguments(arguments, rows))
    understood = options.get_all_options(drop_default=True)
    Path(out, "beam.json").write_text(json.dumps(understood))


FUNCTIONS = {
    one.__name__: one
    for one in (
        examples,
        transform,
        records,
        embed,
        call,
        losses,
        copies,
        stored_remotely,
        beam_options,
    )
}

if __name__ == "__main__":
    for function, arguments in json.loads(Path(sys.argv[1]).read_text()):
        FUNCTIONS[function](**arguments)
