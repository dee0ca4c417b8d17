"""Datasets in BigQuery."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from google.api_core import exceptions
from google.cloud import bigquery

from shared.columns import Column, ColumnStatistics, ColumnType
from shared.columns.source_rows import SourceRows
from shared.columns.vectors import numbers_in, shared_length
from shared.documents.dataset import BigQuerySource, Source
from shared.documents.tables import Tables
from shared.gcp import bigquery_sql as sql
from shared.gcp.bigquery_dialect import BigQuery
from shared.gcp.bigquery_fingerprints import fingerprint, last_change, source_fingerprint
from shared.gcp.bigquery_insight import insight_of
from shared.gcp.bigquery_jobs import only_row
from shared.gcp.bigquery_moments import add_moments, scale
from shared.gcp.bigquery_source import (
    NoSourceError,
    described,
    is_pinned,
    query_text,
    read_from,
    relation,
)
from shared.gcp.bigquery_time import PastGoneError
from shared.gcp.bigquery_view import Joined, Side, join
from shared.insights import unmeasured
from shared.ports import NO_ROLES, Look, Profile
from shared.problems import InvalidError, Problem, of_side, shorten
from shared.tables.files import left_aside, listed
from shared.tables.fingerprints import together
from shared.tables.view import Relation, one_per_key, viewed
from shared.views import View

T = TypeVar("T")

# Less than the function lives that profiles: what takes longer goes on, and is asked for again.
_SECONDS = 420.0
_ASKING_SECONDS = 60.0
_NO_PAST = "It has no past that could be read: every test reads it as it is at that time, and tests"
_LONGEST_SAMPLE = 200


class BigQueryDataSource:
    """Tables and views as datasets.

    Args:
        max_bytes: a query that would read more is refused before it runs; None: no bound.
        now: the present time.
    """

    def __init__(
        self,
        client: bigquery.Client,
        max_bytes: int | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client = client
        self._max_bytes = max_bytes
        self._now = now

    def look(self, source: Source) -> Look:
        """From the table's metadata: it costs nothing."""
        checked = _checked(source)
        kinds, notes = _kinds(checked, self._table(checked))
        columns = [Column(name=name, type=kind) for name, kind in kinds.items()]
        return Look(checked, columns, notes=notes)

    def inspect(self, source: Source) -> list[Column]:
        return self.look(source).columns

    def profile(
        self,
        source: Source,
        mapping: Mapping[str, str] = NO_ROLES,
        latest: int | None = None,
        tables: Tables | None = None,
    ) -> Profile:
        """Two scans, and one of the mapped ids and times. `unique_count`, `median` and `samples`
        are BigQuery's approximations (about a per cent off); all else is exact. `fingerprint`
        changes with the table's last change. A query that an earlier call for the same moment has
        begun is waited for, not begun again."""
        checked = _checked(source)
        table = self._table(checked)
        pinned = is_pinned(checked, table)
        until = time.monotonic() + _SECONDS
        row = partial(self._row, source=checked, location=table.location, until=until)
        name, (kinds, notes) = self._read_from(table, checked), _kinds(checked, table)
        if not pinned:
            notes.append(f"{_NO_PAST} before and after a change are not comparable.")
        joined = self._joined(checked, table, kinds, mapping, tables, notes)
        if joined is not None:
            name, kinds = joined.rows.table, joined.kinds
        found = row(sql.ranges(name, kinds))
        rows = int(found["rows"])
        if rows == 0:
            message = "The table has no rows." if joined is None else "No row is left of it."
            raise _problem("empty", message, checked)
        scales = {
            column: (kind, *scale(found[f"l{i}"], found[f"h{i}"]))
            for i, (column, kind) in enumerate(kinds.items())
            if kind.is_numeric and found[f"l{i}"] is not None
        }
        moments = row(sql.moments(name, scales)) if scales else {}
        places = {column: i for i, column in enumerate(scales)}
        columns = []
        for i, (column, kind) in enumerate(kinds.items()):
            texts = _texts(found[f"t{i}"])
            statistics = ColumnStatistics(
                unique_count=min(found[f"u{i}"], found[f"c{i}"]),
                null_count=rows - found[f"c{i}"],
                min=found[f"l{i}"],
                max=found[f"h{i}"],
                samples=[text[:_LONGEST_SAMPLE] for text in texts],
                numbers=shared_length(list(map(numbers_in, texts)))
                if kind is ColumnType.STRING
                else None,
            )
            if column in scales:
                add_moments(statistics, moments, places[column], scales[column][1:])
            columns.append(Column(name=column, type=kind, statistics=statistics))
        counting = sql.rows(name, columns, mapping, latest)
        counted = SourceRows.model_validate(dict(row(counting))) if counting is not None else None
        if counted is not None and joined is not None:
            counted = counted.model_copy(update={"selected": joined.selected(row)})
        insight = None
        try:
            insight = insight_of(row, name, columns, mapping, latest)
        except InvalidError as invalid:  # the dataset can be used all the same
            notes.append(unmeasured(invalid.problems[0].message))
        return Profile(
            columns,
            rows,
            fingerprint(checked, table, rows, columns, tables),
            self._fingerprints(checked, table, tables),
            counted,
            notes,
            as_of=checked.as_of if pinned else None,
            insight=insight,
            sides=joined.found(row) if joined is not None else {},
        )

    def first_rows(self, source: Source, columns: Sequence[str]) -> dict[str, list[Any]]:
        """None: a look at rows is a query, which costs as much as reading the columns whole."""
        return {}

    def source_fingerprint(self, source: Source) -> str | None:
        """By the table's last change. None of a view, and while BigQuery does not answer: what was
        read is compared once more when it has been."""
        checked = _checked(source)
        try:
            table = self._table(checked)
        except (exceptions.GoogleAPICallError, exceptions.RetryError):
            return None
        self._read_from(table, checked)
        return last_change(checked, table)

    def bytes_read(self, source: Source, columns: Sequence[str], view: View | None = None) -> int:
        """By a dry run, which costs nothing."""
        checked = _checked(source)
        config = bigquery.QueryJobConfig(dry_run=True, use_query_cache=False)
        rows = _quoted(checked) if checked.query is None else f"(\n{query_text(checked)}\n)"
        if view is not None:
            stored = self._relation(checked)
            sides = {
                name: one_per_key(side, self._relation(_checked(side.source)), BigQuery)
                for name, side in view.sides.items()
            }
            rows = viewed(view, stored, sides, BigQuery).table
        query = sql.columns(rows, columns)
        job = _asking(
            lambda: self._client.query(query, job_config=config, timeout=_ASKING_SECONDS), checked
        )
        return int(job.total_bytes_processed)

    def _table(self, source: BigQuerySource) -> Any:
        try:
            return _asking(lambda: described(source, self._client), source)
        except NoSourceError as error:
            code = "no_table_name" if source.query is None else "no_query"
            raise _problem(code, str(error), source) from None

    def _read_from(self, table: Any, source: BigQuerySource) -> str:
        try:
            return read_from(source, table, self._now())
        except PastGoneError as gone:
            raise _problem("past_gone", str(gone), source) from None

    def _relation(self, source: BigQuerySource) -> Relation:
        table = self._table(source)
        self._read_from(table, source)
        return relation(source, table, self._now())

    def _joined(
        self,
        source: BigQuerySource,
        table: Any,
        kinds: Mapping[str, ColumnType],
        mapping: Mapping[str, str],
        tables: Tables | None,
        notes: list[str],
    ) -> Joined | None:
        """None where the rows are the source's as they are."""
        if tables is None or tables.plain:
            return None
        sides = {}
        for name, side in tables.sides.items():
            if not isinstance(side.source, BigQuerySource):
                continue  # which `join` refuses
            with of_side(name):
                found = self._table(side.source)
                of_columns, left_aside = _kinds(side.source, found)
                notes += [f"{name.capitalize()}: {note}" for note in left_aside]
                self._read_from(found, side.source)
                stored = relation(side.source, found, self._now())
                pinned = is_pinned(side.source, found)
                sides[name] = Side(side.source, stored, of_columns, pinned)
        return join(tables, mapping, relation(source, table, self._now()), kinds, sides)

    def _fingerprints(
        self, source: BigQuerySource, table: Any, tables: Tables | None
    ) -> str | None:
        found = [source_fingerprint(source, table)]
        for side in (tables.sides if tables is not None else {}).values():
            beside = _checked(side.source)
            found.append(source_fingerprint(beside, self._table(beside)))
        return together(found)

    def _row(self, query: str, source: BigQuerySource, location: str, until: float) -> Any:
        config = bigquery.QueryJobConfig(maximum_bytes_billed=self._max_bytes)
        key = f"{(source.as_of or self._now()).isoformat()} {self._max_bytes}"
        seconds = max(1.0, until - time.monotonic())
        return _asking(
            lambda: only_row(
                self._client, query, config, key=key, location=location, seconds=seconds
            ),
            source,
        )


def _checked(source: Source) -> BigQuerySource:
    if isinstance(source, BigQuerySource):
        return source
    raise InvalidError(
        [
            Problem(
                path="spec.source.kind",
                code="unsupported_source",
                message="On Google Cloud a source is a BigQuery table: load the files into one, as"
                " `bq load --source_format=PARQUET` does, and give its name.",
                received=source.kind,
            )
        ]
    )


def _quoted(source: BigQuerySource) -> str:
    name = sql.table_name(source.table or "")
    if name is None:
        raise _problem("no_table_name", "Give a table as project.dataset.table.", source)
    return name


def _kinds(source: BigQuerySource, table: Any) -> tuple[dict[str, ColumnType], list[str]]:
    """The types of columns that features can be made of, and a note on others. Raises
    InvalidError."""
    kinds: dict[str, ColumnType] = {}
    odd = []
    for field in table.schema:
        kind = sql.kind_of(field)
        if kind is not None:
            kinds[field.name] = kind
        else:
            stored = f"{field.mode} {field.field_type}".removeprefix("NULLABLE ")
            odd.append(f"{field.name!r} ({stored})")
    if not kinds:
        raise _problem(
            "unsupported_type",
            f"No feature can be made of any column: {listed(odd)}. Give a view with text, "
            "numbers, timestamps or booleans.",
            source,
        )
    return kinds, [left_aside(odd)] if odd else []


def _texts(counted: Any) -> list[str]:
    found = [entry["value"] for entry in counted or [] if entry["value"] is not None]
    return found[: sql.SAMPLES]


def _asking(ask: Callable[[], T], source: BigQuerySource) -> T:
    """Raises InvalidError for what its owner can mend; other faults pass."""
    try:
        return ask()
    except exceptions.NotFound:
        raise _problem("not_found", "There is no such table.", source) from None
    except exceptions.Forbidden as error:
        raise _problem(
            "forbidden", f"The functions may not read it: {error.message}.", source
        ) from None
    except exceptions.BadRequest as error:
        raise _problem("unreadable", f"BigQuery cannot read it: {error.message}.", source) from None


def _problem(code: str, message: str, source: BigQuerySource) -> InvalidError:
    return InvalidError(
        [
            Problem(
                path=f"spec.source.{'table' if source.query is None else 'query'}",
                code=code,
                message=message,
                received=shorten(source.table or source.query or ""),
            )
        ]
    )
