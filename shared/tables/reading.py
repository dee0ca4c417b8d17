"""The rows of a file source as one table, whatever its files differ in.

The profiler and the trainer's examples stage both read what is made here, so that what is profiled
is what is trained on. Whatever cannot be read without losing something is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import unquote

from shared.columns.text_form import duckdb_text
from shared.documents.source import FileOptions, FileSource
from shared.problems import shorten
from shared.tables.common_columns import NO_VALUE, all_names, partition_types, type_of
from shared.tables.files import SourceFiles, invalid, left_aside, listed
from shared.tables.formats import formatted, without
from shared.tables.groups import (
    FILE_COLUMN,
    Connection,
    Group,
    csv_groups,
    folded,
    json_groups,
    parquet_groups,
    same_name,
)
from shared.tables.sql import literal, quote
from shared.tables.stored_types import family, list_as_text

_MOST_LAYOUTS = 200


@dataclass(frozen=True)
class Reading:
    """How a source is read.

    Attributes:
        table: a table expression in DuckDB's SQL. Columns of texts without a format are text.
        types: DuckDB's type of each column.
        notes: what whoever reads the data should know, a sentence each.
        groups: of files that are read alike.
        options: how texts are laid out, where that is one way for all files.
    """

    table: str
    types: dict[str, str]
    notes: list[str]
    groups: list[Group] = field(default_factory=list)
    options: FileOptions = field(default_factory=FileOptions)

    def in_formats(self, options: FileOptions, table: str | None = None) -> Reading:
        """The same with its columns in the formats that options say.

        Args:
            table: of the same columns, to read in the place of this one's.
        """
        table = table or self.table
        values, types = [], {}
        for name, stored in self.types.items():
            value, types[name] = formatted(name, stored, options, self.types)
            values.append(value if value == quote(name) else f"{value} AS {quote(name)}")
        if all(value == quote(name) for name, value in zip(types, values, strict=True)):
            return replace(self, table=table)
        return replace(self, table=f"(SELECT {', '.join(values)} FROM {table})", types=types)


def read_files(
    source: FileSource, found: SourceFiles, work: Path, connection: Connection
) -> Reading:
    """The rows with their columns in the formats that the source's options say, and otherwise as
    they are stored.

    Raises:
        InvalidError: what is wrong with the files, and which.
        duckdb.Error: a file cannot be read (`reason_of`).
    """
    return stored_rows(source, found, work, connection).in_formats(source.options)


def stored_rows(
    source: FileSource, found: SourceFiles, work: Path, connection: Connection
) -> Reading:
    """The rows as they are stored. Looks at the files' headers or footers, and at values only where
    types alone cannot say whether they may be merged.

    An empty value of a text is null. Files may have their columns in any order, and some may lack
    columns that another has.

    Args:
        work: an empty folder of the connection's, for copies of what DuckDB cannot read itself.

    Raises: as `read_files`.
    """
    if source.kind == "parquet":
        groups = parquet_groups(source, found, connection)
    elif source.kind == "json":
        groups = json_groups(source, found, work, connection)
    else:
        groups = csv_groups(source, found, work)
    return _merged(source, found, groups, connection)


def _merged(
    source: FileSource,
    found: SourceFiles,
    groups: list[Group],
    connection: Connection,
) -> Reading:
    if len(groups) > _MOST_LAYOUTS:
        message = f"The files have {len(groups)} different schemas. Write them with one."
        raise invalid("unreadable", message, source)
    notes = []
    if found.left_out:
        kind = source.kind.capitalize() if source.kind == "excel" else source.kind.upper()
        notes.append(
            f"Left out of the folder, because they are not {kind}: {listed(found.left_out)}."
        )
    for group in groups:
        if group.layout is not None:
            said_once = listed(file.name for file in group.files)
            notes += [f"{said_once}: {note}" for note in group.layout.notes]
    names = all_names(source, groups, notes)
    said = partition_types(found, groups, names, notes)
    types: dict[str, str] = {}
    odd: list[str] = []
    for key, name in names.items():
        stored = {
            kind for group in groups for n, kind in group.columns.items() if same_name(n, key)
        }
        if unusable := sorted(kind for kind in stored if family(kind) is None):
            odd.append(f"{name!r} ({shorten(unusable[0])})")
            continue
        if not stored:
            types[name] = said[name]
            continue
        types[name] = type_of(source, name, key, groups, notes, connection)
    if odd:
        notes.append(left_aside(odd))
    if not types:
        raise invalid(
            "unsupported_type",
            f"No feature can be made of any column: {listed(odd)}. Store text, numbers, timestamps "
            "or booleans.",
            source,
        )
    table = "(" + " UNION ALL ".join(_select(group, types, said) for group in groups) + ")"
    if missing := source.options.missing:
        values = ", ".join(
            f"{without(quote(name), stored, missing)} AS {quote(name)}"
            for name, stored in types.items()
        )
        table = f"(SELECT {values} FROM {table})"
    layouts = [group.layout.options() for group in groups if group.layout is not None]
    alike = bool(layouts) and all(options == layouts[0] for options in layouts)
    return Reading(table, types, notes, groups, layouts[0] if alike else FileOptions())


def _select(group: Group, types: Mapping[str, str], said: Mapping[str, str]) -> str:
    columns = []
    for name, target in types.items():
        own = next((n for n in group.columns if same_name(n, folded(name))), None)
        if own is not None:
            value = quote(own)
            if group.columns[own] != target:
                value = _converted(value, group.columns[own], target)
        elif any(same_name(partition, folded(name)) for partition in group.partitions):
            value = f"CAST({_said(name, group)} AS {said[name]})"
            value = value if said[name] == target else _converted(value, said[name], target)
        else:
            value = f"CAST(NULL AS {target})"
        columns.append(f"{value} AS {quote(name)}")
    with_path = any(name in said for name in types) and bool(group.partitions)
    return f"SELECT {', '.join(columns)} FROM {group.call(group.files, with_path)}"


def _converted(value: str, stored: str, target: str) -> str:
    if target == "VARCHAR" and family(stored) == "number":
        return duckdb_text(value, stored)
    if family(stored) == "list":
        return list_as_text(value, stored)
    return f"CAST({value} AS {target})"


def _said(name: str, group: Group) -> str:
    """What the folders of a row's file say, as text; null where they say nothing."""
    home = group.home
    assert home is not None
    file = group.copies.get(group.files[0], group.files[0])
    parts = (part.partition("=")[0] for part in file.relative_to(home).parts[:-1])
    key = next(part for part in parts if same_name(unquote(part), folded(name)))
    below = f"substr({quote(FILE_COLUMN)}, {len(home.as_posix()) + 1})"
    pattern = literal(f"/{re.escape(key)}=([^/]*)/")
    return f"nullif(url_decode(regexp_extract({below}, {pattern}, 1)), '{NO_VALUE}')"
