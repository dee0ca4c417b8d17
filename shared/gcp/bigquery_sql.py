"""How a BigQuery table is read, as GoogleSQL text.

The counterpart of `local.statistics`: the same statistics of the same data. What a job samples of a
table is asked for by `trainer_image.sampling`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from shared.columns import ColumnType

SAMPLES = 5
_TABLE = re.compile(r"(?:(?P<project>[a-z][-a-z0-9.:]*)[.:])?(?P<dataset>\w+)\.(?P<table>[-\w$]+)")

# What a value of a column is converted to; BigQuery has no other types that features are made of.
TYPES = {
    **dict.fromkeys(("STRING", "BYTES"), ColumnType.STRING),
    **dict.fromkeys(("INTEGER", "INT64"), ColumnType.INTEGER),
    **dict.fromkeys(
        ("FLOAT", "FLOAT64", "NUMERIC", "BIGNUMERIC"),
        ColumnType.FLOAT,
    ),
    **dict.fromkeys(("TIMESTAMP", "DATETIME", "DATE"), ColumnType.TIMESTAMP),
    **dict.fromkeys(("BOOLEAN", "BOOL"), ColumnType.BOOLEAN),
}


def table_name(text: str) -> str | None:
    """`project.dataset.table` (the project may be left out), quoted; None where it is none."""
    found = _TABLE.fullmatch(text)
    if found is None:
        return None
    parts = [found["project"], found["dataset"], found["table"]]
    return quote(".".join(part for part in parts if part is not None))


def quote(name: str) -> str:
    """A name as an identifier on one line, whatever it contains."""
    return f"`{''.join(map(_character, name))}`"


def _character(character: str) -> str:
    if character in "\\`":
        return f"\\{character}"
    return character if character.isprintable() else f"\\U{ord(character):08x}"


def ranges(table: str, kinds: dict[str, ColumnType]) -> str:
    """One scan: the number of rows, then for each column in turn the values that are not null, the
    different ones, the least and the greatest, and the most frequent as text."""
    parts = ["count(*) AS `rows`"]
    for i, (name, kind) in enumerate(kinds.items()):
        x = _number(name, kind)
        finite = f"IF({_finite(x, kind)}, {x}, NULL)"
        parts += [
            f"count({quote(name)}) AS c{i}",
            f"approx_count_distinct({_text(name, kind)}) AS u{i}",
            f"min({finite}) AS l{i}",
            f"max({finite}) AS h{i}",
            f"approx_top_count({_text(name, kind)}, {SAMPLES + 1}) AS t{i}",
        ]
    return f"SELECT {', '.join(parts)} FROM {table}"


def moments(table: str, scales: dict[str, tuple[ColumnType, float, float]]) -> str:
    """One scan: for each numeric column in turn mean, median, standard deviation and skewness of
    the values moved by `middle` and scaled by `half`.

    Moments are taken of values in [-1, 1]: they neither overflow nor cancel. The skewness is
    Fisher–Pearson's adjusted coefficient from the first three power sums; a point has none.
    """
    values, sums = [], []
    for i, (name, (kind, middle, half)) in enumerate(scales.items()):
        x = _number(name, kind)
        values.append(f"IF({_finite(x, kind)}, ({x} - {middle!r}) / {half!r}, NULL) AS z{i}")
        sums += [
            f"count(z{i}) AS n{i}",
            f"avg(z{i}) AS m{i}",
            f"approx_quantiles(z{i}, 2)[OFFSET(1)] AS q{i}",
            f"stddev_samp(z{i}) AS s{i}",
            f"sum(z{i} * z{i}) AS p{i}",
            f"sum(z{i} * z{i} * z{i}) AS r{i}",
        ]
    return f"SELECT {', '.join(sums)} FROM (SELECT {', '.join(values)} FROM {table})"


def columns(table: str, names: Sequence[str]) -> str:
    """Some columns of all rows, for a dry run: what a job would read."""
    return f"SELECT {', '.join(map(quote, names)) or '*'} FROM {table}"


def _number(name: str, kind: ColumnType) -> str:
    if kind is ColumnType.TIMESTAMP:
        return f"unix_micros(CAST({quote(name)} AS TIMESTAMP)) / 1000000"
    return f"CAST({quote(name)} AS FLOAT64)" if kind.is_numeric else "CAST(NULL AS FLOAT64)"


def _finite(x: str, kind: ColumnType) -> str:
    return f"NOT (is_nan({x}) OR is_inf({x}))" if kind is ColumnType.FLOAT else "TRUE"


def _text(name: str, kind: ColumnType) -> str:
    if kind is ColumnType.TIMESTAMP:
        stamp = f"CAST({quote(name)} AS TIMESTAMP)"
        return f"format_timestamp('%Y-%m-%dT%H:%M:%SZ', {stamp})"
    return f"CAST({quote(name)} AS STRING)"
