"""What is found in columns: the types of a CSV's, and the statistics of all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain
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


def column_statistics(
    connection: duckdb.DuckDBPyConnection, kinds: dict[str, ColumnType], row_count: int
) -> list[ColumnStatistics]:
    """Two scans of each column: counts and ranges, then what needs these.

    Moments are taken of values moved and scaled into [-1, 1]: they neither overflow nor cancel.
    """
    named = list(zip(_typed_values(connection, kinds), kinds.values(), strict=True))

    def table(places: range) -> str:
        values = ", ".join(
            f"{named[i][0]} AS v{i}, {_as_number(*named[i])} AS x{i}" for i in places
        )
        return f"(SELECT {values} FROM data)"

    ranges = _row_by_row(
        connection,
        table,
        len(kinds),
        lambda i: [
            f"count(v{i})",
            f"approx_count_distinct(v{i})",
            f"min(x{i}) FILTER (isfinite(x{i}))",
            f"max(x{i}) FILTER (isfinite(x{i}))",
            _most_frequent(i, list(kinds.values())[i]),
        ],
    )

    numbers = sum(kind.is_numeric for kind in kinds.values())
    exact_medians = row_count * numbers <= _EXACT_MEDIAN_VALUES

    def second(i: int) -> list[str]:
        kind = list(kinds.values())[i]
        _, estimate, low, high, samples = ranges[i]
        unique = f"count(DISTINCT v{i})" if estimate <= _EXACT_DISTINCT else f"{estimate}"
        if low is None:
            counted = _counts(i, samples) if _is_text(kind) else "NULL"
            return [unique, counted, "NULL", "NULL", "NULL", "NULL"]
        middle, half = _scale(low, high)
        z = f"((x{i} - ({middle!r}::DOUBLE)) / ({half!r}::DOUBLE))"
        finite = f"FILTER (isfinite(x{i}))"
        bin_ = f"least({_BINS - 1}, floor(({z} + 1) / 2 * {_BINS}))::INTEGER"
        bins = f"histogram({bin_}) {finite}" if high > low else "NULL"
        if kind is ColumnType.TIMESTAMP:
            return [unique, bins, "NULL", "NULL", "NULL", "NULL"]
        median = f"median(x{i})" if exact_medians else f"approx_quantile(x{i}, 0.5)"
        skewness = f"skewness({z}) {finite}" if high > low else "NULL"
        return [
            unique,
            bins,
            f"avg({z}) {finite}",
            f"{median} {finite}",
            f"stddev_samp({z}) {finite}",
            skewness,
        ]

    moments = _row_by_row(connection, table, len(kinds), second)
    statistics = []
    for kind, (count, _, low, high, samples), (unique, counts, mean, median, std, skewness) in zip(
        kinds.values(), ranges, moments, strict=True
    ):
        found = ColumnStatistics(
            unique_count=unique,
            null_count=row_count - count,
            min=low,
            max=high,
            samples=[text[:_LONGEST_VALUE] for text in dict.fromkeys(samples or [])],
        )
        if _is_text(kind):
            found.top_values = _top_values(samples, counts)
        elif counts:
            found.histogram = [counts.get(number, 0) for number in range(_BINS)]
        if mean is not None:
            middle, half = _scale(low, high)
            found.mean = min(max(middle + half * mean, low), high)
            found.median = median
            found.std = None if std is None else std * half
            found.skewness = skewness
        statistics.append(found)
    return statistics


def _is_text(kind: ColumnType) -> bool:
    return kind in (ColumnType.STRING, ColumnType.BOOLEAN)


def _counts(i: int, values: list[str] | None) -> str:
    """How often each of some values occurs, as one SQL list."""
    counted = (f"count(*) FILTER ({_as_text(i)} = {literal(value)})" for value in values or [])
    return f"[{', '.join(counted)}]::BIGINT[]"


def _top_values(values: list[str] | None, counts: list[int] | None) -> list[ValueCount]:
    found = [
        ValueCount(value=value[:_LONGEST_VALUE], count=count)
        for value, count in zip(values or [], counts or [], strict=True)
    ]
    return sorted(found, key=lambda item: -item.count)


def _typed_values(connection: duckdb.DuckDBPyConnection, kinds: dict[str, ColumnType]) -> list[str]:
    """Each column's value as its type. Moments that are stored without a zone are taken as they
    are: in UTC that is the same, and to give them one takes longer than all else."""
    stored = {name: kind for name, kind, *_ in connection.execute("DESCRIBE data").fetchall()}
    return [
        f"TRY_CAST({quote(name)} AS TIMESTAMP)"
        if stored[name] in _WITHOUT_ZONE
        else typed(name, kind)
        for name, kind in kinds.items()
    ]


def _most_frequent(i: int, kind: ColumnType) -> str:
    """The most frequent values as text; moments are written out only when they are counted."""
    if kind is ColumnType.TIMESTAMP:
        written = "strftime(moment, '%Y-%m-%dT%H:%M:%SZ')"
        return f"list_transform(approx_top_k(v{i}, {_SAMPLES}), lambda moment: {written})"
    return f"approx_top_k({_as_text(i)}, {_SAMPLES})"


def _as_text(i: int) -> str:
    return f"CAST(v{i} AS VARCHAR)"


def _as_number(value: str, kind: ColumnType) -> str:
    if kind is ColumnType.TIMESTAMP:
        return f"CASE WHEN isfinite({value}) THEN epoch({value}) END"
    return f"CAST({value} AS DOUBLE)" if kind.is_numeric else "NULL::DOUBLE"


def _scale(low: float, high: float) -> tuple[float, float]:
    """Middle and half width of a range; the latter 1 where the range is a point."""
    half = high / 2 - low / 2
    return low / 2 + high / 2, half if half > 0 else 1.0


def _row_by_row(
    connection: duckdb.DuckDBPyConnection,
    table: Callable[[range], str],
    columns: int,
    aggregates: Callable[[int], list[str]],
) -> list[tuple[Any, ...]]:
    """What `aggregates(i)` names for each column i, as one tuple per column; one scan for every
    few columns, because planning many aggregates at once takes longer than scanning again."""
    found: list[tuple[Any, ...]] = []
    for start in range(0, columns, _COLUMNS_A_SCAN):
        places = range(start, min(start + _COLUMNS_A_SCAN, columns))
        flat = ", ".join(
            f"{part} AS a{n}" for n, part in enumerate(chain(*(aggregates(i) for i in places)))
        )
        row = connection.execute(f"SELECT {flat} FROM {table(places)}").fetchone() or ()
        width = len(row) // len(places)
        found += [tuple(row[n * width : (n + 1) * width]) for n in range(len(places))]
    return found
