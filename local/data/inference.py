"""What texts mean: the types of a CSV's columns, values that do not fit, and a missing header."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from local.data.column_statistics import grouped
from shared.columns import ColumnType
from shared.columns.text_form import ALL_MARKERS, INTEGER, WHOLE_BELOW, trimmed
from shared.tables.sql import literal, quote, typed

# A type is tried of a whole column where its first rows fit.
FIRST_ROWS = 10_000
_FIRST_CELLS = 1_000_000
_COLUMNS_A_SCAN = 25
_NEARLY = 0.9
_MOST_NAMED = 10

_FLOAT = (
    r"[+-]?(0|[1-9][0-9]{0,37})?\.[0-9]+|-?(0|[1-9][0-9]{0,37})\.?"
    # 1.5e-7 is a number. 1003E1 and 12E3 are codes.
    r"|[+-]?[0-9](\.[0-9]+)?e[+-]?[0-9]+|[+-]?[0-9]\.[0-9]+E[+-]?[0-9]+|[+-]?[0-9]E[+-][0-9]+"
    r"|[+-]?(inf|Infinity)"
)
_TIME = (
    "[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)? ?(Z|UTC|[+-][0-9]{2}(:?[0-9]{2})?)?)?"
)
_TYPES = {
    ColumnType.BOOLEAN: "(?i)true|false",
    ColumnType.INTEGER: INTEGER,
    ColumnType.FLOAT: _FLOAT,
    ColumnType.TIMESTAMP: _TIME,
}
_MEANING = {
    ColumnType.BOOLEAN: "true or false",
    ColumnType.INTEGER: "whole numbers",
    ColumnType.FLOAT: "numbers such as 1234.5",
    ColumnType.TIMESTAMP: "times such as 2024-01-31 or 2024-01-31 17:05:00",
}


@dataclass(frozen=True)
class Misfit:
    """A column with a few values that are not like all others.

    Attributes:
        kind: the type that all other values have.
        count: how many values do not have it.
        example: one of them.
        meaning: what all others are.
        left_out: whether these values count as missing; else the column is text because of them.
    """

    column: str
    kind: ColumnType
    count: int
    example: str
    meaning: str = ""
    left_out: bool = False

    def note(self, place: str) -> str:
        """Args: place: where the example is, such as " in line 7 of a.csv"."""
        meaning = self.meaning or _MEANING[self.kind]
        example = f"{self.example[:80]!r}{place}"
        if self.left_out:
            these = "value is" if self.count == 1 else "values are"
            return (
                f"In {self.column!r} {self.count:,} {these} left out, such as {example}: not "
                f"{meaning}."
            )
        these = "a value that does" if self.count == 1 else f"{self.count:,} values that do"
        return (
            f"{self.column!r} is read as text because of {these} not fit, such as {example}. All "
            f"others are {meaning}. To leave out what does not fit, say --type "
            f"{shlex.quote(f'{self.column}={self.kind}')}."
        )


@dataclass(frozen=True)
class Inferred:
    kinds: dict[str, ColumnType]
    misfits: list[Misfit]


def infer_types(
    connection: duckdb.DuckDBPyConnection, names: Sequence[str], table: str, whole: bool = True
) -> Inferred:
    """The first of _TYPES that every value of a column has the form of, else STRING. Markers of
    missing values fit all.

    A number with a leading zero or a plus sign is text: it is an id, a postal code or a telephone
    number.

    Args:
        whole: look at all rows; else at the first ones only.
    """
    rows = min(FIRST_ROWS, max(500, _FIRST_CELLS // max(1, len(names))))
    connection.execute(f"CREATE OR REPLACE TEMP TABLE beginning AS FROM {table} LIMIT {rows}")
    if not names:
        return Inferred({}, [])
    (begun,) = connection.execute("SELECT count(*) FROM beginning").fetchone() or (0,)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE texts AS {grouped('beginning', names)}")
    fits = ", ".join(f"coalesce(sum(n) FILTER ({_fits('s', kind)}), 0)" for kind in _TYPES)
    found = {
        place: [int(value) for value in counts]
        for place, *counts in connection.execute(
            f"SELECT c, sum(n), {fits} FROM texts WHERE {_present('s')} GROUP BY c"
        ).fetchall()
    }
    kinds = dict.fromkeys(names, ColumnType.STRING)
    misfits = []
    likely: dict[str, list[ColumnType]] = {}
    for place, name in enumerate(names):
        total, *counts = found.get(place, [0] * (1 + len(_TYPES)))
        likely[name] = [
            kind for kind, count in zip(_TYPES, counts, strict=True) if count >= _NEARLY * total
        ]
    if whole and begun == rows:
        counted = _fitting(connection, table, {n: some for n, some in likely.items() if some})
    else:
        table = "beginning"
        counted = {
            name: (
                found.get(place, [0])[0],
                {
                    kind: found[place][1 + number] if place in found else 0
                    for number, kind in enumerate(_TYPES)
                    if kind in likely[name]
                },
            )
            for place, name in enumerate(names)
        }
    for name, (total, fitting) in counted.items():
        if not total:
            continue
        best = max(fitting, key=lambda kind: fitting[kind], default=None)
        if best is not None and fitting[best] == total:
            kinds[name] = best
        elif best is not None and fitting[best] >= _NEARLY * total:
            example = _example(connection, table, name, best)
            misfits.append(Misfit(name, best, total - fitting[best], example))
    return Inferred(kinds, misfits[:_MOST_NAMED])


def whole_numbers(
    connection: duckdb.DuckDBPyConnection, table: str, names: Sequence[str], whole: bool = True
) -> set[str]:
    """Those of some columns of floating-point or decimal numbers that hold whole numbers only, as
    integers with missing values are often stored.

    Args:
        whole: look at all rows; else at the first ones only.
    """
    found = list(names)
    for rows in (f"(FROM {table} LIMIT {FIRST_ROWS})", *([table] if whole else [])):
        tried, found = found, []
        for start in range(0, len(tried), _COLUMNS_A_SCAN):
            some = tried[start : start + _COLUMNS_A_SCAN]
            tests = ", ".join(
                f"bool_and(isfinite({x}) AND {x} = trunc({x}) AND abs({x}) < {WHOLE_BELOW:.0f}) "
                f"FILTER ({x} IS NOT NULL AND NOT isnan({x}))"
                for x in (f"CAST({quote(name)} AS DOUBLE)" for name in some)
            )
            held = connection.execute(f"SELECT {tests} FROM {rows}").fetchone() or ()
            found += [name for name, holds in zip(some, held, strict=True) if holds]
    return set(found)


def header_is_data(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    kinds: Mapping[str, ColumnType],
    said: Mapping[str, str],
) -> bool:
    """Whether the header of a CSV is probably its first row: every value of it that stands over
    numbers, times or booleans is one itself.

    Years and other ascending whole numbers are names, as of a table that has a column for each,
    unless a text in the header is found again below.

    Args:
        table: of the first rows.
        said: the header's values, by column.
    """
    typed_values = {
        name: said[name].strip() for name, kind in kinds.items() if kind is not ColumnType.STRING
    }
    texts = {name: said[name] for name, kind in kinds.items() if kind is ColumnType.STRING}
    if not all(re.fullmatch(_TYPES[kinds[name]], value) for name, value in typed_values.items()):
        return False
    again = _again(connection, table, texts)
    if not typed_values:
        return len(texts) > 1 and 2 * again > len(texts)
    if again:
        return True
    if not all(re.fullmatch(INTEGER, value) for value in typed_values.values()):
        return True
    numbers = [int(float(value)) for value in typed_values.values()]
    years = all(1900 <= number <= 2100 for number in numbers)
    counted = numbers[0] in (0, 1) and numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    ascending = numbers == sorted(set(numbers))
    return not (counted or (ascending and (years or bool(texts))))


def repeated_header(connection: duckdb.DuckDBPyConnection, table: str, names: Sequence[str]) -> int:
    """How many rows are the header once more, as in files that were joined line by line."""
    if len(names) < 2:
        return 0
    same = " AND ".join(f"{quote(name)} = {literal(name)}" for name in names[:_COLUMNS_A_SCAN])
    (count,) = connection.execute(f"SELECT count(*) FROM {table} WHERE {same}").fetchone() or (0,)
    return int(count)


def _again(connection: duckdb.DuckDBPyConnection, table: str, said: Mapping[str, str]) -> int:
    """How many columns have what the header says of them among their first values."""
    found = 0
    values = list(said.items())
    for start in range(0, len(values), _COLUMNS_A_SCAN):
        tests = ", ".join(
            f"coalesce(bool_or({quote(name)} = {literal(value)}), false)"
            for name, value in values[start : start + _COLUMNS_A_SCAN]
        )
        held = connection.execute(f"SELECT {tests} FROM {table}").fetchone() or ()
        found += sum(map(bool, held))
    return found


def _fits(value: str, kind: ColumnType) -> str:
    return (
        f"regexp_full_match({value}, {literal(_TYPES[kind])}) AND {typed(value, kind)} IS NOT NULL"
    )


def _present(value: str) -> str:
    return f"{trimmed(value)} NOT IN ({', '.join(map(literal, ALL_MARKERS))})"


def _fitting(
    connection: duckdb.DuckDBPyConnection, table: str, likely: Mapping[str, Sequence[ColumnType]]
) -> dict[str, tuple[int, dict[ColumnType, int]]]:
    """How many values each column has, and how many of them have each of some types."""
    found = {}
    names = list(likely)
    for start in range(0, len(names), _COLUMNS_A_SCAN):
        some = names[start : start + _COLUMNS_A_SCAN]
        counts = ", ".join(
            part
            for name in some
            for part in (
                f"count_if({_present(quote(name))})",
                *(
                    f"count_if({_present(quote(name))} AND {_fits(quote(name), kind)})"
                    for kind in likely[name]
                ),
            )
        )
        row = iter(connection.execute(f"SELECT {counts} FROM {table}").fetchone() or ())
        for name in some:
            found[name] = (next(row), {kind: next(row) for kind in likely[name]})
    return found


def _example(connection: duckdb.DuckDBPyConnection, table: str, name: str, kind: ColumnType) -> str:
    column = quote(name)
    row = connection.execute(
        f"SELECT {column} FROM {table} WHERE {_present(column)} AND NOT ({_fits(column, kind)}) "
        "LIMIT 1"
    ).fetchone()
    return str(row[0]) if row else ""
