"""Raw features as tables: read from DuckDB into mapped files, of the types that all stages take."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import duckdb
import pyarrow as pa

from shared.examples import MISSING_TIMESTAMP, RawFeature, RawType
from trainer_image.examples.mapped import ROWS_AT_ONCE, mapped
from trainer_image.examples.shards import number_of_shards, shard_conditions

ARROW_TYPES = {
    RawType.TEXT: pa.string(),
    RawType.NUMBER: pa.float32(),
    RawType.TIMESTAMP: pa.int64(),
}
MISSING = {
    RawType.TEXT: "",
    RawType.NUMBER: math.nan,
    RawType.TIMESTAMP: MISSING_TIMESTAMP,
}


def read_rows(
    connection: duckdb.DuckDBPyConnection, features: Sequence[RawFeature], *queries: str
) -> pa.Table:
    """The answers of queries, one after another; columns are named by the features' keys."""
    schema = pa.schema([(feature.key, ARROW_TYPES[feature.type]) for feature in features])

    def batches() -> Iterator[pa.RecordBatch]:
        for query in queries:
            for batch in connection.sql(query).to_arrow_reader(ROWS_AT_ONCE):
                columns = zip(batch.columns, schema.types, strict=True)
                yield pa.RecordBatch.from_arrays(
                    [one.cast(kind) for one, kind in columns], schema=schema
                )

    return mapped(batches(), schema)


def read_splits(
    connection: duckdb.DuckDBPyConnection,
    features: Sequence[RawFeature],
    columns: str,
    table: str,
    splits: Mapping[str, str],
    order: str,
) -> tuple[pa.Table, dict[str, list[int]]]:
    """The rows of some splits, one after another, each in its shards, one of which is sorted at a
    time.

    Args:
        columns: SQL for the features.
        table: with the `shard_hash` in a column `shard`.
        splits: SQL conditions for the rows of each.
        order: of the rows within a shard, as SQL.

    Returns:
        the rows, and how many are in each shard of each split.
    """
    queries, sizes = [], {}
    for split, condition in splits.items():
        [rows] = _counted(connection, table, condition, ["true"])
        shards = shard_conditions(number_of_shards(rows))
        sizes[split] = _counted(connection, table, condition, shards) if len(shards) > 1 else [rows]
        queries += [
            f"SELECT {columns} FROM {table} WHERE {condition} AND {shard} ORDER BY {order}"
            for shard in shards
        ]
    return read_rows(connection, features, *queries), sizes


def _counted(
    connection: duckdb.DuckDBPyConnection, table: str, condition: str, of_each: Sequence[str]
) -> list[int]:
    """How many rows fulfil a condition and each of some further ones."""
    numbers = ", ".join(f"count(*) FILTER ({one})" for one in of_each)
    (found,) = connection.execute(f"SELECT {numbers} FROM {table} WHERE {condition}").fetchall()
    return [*found]


def with_missing(table: pa.Table, features: Sequence[RawFeature]) -> pa.Table:
    """`table` with all features, in their order; those that it lacks are missing."""
    present = set(table.column_names)
    return pa.table(
        {
            feature.key: table[feature.key]
            if feature.key in present
            else pa.repeat(pa.scalar(MISSING[feature.type], ARROW_TYPES[feature.type]), len(table))
            for feature in features
        }
    )
