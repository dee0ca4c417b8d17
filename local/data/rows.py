"""What becomes of a file's rows, by the roles of its columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb

from shared.columns import Column
from shared.columns.source_rows import SourceRows, counting
from shared.documents.dataset import CUSTOMER_ID, PRODUCT_ID, TRANSACTION_DATE
from shared.examples import MISSING_TIMESTAMP, RawType
from shared.tables.sql import raw_value


def count_rows(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    types: Mapping[str, str],
    columns: Sequence[Column],
    mapping: Mapping[str, str],
    latest: int | None,
) -> SourceRows | None:
    """In one scan of three columns; None where no customer or no product is mapped.

    Args:
        types: DuckDB's type of each column.
        mapping: roles of columns, by name; of columns that the table lacks too.
        latest: the last moment in which a purchase can have been.
    """
    known = {column.name: column for column in columns}
    roles = {role: name for name, role in mapping.items() if name in known}
    customer, product = roles.get(CUSTOMER_ID), roles.get(PRODUCT_ID)
    if customer is None or product is None:
        return None

    def raw(name: str, kind: RawType) -> str:
        return raw_value(name, types[name], kind, known[name].text_form)

    ids = [raw(name, RawType.TEXT) for name in (customer, product)]
    time = roles.get(TRANSACTION_DATE)
    if time is None:
        query = counting(table, *ids)
    else:
        query = counting(
            table,
            *ids,
            moment=raw(time, RawType.TIMESTAMP),
            time_given=f"{raw(time, RawType.TEXT)} <> ''",
            missing_time=f"({MISSING_TIMESTAMP + 1}::BIGINT - 1)",
            latest=latest,
        )
    found = connection.execute(query)
    names = [name for name, *_ in found.description or ()]
    return SourceRows.model_validate(dict(zip(names, found.fetchone() or (), strict=True)))
