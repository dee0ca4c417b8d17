"""Datasets in BigQuery."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from google.api_core import exceptions
from google.cloud import bigquery

from shared.columns import Column, ColumnStatistics, ColumnType
from shared.documents.dataset import BigQuerySource, Source
from shared.gcp import bigquery_sql as sql
from shared.ports import Profile
from shared.problems import Invalid, Problem, shorten

T = TypeVar("T")

_SECONDS = 600.0
_LONGEST_SAMPLE = 200


class BigQueryDataSource:
    """Tables and views as datasets.

    Args:
        max_bytes: a query that would read more is refused before it runs; None: no bound.
    """

    def __init__(self, client: bigquery.Client, max_bytes: int | None = None) -> None:
        self._client = client
        self._max_bytes = max_bytes

    def inspect(self, source: Source) -> list[Column]:
        """From the table's metadata: it costs nothing."""
        table = self._table(_checked(source))
        return [Column(name=name, type=kind) for name, kind in _kinds(table).items()]

    def profile(self, source: Source) -> Profile:
        """Two scans. `unique_count`, `median` and `samples` are BigQuery's approximations (about a
        per cent off); all else is exact. `fingerprint` changes with the table's last change."""
        checked = _checked(source)
        table = self._table(checked)
        name, kinds = _quoted(checked), _kinds(table)
        found = self._row(sql.ranges(name, kinds), checked)
        rows = int(found["rows"])
        if rows == 0:
            raise _problem("empty", "The table has no rows.", checked)
        scales = {
            column: (kind, *scale(found[f"l{i}"], found[f"h{i}"]))
            for i, (column, kind) in enumerate(kinds.items())
            if kind.is_numeric and found[f"l{i}"] is not None
        }
        moments = self._row(sql.moments(name, scales), checked) if scales else {}
        places = {column: i for i, column in enumerate(scales)}
        columns = []
        for i, (column, kind) in enumerate(kinds.items()):
            statistics = ColumnStatistics(
                unique_count=min(found[f"u{i}"], found[f"c{i}"]),
                null_count=rows - found[f"c{i}"],
                min=found[f"l{i}"],
                max=found[f"h{i}"],
                samples=_samples(found[f"t{i}"]),
            )
            if column in scales:
                add_moments(statistics, moments, places[column], scales[column][1:])
            columns.append(Column(name=column, type=kind, statistics=statistics))
        return Profile(columns, rows, _fingerprint(checked, table, rows, columns))

    def bytes_read(self, source: Source, columns: Sequence[str]) -> int:
        """By a dry run, which costs nothing."""
        checked = _checked(source)
        config = bigquery.QueryJobConfig(dry_run=True, use_query_cache=False)
        query = sql.columns(_quoted(checked), columns)
        job = _asking(
            lambda: self._client.query(query, job_config=config, timeout=_SECONDS), checked
        )
        return int(job.total_bytes_processed)

    def _table(self, source: BigQuerySource) -> Any:
        name = _quoted(source).strip("`")
        if name.count(".") == 1:
            name = f"{self._client.project}.{name}"
        return _asking(lambda: self._client.get_table(name), source)

    def _row(self, query: str, source: BigQuerySource) -> Any:
        config = bigquery.QueryJobConfig(maximum_bytes_billed=self._max_bytes)

        def run() -> Any:
            job = self._client.query(query, job_config=config, timeout=_SECONDS)
            return next(iter(job.result(timeout=_SECONDS)))

        return _asking(run, source)


def add_moments(
    statistics: ColumnStatistics, row: Any, place: int, scaled_by: tuple[float, float]
) -> None:
    """Takes the moments of scaled values back to the column's own unit."""
    middle, half = scaled_by
    count, mean, std = row[f"n{place}"], row[f"m{place}"], row[f"s{place}"]
    low, high = statistics.min, statistics.max
    assert low is not None
    assert high is not None
    statistics.mean = min(max(middle + half * mean, low), high)
    statistics.median = middle + half * row[f"q{place}"]
    statistics.std = None if std is None else std * half
    if high > low:
        statistics.skewness = skewness(count, mean, row[f"p{place}"], row[f"r{place}"])


def skewness(count: int, mean: float, squares: float, cubes: float) -> float | None:
    """Fisher–Pearson's adjusted coefficient, of at least three values, not all equal.

    Args:
        squares, cubes: sums of the second and third powers.

    https://www.itl.nist.gov/div898/handbook/eda/section3/eda35b.htm
    """
    if count < 3:
        return None
    second = squares / count - mean**2
    if second <= 0:
        return None
    third = cubes / count - 3 * mean * squares / count + 2 * mean**3
    adjustment: float = (count * (count - 1)) ** 0.5 / (count - 2)
    return float(adjustment * third / second**1.5)


def scale(low: float, high: float) -> tuple[float, float]:
    """Middle and half width of a range; the latter 1 where the range is a point."""
    half = high / 2 - low / 2
    return low / 2 + high / 2, half if half > 0 else 1.0


def _checked(source: Source) -> BigQuerySource:
    if isinstance(source, BigQuerySource):
        return source
    raise Invalid(
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
    name = sql.table_name(source.table)
    if name is None:
        raise _problem("no_table_name", "Give a table as project.dataset.table.", source)
    return name


def _kinds(table: Any) -> dict[str, ColumnType]:
    kinds: dict[str, ColumnType] = {}
    problems = []
    for field in table.schema:
        kind = sql.TYPES.get(field.field_type)
        if kind is not None and field.mode != "REPEATED":
            kinds[field.name] = kind
            continue
        stored = f"{field.mode} {field.field_type}".removeprefix("NULLABLE ")
        problems.append(
            Problem(
                path="spec.source.table",
                code="unsupported_type",
                message=f"Column {field.name!r} is {stored}, which no feature can be made of: give"
                " a view without it, or with text, numbers, timestamps or booleans in its place.",
                received=stored,
            )
        )
    if problems:
        raise Invalid(problems)
    return kinds


def _samples(counted: Any) -> list[str]:
    texts = [entry["value"] for entry in counted or [] if entry["value"] is not None]
    return [text[:_LONGEST_SAMPLE] for text in texts[: sql.SAMPLES]]


def _fingerprint(source: BigQuerySource, table: Any, rows: int, columns: list[Column]) -> str:
    """SHA-256 over the table, its last change and its schema. A view has no change of its own:
    there, what was found in it counts."""
    changed = table.modified.isoformat() if table.table_type == "TABLE" else ""
    digest = hashlib.sha256(f"{source.table}\0{rows}\0{changed}\n".encode())
    for column in columns:
        digest.update(f"{column.name}\0{column.type}\n".encode())
        if not changed and column.statistics is not None:
            digest.update(column.statistics.model_dump_json(exclude={"samples"}).encode())
    return digest.hexdigest()


def _asking(ask: Callable[[], T], source: BigQuerySource) -> T:
    """Raises Invalid for what its owner can mend; other faults pass."""
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


def _problem(code: str, message: str, source: BigQuerySource) -> Invalid:
    return Invalid(
        [
            Problem(
                path="spec.source.table",
                code=code,
                message=message,
                received=shorten(source.table),
            )
        ]
    )
