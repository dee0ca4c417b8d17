"""How a file source is read, as DuckDB SQL text.

The profiler and the trainer's examples stage both read through these functions, so that what is
profiled is what is trained on. CSV values are read as text and converted by the expressions here:
`007` stays an id.
"""

from __future__ import annotations

import glob
from collections.abc import Sequence
from pathlib import Path

from shared.columns import ColumnType
from shared.documents.dataset import FileSource
from shared.examples import MISSING_TIMESTAMP, RawType


def quote(name: str) -> str:
    """A column's name as an SQL identifier, whatever it contains."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Text as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def relation(source: FileSource, files: Sequence[Path]) -> str:
    """A table expression over the files. Columns of a CSV are text, those of Parquet as stored.

    A CSV has a header line, RFC 4180 quoting and any delimiter that DuckDB detects; an empty
    value is null. Folder names like `year=2024` are no columns.
    """
    if source.kind == "parquet":
        return f"read_parquet({_file_list(files)}, hive_partitioning = false)"
    return f"read_csv({_file_list(files)}, header = true, {_CSV_OPTIONS})"


def stored_names(source: FileSource, file: Path) -> str:
    """A query for the columns' names as a file has them, where DuckDB renames duplicates: the
    header of a CSV as one row, the fields of a Parquet schema as (name, number of children)."""
    if source.kind == "parquet":
        return f"SELECT name, coalesce(num_children, 0) FROM parquet_schema({_file_list([file])})"
    return f"FROM read_csv({_file_list([file])}, header = false, {_CSV_OPTIONS}) LIMIT 1"


def _file_list(files: Sequence[Path]) -> str:
    return "[" + ", ".join(literal(glob.escape(file.as_posix())) for file in files) + "]"


_CSV_OPTIONS = (
    "all_varchar = true, skip = 0, comment = '', quote = '\"', escape = '\"', "
    "hive_partitioning = false"
)


def lockdown(files: Sequence[Path]) -> list[str]:
    """Statements that leave a connection in UTC, silent, and unable to open anything but the
    files' folders, to load an extension, or to undo this.

    DuckDB 2.0's `type_pushdown` moves a TRY_CAST into the CSV reader as a cast that fails, and
    there applies it to a wrong column; without it, TRY_CAST means what it says.
    """
    folders = sorted({file.parent.as_posix().rstrip("/") + "/" for file in files})
    allowed = "[" + ", ".join(map(literal, folders)) + "]"
    return [
        "SET TimeZone = 'UTC'",
        "SET enable_progress_bar = false",
        "SET disabled_optimizers = 'type_pushdown'",
        "SET autoinstall_known_extensions = false",
        "SET autoload_known_extensions = false",
        f"SET allowed_directories = {allowed}",
        "SET enable_external_access = false",
        "SET lock_configuration = true",
    ]


_SQL_TYPES = {
    ColumnType.STRING: "VARCHAR",
    ColumnType.FLOAT: "DOUBLE",
    ColumnType.TIMESTAMP: "TIMESTAMP WITH TIME ZONE",
    ColumnType.BOOLEAN: "BOOLEAN",
    ColumnType.INTEGER: "HUGEINT",
}


def typed(column: str, kind: ColumnType) -> str:
    """A column's value as its type; null where it is none."""
    return f"TRY_CAST({quote(column)} AS {_SQL_TYPES[kind]})"


def raw_value(column: str, kind: RawType) -> str:
    """A column's value as a raw feature: missing is "", NaN or MISSING_TIMESTAMP, never null."""
    if kind is RawType.TEXT:
        return f"coalesce(CAST({quote(column)} AS VARCHAR), '')"
    if kind is RawType.NUMBER:
        return f"coalesce({typed(column, ColumnType.FLOAT)}, 'nan'::DOUBLE)"
    moment = typed(column, ColumnType.TIMESTAMP)
    seconds = f"CASE WHEN isfinite({moment}) THEN CAST(floor(epoch({moment})) AS BIGINT) END"
    return f"coalesce({seconds}, ({MISSING_TIMESTAMP + 1}::BIGINT - 1))"
