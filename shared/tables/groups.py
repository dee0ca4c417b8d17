"""Files of a source whose columns are alike, and how DuckDB reads them."""

from __future__ import annotations

import glob
import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, Protocol
from urllib.parse import unquote

from shared.documents.source import FileSource
from shared.tables.csv_layout import Layout, layout_of
from shared.tables.encodings import UTF8, encoding_of
from shared.tables.files import SourceFiles, invalid
from shared.tables.packing import is_gzipped, opened, recoded, unpacked
from shared.tables.sql import literal

# A document holds what is found in every column, and Firestore's hold 1 MiB.
MAX_COLUMNS = 1_000
FILE_COLUMN = "recsmith: file"  # a column for the file's path
_LONGEST_NAME = 300  # of a column, in features


class Connection(Protocol):
    """DuckDB's, as far as reading needs one; this package imports no framework."""

    def execute(self, query: str) -> Any: ...


@dataclass
class Group:
    """Files whose columns have the same names and types, and how they are read.

    Attributes:
        kind: `csv` of all text, `json` or `parquet`.
        columns: the type of each column as it is stored.
        partitions: the columns that the folders' names say.
        home: the folder that `month=2024-01` and the like are looked for in, of what is read.
        copies: what is read in the place of a file.
        skip_bad_lines: pass lines over that cannot be read.
    """

    kind: Literal["csv", "json", "parquet"]
    files: list[Path]
    columns: dict[str, str]
    partitions: tuple[str, ...]
    home: Path | None = None
    layout: Layout | None = None
    copies: dict[Path, Path] = field(default_factory=dict)
    skip_bad_lines: bool = False

    def call(self, files: Sequence[Path], with_path: bool = False) -> str:
        """DuckDB's function over some files."""
        option = f", filename = {literal(FILE_COLUMN)}" if with_path else ""
        read = [glob.escape(self.copies.get(file, file).as_posix()) for file in files]
        listed_files = "[" + ", ".join(map(literal, read)) + "]"
        if self.kind == "parquet":
            return f"read_parquet({listed_files}, hive_partitioning = false{option})"
        if self.kind == "json":
            return f"read_json({listed_files}, {_columns(self.columns)}, {_JSON}{option})"
        layout = self.layout
        assert layout is not None
        packing = "gzip" if layout.gzipped else "none"
        bad = ", ignore_errors = true, store_rejects = true" if self.skip_bad_lines else ""
        return (
            f"read_csv({listed_files}, auto_detect = false, skip = {layout.skip}, "
            f"header = {bool(layout.header)}, "
            f"{_columns(dict.fromkeys(self.columns, 'VARCHAR'))}, "
            f"delim = {literal(layout.delimiter)}, quote = {literal(layout.quote)}, "
            f"escape = {literal(layout.escape)}, comment = '', hive_partitioning = false, "
            f"compression = '{packing}'{bad}{option})"
        )

    def text(self, file: Path) -> tuple[Path, Layout] | None:
        """What is read in the place of a file, and how that is laid out; None of no text."""
        if self.layout is None:
            return None
        if file in self.copies:
            return self.copies[file], replace(self.layout, encoding=UTF8)
        return file, self.layout


_JSON = "format = 'auto', hive_partitioning = false, maximum_object_size = 67108864"


def _columns(types: Mapping[str, str]) -> str:
    return f"columns = {{{', '.join(f'{literal(n)}: {literal(t)}' for n, t in types.items())}}}"


def csv_groups(source: FileSource, found: SourceFiles, work: Path) -> list[Group]:
    """Args: work: a folder for copies of what DuckDB cannot read as it is."""
    groups: dict[Any, Group] = {}
    known: dict[Any, Layout] = {}
    for file in found.files:
        below = file.relative_to(found.home) if found.home is not None else Path(file.name)
        copy = unpacked(source, file, work / "unpacked" / below)
        gzipped = is_gzipped(copy)
        layout = _layout(source, copy, gzipped, known)
        _check_names(source, file, layout.names)
        if layout.mixed or layout.encoding not in (UTF8, "utf-8-sig", "ascii"):
            copy = recoded(source, copy, layout.encoding, work / "recoded" / below)
            layout = replace(layout, gzipped=False)
        home = found.home
        if copy != file and home is not None:
            home = work / copy.relative_to(work).parts[0]
        partitions = partitions_of(file, found.home)
        group = groups.setdefault(
            (layout, tuple(partitions), home),
            Group(
                "csv",
                [],
                dict.fromkeys(layout.names, "VARCHAR"),
                tuple(partitions),
                home,
                layout,
                {},
                source.options.skip_bad_lines,
            ),
        )
        group.files.append(file)
        if copy != file:
            group.copies[file] = copy
    return list(groups.values())


def _layout(source: FileSource, file: Path, gzipped: bool, known: dict[Any, Layout]) -> Layout:
    """Of files that begin alike, the same."""
    with opened(file) as text:
        first = text.read(4_096).partition(b"\n")
    encoding = source.options.encoding or encoding_of(source, file)
    layout = known.get((first[0], gzipped, encoding))
    if layout is None or layout.header != 1:
        layout = layout_of(source, file, encoding, gzipped)
        known[first[0], gzipped, encoding] = layout
    return layout


def parquet_groups(source: FileSource, found: SourceFiles, connection: Connection) -> list[Group]:
    for file in found.files:
        with file.open("rb") as opened:
            magic = opened.read(4)
        if not magic:
            raise invalid("empty", f"{file.name} is empty. A dataset has rows.", source)
        if magic != b"PAR1":
            message = f"{file.name} is not a Parquet file. If it is text, use kind csv."
            raise invalid("wrong_format", message, source)
    listed_files = ", ".join(literal(glob.escape(file.as_posix())) for file in found.files)
    described = connection.execute(
        "SELECT file_name, name, coalesce(num_children, 0), duckdb_type "
        f"FROM parquet_schema([{listed_files}]) ORDER BY file_name, column_id"
    ).fetchall()
    rows: dict[str, list[Any]] = {}
    for name, *column in described:
        rows.setdefault(name, []).append(column)
    groups: dict[Any, Group] = {}
    for file in found.files:
        columns: list[tuple[str, str]] = []
        skip = 0
        for name, children, stored in rows[file.as_posix()][1:]:
            if skip == 0:
                columns.append((name, stored))
                skip = children
            else:
                skip += children - 1
        _check_names(source, file, [name for name, _ in columns])
        partitions = partitions_of(file, found.home)
        key = (tuple(columns), tuple(partitions))
        group = Group("parquet", [], dict(columns), tuple(partitions), found.home)
        groups.setdefault(key, group).files.append(file)
    return list(groups.values())


def json_groups(
    source: FileSource, found: SourceFiles, work: Path, connection: Connection
) -> list[Group]:
    """Records that lack some keys have nulls there; what they hold is told by all of them."""
    copies: dict[Path, Path] = {}
    for file in found.files:
        below = file.relative_to(found.home) if found.home is not None else Path(file.name)
        copy = unpacked(source, file, work / "unpacked" / below)
        if copy != file:
            copies[file] = copy
    read = [glob.escape(copies.get(file, file).as_posix()) for file in found.files]
    table = (
        f"read_json([{', '.join(map(literal, read))}], {_JSON}, sample_size = -1, "
        "union_by_name = true)"
    )
    described = connection.execute(f"DESCRIBE FROM {table}").fetchall()
    # Values of several types are JSON to DuckDB, with quotation marks around text.
    columns = {name: "VARCHAR" if kind == "JSON" else kind for name, kind, *_ in described}
    if list(columns) == ["json"]:
        message = 'The files hold values, not records such as {"customer": 7, "product": 12}.'
        raise invalid("wrong_format", message, source)
    inside = next((name for name, kind in columns.items() if _is_records(kind)), None)
    if inside is not None:
        (rows,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone() or (0,)
        if rows == len(found.files):
            name = found.files[0].name
            message = (
                f"{name} holds one record, and rows seem to be in its list {inside!r}. A file holds"
                " a list of records, or one in each line: save that list by itself, such as by "
                f"jq {shlex.quote(f'.[{json.dumps(inside)}]')} {shlex.quote(name)} > rows.json."
            )
            raise invalid("wrapped", message, source)
    _check_names(source, found.files[0], list(columns))
    groups: dict[Any, Group] = {}
    for file in found.files:
        home = work / "unpacked" if file in copies and found.home is not None else found.home
        partitions = partitions_of(file, found.home)
        key = (tuple(partitions), home)
        group = Group("json", [], columns, tuple(partitions), home, None, copies)
        groups.setdefault(key, group).files.append(file)
    return list(groups.values())


def _is_records(stored: str) -> bool:
    """Whether a type is that of a list of records."""
    return stored.startswith("STRUCT(") and stored.endswith("[]")


def partitions_of(file: Path, home: Path | None) -> dict[str, str]:
    """What the folders between a source and its file say: `month=2024-01`."""
    if home is None:
        return {}
    parts = (part.partition("=") for part in file.relative_to(home).parts[:-1])
    return {unquote(name): unquote(value) for name, sign, value in parts if sign and name}


def lacks(group: Group, name: str) -> bool:
    return not any(same_name(own, folded(name)) for own in group.columns)


def folded(name: str) -> str:
    return name.strip().casefold()


def same_name(name: str, key: str) -> bool:
    return folded(name) == key


def _check_names(source: FileSource, file: Path, names: Sequence[str]) -> None:
    if not names:
        message = f"{file.name} has no columns."
        if source.kind == "csv":
            message = f"{file.name} begins with an empty line, not with the columns' names."
        raise invalid("empty", message, source)
    if len(names) > MAX_COLUMNS:
        message = f"{file.name} has {len(names):,} columns; leave all but {MAX_COLUMNS:,} out."
        raise invalid("too_many_columns", message, source)
    seen: dict[str, str] = {}
    for position, name in enumerate(names, 1):
        if not name.strip():
            raise invalid(
                "unnamed_column",
                f"Column {position} of {file.name} has no name in the header. Name it.",
                source,
            )
        if len(name) > _LONGEST_NAME:
            message = f"Column {position}'s name is longer than {_LONGEST_NAME} characters."
            raise invalid("long_column_name", message, source)
        if folded(name) in seen:
            earlier = seen[folded(name)]
            both = f"{earlier!r} and {name!r}" if earlier != name else f"{name!r}, twice"
            raise invalid(
                "duplicate_column",
                f"Columns need names that differ, not only in case. {file.name} has {both}.",
                source,
            )
        seen[folded(name)] = name
