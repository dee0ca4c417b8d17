"""What a file's rows are like, asked of DuckDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from shared.columns import Column, ColumnType
from shared.columns.source_rows import plausible
from shared.documents.dataset import CUSTOMER_ID, PRODUCT_ID, TRANSACTION_DATE
from shared.documents.insight import Insight
from shared.examples import RawType
from shared.insights import MOST_COLUMNS, measure
from shared.insights.events import Dialect, Events, Examined
from shared.tables.sql import quote, raw_value, typed

# Hashes and numbers that are kept for a while: 1.6 GB of memory and disk.
_MOST_VALUES = 200_000_000


class _DuckDB(Dialect):
    def listed(self, query: str, *names: str) -> str:
        fields = ", ".join(f"'{name}': {name}" for name in names)
        return f"SELECT list({{{fields}}}) AS found FROM ({query}) AS q"

    def quantiles(self, value: str, parts: int) -> str:
        shares = ", ".join(str(part / parts) for part in range(parts + 1))
        return f"approx_quantile({value}, [{shares}])"


def insight_of(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    types: Mapping[str, str],
    columns: Sequence[Column],
    mapping: Mapping[str, str],
    latest: int | None,
    most_values: int = _MOST_VALUES,
) -> Insight | None:
    """In two more scans of the table; None where no customer or no product is mapped, or no row
    has both.

    Args:
        types: DuckDB's type of each column.
        mapping: roles of columns, by name; of columns that the table lacks too.
        latest: the last moment in which a purchase can have been.
        most_values: that are kept at once. Of more rows, columns are examined in those of a sample
            of customers, by hash.
    """
    known = {column.name: column for column in columns}
    roles = {role: name for name, role in mapping.items() if name in known}
    if CUSTOMER_ID not in roles or PRODUCT_ID not in roles:
        return None

    def text(name: str) -> str:
        return raw_value(name, types[name], RawType.TEXT, known[name].text_form)

    customer, product = text(roles[CUSTOMER_ID]), text(roles[PRODUCT_ID])
    time = roles.get(TRANSACTION_DATE)
    at = "NULL::BIGINT"
    if time is not None:
        given = raw_value(time, types[time], RawType.TIMESTAMP)
        at = f"CASE WHEN {plausible(given, latest)} THEN {given} END"
    named = f"{customer} <> '' AND {product} <> ''"
    ids = f"hash({customer}) AS customer, hash({product}) AS product, {at} AS moment"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE events AS SELECT {ids} FROM {table} WHERE {named}"
    )
    (rows,) = connection.execute("SELECT count(*) FROM events").fetchone() or (0,)
    if not rows:
        return None
    others = [
        one for one in columns if one.name not in {roles[CUSTOMER_ID], roles[PRODUCT_ID], time}
    ]
    others.sort(key=lambda one: one.name not in mapping)  # those with a role first
    examined = [_examined(place, one) for place, one in enumerate(others[:MOST_COLUMNS])]
    # A hash of null is a number too.
    present = "".join(
        f", CASE WHEN {text(one.name)} <> '' THEN hash({text(one.name)}) END AS a{place}"
        + (f", {_number(one.column)} AS x{place}" if one.number else "")
        for place, one in enumerate(examined)
    )
    every = max(1, -(-rows * (3 + 2 * len(examined)) // most_values))
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE examined AS SELECT {ids}{present} FROM {table} "
        f"WHERE {named} AND hash({customer}) % {every} = 0"
    )
    (seen,) = connection.execute("SELECT count(*) FROM examined").fetchone() or (0,)

    def ask(query: str) -> Mapping[str, Any]:
        found = connection.execute(query)
        names = [name for name, *_ in found.description or ()]
        return dict(zip(names, found.fetchone() or (), strict=True))

    found = measure(
        Events(
            ask=ask,
            dialect=_DuckDB(),
            rows="events",
            examined_rows="examined",
            examined=examined,
            timed=time is not None,
        )
    )
    return Insight(measured=found, examined_rows=seen, unexamined=len(others) - len(examined))


def _examined(place: int, column: Column) -> Examined:
    numeric = column.type.is_numeric or column.type is ColumnType.TIMESTAMP
    return Examined(column, f"a{place}", f"x{place}" if numeric else None)


def _number(column: Column) -> str:
    """A finite number, of times seconds since 1970; null where there is none."""
    if column.type is ColumnType.TIMESTAMP:
        moment = typed(quote(column.name), column.type)
        return f"CASE WHEN isfinite({moment}) THEN epoch({moment}) END"
    number = typed(quote(column.name), ColumnType.FLOAT)
    return f"CASE WHEN isfinite({number}) THEN {number} END"
