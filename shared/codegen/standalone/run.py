"""Trains the model of `preprocessing.py` and `trainer.py`, and asks it, without Recsmith.

    python run.py DATA [--time COLUMN] [--out FOLDER]

It keeps all rows in memory. For large data write the same steps over your own Beam sources, or let
TFX's stock Transform and Trainer take the two modules as their `module_file`.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

# TensorFlow Recommenders is written for Keras 2.
os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")

import apache_beam as beam
import preprocessing
import pyarrow.parquet as pq
import tensorflow as tf
import tensorflow_transform as tft
import tensorflow_transform.beam as tft_beam
import trainer
from tensorflow_transform.tf_metadata import dataset_metadata, schema_utils

# Beam's runner in this process.
RUNNER = "apache_beam.runners.portability.fn_api_runner.FnApiRunner"

Row = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description="Trains the generated model and asks it.")
    parser.add_argument("data", help="a Parquet file, or a folder of them")
    parser.add_argument("--time", help="column by which the last tenth of the rows is held out")
    parser.add_argument("--out", default=".", help="folder of everything that is written")
    options = parser.parse_args()
    rows = pq.read_table(options.data).to_pylist()
    if options.time is not None:
        rows.sort(key=lambda row: row[options.time])
    raw, others = purchases_and_others([raw_row(row) for row in rows])
    train_rows, held_out = cut(raw, 0.1)
    # What a re-ranker is fitted to, and early stopping goes by.
    train_rows, fitting = cut(train_rows, getattr(trainer, "FITTING_FRACTION", 0.0))
    transform(
        {
            "train": train_rows,
            "fitting": fitting,
            "eval": held_out,
            "candidates": list({row[preprocessing.PRODUCT_ID]: row for row in raw}.values()),
            "history": others,
            "unavailable": [],
        },
        options.out,
    )
    train(options.out)
    for line in ask(held_out[-1], options.out):
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
    os._exit(0)  # TensorFlow Transform's Beam workers may crash Python while it shuts down


def purchases_and_others(rows: list[Row]) -> tuple[list[Row], list[Row]]:
    """The purchases, and the events that are history alone, where events have kinds."""
    if not hasattr(trainer, "EVENT_KIND"):
        return rows, []
    known = [row for row in rows if row[trainer.EVENT_KIND] in trainer.KIND_WEIGHTS]
    bought = [row[trainer.EVENT_KIND] in trainer.PURCHASE_KINDS for row in known]
    purchases = [row for row, one in zip(known, bought, strict=True) if one]
    return purchases, [row for row, one in zip(known, bought, strict=True) if not one]


def cut(rows: list[Row], fraction: float) -> tuple[list[Row], list[Row]]:
    """The first rows, and the fraction of last ones."""
    first = len(rows) - int(len(rows) * fraction)
    return rows[:first], rows[first:]


def raw_row(row: Row) -> Row:
    """A row of the data as raw features."""
    return {key: raw_value(key, row[column]) for key, column in trainer.COLUMNS.items()}


def raw_value(key: str, value: Any) -> Any:
    dtype, missing = trainer.RAW_FEATURES[key]
    if value is None:
        return missing
    if dtype == tf.string:
        return str(value)
    if dtype == tf.float32:
        return float(value)
    if isinstance(value, datetime):
        return int((value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp())
    return int(value)


def transform(splits: dict[str, list[Row]], folder: str) -> None:
    """Analyzes the training rows, and writes all splits transformed."""
    spec = {
        key: tf.io.FixedLenFeature([], dtype) for key, (dtype, _) in trainer.RAW_FEATURES.items()
    }
    metadata = dataset_metadata.DatasetMetadata(schema_utils.schema_from_feature_spec(spec))
    with beam.Pipeline(RUNNER) as pipeline, tft_beam.Context(temp_dir=tempfile.mkdtemp()):
        raw = {name: pipeline | name >> beam.Create(rows) for name, rows in splits.items()}
        seen = (raw["train"], raw["fitting"]) | beam.Flatten()
        graph = (seen, metadata) | tft_beam.AnalyzeDataset(preprocessing.preprocessing_fn)
        _ = graph | tft_beam.WriteTransformFn(f"{folder}/transform_graph")
        for name in splits:
            applied = ((raw[name], metadata), graph) | f"apply {name}" >> (
                tft_beam.TransformDataset()
            )
            rows, transformed = applied
            coder = tft.coders.ExampleProtoCoder(transformed.schema)
            encoded = rows | f"encode {name}" >> beam.Map(coder.encode)
            _ = encoded | f"write {name}" >> beam.io.WriteToTFRecord(f"{folder}/transformed/{name}")


def train(folder: str) -> None:
    """Trains on what `transform` has written; the log of the epochs goes to `run/progress.json`."""
    trainer.run_fn(
        SimpleNamespace(
            train_files=[f"{folder}/transformed/train*"],
            eval_files=[f"{folder}/transformed/eval*"],
            transform_output=f"{folder}/transform_graph",
            serving_model_dir=f"{folder}/model",
            model_run_dir=f"{folder}/run",
            custom_config={
                "candidate_files": [f"{folder}/transformed/candidates*"],
                "fitting_files": [f"{folder}/transformed/fitting*"],
                "history_files": [f"{folder}/transformed/history*"],
                "unavailable_files": [f"{folder}/transformed/unavailable*"],
            },
        )
    )


def ask(raw: Row, folder: str) -> Iterator[str]:
    """What the saved model answers to a row: the best products, or the rating of its product."""
    model = tf.saved_model.load(f"{folder}/model")
    signature = model.signatures["serving_default"]
    _, inputs = signature.structured_input_signature
    # A history that is not given is the one that the model has stored.
    given = {key: tf.constant([raw.get(key, [])], spec.dtype) for key, spec in inputs.items()}
    found = signature(**given)
    if "rating" in found:
        yield f"rating of {raw[preprocessing.PRODUCT_ID]}: {found['rating'].numpy()[0]:.4f}"
        return
    pairs = zip(found["candidate_ids"].numpy()[0], found["scores"].numpy()[0], strict=True)
    for product, score in list(pairs)[:10]:
        yield f"{product.decode()}: {score:.4f}"


if __name__ == "__main__":
    main()
