"""What a table's rows are like, asked of BigQuery; the counterpart of `local.data.insight`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared.columns import Column, ColumnType
from shared.columns.source_rows import plausible
from shared.columns.text_form import bigquery_text
from shared.documents.dataset import CUSTOMER_ID, PRODUCT_ID, TRANSACTION_DATE
from shared.documents.insight import Insight
from shared.gcp.bigquery_sql import finite_number, moment_of, quote
from shared.insights import MOST_COLUMNS, measure
from shared.insights.events import Ask, Dialect, Events, Examined


class _BigQuery(Dialect):
    def listed(self, query: str, *names: str) -> str:
        fields = ", ".join(f"{name} AS {name}" for name in names)
        return f"SELECT ARRAY_AGG(STRUCT({fields})) AS found FROM ({query}) AS q"

    def quantiles(self, value: str, parts: int) -> str:
        return f"APPROX_QUANTILES({value}, {parts})"


def insight_of(
    ask: Ask,
    table: str,
    columns: Sequence[Column],
    mapping: Mapping[str, str],
    latest: int | None,
) -> Insight | None:
    """By some twenty queries, each of the ids, the time and up to ten other columns; None where no
    customer or no product is mapped, or no row has both.

    Args:
        latest: the last moment in which a purchase can have been.
    """
    known = {column.name: column for column in columns}
    roles = {role: name for name, role in mapping.items() if name in known}
    if CUSTOMER_ID not in roles or PRODUCT_ID not in roles:
        return None

    def text(column: Column) -> str:
        return f"NULLIF({bigquery_text(quote(column.name), column.type, column.text_form)}, '')"

    customer, product = (text(known[roles[role]]) for role in (CUSTOMER_ID, PRODUCT_ID))
    time = roles.get(TRANSACTION_DATE)
    at = "CAST(NULL AS INT64)"
    if time is not None:
        given = moment_of(time)
        at = f"CASE WHEN {plausible(given, latest)} THEN {given} END"
    ids = f"FARM_FINGERPRINT({customer}) AS customer, FARM_FINGERPRINT({product}) AS product"
    ids += f", {at} AS moment"
    named = f"{customer} IS NOT NULL AND {product} IS NOT NULL"
    rows = f"(SELECT {ids} FROM {table} WHERE {named})"
    count = int(ask(f"SELECT COUNT(*) AS n FROM {rows} AS r")["n"])
    if not count:
        return None
    used = {roles[CUSTOMER_ID], roles[PRODUCT_ID], time}
    others = [one for one in columns if one.name not in used]
    others.sort(key=lambda one: one.name not in mapping)  # those with a role first
    examined, values = [], []
    for place, one in enumerate(others[:MOST_COLUMNS]):
        numeric = one.type.is_numeric or one.type is ColumnType.TIMESTAMP
        values.append(f", FARM_FINGERPRINT({text(one)}) AS a{place}")
        if numeric:
            values.append(f", {finite_number(one.name, one.type)} AS x{place}")
        examined.append(Examined(one, f"a{place}", f"x{place}" if numeric else None))
    found = measure(
        Events(
            ask=ask,
            dialect=_BigQuery(),
            rows=rows,
            examined_rows=f"(SELECT {ids}{''.join(values)} FROM {table} WHERE {named})",
            examined=examined,
            timed=time is not None,
        )
    )
    return Insight(measured=found, examined_rows=count, unexamined=len(others) - len(examined))
