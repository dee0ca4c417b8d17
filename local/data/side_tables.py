"""Tables of products and customers beside a source of events, and what they are together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from local.data.understanding import Understood, understand
from shared.columns import Column, ColumnType, RawType
from shared.columns.source_rows import Selected
from shared.documents.dataset import SideFound
from shared.documents.source import FileSource, Source
from shared.documents.tables import ProductTable, Tables
from shared.problems import InvalidError, Problem, of_side
from shared.rules.tables import check_tables
from shared.rules.views import found_sides, joined_columns, view_of
from shared.tables.dialect import DuckDB
from shared.tables.faults import reason_of
from shared.tables.files import SourceFiles, find_files, invalid
from shared.tables.view import (
    Relation,
    one_per_key,
    selection,
    side_counts,
    use_counts,
    viewed,
)
from shared.views import View

_KINDS_SHOWN = 10


@dataclass(frozen=True)
class ReadSide:
    """A table beside the events, open to be read.

    Attributes:
        stored: its rows as they are.
        source: with what was understood of it.
    """

    stored: Relation
    columns: list[Column]
    source: FileSource
    files: SourceFiles
    notes: list[str]


@dataclass(frozen=True)
class Joined:
    """The rows of a dataset.

    Attributes:
        selected: what was left out of the source's rows; None where nothing is.
    """

    rows: Relation
    kinds: dict[str, ColumnType]
    sides: dict[str, SideFound]
    selected: Selected | None
    notes: list[str]


def files_of(tables: Tables | None) -> dict[str, SourceFiles]:
    """Of the tables beside the events, by name. Raises InvalidError, with the field's path."""
    found = {}
    for name, side in (tables.sides if tables is not None else {}).items():
        if isinstance(side.source, FileSource):  # `check_tables` speaks of others
            with of_side(name):
                found[name] = find_files(side.source)
    return found


def read_sides(
    tables: Tables | None,
    files: Mapping[str, SourceFiles],
    work: Path,
    connection: duckdb.DuckDBPyConnection,
) -> dict[str, ReadSide]:
    """Understands the tables one after another; what is not Parquet is kept in the connection, for
    the next table is parsed in its place.

    Raises:
        InvalidError: one cannot be read, with the field's path.
    """
    found = {}
    for name, side_files in files.items():
        assert tables is not None
        source = tables.sides[name].source
        assert isinstance(source, FileSource)
        with of_side(name):
            try:
                read = understand(source, side_files, work / name, connection, True)
                table = read.reading.table
                if source.kind != "parquet":
                    connection.execute(f"CREATE TEMP TABLE side_{name} AS FROM {table}")
                    table = f"side_{name}"
                # Of lines that were left out, which are told of each table.
                with suppress(duckdb.Error):
                    connection.execute("DELETE FROM reject_errors")
            except duckdb.InterruptException:
                raise
            except duckdb.Error as error:
                raise invalid("unreadable", reason_of(error, side_files.files), source) from error
            found[name] = ReadSide(
                Relation(table, read.reading.types),
                [Column(name=one, type=kind) for one, kind in read.kinds.items()],
                source.model_copy(update={"options": read.options}),
                side_files,
                [f"{name.capitalize()}: {note}" for note in read.notes()],
            )
    return found


def join(
    opened: Understood,
    tables: Tables | None,
    mapping: Mapping[str, str],
    sides: Mapping[str, ReadSide],
) -> Joined:
    """Raises InvalidError where the tables do not fit each other."""
    stored = Relation(opened.reading.table, opened.reading.types)
    if tables is None or tables.plain:
        return Joined(stored, opened.kinds, {}, None, [])
    events = [Column(name=name, type=kind) for name, kind in opened.kinds.items()]
    others = {name: sides[name].columns if name in sides else [] for name in tables.sides}
    if faults := check_tables(tables, opened.source, mapping, events, others):
        raise InvalidError(faults)
    found = found_sides(tables, events, others)
    columns = joined_columns(events, others, found)
    sources: dict[str, Source] = {name: side.source for name, side in sides.items()}
    view = view_of(tables, mapping, columns, found, sources)
    connection = opened.connection
    one: dict[str, Relation] = {}
    for name, side in view.sides.items():
        made = one_per_key(side, sides[name].stored, DuckDB)
        connection.execute(f"CREATE TEMP TABLE one_{name} AS SELECT * FROM {made.table}")
        one[name] = Relation(f"one_{name}", made.types)
    rows = viewed(view, stored, one, DuckDB)
    if view.costly:
        connection.execute(f"CREATE TEMP TABLE viewed AS SELECT * FROM {rows.table}")
        rows = Relation("viewed", rows.types)
    for name, side in view.sides.items():
        counts = _row(connection, side_counts(side, sides[name].stored, DuckDB))
        asked = tables.products if name == "products" else None
        catalogue = isinstance(asked, ProductTable) and asked.available is not None
        uses = _row(connection, use_counts(side, rows, one[name], DuckDB, catalogue=catalogue))
        found[name] = found[name].model_copy(
            update={
                "read_as": sides[name].source.options,
                "rows": counts["total"],
                "missing_keys": counts["missing_keys"],
                "duplicates": counts["duplicates"],
                "orphans": uses["orphans"],
                "unused": uses["unused"],
                "unavailable": uses["unavailable"] if catalogue else None,
            }
        )
    return Joined(
        rows,
        {column.name: column.type for column in columns},
        found,
        _selected(view, stored, connection),
        [note for side in sides.values() for note in side.notes]
        + _kinds_note(tables, view, stored, connection),
    )


def nothing_left(tables: Tables | None, selected: Selected | None) -> InvalidError:
    """Of a view without a row."""
    field = "where"
    if tables is not None and selected is not None and selected.outside != selected.total:
        field = "events" if not tables.where else "where"
    elif tables is not None and not tables.where:
        field = "dates"
    told = f" {selected.told}" if selected is not None else ""
    message = f"No row is left.{told} Loosen the conditions, dates or kinds of events."
    return InvalidError([Problem(path=f"spec.{field}", code="nothing_left", message=message)])


def _selected(
    view: View, stored: Relation, connection: duckdb.DuckDBPyConnection
) -> Selected | None:
    if not view.where and view.kinds is None:
        return None
    counts = _row(connection, selection(view, stored, DuckDB))
    total = _row(connection, f"SELECT count(*) AS total FROM {stored.table}")["total"]
    return Selected.of(counts, total)


def _kinds_note(
    tables: Tables, view: View, stored: Relation, connection: duckdb.DuckDBPyConnection
) -> list[str]:
    """What rows of each kind there is are taken for."""
    if view.kinds is None or tables.events is None:
        return []
    kind = DuckDB(stored.types).value(view.kinds.kind.column, RawType.TEXT, view.kinds.kind.form)
    counted = connection.execute(
        f"SELECT {kind} AS k, count(*) FROM {stored.table} GROUP BY k ORDER BY 2 DESC, k "
        f"LIMIT {_KINDS_SHOWN}"
    ).fetchall()
    words = {
        "target": "targets",
        "history": "history alone",
        "negative": "take one back",
        "left_out": "left out",
    }
    told = [
        f"{value[:40]!r} {count:,} ({words[tables.events.kinds.get(value, 'left_out')]}"
        f"{'' if value in tables.events.kinds else ', not named'})"
        for value, count in counted
    ]
    return [f"Rows by kind ({tables.events.column!r}): {', '.join(told)}."]


def _row(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, Any]:
    found = connection.execute(query)
    names: Sequence[str] = [name for name, *_ in found.description or ()]
    return dict(zip(names, found.fetchone() or (), strict=True))
