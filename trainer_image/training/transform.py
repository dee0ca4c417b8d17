"""The transform stage: TensorFlow Transform learns from the training rows, then all are turned."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any

import pyarrow as pa
import tensorflow as tf
import tensorflow_transform as tft
from tensorflow_metadata.proto.v0 import schema_pb2
from tensorflow_transform.tf_metadata import schema_utils

from shared.examples import RawFeature, RawType
from trainer_image.examples.mapped import batches_of
from trainer_image.examples.tables import as_array, as_lists, parquet, write_records
from trainer_image.training import analysis
from trainer_image.training.analysis import PreprocessingFn

# Rows that are analyzed, and transformed, at once. In batches of other sizes quantiles may differ
# a little, and sines in their last digit: vectors and single numbers are computed in two ways.
BATCH_ROWS = 32768
_DTYPES = {
    RawType.TEXT: tf.string,
    RawType.NUMBER: tf.float32,
    RawType.TIMESTAMP: tf.int64,
}

# Takes how much is done, 0 to 1.
Done = Callable[[float], None]


def _nobody(_: float) -> None:
    """Nobody wants to know."""


def raw_schema(features: list[RawFeature]) -> schema_pb2.Schema:
    """Every raw feature has exactly one value in each row."""
    return schema_utils.schema_from_feature_spec(
        {feature.key: tf.io.FixedLenFeature([], _DTYPES[feature.type]) for feature in features}
    )


def analyze(
    preprocessing_fn: PreprocessingFn,
    features: list[RawFeature],
    train_files: Sequence[str],
    output: str,
    temporary: str,
    done: Done = _nobody,
) -> None:
    """Computes what `preprocessing_fn` needs of the training rows.

    Args:
        train_files: Parquet files of raw features under their keys, not all empty.
        output: folder for the transform graph, with metadata and vocabularies (a
            tft.TFTransformOutput).
        temporary: folder for intermediate files.
        done: is told how much of it is.
    """
    specs = {feature.key: tf.TensorSpec([None], _DTYPES[feature.type]) for feature in features}
    # Generated code needs no AutoGraph, which would take seconds to find that out.
    plain = tf.autograph.experimental.do_not_convert(preprocessing_fn)
    whole, read = sum(map(_rows, train_files)), 0

    def batches() -> Iterator[dict[str, tf.Tensor]]:
        nonlocal read
        for path in train_files:
            for batch in _batches(path):
                yield _tensors(batch)
                read += len(batch)
                done(min(1.0, read / whole))

    try:
        analysis.analyze(plain, specs, batches, output, temporary)
    except analysis.UnknownAnalyzerError:
        analyze_by_beam(plain, features, train_files, output, temporary, done)


def analyze_by_beam(
    preprocessing_fn: PreprocessingFn,
    features: list[RawFeature],
    train_files: Sequence[str],
    output: str,
    temporary: str,
    done: Done = _nobody,
) -> None:
    """Does what `analyze` does by TensorFlow Transform's pipeline, which knows every analyzer and
    takes some seconds more."""
    import apache_beam as beam
    import tensorflow_transform.beam as tft_beam
    from tfx_bsl.tfxio.tensor_adapter import TensorAdapterConfig

    from trainer_image.training.in_memory import InMemoryRunner

    def listed(path: str) -> Iterator[pa.RecordBatch]:
        yield from map(as_lists, _batches(path))

    config = TensorAdapterConfig(
        next(batch.schema for file in train_files for batch in listed(file)),
        _representations(features),
    )
    with (
        beam.Pipeline(runner=InMemoryRunner(done)) as pipeline,
        tft_beam.Context(temp_dir=temporary, force_tf_compat_v1=False),
    ):
        # Paths, not the rows: Beam pickles and compresses what a step holds hundreds of times.
        rows = pipeline | beam.Create(train_files, reshuffle=False) | beam.FlatMap(listed)
        transform_fn = (rows, config) | tft_beam.AnalyzeDataset(preprocessing_fn)
        transform_fn | tft_beam.WriteTransformFn(output)


def _rows(path: str) -> int:
    with parquet(path) as file:
        return int(file.metadata.num_rows)


def _batches(path: str) -> Iterator[pa.RecordBatch]:
    with parquet(path) as file:
        yield from file.iter_batches(BATCH_ROWS)


def _representations(features: list[RawFeature]) -> dict[str, Any]:
    return {
        feature.key: schema_pb2.TensorRepresentation(
            dense_tensor=schema_pb2.TensorRepresentation.DenseTensor(column_name=feature.key)
        )
        for feature in features
    }


def _tensors(batch: pa.RecordBatch) -> dict[str, tf.Tensor]:
    return {
        name: tf.constant(column.to_numpy(zero_copy_only=False))
        for name, column in zip(batch.schema.names, batch.columns, strict=True)
    }


def materialize(transform_graph: str, files: Mapping[str, pa.Table], done: Done = _nobody) -> None:
    """Applies a transform graph to raw features with plain TensorFlow, to as many files at once as
    there are processors: encoding and writing release Python's global lock.

    Args:
        files: the rows of each TFRecord file that is to be written.
        done: is told how much of it is.
    """
    whole, turned, counting = sum(map(len, files.values())), 0, Lock()

    def counted(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        nonlocal turned
        for batch in batches:
            yield batch
            with counting:
                turned += len(batch)
                done(turned / whole)

    graph = tft.TFTransformOutput(transform_graph)
    transform = tf.function(graph.transform_raw_features, autograph=False, reduce_retracing=True)

    def turn(path: str, rows: pa.Table) -> None:
        write_records(counted(_transformed(transform, rows)), path)

    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        list(pool.map(turn, files, files.values()))  # raises what one of them raises


def _transformed(transform: Any, rows: pa.Table) -> Iterator[pa.RecordBatch]:
    for batch in batches_of(rows, BATCH_ROWS):
        outputs = transform(_tensors(batch))
        names = sorted(outputs)
        yield pa.RecordBatch.from_arrays(
            [as_array(outputs[name].numpy()) for name in names], names=names
        )
