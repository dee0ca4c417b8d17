"""Reads and profiles Parquet and CSV files with DuckDB."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from local.data.column_statistics import column_statistics
from local.data.inference import FIRST_ROWS
from local.data.insight import insight_of
from local.data.limits import (
    LIMITS,
    Budget,
    Limits,
    MoreNeededError,
    Share,
    interrupted_after,
)
from local.data.rows import count_rows
from local.data.side_tables import ReadSide, files_of, join, nothing_left, read_sides
from local.data.understanding import Understood, understand
from shared.columns import Column, ColumnType
from shared.columns.text_form import python_text
from shared.documents.source import FileSource, Source
from shared.documents.tables import Tables
from shared.insights import unmeasured
from shared.ports import NO_ROLES, Look, Profile
from shared.problems import InvalidError, Problem, of_side
from shared.tables.faults import reason_of
from shared.tables.files import find_files, invalid, listed, source_files
from shared.tables.fingerprints import files_fingerprint, together
from shared.tables.sql import lockdown, quote, typed
from shared.views import View

_LONGEST_NOTE = 1_000
_MOST_NOTES = 50
_ROWS_SHOWN = 5
# Of a first look, that others read for so long.
_PATIENCE_SECONDS = 30.0
_TOO_MUCH = (duckdb.InterruptException, duckdb.OutOfMemoryException)


class DuckDBDataSource:
    """Files of this machine as datasets. Any number of threads may use one instance.

    Args:
        home: where values that do not fit into memory are spilled, under `tmp/`.
    """

    def __init__(self, home: Path, limits: Limits = LIMITS) -> None:
        self._spill = home / "tmp"
        self._limits = limits
        self._budget = Budget(limits)

    def look(self, source: Source) -> Look:
        """So far as the first 10,000 rows tell.

        Raises:
            UnavailableError: a large source has been read for too long meanwhile.
        """
        return self._budget.run(lambda share: self._look(source, share), _PATIENCE_SECONDS)

    def _look(self, source: Source, share: Share) -> Look:
        with self._opened(source, self._limits.inspect_seconds, share, whole=False) as (opened, _):
            columns = [Column(name=name, type=kind) for name, kind in opened.kinds.items()]
            values = ", ".join(f"CAST({quote(column.name)} AS VARCHAR)" for column in columns)
            rows = opened.connection.execute(
                f"SELECT {values} FROM {opened.reading.table} LIMIT {_ROWS_SHOWN}"
            ).fetchall()
            return Look(
                source=opened.source.model_copy(update={"options": opened.options}),
                columns=columns,
                why=opened.why,
                option_why=opened.option_why,
                notes=[note[:_LONGEST_NOTE] for note in opened.notes()[:_MOST_NOTES]],
                undecided=opened.undecided,
                rows=[
                    [_shown(value, column) for value, column in zip(row, columns, strict=True)]
                    for row in rows
                ],
            )

    def inspect(self, source: Source) -> list[Column]:
        """Names and types only, so far as the first 10,000 rows tell them."""
        return self.look(source).columns

    def first_rows(self, source: Source, columns: Sequence[str]) -> dict[str, list[Any]]:
        """Of up to 10,000 rows. Raises UnavailableError, as `look` does."""
        return self._budget.run(
            lambda share: self._first_rows(source, columns, share), _PATIENCE_SECONDS
        )

    def _first_rows(
        self, source: Source, columns: Sequence[str], share: Share
    ) -> dict[str, list[Any]]:
        with self._opened(source, self._limits.inspect_seconds, share, whole=False) as (opened, _):
            values = ", ".join(
                typed(quote(name), opened.kinds[name])
                if opened.kinds[name].is_numeric
                else f"CAST({quote(name)} AS VARCHAR)"
                for name in columns
            )
            first = f"SELECT {values} FROM {opened.reading.table} LIMIT {FIRST_ROWS}"
            rows = opened.connection.execute(first).fetchall() if values else []
        return {name: [row[place] for row in rows] for place, name in enumerate(columns)}

    def source_fingerprint(self, source: Source) -> str | None:
        """Raises InvalidError where the files have gone."""
        if not isinstance(source, FileSource):
            return None
        try:
            return files_fingerprint(source_files(source))
        except OSError as error:
            message = f"It cannot be looked at: {error.strerror}."
            raise invalid("unreadable", message, source) from None

    def bytes_read(self, source: Source, columns: Sequence[str], view: View | None = None) -> None:
        """Files of this machine cost nothing."""

    def profile(
        self,
        source: Source,
        mapping: Mapping[str, str] = NO_ROLES,
        latest: int | None = None,
        tables: Tables | None = None,
    ) -> Profile:
        """Names, types and statistics, in a few scans whose memory is bounded.

        Columns of up to about a million different values have exact statistics. Of others,
        `unique_count` is HyperLogLog's estimate (a few per cent off), the most frequent values
        are those of DuckDB's `approx_top_k`, and `median` is exact up to 40 million numbers in all
        of them together, beyond that t-digest's estimate. `std` is the sample's.
        """
        return self._budget.run(lambda share: self._profile(source, mapping, latest, tables, share))

    def _profile(
        self,
        source: Source,
        mapping: Mapping[str, str],
        latest: int | None,
        tables: Tables | None,
        share: Share,
    ) -> Profile:
        fingerprints = [self.source_fingerprint(source)]
        for name, side in (tables.sides if tables is not None else {}).items():
            with of_side(name):
                fingerprints.append(self.source_fingerprint(side.source))
        read = together(fingerprints)
        seconds = self._limits.seconds
        with self._opened(source, seconds, share, tables, whole=True) as (opened, sides):
            joined = join(opened, tables, mapping, sides)
            connection, table = opened.connection, joined.rows.table
            counted = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
            row_count = int(counted[0]) if counted else 0
            types, kinds = joined.rows.types, joined.kinds
            if row_count == 0:
                raise nothing_left(tables, joined.selected)
            statistics = column_statistics(connection, table, kinds, types, row_count)
            columns = [
                Column(name=name, type=kind, statistics=found)
                for (name, kind), found in zip(kinds.items(), statistics, strict=True)
            ]
            rows = count_rows(connection, table, types, columns, mapping, latest)
            if rows is not None:
                rows = rows.model_copy(update={"selected": joined.selected})
            notes = [*opened.notes(), *joined.notes, *_value_notes(columns)]
            insight = None
            try:
                insight = insight_of(connection, table, types, columns, mapping, latest)
            except _TOO_MUCH as error:  # the dataset can be used all the same
                if not share.final and isinstance(error, duckdb.OutOfMemoryException):
                    raise
                notes.append(unmeasured(reason_of(error, opened.files)))
        schema = [f"{column.name}\0{column.type}" for column in columns]
        if tables is not None and not tables.plain:
            further = tables.model_dump_json(exclude={"source", "column_mapping"})
            schema += [further, *(read or "" for _ in tables.sides)]
        if len(notes) > _MOST_NOTES:
            more = f"There are {len(notes) - _MOST_NOTES:,} more notes of these kinds."
            notes = [*notes[:_MOST_NOTES], more]
        return Profile(
            columns=columns,
            row_count=row_count,
            fingerprint=files_fingerprint(opened.files, schema),
            source_fingerprint=read,
            rows=rows,
            notes=[note[:_LONGEST_NOTE] for note in notes],
            read_as=opened.options,
            insight=insight,
            sides=joined.sides,
        )

    @contextmanager
    def _opened(
        self,
        source: Source,
        seconds: float,
        share: Share,
        tables: Tables | None = None,
        *,
        whole: bool,
    ) -> Iterator[tuple[Understood, dict[str, ReadSide]]]:
        """Args: whole: look at all rows; else at the first ones only."""
        if not isinstance(source, FileSource):
            raise InvalidError(
                [
                    Problem(
                        path="spec.source.kind",
                        code="unsupported_source",
                        message="On this machine a source is files: csv, json, excel or parquet.",
                        received=source.kind,
                    )
                ]
            )
        found = find_files(source)
        beside = files_of(tables)
        self._spill.mkdir(parents=True, exist_ok=True)
        with (
            tempfile.TemporaryDirectory(dir=self._spill) as spill,
            duckdb.connect(
                ":memory:",
                config={
                    "temp_directory": f"{spill}/spill",
                    "max_temp_directory_size": f"{share.spill}B",
                    "memory_limit": f"{share.memory}B",
                    "preserve_insertion_order": False,
                },
            ) as connection,
            interrupted_after(seconds, connection),
        ):
            work = Path(spill) / "copies"
            try:
                files = [*found.files, *(file for one in beside.values() for file in one.files)]
                for statement in lockdown(files, work):
                    connection.execute(statement)
                sides = read_sides(tables, beside, work, connection)
                yield understand(source, found, work, connection, whole), sides
            except duckdb.InterruptException:
                message = f"Reading it takes longer than {seconds:g} seconds. Give fewer rows."
                raise invalid("too_large", message, source) from None
            except (duckdb.OutOfMemoryException, MemoryError):
                if not share.final:
                    raise MoreNeededError from None
                message = (
                    f"Reading it takes more than {self._limits.memory} of memory and "
                    f"{self._limits.spill} of disk. Give fewer rows, or shorter values."
                )
                raise invalid("too_large", message, source) from None
            except OSError as error:
                name = Path(error.filename).name if error.filename else "A file"
                message = f"{name} cannot be opened: {error.strerror}."
                raise invalid("unreadable", message, source) from None
            except duckdb.Error as error:
                reason = reason_of(error, found.files)
                raise invalid("unreadable", reason, source) from error


def _shown(value: str | None, column: Column) -> str | None:
    """A value for people; None where it is missing."""
    if value is None:
        return None
    if column.type is ColumnType.TIMESTAMP:
        return value.removesuffix("+00").removesuffix(" 00:00:00")
    number = column.type is ColumnType.INTEGER
    return python_text(value.removesuffix(".0") if number else value, column.text_form) or None


def _value_notes(columns: Sequence[Column]) -> list[str]:
    """What was taken as missing."""
    notes = []
    for column in columns:
        found = column.statistics
        assert found is not None
        if words := [one for one in found.missing if one.value]:
            counts = listed(f"{one.value!r} ({one.count:,} rows)" for one in words)
            notes.append(f"In {column.name!r} these texts count as missing: {counts}.")
    return notes
