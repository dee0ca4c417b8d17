"""Arrow tables on disk: Parquet for people and DuckDB, TFRecords of tf.Example for TensorFlow."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.parquet as pq

import trainer_image.arrow  # noqa: F401
from trainer_image.examples import Examples
from trainer_image.locations import SPLITS, Locations, open_file


def write_parquet(table: pa.Table, path: str) -> None:
    with open_file(path, "wb") as file:
        if "://" not in path:
            pq.write_table(table, file)
            return
        # Arrow takes TensorFlow's files for closed ones.
        buffer = pa.BufferOutputStream()
        pq.write_table(table, buffer)
        file.write(buffer.getvalue().to_pybytes())


def read_parquet(path: str) -> pa.Table:
    with open_file(path, "rb") as file:
        return pq.read_table(file if "://" not in path else pa.BufferReader(file.read()))


def write_records(batches: Iterable[pa.RecordBatch], path: str) -> None:
    """Writes each row as a tf.Example of one value per column; gzipped for a path in `.gz`."""
    import tensorflow as tf
    from tfx_bsl.coders.example_coder import RecordBatchToExamplesEncoder

    encoder = RecordBatchToExamplesEncoder()
    tf.io.gfile.makedirs(path.rpartition("/")[0])
    options = tf.io.TFRecordOptions("GZIP" if path.endswith(".gz") else "")
    with tf.io.TFRecordWriter(path, options) as writer:
        for batch in batches:
            for example in encoder.encode(as_lists(batch)):
                writer.write(example)


def as_lists(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with each value as a list of one, as tf.Example and TFX represent it."""
    offsets = pa.array(range(len(batch) + 1), pa.int64())
    arrays = [
        pa.LargeListArray.from_arrays(
            offsets, column.cast(pa.large_binary()) if pa.types.is_string(column.type) else column
        )
        for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)


def save_examples(examples: Examples, product_key: str, locations: Locations) -> None:
    """Writes the splits, and `candidates.parquet` for whoever shows products to people.

    The latter has the columns `product_id`, `name` and `attributes`, a struct of the raw features.
    """
    for split, rows in examples.splits().items():
        write_parquet(rows, locations.examples(split))
    for split, times in (("train", examples.train_times), ("eval", examples.eval_times)):
        write_parquet(pa.table({"time": times}), locations.times(split))
    attributes = [column.combine_chunks() for column in examples.candidates.columns]
    write_parquet(
        pa.table(
            {
                "product_id": examples.candidates[product_key],
                "name": examples.names,
                "attributes": pa.StructArray.from_arrays(
                    attributes, names=examples.candidates.column_names
                ),
            }
        ),
        locations.candidates,
    )


def load_examples(locations: Locations) -> Examples:
    """What `save_examples` has written."""
    return Examples(
        **{split: read_parquet(locations.examples(split)) for split in SPLITS},
        names=read_parquet(locations.candidates)["name"].combine_chunks(),
        **{
            f"{split}_times": read_parquet(locations.times(split))["time"].combine_chunks()
            for split in ("train", "eval")
        },
    )
