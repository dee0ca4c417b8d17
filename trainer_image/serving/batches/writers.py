"""The files of a run, one block of rows after another, by their format."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from shared.batches import FileFormat

# As Vector Search documents it, in "Input data format and structure": numbers of a restriction are
# of one type per namespace.
VECTOR_SEARCH_SCHEMA = {
    "type": "record",
    "name": "FeatureVector",
    "fields": [
        {"name": "id", "type": "string"},
        {"name": "embedding", "type": {"type": "array", "items": "float"}},
        {
            "name": "restricts",
            "type": [
                "null",
                {
                    "type": "array",
                    "items": {
                        "type": "record",
                        "name": "Restrict",
                        "fields": [
                            {"name": "namespace", "type": "string"},
                            *(
                                {
                                    "name": name,
                                    "type": ["null", {"type": "array", "items": "string"}],
                                    "default": None,
                                }
                                for name in ("allow", "deny")
                            ),
                        ],
                    },
                },
            ],
            "default": None,
        },
        {
            "name": "numeric_restricts",
            "type": [
                "null",
                {
                    "type": "array",
                    "items": {
                        "type": "record",
                        "name": "NumericRestrict",
                        "fields": [
                            {"name": "namespace", "type": "string"},
                            *(
                                {"name": f"value_{one}", "type": ["null", one], "default": None}
                                for one in ("int", "float", "double")
                            ),
                        ],
                    },
                },
            ],
            "default": None,
        },
    ],
}

Write = Callable[[pa.Table], None]


@contextmanager
def writing(path: Path, kind: FileFormat, schema: pa.Schema) -> Iterator[Write]:
    """Writes tables of the schema into a file, which is complete once the block ends."""
    with path.open("wb") as file, _WRITERS[kind](file, schema) as write:
        yield write


@contextmanager
def _parquet(file: Any, schema: pa.Schema) -> Iterator[Write]:
    with pq.ParquetWriter(file, schema) as writer:
        yield writer.write_table


@contextmanager
def _csv(file: Any, schema: pa.Schema) -> Iterator[Write]:
    with pyarrow.csv.CSVWriter(file, schema) as writer:
        yield writer.write_table


@contextmanager
def _jsonl(file: Any, _: pa.Schema) -> Iterator[Write]:
    def write(table: pa.Table) -> None:
        for row in table.to_pylist():
            line = json.dumps(_given(row), ensure_ascii=False, allow_nan=False)
            file.write(line.encode("utf-8", "surrogatepass") + b"\n")

    yield write


def _given(value: Any) -> Any:
    """Without what is null or an empty list."""
    if isinstance(value, dict):
        return {name: _given(one) for name, one in value.items() if one not in (None, [])}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [_given(one) for one in value]
    return value


@contextmanager
def _avro(file: Any, _: pa.Schema) -> Iterator[Write]:
    from fastavro import parse_schema  # type: ignore[import-not-found]
    from fastavro.write import Writer  # type: ignore[import-not-found]

    writer = Writer(file, parse_schema(VECTOR_SEARCH_SCHEMA))

    def write(table: pa.Table) -> None:
        for row in table.to_pylist():
            writer.write(row)

    yield write
    writer.flush()


_WRITERS = {
    FileFormat.PARQUET: _parquet,
    FileFormat.CSV: _csv,
    FileFormat.JSONL: _jsonl,
    FileFormat.AVRO: _avro,
}
