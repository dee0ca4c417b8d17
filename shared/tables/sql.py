"""DuckDB SQL text that the profiler and the trainer's examples stage share.

CSV values are read as text and converted by the expressions here: `007` stays an id.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from shared.columns import ColumnType
from shared.columns.text_form import TextForm, duckdb_text
from shared.examples import MISSING_TIMESTAMP, RawType


def quote(name: str) -> str:
    """A column's name as an SQL identifier, whatever it contains."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Text as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def lockdown(files: Sequence[Path], work: Path | None = None) -> list[str]:
    """Statements that leave a connection in UTC, silent, and unable to open anything but the
    files' folders and the folder of copies, to load an extension, or to undo this.

    DuckDB 2.0's `type_pushdown` moves a TRY_CAST into the CSV reader as a cast that fails, and
    there applies it to a wrong column; without it, TRY_CAST means what it says.
    """
    opened = {file.parent for file in files} | ({work} if work is not None else set())
    folders = sorted(folder.as_posix().rstrip("/") + "/" for folder in opened)
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


def typed(value: str, kind: ColumnType) -> str:
    """A value as its type; null where it is none.

    Args:
        value: SQL, such as a quoted column.
    """
    return f"TRY_CAST({value} AS {_SQL_TYPES[kind]})"


def raw_value(column: str, stored: str, kind: RawType, form: TextForm = TextForm.WRITTEN) -> str:
    """A column's value as a raw feature: missing is "", NaN or MISSING_TIMESTAMP, never null.

    Args:
        stored: DuckDB's type of the column.
        form: of text.
    """
    if kind is RawType.TEXT:
        return f"coalesce({duckdb_text(quote(column), stored, form)}, '')"
    if kind is RawType.NUMBER:
        return f"coalesce({typed(quote(column), ColumnType.FLOAT)}, 'nan'::DOUBLE)"
    moment = typed(quote(column), ColumnType.TIMESTAMP)
    seconds = f"CASE WHEN isfinite({moment}) THEN CAST(floor(epoch({moment})) AS BIGINT) END"
    return f"coalesce({seconds}, ({MISSING_TIMESTAMP + 1}::BIGINT - 1))"
