"""Arrow tables on disk: Parquet for people and DuckDB, TFRecords of tf.Example for TensorFlow."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

import trainer_image.examples.arrow  # noqa: F401
from shared.columns.source_rows import SourceRows
from shared.customers import index_of
from shared.examples import ExamplesSpec
from trainer_image.examples.mapped import ROWS_AT_ONCE, mapped, mapped_times
from trainer_image.examples.read import Examples
from trainer_image.job.locations import SPLITS, Locations, open_file

# Key in the metadata of `candidates.parquet`.
_SOURCE = "source_fingerprint"


def write_parquet(table: pa.Table, path: str) -> None:
    with open_file(path, "wb") as file:
        if "://" not in path:
            pq.write_table(table, file)
            return
        # Arrow takes TensorFlow's files for closed ones.
        buffer = pa.BufferOutputStream()
        pq.write_table(table, buffer)
        file.write(buffer.getvalue().to_pybytes())


@contextmanager
def parquet(path: str) -> Iterator[pq.ParquetFile]:
    """Raises FileNotFoundError, of a bucket too."""
    with open_file(path, "rb") as file:
        yield pq.ParquetFile(file if "://" not in path else pa.BufferReader(_all_of(file, path)))


def _all_of(file: IO[bytes], path: str) -> bytes:
    try:
        return file.read()
    except Exception as error:
        if type(error).__name__ == "NotFoundError":  # TensorFlow's
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path) from None
        raise


def read_parquet(path: str, columns: list[str] | None = None) -> pa.Table:
    with parquet(path) as file:
        return file.read(columns)


def read_split(locations: Locations, split: str, columns: list[str] | None = None) -> pa.Table:
    """The raw features of a split's rows. Raises FileNotFoundError."""
    files = locations.example_files(split)
    return pa.concat_tables([read_parquet(path, columns) for path in files])


def mapped_parquet(path: str) -> pa.Table:
    """All rows, of which memory holds what is being read."""
    with parquet(path) as file:
        return mapped(file.iter_batches(ROWS_AT_ONCE), file.schema_arrow)


def write_records(batches: Iterable[pa.RecordBatch], path: str) -> None:
    """Writes each row as a tf.Example of one value, or one list, per column; gzipped for a path in
    `.gz`."""
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
    """The batch with each value that is no list as a list of one, as tf.Example and TFX represent
    it."""
    offsets = pa.array(np.arange(len(batch) + 1))

    def listed(column: pa.Array) -> pa.Array:
        if pa.types.is_large_list(column.type):
            return column
        values = column.cast(pa.large_binary()) if pa.types.is_string(column.type) else column
        return pa.LargeListArray.from_arrays(offsets, values)

    arrays = [listed(column) for column in batch.columns]
    return pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)


def as_array(values: npt.NDArray[Any]) -> pa.Array:
    """A column of an array, [rows]; of one that is [rows, n], with lists."""
    if values.ndim == 1:
        return pa.array(values)
    offsets = pa.array(np.arange(0, values.size + 1, values.shape[1]))
    return pa.LargeListArray.from_arrays(offsets, pa.array(values.ravel()))


def transformed_files(examples: Examples, locations: Locations) -> dict[str, pa.Table]:
    """The rows of all splits, by the TFRecord files for what they are transformed into."""
    return {
        locations.transformed(split, number, len(parts)): rows
        for split, parts in examples.parts().items()
        for number, rows in enumerate(parts)
    }


def save_examples(examples: Examples, spec: ExamplesSpec, locations: Locations) -> None:
    """Writes whose rows there are for whoever is asked to forget somebody, then the splits, what
    became of the source's rows, and `candidates.parquet` for whoever shows products to people.
    """
    customers = (part[spec.customer_key].unique() for part in (examples.train, examples.eval))
    with open_file(locations.customers, "wb") as file:
        file.write(index_of(one for part in customers for one in part.to_pylist()))
    for split, parts in examples.parts().items():
        for number, rows in enumerate(parts):
            write_parquet(rows, locations.examples(split, number, len(parts)))
    with open_file(locations.rows, "w") as file:
        file.write(examples.rows.model_dump_json())
    for split, times in (("train", examples.train_times), ("eval", examples.eval_times)):
        write_parquet(pa.table({"time": times}), locations.times(split))
    products = products_table(examples, spec)
    write_parquet(
        products.replace_schema_metadata({_SOURCE: examples.source_fingerprint}),
        locations.candidates,
    )


def products_table(examples: Examples, spec: ExamplesSpec) -> pa.Table:
    """The candidates with the columns `product_id`, `name`, `category` and `attributes`, a struct
    of the raw features, where there are any `columns`, a struct of what rules of lists read
    besides, and where a table of products says so `available`."""
    attributes = [column.combine_chunks() for column in examples.candidates.columns]
    columns = {
        "product_id": examples.candidates[spec.product_key],
        "name": examples.names,
        "attributes": pa.StructArray.from_arrays(
            attributes, names=examples.candidates.column_names
        ),
    }
    if examples.categories is not None:
        columns["category"] = examples.categories
    if examples.columns is not None:
        described = [column.combine_chunks() for column in examples.columns.columns]
        columns["columns"] = pa.StructArray.from_arrays(
            described, names=examples.columns.column_names
        )
    if examples.available is not None:
        columns["available"] = examples.available
    return pa.table(columns)


def training_rows(locations: Locations, columns: list[str]) -> pa.Table:
    """Some raw features of all training rows; a job of before there was a fitting slice has them in
    one split. Raises FileNotFoundError."""
    train = locations.example_files("train")
    fitting = locations.example_files("fitting", optional=True)
    return pa.concat_tables([read_parquet(path, columns) for path in train + fitting])


def load_examples(locations: Locations) -> Examples:
    """What `save_examples` has written."""
    with open_file(locations.rows, "r") as file:
        rows = SourceRows.model_validate_json(file.read())
    candidates = read_parquet(locations.candidates)
    parts = {
        name: [mapped_parquet(path) for path in locations.example_files(name)] for name in SPLITS
    }
    split = {name: pa.concat_tables(tables) for name, tables in parts.items()}
    return Examples(
        train=pa.concat_tables([split["train"], split["fitting"]]),
        eval=split["eval"],
        candidates=split["candidates"],
        fitting=len(split["fitting"]),
        history=split["history"],
        shards={name: [len(one) for one in tables] for name, tables in parts.items()},
        names=candidates["name"].combine_chunks(),
        **{
            f"{split}_times": mapped_times(mapped_parquet(locations.times(split))["time"])
            for split in ("train", "eval")
        },
        rows=rows,
        categories=candidates["category"].combine_chunks()
        if "category" in candidates.column_names
        else None,
        available=candidates["available"].combine_chunks()
        if "available" in candidates.column_names
        else None,
        columns=_table_of(candidates["columns"].combine_chunks())
        if "columns" in candidates.column_names
        else None,
        source_fingerprint=candidates.schema.metadata[_SOURCE.encode()].decode(),
    )


def _table_of(structs: pa.StructArray) -> pa.Table:
    return pa.table(structs.flatten(), names=[field.name for field in structs.type])
