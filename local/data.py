"""Reads and profiles Parquet and CSV files with DuckDB."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from local.limits import LIMITS, Limits, interrupted_after
from local.statistics import column_statistics, infer_types
from shared.columns import Column, ColumnType
from shared.documents.dataset import FileSource, Source
from shared.ports import Profile
from shared.problems import Invalid, Problem, shorten
from shared.source_files import URI_PATH, invalid, source_files
from shared.sources import lockdown, relation, stored_names

_INFERENCE_ROWS = 10_000
_DELIMITERS = ",;\t|"
# A document holds what is found in every column, and Firestore's hold 1 MiB.
_MAX_COLUMNS = 1_000
_LONGEST_NAME = 300  # of a column, in features


class DuckDBDataSource:
    """Files of this machine as datasets. Any number of threads may use one instance.

    Args:
        home: where values that do not fit into memory are spilled, under `tmp/`.
    """

    def __init__(self, home: Path, limits: Limits = LIMITS) -> None:
        self._spill = home / "tmp"
        self._limits = limits

    def inspect(self, source: Source) -> list[Column]:
        """Names and types only; those of a CSV by its first 10,000 rows."""
        seconds = self._limits.inspect_seconds
        with self._opened(source, seconds) as (connection, table, files, kinds):
            if isinstance(source, FileSource) and source.kind == "csv":
                first = f"(FROM {table} LIMIT {_INFERENCE_ROWS})"
                kinds = infer_types(connection, list(kinds), first)
            if connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is None:
                raise _empty(source, files)
        return [Column(name=name, type=kind) for name, kind in kinds.items()]

    def bytes_read(self, source: Source, columns: Sequence[str]) -> None:
        """Files of this machine cost nothing."""

    def profile(self, source: Source) -> Profile:
        """Names, types and statistics, in a few scans whose memory is bounded.

        Columns of up to about a million different values have exact statistics. Of others,
        `unique_count` is HyperLogLog's estimate (a few per cent off), the most frequent values
        are those of DuckDB's `approx_top_k`, and `median` is exact up to 40 million numbers in all
        of them together, beyond that t-digest's estimate. `std` is the sample's.
        """
        with self._opened(source, self._limits.seconds) as (connection, table, files, kinds):
            if isinstance(source, FileSource) and source.kind == "csv":
                connection.execute(f"CREATE TEMP TABLE parsed AS FROM {table}")
                table = "parsed"
                kinds = infer_types(connection, list(kinds), table)
            counted = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
            row_count = int(counted[0]) if counted else 0
            if row_count == 0:
                raise _empty(source, files)
            statistics = column_statistics(connection, table, kinds, row_count)
        columns = [
            Column(name=name, type=kind, statistics=found)
            for (name, kind), found in zip(kinds.items(), statistics, strict=True)
        ]
        return Profile(columns, row_count, _fingerprint(files, columns))

    @contextmanager
    def _opened(
        self, source: Source, seconds: float
    ) -> Iterator[tuple[duckdb.DuckDBPyConnection, str, list[Path], dict[str, ColumnType]]]:
        """A connection, the source as a table expression of it, its files, and its columns."""
        if not isinstance(source, FileSource):
            raise Invalid(
                [
                    Problem(
                        path="spec.source.kind",
                        code="unsupported_source",
                        message="On this machine a source is parquet or csv.",
                        received=source.kind,
                    )
                ]
            )
        files = source_files(source)
        _check_format(source, files)
        self._spill.mkdir(parents=True, exist_ok=True)
        with (
            tempfile.TemporaryDirectory(dir=self._spill) as spill,
            duckdb.connect(
                ":memory:",
                config={
                    "temp_directory": spill,
                    "max_temp_directory_size": self._limits.spill,
                    "memory_limit": self._limits.memory,
                    "preserve_insertion_order": False,
                },
            ) as connection,
            interrupted_after(seconds, connection),
        ):
            try:
                for statement in lockdown(files):
                    connection.execute(statement)
                table = relation(source, files)
                described = connection.execute(f"DESCRIBE FROM {table}").fetchall()
                _check_names(source, _stored_names(connection, source, files[0]))
                yield connection, table, files, _column_types(source, described)
            except duckdb.InterruptException:
                message = f"Reading it takes longer than {seconds:g} seconds. Give fewer rows."
                raise invalid("too_large", message, source) from None
            except (duckdb.OutOfMemoryException, MemoryError):
                message = (
                    f"Reading it takes more than {self._limits.memory} of memory and "
                    f"{self._limits.spill} of disk. Give fewer rows, or shorter values."
                )
                raise invalid("too_large", message, source) from None
            except duckdb.Error as error:
                reason = str(error).strip().split("\n")[0].split(": ", 1)[-1]
                raise invalid(
                    "unreadable",
                    f"Cannot be read as {source.kind.upper()}: {reason.rstrip('.')}. "
                    f"Give {source.kind.upper()} files of one schema.",
                    source,
                ) from error


def _check_format(source: FileSource, files: Sequence[Path]) -> None:
    for file in files:
        try:
            with file.open("rb") as opened:
                magic = opened.read(4)
        except OSError as error:
            message = f"{file.name} cannot be opened: {error.strerror}."
            raise invalid("unreadable", message, source) from None
        if not magic:
            raise invalid("empty", f"{file.name} is empty. A dataset has rows.", source)
        if (magic == b"PAR1") != (source.kind == "parquet"):
            raise invalid(
                "wrong_format",
                f"{file.name} is no {source.kind.upper()} file"
                + (": it is Parquet, so use kind parquet." if magic == b"PAR1" else "."),
                source,
            )


def _empty(source: Source, files: Sequence[Path]) -> Invalid:
    assert isinstance(source, FileSource)
    holder = files[0].name if len(files) == 1 else f"None of the {len(files)} files"
    says = "holds columns but no row" if len(files) == 1 else "holds a row"
    return invalid("empty", f"{holder} {says}. A dataset has rows.", source)


def _stored_names(
    connection: duckdb.DuckDBPyConnection, source: FileSource, file: Path
) -> list[str | None]:
    """The columns' names as the file has them; a nested column's parts are left out."""
    found = connection.execute(stored_names(source, file)).fetchall()
    if source.kind == "csv":
        return list(found[0]) if found else []
    names: list[str | None] = []
    skip = 0
    for name, children in found[1:]:
        if skip == 0:
            names.append(name)
            skip = children
        else:
            skip += children - 1
    return names


def _check_names(source: FileSource, names: Sequence[str | None]) -> None:
    if not names:
        raise invalid("empty", "The file has no columns.", source)
    if len(names) > _MAX_COLUMNS:
        message = f"The file has {len(names):,} columns; leave all but {_MAX_COLUMNS:,} out."
        raise invalid("too_many_columns", message, source)
    only = names[0] or ""
    if source.kind == "csv" and len(names) == 1 and any(mark in only for mark in _DELIMITERS):
        raise invalid(
            "unreadable",
            f"The lines do not all have as many values as the header {only!r}, so that no "
            "delimiter fits. Mend the lines that have more or fewer.",
            source,
        )
    seen: dict[str, str] = {}
    for position, name in enumerate(names, 1):
        if name is None or not name.strip():
            raise invalid(
                "unnamed_column", f"Column {position} has no name in the header. Name it.", source
            )
        if len(name) > _LONGEST_NAME:
            message = f"Column {position}'s name is longer than {_LONGEST_NAME} characters."
            raise invalid("long_column_name", message, source)
        folded = name.strip().casefold()
        if folded in seen:
            earlier = seen[folded]
            both = f"{earlier!r} and {name!r}" if earlier != name else f"{name!r}, twice"
            raise invalid(
                "duplicate_column",
                f"Columns need names that differ, not only in case. The file has {both}.",
                source,
            )
        seen[folded] = name


_TYPES = {
    **dict.fromkeys(("VARCHAR", "UUID", "ENUM", "JSON"), ColumnType.STRING),
    **dict.fromkeys(("FLOAT", "DOUBLE", "DECIMAL"), ColumnType.FLOAT),
    **dict.fromkeys(
        (
            *("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "BIGNUM"),
            *("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"),
        ),
        ColumnType.INTEGER,
    ),
    **dict.fromkeys(
        (
            *("DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"),
            "TIMESTAMP WITH TIME ZONE",
        ),
        ColumnType.TIMESTAMP,
    ),
    "BOOLEAN": ColumnType.BOOLEAN,
}


def _column_types(source: FileSource, described: Sequence[Any]) -> dict[str, ColumnType]:
    kinds: dict[str, ColumnType] = {}
    problems: list[Problem] = []
    for name, stored, *_ in described:
        kind = None if stored.endswith("]") else _TYPES.get(stored.split("(")[0])
        if kind is None:
            shown = shorten(stored)
            problems.append(
                Problem(
                    path=URI_PATH,
                    code="unsupported_type",
                    message=f"Column {name!r} is {shown}, which no feature can be made of: leave "
                    "it out, or store text, numbers, timestamps or booleans in its place.",
                    received=shown,
                )
            )
        else:
            kinds[name] = kind
    if problems:
        raise Invalid(problems)
    return kinds


def _fingerprint(files: Sequence[Path], columns: Sequence[Column]) -> str:
    """SHA-256 over the files' names, sizes and times of change, and the schema."""
    base = os.path.commonpath([file.parent for file in files])
    digest = hashlib.sha256()
    for file in files:
        stat = file.stat()
        digest.update(
            f"{os.path.relpath(file, base)}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode()
        )
    for column in columns:
        digest.update(f"{column.name}\0{column.type}\n".encode())
    return digest.hexdigest()
