"""Sampled rows of files, read by DuckDB."""

from __future__ import annotations

from pathlib import Path

import duckdb

from shared.columns.source_rows import SourceRows
from shared.documents.dataset import FileSource
from shared.examples import ExamplesSpec
from shared.tables.dialect import DuckDB
from shared.tables.faults import reason_of
from shared.tables.files import find_files, invalid
from shared.tables.reading import read_files
from shared.tables.sql import lockdown
from shared.tables.view import Relation, one_per_key
from trainer_image.examples.relations import counted_rows, queries
from trainer_image.job.remote import local_copy


def sample_files(
    spec: ExamplesSpec, folder: Path, connection: duckdb.DuckDBPyConnection
) -> SourceRows:
    """Makes the tables `sampled` and, as far as there are any, `catalogue` of a table of products
    and `history` of events that are history alone.

    Args:
        folder: for copies.

    Returns:
        what became of all rows.

    Raises:
        InvalidError: something cannot be read.
    """
    sides = spec.view.sides if spec.view is not None else {}
    given = {"events": spec.source, **{name: side.source for name, side in sides.items()}}
    copies = {
        name: local_copy(source, folder / f"copy of {name}")
        for name, source in given.items()
        if isinstance(source, FileSource)
    }
    found = {name: find_files(copy) for name, copy in copies.items()}
    work = folder / "work"
    for statement in lockdown([file for one in found.values() for file in one.files], work):
        connection.execute(statement)
    source, files = copies["events"], found["events"].files

    def row_of(query: str) -> dict[str, int]:
        (row,) = connection.sql(query).to_arrow_table().to_pylist()
        return dict(row)

    try:
        stored: dict[str, Relation] = {}
        for name, copy in copies.items():
            source, files = copy, found[name].files
            read = read_files(copy, found[name], work / name, connection)
            stored[name] = Relation(read.table, read.types)
        one: dict[str, Relation] = {}
        for name, side in sides.items():
            source, files = copies[name], found[name].files
            made = one_per_key(side, stored[name], DuckDB)
            connection.execute(f"CREATE TEMP TABLE one_{name} AS SELECT * FROM {made.table}")
            one[name] = Relation(f"one_{name}", made.types)
        source, files = copies["events"], found["events"].files
        asked = queries(spec, stored["events"], one, DuckDB)
        connection.execute(f"CREATE TEMP TABLE sampled AS {asked.sample}")
        for name, query in asked.further.items():
            connection.execute(f"CREATE TEMP TABLE {name} AS {query}")
        total = f"SELECT count(*) AS total FROM {stored['events'].table}"
        return counted_rows(asked, row_of(total)["total"] if asked.selected else None, row_of)
    except duckdb.Error as error:
        raise invalid("unreadable", reason_of(error, files), source) from error
