"""Preprocessing functions analyzed by Recsmith and by TensorFlow Transform's own pipeline, in the
trainer's environment.

python -m tests.integration.trainer.analyses FOLDER

reads generated modules `<name>.py`, with their raw features in `<name>.json`, and writes
`report.json`: what both come to for each of their functions and for those below; and
`refused.json`: what is said of functions that return no features.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import tensorflow as tf
import tensorflow_transform as tft
from apache_beam.runners.portability.fn_api_runner import FnApiRunner

from bench.defaults_study import load
from shared.examples import MISSING_TIMESTAMP, RawFeature, RawType
from trainer_image.training import in_memory, transform
from trainer_image.training.analysis import PreprocessingFn
from trainer_image.training.in_memory import InMemoryRunner

ROWS, BATCH = 2500, 600
Tensors = dict[str, tf.Tensor]
_FEATURES = [
    RawFeature(key=key, column=key, type=kind)
    for key, kind in (
        *(("brand", RawType.TEXT), ("empty", RawType.TEXT), ("price", RawType.NUMBER)),
        *(("amount", RawType.NUMBER), ("bought", RawType.TIMESTAMP)),
    )
]


def edited(inputs: Tensors) -> Tensors:
    """Analyzers that no generated module has, some of which read what others have found."""
    known = tf.where(tf.math.is_nan(inputs["price"]), 0.0, inputs["price"])
    scaled = tft.scale_to_z_score(known)
    static = tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(["b1", "b2"], tf.constant([1, 2], tf.int64)), -1
    )
    rank = tft.compute_and_apply_vocabulary(inputs["brand"], top_k=5, num_oov_buckets=2)
    both = tf.stack([known, tft.scale_to_0_1(known)], axis=1)
    return {
        "scaled": scaled,
        "both": both,
        "rank": rank,
        "mean_rank": tf.cast(rank, tf.float32) - tft.mean(tf.cast(rank, tf.float32)),
        "looked_up": tft.bucketize(static.lookup(inputs["brand"]), 3),
        "bucket": tft.bucketize(scaled, 7, epsilon=0.01),
        "seen": tft.compute_and_apply_vocabulary(
            static.lookup(inputs["brand"]), vocab_filename="numbers", store_frequency=True
        ),
        "often": tft.compute_and_apply_vocabulary(inputs["brand"], frequency_threshold=40),
        "never": tft.compute_and_apply_vocabulary(inputs["empty"], vocab_filename="none"),
        "never_of_few": tft.compute_and_apply_vocabulary(inputs["empty"], top_k=3),
        "turned": tf.matmul(both, tft.pca(both, 1, tf.float32)),
        "total": known / tf.cast(tft.size(known), tf.float32) + tft.var(known),
    }


def deep(inputs: Tensors) -> Tensors:
    """Analyzers that depend on each other three deep."""
    known = tf.where(tf.math.is_nan(inputs["price"]), 0.0, inputs["price"])
    centered = known - tft.mean(known)
    return {"scaled": tft.scale_to_z_score(centered / tft.max(tf.abs(centered)))}


def others(inputs: Tensors) -> Tensors:
    """Analyzers that only Apache Beam evaluates."""
    known = tf.where(tf.math.is_nan(inputs["price"]), 0.0, inputs["price"])
    return {
        "by_brand": tft.scale_to_z_score_per_key(
            known, inputs["brand"], key_vocabulary_filename=""
        ),
        "shuffled": tft.compute_and_apply_vocabulary(inputs["brand"], fingerprint_shuffle=True),
        "weighted": tft.compute_and_apply_vocabulary(inputs["brand"], weights=tf.abs(known)),
    }


def constant(inputs: Tensors) -> Tensors:
    """No analyzer at all."""
    return {"double": inputs["price"] * 2}


def nothing(_: Tensors) -> Tensors:
    return {}


def one_tensor(inputs: Tensors) -> Any:
    return inputs["price"]


def table(features: list[RawFeature], seed: int) -> pa.Table:
    random = np.random.default_rng(seed)

    def column(feature: RawFeature) -> pa.Array:
        if feature.key == "empty":
            return pa.array([""] * ROWS)
        if feature.type is RawType.TEXT:
            values = random.zipf(1.3, ROWS) % 300
            return pa.array(["" if value == 7 else f"b{value}" for value in values])
        if feature.type is RawType.NUMBER:
            numbers = np.exp(random.normal(1, 1, ROWS)).astype(np.float32)
            numbers[::17] = np.nan
            return pa.array(numbers)
        moments = random.integers(0, 2**31, ROWS)
        moments[::23] = MISSING_TIMESTAMP
        return pa.array(moments)

    return pa.table({feature.key: column(feature) for feature in features})


def outcome(graph: Path, rows: pa.Table) -> dict[str, str]:
    """Digests of the graph's files but for the function, and of what it transforms rows into."""
    files = [*graph.glob("transform_fn/assets/*"), *graph.glob("transformed_metadata/*")]
    found = {str(path.relative_to(graph)): path.read_bytes() for path in files}
    columns = {
        name: tf.constant(column.to_numpy())
        for name, column in zip(rows.column_names, rows.columns, strict=True)
    }
    outputs = tft.TFTransformOutput(str(graph)).transform_raw_features(columns)
    for name, values in outputs.items():
        array = values.numpy()
        content = repr(array.tolist()).encode() if array.dtype == object else array.tobytes()
        found[name] = f"{array.dtype} {array.shape} ".encode() + content
    return {name: hashlib.sha256(content).hexdigest() for name, content in found.items()}


def functions(folder: Path) -> Iterator[tuple[str, PreprocessingFn, list[RawFeature]]]:
    for path in sorted(folder.glob("*.json")):
        features = [RawFeature.model_validate(one) for one in json.loads(path.read_text())]
        module = load(path.with_suffix(".py").read_text(), path.with_suffix(".copy.py"))
        yield path.stem, module.preprocessing_fn, features
    for function in (edited, deep, others, constant):
        yield function.__name__, function, _FEATURES


def main() -> None:
    folder = Path(sys.argv[1])
    report: dict[str, Any] = {}
    for name, function, features in functions(folder):
        place = folder / name
        place.mkdir()
        files = [str(place / "train.parquet"), str(place / "fitting.parquet")]
        for seed, path in enumerate(files):
            pq.write_table(table(features, seed), path)
        told: list[float] = []
        ours, theirs = place / "ours", place / "theirs"
        by_beam = transform.analyze_by_beam
        with (
            mock.patch.object(transform, "BATCH_ROWS", BATCH),
            mock.patch.object(transform, "analyze_by_beam", side_effect=by_beam) as asked,
        ):
            transform.analyze(function, features, files, str(ours), str(place / "a"), told.append)
            # Beam's own runner does not end with `deep`.
            runner = InMemoryRunner() if name == "deep" else FnApiRunner()
            with mock.patch.object(in_memory, "InMemoryRunner", return_value=runner):
                by_beam(function, features, files, str(theirs), str(place / "b"))
        rows = table(features, 9)
        report[name] = {
            "both": [outcome(ours, rows), outcome(theirs, rows)],
            "told": told,
            "by_beam": asked.called,
        }
    (folder / "report.json").write_text(json.dumps(report))
    (folder / "refused.json").write_text(
        json.dumps({one.__name__: refusal(one, folder) for one in (nothing, one_tensor)})
    )


def refusal(function: PreprocessingFn, folder: Path) -> str:
    rows = str(folder / "rows.parquet")
    pq.write_table(table(_FEATURES, 0), rows)
    place = folder / function.__name__
    try:
        transform.analyze(function, _FEATURES, [rows], str(place), str(place / "a"))
    except ValueError as error:
        return str(error)
    return ""


if __name__ == "__main__":
    main()
