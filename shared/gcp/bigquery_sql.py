"""How a BigQuery table is read, as GoogleSQL text.

The counterpart of `local.data.column_statistics`: the same statistics of the same data. What a job
samples of a table is asked for by `trainer_image.examples.sampling`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from shared.columns import Column, ColumnType
from shared.columns.source_rows import counting
from shared.columns.text_form import bigquery_text
from shared.documents.dataset import CUSTOMER_ID, PRODUCT_ID, TRANSACTION_DATE
from shared.examples import MISSING_TIMESTAMP

SAMPLES = 5
# What stands between the values of a list that is read as text, as of files (`list_as_text`).
_BETWEEN = {ColumnType.STRING: "|", ColumnType.INTEGER: " ", ColumnType.FLOAT: " "}
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


def kind_of(field: Any) -> ColumnType | None:
    """What a feature can be made of in a column of a schema: a list of texts or numbers is text.
    None: it can be made of nothing."""
    kind = TYPES.get(field.field_type)
    if field.mode != "REPEATED" or kind is None:
        return kind
    return ColumnType.STRING if kind in _BETWEEN and field.field_type != "BYTES" else None


def with_lists(read: str, schema: Sequence[Any]) -> str:
    """What stands after FROM, with lists as text: numbers with a space between them, texts with a
    `|`; null where a list is empty."""
    texts = []
    for field in schema:
        if field.mode == "REPEATED" and kind_of(field) is not None:
            name = quote(field.name)
            values = (
                f"ARRAY(SELECT CAST(item AS STRING) FROM UNNEST({name}) AS item "
                "WITH OFFSET AS place ORDER BY place)"
            )
            between = _BETWEEN[TYPES[field.field_type]]
            texts.append(f"NULLIF(ARRAY_TO_STRING({values}, '{between}'), '') AS {name}")
    return f"(SELECT * REPLACE ({', '.join(texts)}) FROM {read})" if texts else read


def table_name(text: str) -> str | None:
    """`project.dataset.table` (the project may be left out), quoted; None where it is none."""
    found = _TABLE.fullmatch(text)
    if found is None:
        return None
    parts = [found["project"], found["dataset"], found["table"]]
    return quote(".".join(part for part in parts if part is not None))


def at(table: str, moment: datetime | None) -> str:
    """A quoted table, as it was at a moment if one is given."""
    if moment is None:
        return table
    return f"{table} FOR SYSTEM_TIME AS OF {stamp(moment)}"


def stamp(moment: datetime) -> str:
    """A moment."""
    return f"TIMESTAMP '{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f+00:00}'"


def quote(name: str) -> str:
    """A name as an identifier on one line, whatever it contains."""
    return f"`{''.join(map(_character, name))}`"


def quoted_text(text: str) -> str:
    """A text as a string on one line, whatever it contains."""
    characters = ("\\'" if character == "'" else _character(character) for character in text)
    return f"'{''.join(characters)}'"


def _character(character: str) -> str:
    if character in "\\`":
        return f"\\{character}"
    return character if character.isprintable() else f"\\U{ord(character):08x}"


def ranges(table: str, kinds: dict[str, ColumnType]) -> str:
    """One scan: the number of rows, then for each column in turn the values that are not null, the
    different ones, the least and the greatest, and the most frequent as text."""
    parts = ["count(*) AS `rows`"]
    for i, (name, kind) in enumerate(kinds.items()):
        finite = finite_number(name, kind)
        parts += [
            f"count({_present(name, kind)}) AS c{i}",
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


def rows(
    table: str, columns: Sequence[Column], mapping: Mapping[str, str], latest: int | None
) -> str | None:
    """One scan of the ids and the times: what becomes of the rows, as `SourceRows` has it; None
    where no customer or no product is mapped."""
    known = {column.name: column for column in columns}
    roles = {role: name for name, role in mapping.items() if name in known}
    customer, product = roles.get(CUSTOMER_ID), roles.get(PRODUCT_ID)
    if customer is None or product is None:
        return None
    ids = [_id(known[name]) for name in (customer, product)]
    time = roles.get(TRANSACTION_DATE)
    if time is None:
        return counting(table, *ids)
    missing = f"({MISSING_TIMESTAMP + 1} - 1)"
    return counting(
        table,
        *ids,
        moment=f"COALESCE({moment_of(time)}, {missing})",
        time_given=f"COALESCE(SAFE_CAST({quote(time)} AS STRING), '') <> ''",
        missing_time=missing,
        latest=latest,
    )


def moment_of(time: str) -> str:
    """A column's value as seconds since 1970; null where it is no time."""
    return f"UNIX_SECONDS(SAFE_CAST(SAFE_CAST({quote(time)} AS STRING) AS TIMESTAMP))"


def finite_number(name: str, kind: ColumnType) -> str:
    """A column's value as a number, of a time in seconds since 1970; null where it has none."""
    x = _number(name, kind)
    return f"IF({_finite(x, kind)}, {x}, NULL)"


def _id(column: Column) -> str:
    return f"COALESCE({bigquery_text(quote(column.name), column.type, column.text_form)}, '')"


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
    if kind is ColumnType.STRING:
        return bigquery_text(quote(name), "STRING")
    return f"CAST({quote(name)} AS STRING)"


def _present(name: str, kind: ColumnType) -> str:
    """Null where the value is missing, which some texts mean."""
    return _text(name, kind) if kind is ColumnType.STRING else quote(name)
