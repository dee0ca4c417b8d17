"""What is found in columns: the types of a CSV's, and the statistics of all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import duckdb

from shared.columns import ColumnStatistics, ColumnType
from shared.sources import literal, quote, typed

_EXACT_DISTINCT = 1_000_000
_EXACT_MEDIAN_ROWS = 5_000_000
_SAMPLES = 5

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


def column_statistics(
    connection: duckdb.DuckDBPyConnection, kinds: dict[str, ColumnType], row_count: int
) -> list[ColumnStatistics]:
    """Two scans over all columns: counts and ranges, then what needs these.

    Moments are taken of values moved and scaled into [-1, 1]: they neither overflow nor cancel.
    """
    values = ", ".join(
        f"{typed(name, kind)} AS v{i}, {_as_number(name, kind)} AS x{i}"
        for i, (name, kind) in enumerate(kinds.items())
    )
    table = f"(SELECT {values} FROM data)"
    ranges = _row_by_row(
        connection,
        table,
        len(kinds),
        lambda i: [
            f"count(v{i})",
            f"approx_count_distinct(v{i})",
            f"min(x{i}) FILTER (isfinite(x{i}))",
            f"max(x{i}) FILTER (isfinite(x{i}))",
            f"approx_top_k({_as_text(i, list(kinds.values())[i])}, {_SAMPLES})",
        ],
    )

    def second(i: int) -> list[str]:
        _, estimate, low, high, _ = ranges[i]
        unique = f"count(DISTINCT v{i})" if estimate <= _EXACT_DISTINCT else f"{estimate}"
        if low is None or list(kinds.values())[i] is ColumnType.TIMESTAMP:
            return [unique, "NULL", "NULL", "NULL", "NULL"]
        middle, half = _scale(low, high)
        z = f"((x{i} - ({middle!r}::DOUBLE)) / ({half!r}::DOUBLE))"
        finite = f"FILTER (isfinite(x{i}))"
        median = f"median(x{i})"
        if row_count > _EXACT_MEDIAN_ROWS:
            median = f"approx_quantile(x{i}, 0.5)"
        skewness = f"skewness({z}) {finite}" if high > low else "NULL"
        return [
            unique,
            f"avg({z}) {finite}",
            f"{median} {finite}",
            f"stddev_samp({z}) {finite}",
            skewness,
        ]

    moments = _row_by_row(connection, table, len(kinds), second)
    statistics = []
    for (count, _, low, high, samples), (unique, mean, median, std, skewness) in zip(
        ranges, moments, strict=True
    ):
        found = ColumnStatistics(
            unique_count=unique,
            null_count=row_count - count,
            min=low,
            max=high,
            samples=[text[:200] for text in samples or []],
        )
        if mean is not None:
            middle, half = _scale(low, high)
            found.mean = min(max(middle + half * mean, low), high)
            found.median = median
            found.std = None if std is None else std * half
            found.skewness = skewness
        statistics.append(found)
    return statistics


def _as_text(i: int, kind: ColumnType) -> str:
    if kind is ColumnType.TIMESTAMP:
        return f"strftime(v{i}, '%Y-%m-%dT%H:%M:%SZ')"
    return f"CAST(v{i} AS VARCHAR)"


def _as_number(name: str, kind: ColumnType) -> str:
    value = typed(name, kind)
    if kind is ColumnType.TIMESTAMP:
        return f"CASE WHEN isfinite({value}) THEN epoch({value}) END"
    return f"CAST({value} AS DOUBLE)" if kind.is_numeric else "NULL::DOUBLE"


def _scale(low: float, high: float) -> tuple[float, float]:
    """Middle and half width of a range; the latter 1 where the range is a point."""
    half = high / 2 - low / 2
    return low / 2 + high / 2, half if half > 0 else 1.0


def _row_by_row(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: int,
    aggregates: Callable[[int], list[str]],
) -> list[tuple[Any, ...]]:
    """One scan: what `aggregates(i)` names for each column i, as one tuple per column."""
    parts = [aggregates(i) for i in range(columns)]
    flat = ", ".join(f"{part} AS a{n}" for n, part in enumerate(chain(*parts)))
    row = connection.execute(f"SELECT {flat} FROM {table}").fetchone() or ()
    width = len(row) // columns
    return [tuple(row[i * width : (i + 1) * width]) for i in range(columns)]
