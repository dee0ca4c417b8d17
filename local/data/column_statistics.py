"""The statistics of columns."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from shared.columns import ColumnStatistics, ColumnType, ValueCount
from shared.columns.text_form import ALL_MARKERS, WORDS, TextForm, duckdb_text, trimmed
from shared.columns.vectors import duckdb_numbers_in, shared_length
from shared.tables.sql import literal, quote, typed

_EXACT_DISTINCT = 1_000_000
_EXACT_MEDIAN_VALUES = 40_000_000  # an exact median keeps its column in memory
_SAMPLES = 5
_BINS = 20
_LONGEST_VALUE = 200
_COLUMNS_A_SCAN = 25
# Values of several columns that are counted together, which a query for each would take long to
# plan; those of a tall table are counted column by column, which takes less memory.
_CELLS_AT_ONCE = 2_000_000
_WITHOUT_ZONE = ("DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS")
# Words such as NA are missing values among texts most of which hold one of these.
_OF_CODES = "[0-9@_]"
_CODES = 0.9


@dataclass(frozen=True)
class _Batch:
    """Columns of one type that are stored as one type."""

    names: list[str]
    kind: ColumnType
    stored: str

    @property
    def is_text(self) -> bool:
        return self.stored == "VARCHAR"

    def value(self, name: str, codes: Sequence[int] = (), place: str = "0") -> str:
        """A value as its type, null where it is missing; `codes` are places of such columns.

        Moments that are stored without a zone are taken as they are: in UTC that is the same, and
        to give them one takes longer than all else.
        """
        if self.stored in _WITHOUT_ZONE:
            return f"TRY_CAST({name} AS TIMESTAMP)"
        if self.kind is not ColumnType.STRING:
            value = typed(name, self.kind)
            # Of text, "nan" is a marker of missing values.
            nan = self.is_text and self.kind is ColumnType.FLOAT
            return f"nullif({value}, 'nan'::DOUBLE)" if nan else value
        written = duckdb_text(name, self.stored)
        if not codes:
            return written
        among = ", ".join(map(str, codes))
        code = duckdb_text(name, self.stored, TextForm.CODE)
        return f"CASE WHEN {place} IN ({among}) THEN {code} ELSE {written} END"


@dataclass(frozen=True)
class _Values:
    """SQL over the values of columns that are not null.

    Attributes:
        table: of `c` (the column's place), `v`, `x` (the value as a number), and `n` (how often the
            row counts).
        unique: an aggregate over it.
        medians: a query of `c` and the median, where x is finite.
        frequent: a table of the most frequent `v` and more, each once with its `n`.
        missing: by place, the texts that mean a missing value, and how often.
    """

    table: str
    unique: str
    medians: str
    frequent: str
    missing: Mapping[int, list[ValueCount]]


def column_statistics(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    kinds: Mapping[str, ColumnType],
    stored: Mapping[str, str],
    row_count: int,
    counted: int = _EXACT_DISTINCT,
) -> list[ColumnStatistics]:
    """The values of columns with about `counted` different ones or fewer are counted in one scan,
    and the counts say all else; other columns are scanned once for each question.

    Args:
        stored: DuckDB's type of each column.
    """
    many: set[str] = set()
    if row_count > counted:
        estimates = _estimates(connection, table, list(kinds))
        many = {name for name, value in zip(kinds, estimates, strict=True) if value > counted}
    numbers = sum(kinds[name].is_numeric for name in many)
    exact_medians = row_count * numbers <= _EXACT_MEDIAN_VALUES
    found: dict[str, ColumnStatistics] = {}
    for name in many:
        batch = _Batch([name], kinds[name], stored[name])
        values = _scanned(connection, table, batch, exact_medians)
        found.update(_statistics(connection, values, batch, row_count))
    at_once = max(1, _CELLS_AT_ONCE // max(1, row_count))
    for batch in _batches([name for name in kinds if name not in many], kinds, stored, at_once):
        values = _counted(connection, table, batch)
        found.update(_statistics(connection, values, batch, row_count))
    return [found[name] for name in kinds]


def _estimates(
    connection: duckdb.DuckDBPyConnection, table: str, names: Sequence[str]
) -> list[int]:
    """About how many different values each column has as it is stored; one scan for every few
    columns, because planning many aggregates at once takes longer than scanning again."""
    found: list[int] = []
    for start in range(0, len(names), _COLUMNS_A_SCAN):
        some = names[start : start + _COLUMNS_A_SCAN]
        aggregates = ", ".join(f"approx_count_distinct({quote(name)})" for name in some)
        found += _row(connection, f"SELECT {aggregates} FROM {table}")
    return found


def _batches(
    names: Sequence[str],
    kinds: Mapping[str, ColumnType],
    stored: Mapping[str, str],
    at_once: int,
) -> Iterator[_Batch]:
    alike: dict[tuple[ColumnType, str], list[str]] = {}
    for name in names:
        alike.setdefault((kinds[name], stored[name]), []).append(name)
    for (kind, type_), some in alike.items():
        for start in range(0, len(some), at_once):
            yield _Batch(some[start : start + at_once], kind, type_)


def grouped(table: str, names: Sequence[str]) -> str:
    """A query of `c` (a column's place), `s` (a value as it is stored) and `n` (how often)."""
    if len(names) == 1:
        return (
            f"SELECT 0 AS c, {quote(names[0])} AS s, count(*) AS n FROM {table} "
            "WHERE s IS NOT NULL GROUP BY s"
        )
    columns = ", ".join(f'{quote(name)} AS "{place}"' for place, name in enumerate(names))
    return (
        "SELECT CAST(c AS INTEGER) AS c, s, count(*) AS n FROM "
        f"(UNPIVOT (SELECT {columns} FROM {table}) ON COLUMNS(*) INTO NAME c VALUE s) GROUP BY ALL"
    )


def _counted(connection: duckdb.DuckDBPyConnection, table: str, batch: _Batch) -> _Values:
    # Grouped as stored, which is faster, then as typed: "1" and "1.0" are one number.
    stored = f"({grouped(table, batch.names)})"
    missing: dict[int, list[ValueCount]] = {}
    codes: list[int] = []
    if batch.is_text:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE grouped AS {stored}")
        stored = "grouped"
        missing, codes = _missing(connection, stored, batch)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE counted AS SELECT c, v, {_as_number(batch.kind)} AS x, "
        f"sum(n) AS n FROM (SELECT c, {batch.value('s', codes, 'c')} AS v, n FROM {stored}) "
        "WHERE v IS NOT NULL GROUP BY c, v"
    )
    ranked = (
        "(SELECT c, x, sum(n) OVER (PARTITION BY c ORDER BY x) AS upto, "
        "sum(n) OVER (PARTITION BY c) AS total FROM counted WHERE isfinite(x))"
    )
    return _Values(
        table="counted",
        unique="count(*)",
        medians="SELECT c, min(x) FILTER (2 * upto >= total) / 2 + "
        f"min(x) FILTER (2 * upto > total) / 2 FROM {ranked} GROUP BY c",
        frequent="counted",
        missing=missing,
    )


def _scanned(
    connection: duckdb.DuckDBPyConnection, table: str, batch: _Batch, exact_median: bool
) -> _Values:
    column = quote(batch.names[0])
    missing: dict[int, list[ValueCount]] = {}
    codes: list[int] = []
    if batch.is_text:
        stored = f"(SELECT 0 AS c, {column} AS s, 1 AS n FROM {table})"
        missing, codes = _missing(connection, stored, batch)
    values = (
        f"(SELECT 0 AS c, v, {_as_number(batch.kind)} AS x, 1 AS n FROM "
        f"(SELECT {batch.value(column, codes)} AS v FROM {table}) WHERE v IS NOT NULL)"
    )
    (estimate,) = _row(connection, f"SELECT approx_count_distinct(v) FROM {values}")
    frequent = f"(SELECT unnest(approx_top_k(v, {_SAMPLES})) FROM {values})"
    median = "median(x)" if exact_median else "approx_quantile(x, 0.5)"
    return _Values(
        table=values,
        unique="count(DISTINCT v)" if estimate <= _EXACT_DISTINCT else f"{estimate}",
        medians=f"SELECT 0, {median} FROM {values} WHERE isfinite(x)",
        frequent=f"(SELECT 0 AS c, v, sum(n) AS n FROM {values} WHERE v IN {frequent} GROUP BY v)",
        missing=missing,
    )


def _missing(
    connection: duckdb.DuckDBPyConnection, stored: str, batch: _Batch
) -> tuple[dict[int, list[ValueCount]], list[int]]:
    """The texts that mean a missing value, by column; and the columns of ids and codes, in which
    words such as NA do."""
    listed = ", ".join(map(literal, ALL_MARKERS))
    found: dict[int, list[ValueCount]] = {}
    for place, value, count in connection.execute(
        f"SELECT c, {trimmed('s')} AS m, sum(n) FROM {stored} WHERE m IN ({listed}) "
        "GROUP BY ALL ORDER BY sum(n) DESC, m"
    ).fetchall():
        found.setdefault(place, []).append(ValueCount(value=value, count=int(count)))
    if batch.kind is not ColumnType.STRING:
        return found, []
    doubtful = [place for place, some in found.items() if any(one.value in WORDS for one in some)]
    if not doubtful:
        return found, []
    codes = [
        place
        for place, share in connection.execute(
            f"SELECT c, avg(CAST(regexp_matches(s, '{_OF_CODES}') AS INTEGER)) FROM "
            f"(SELECT DISTINCT c, s FROM {stored}) "
            f"WHERE c IN ({', '.join(map(str, doubtful))}) "
            f"AND {trimmed('s')} NOT IN ({listed}) GROUP BY c"
        ).fetchall()
        if share >= _CODES
    ]
    for place in set(doubtful) - set(codes):
        found[place] = [one for one in found[place] if one.value not in WORDS]
    return found, codes


def _statistics(
    connection: duckdb.DuckDBPyConnection, values: _Values, batch: _Batch, row_count: int
) -> dict[str, ColumnStatistics]:
    found = {
        place: ColumnStatistics(
            unique_count=0, null_count=row_count, missing=values.missing.get(place, [])
        )
        for place in range(len(batch.names))
    }
    for place, count, unique, low, high in connection.execute(
        f"SELECT c, sum(n), {values.unique}, min(x) FILTER (isfinite(x)), "
        f"max(x) FILTER (isfinite(x)) FROM {values.table} GROUP BY c"
    ).fetchall():
        one = found[place]
        one.unique_count, one.min, one.max = unique, low, high
        one.null_count = row_count - int(count)
    frequent: dict[int, list[ValueCount]] = {}
    lengths: dict[int, list[int]] = {}
    as_text = _as_text(batch.kind)
    numbers = duckdb_numbers_in(as_text) if batch.kind is ColumnType.STRING else "0"
    for place, value, count, length in connection.execute(
        f"SELECT c, left({as_text}, {_LONGEST_VALUE}), -least, {numbers} FROM "
        f"(SELECT c, unnest(min({{'least': -n, 'v': v}}, {_SAMPLES}), recursive := true) "
        f"FROM {values.frequent} GROUP BY c) ORDER BY c, least, v"
    ).fetchall():
        frequent.setdefault(place, []).append(ValueCount(value=value, count=int(count)))
        lengths.setdefault(place, []).append(length)
    for place, some in frequent.items():
        found[place].samples = list(dict.fromkeys(one.value for one in some))
        if batch.kind is ColumnType.STRING:
            found[place].numbers = shared_length(lengths[place])
        if batch.kind in (ColumnType.STRING, ColumnType.BOOLEAN):
            found[place].top_values = some
    if batch.kind is ColumnType.TIMESTAMP or batch.kind.is_numeric:
        _add_moments(connection, found, values, batch.kind)
    return {name: found[place] for place, name in enumerate(batch.names)}


def _add_moments(
    connection: duckdb.DuckDBPyConnection,
    found: Mapping[int, ColumnStatistics],
    values: _Values,
    kind: ColumnType,
) -> None:
    """Moments are taken of values moved and scaled into [-1, 1]: they neither overflow nor cancel.

    The skewness is G₁ of Joanes and Gill, "Comparing measures of sample skewness and kurtosis".
    """
    scales: dict[int, tuple[float, float, float]] = {}
    for place, one in found.items():
        if one.min is not None and one.max is not None:
            middle, half = one.min / 2 + one.max / 2, (one.max / 2 - one.min / 2) or 1.0
            scales[place] = (middle, half, 0.0)
    if not scales:
        return
    if kind.is_numeric:
        means = connection.execute(
            f"SELECT c, sum(n * z) / sum(n) FROM {_scaled(values, scales)} GROUP BY c"
        ).fetchall()
        for place, mean in means:
            one, (middle, half, _) = found[place], scales[place]
            assert one.min is not None
            assert one.max is not None
            one.mean = min(max(middle + half * mean, one.min), one.max)
            scales[place] = (middle, half, mean)
        for place, median in connection.execute(values.medians).fetchall():
            found[place].median = median
    bins: dict[int, list[tuple[Any, ...]]] = {}
    for place, *row in connection.execute(
        f"SELECT c, greatest(0, least({_BINS - 1}, floor((z + 1) / 2 * {_BINS})))::INTEGER AS bin, "
        f"sum(n), sum(n * (z - mean) ** 2), sum(n * (z - mean) ** 3) "
        f"FROM {_scaled(values, scales)} GROUP BY c, bin"
    ).fetchall():
        bins.setdefault(place, []).append(tuple(row))
    for place, rows in bins.items():
        one, half = found[place], scales[place][1]
        if one.min != one.max:
            counts = {number: int(n) for number, n, *_ in rows}
            one.histogram = [counts.get(number, 0) for number in range(_BINS)]
        if not kind.is_numeric:
            continue
        total = int(sum(n for _, n, *_ in rows))
        squares, cubes = (math.fsum(row[power] for row in rows) for power in (2, 3))
        if total > 1:
            one.std = half * math.sqrt(squares / (total - 1))
        if total > 2 and squares > 0:
            one.skewness = total * math.sqrt(total - 1) / (total - 2) * cubes / squares**1.5


def _scaled(values: _Values, scales: Mapping[int, tuple[float, float, float]]) -> str:
    """A table of `c`, `z` (the value scaled), `n`, and the mean that was found of z."""
    rows = ", ".join(
        f"({place}, {middle!r}::DOUBLE, {half!r}::DOUBLE, {mean!r}::DOUBLE)"
        for place, (middle, half, mean) in scales.items()
    )
    return (
        f"(SELECT c, n, (x - middle) / half AS z, mean FROM {values.table} AS of "
        f"JOIN (VALUES {rows}) AS scale(c, middle, half, mean) USING (c) WHERE isfinite(x))"
    )


def _as_text(kind: ColumnType) -> str:
    return "strftime(v, '%Y-%m-%dT%H:%M:%SZ')" if kind is ColumnType.TIMESTAMP else "v::VARCHAR"


def _as_number(kind: ColumnType) -> str:
    if kind is ColumnType.TIMESTAMP:
        return "CASE WHEN isfinite(v) THEN epoch(v) END"
    return "v::DOUBLE" if kind.is_numeric else "NULL::DOUBLE"


def _row(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    return connection.execute(query).fetchone() or ()
