"""What is found in columns: the types of a CSV's, and the statistics of all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from shared.columns import ColumnStatistics, ColumnType, ValueCount
from shared.sources import literal, quote, typed

_EXACT_DISTINCT = 1_000_000
_EXACT_MEDIAN_VALUES = 40_000_000  # an exact median keeps its column in memory
_SAMPLES = 5
_BINS = 20
_LONGEST_VALUE = 200
_COLUMNS_A_SCAN = 25
_WITHOUT_ZONE = ("DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS")

_NUMBER = r"[+-]?(0|[1-9][0-9]*)?(\.[0-9]*)?([eE][+-]?[0-9]+)?|[+-]?(nan|NaN|inf|Infinity)"
_CSV_TYPES = [
    (ColumnType.BOOLEAN, "(?i)true|false"),
    (ColumnType.INTEGER, "[+-]?(0|[1-9][0-9]*)"),
    (ColumnType.FLOAT, _NUMBER),
    (
        ColumnType.TIMESTAMP,
        "[0-9]{4}-[0-9]{2}-[0-9]{2}"
        r"([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)? ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?)?",
    ),
]


def infer_types(
    connection: duckdb.DuckDBPyConnection, names: Sequence[str], table: str
) -> dict[str, ColumnType]:
    """The first of _CSV_TYPES that every non-null value of a column has the form of, else STRING.

    A number with a leading zero is text: it is an id, a postal code or a telephone number.
    """
    found = dict.fromkeys(names, ColumnType.STRING)
    undecided = list(names)
    for kind, pattern in _CSV_TYPES:
        if not undecided:
            break
        tests = ", ".join(
            f"bool_and(regexp_full_match({quote(name)}, {literal(pattern)}) "
            f"AND {typed(name, kind)} IS NOT NULL) FILTER ({quote(name)} IS NOT NULL)"
            for name in undecided
        )
        holds = connection.execute(f"SELECT {tests} FROM {table}").fetchone() or ()
        for name, held in zip(list(undecided), holds, strict=True):
            if held:
                found[name] = kind
            if held is not False:
                undecided.remove(name)
    return found


@dataclass(frozen=True)
class _Values:
    """SQL over the values of a column that are not null.

    Attributes:
        table: of `v`, `x` (the value as a number), and `n` (how often the row counts).
        unique, median: aggregates over it; `median` where x is finite.
        frequent: a table of the most frequent `v` and more, each once with its `n`.
    """

    table: str
    unique: str
    median: str
    frequent: str


def column_statistics(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    kinds: dict[str, ColumnType],
    row_count: int,
    counted: int = _EXACT_DISTINCT,
) -> list[ColumnStatistics]:
    """The values of columns with about `counted` different ones or fewer are counted in one scan,
    and the counts say all else; other columns are scanned once for each question."""
    estimates = dict(zip(kinds, _estimates(connection, table, list(kinds)), strict=True))
    numbers = sum(kind.is_numeric and estimates[name] > counted for name, kind in kinds.items())
    exact_medians = row_count * numbers <= _EXACT_MEDIAN_VALUES
    found = []
    for (name, kind), value in zip(
        kinds.items(), _typed_values(connection, table, kinds), strict=True
    ):
        if estimates[name] <= counted:
            values = _counted(connection, table, name, value, kind)
        else:
            values = _scanned(connection, table, value, kind, exact_medians)
        found.append(_statistics(connection, values, kind, row_count))
    return found


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


def _counted(
    connection: duckdb.DuckDBPyConnection, table: str, name: str, value: str, kind: ColumnType
) -> _Values:
    # Grouped as stored, which is faster, then as typed: "1" and "1.0" are one number.
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE counted AS SELECT v, {_as_number(kind)} AS x, sum(n) AS n "
        f"FROM (SELECT {value} AS v, n FROM "
        f"(SELECT {quote(name)}, count(*) AS n FROM {table} GROUP BY ALL)) "
        "WHERE v IS NOT NULL GROUP BY v"
    )
    ranked = (
        "(SELECT x, sum(n) OVER (ORDER BY x) AS upto, sum(n) OVER () AS total "
        "FROM counted WHERE isfinite(x))"
    )
    middle = f"(SELECT min(x) FROM {ranked} WHERE 2 * upto {{}} total) / 2"
    return _Values(
        table="counted",
        unique="count(*)",
        median=f"{middle.format('>=')} + {middle.format('>')}",
        frequent="counted",
    )


def _scanned(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    value: str,
    kind: ColumnType,
    exact_median: bool,
) -> _Values:
    values = (
        f"(SELECT v, {_as_number(kind)} AS x, 1 AS n FROM (SELECT {value} AS v FROM {table}) "
        "WHERE v IS NOT NULL)"
    )
    (estimate,) = _row(connection, f"SELECT approx_count_distinct(v) FROM {values}")
    frequent = f"(SELECT unnest(approx_top_k(v, {_SAMPLES})) FROM {values})"
    return _Values(
        table=values,
        unique="count(DISTINCT v)" if estimate <= _EXACT_DISTINCT else f"{estimate}",
        median="median(x)" if exact_median else "approx_quantile(x, 0.5)",
        frequent=f"(SELECT v, sum(n) AS n FROM {values} WHERE v IN {frequent} GROUP BY v)",
    )


def _statistics(
    connection: duckdb.DuckDBPyConnection, values: _Values, kind: ColumnType, row_count: int
) -> ColumnStatistics:
    count, unique, low, high = _row(
        connection,
        f"SELECT sum(n), {values.unique}, min(x) FILTER (isfinite(x)), "
        f"max(x) FILTER (isfinite(x)) FROM {values.table}",
    )
    frequent = connection.execute(
        f"SELECT left({_as_text(kind)}, {_LONGEST_VALUE}), n FROM {values.frequent} "
        f"ORDER BY n DESC, v LIMIT {_SAMPLES}"
    ).fetchall()
    found = ColumnStatistics(
        unique_count=unique,
        null_count=row_count - int(count or 0),
        min=low,
        max=high,
        samples=list(dict.fromkeys(value for value, _ in frequent)),
    )
    if kind in (ColumnType.STRING, ColumnType.BOOLEAN):
        found.top_values = [ValueCount(value=value, count=int(n)) for value, n in frequent]
    elif low is not None:
        _add_moments(connection, found, values, kind)
    return found


def _add_moments(
    connection: duckdb.DuckDBPyConnection,
    found: ColumnStatistics,
    values: _Values,
    kind: ColumnType,
) -> None:
    """Moments are taken of values moved and scaled into [-1, 1]: they neither overflow nor cancel.

    The skewness is G₁ of Joanes and Gill, "Comparing measures of sample skewness and kurtosis".
    """
    low, high = found.min, found.max
    assert low is not None
    assert high is not None
    middle, half = low / 2 + high / 2, (high / 2 - low / 2) or 1.0
    z = f"((x - ({middle!r}::DOUBLE)) / ({half!r}::DOUBLE))"
    finite = f"FROM {values.table} WHERE isfinite(x)"
    mean = 0.0
    if kind.is_numeric:
        mean, found.median = _row(
            connection, f"SELECT sum(n * {z}) / sum(n), {values.median} {finite}"
        )
        found.mean = min(max(middle + half * mean, low), high)
    off = f"({z} - ({mean!r}::DOUBLE))"
    bins = connection.execute(
        f"SELECT greatest(0, least({_BINS - 1}, floor(({z} + 1) / 2 * {_BINS})))::INTEGER AS bin, "
        f"sum(n), sum(n * {off} ** 2), sum(n * {off} ** 3) {finite} GROUP BY bin"
    ).fetchall()
    if high > low:
        counts = {bin_: int(n) for bin_, n, *_ in bins}
        found.histogram = [counts.get(number, 0) for number in range(_BINS)]
    if kind.is_numeric:
        total = int(sum(n for _, n, *_ in bins))
        squares, cubes = (math.fsum(row[power] for row in bins) for power in (2, 3))
        if total > 1:
            found.std = half * math.sqrt(squares / (total - 1))
        if total > 2 and squares > 0:
            found.skewness = total * math.sqrt(total - 1) / (total - 2) * cubes / squares**1.5


def _typed_values(
    connection: duckdb.DuckDBPyConnection, table: str, kinds: dict[str, ColumnType]
) -> list[str]:
    """Each column's value as its type. Moments that are stored without a zone are taken as they
    are: in UTC that is the same, and to give them one takes longer than all else."""
    stored = {
        name: kind for name, kind, *_ in connection.execute(f"DESCRIBE FROM {table}").fetchall()
    }
    return [
        f"TRY_CAST({quote(name)} AS TIMESTAMP)"
        if stored[name] in _WITHOUT_ZONE
        else typed(name, kind)
        for name, kind in kinds.items()
    ]


def _as_text(kind: ColumnType) -> str:
    return "strftime(v, '%Y-%m-%dT%H:%M:%SZ')" if kind is ColumnType.TIMESTAMP else "v::VARCHAR"


def _as_number(kind: ColumnType) -> str:
    if kind is ColumnType.TIMESTAMP:
        return "CASE WHEN isfinite(v) THEN epoch(v) END"
    return "v::DOUBLE" if kind.is_numeric else "NULL::DOUBLE"


def _row(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    return connection.execute(query).fetchone() or ()
