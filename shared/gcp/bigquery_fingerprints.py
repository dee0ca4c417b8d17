"""What tells one state of a BigQuery source from another."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from shared.columns import Column
from shared.documents.source import BigQuerySource
from shared.documents.tables import Tables
from shared.gcp.bigquery_source import AS_OF
from shared.tables.fingerprints import table_fingerprint


def fingerprint(
    source: BigQuerySource,
    table: Any,
    rows: int,
    columns: list[Column],
    tables: Tables | None = None,
) -> str:
    """SHA-256 over the table, its last change and its schema. A view has no change of its own:
    there, what was found in it counts."""
    changed = _changed(source, table).isoformat() if table.table_type == "TABLE" else ""
    digest = hashlib.sha256(f"{source.table or source.query}\0{rows}\0{changed}\n".encode())
    if tables is not None and not tables.plain:
        changed = ""  # of further tables too what was found counts
        digest.update(tables.model_dump_json(exclude={"column_mapping"}).encode())
    for column in columns:
        digest.update(f"{column.name}\0{column.type}\n".encode())
        if not changed and column.statistics is not None:
            digest.update(column.statistics.model_dump_json(exclude={"samples"}).encode())
    return digest.hexdigest()


def source_fingerprint(source: BigQuerySource, table: Any) -> str | None:
    if source.query is not None:
        return _of_query(source)
    if table.table_type != "TABLE":
        return None
    return table_fingerprint(source.named, _changed(source, table))


def _of_query(source: BigQuerySource) -> str | None:
    """Of a query that is read as of a moment; None of others, which may change unseen."""
    assert source.query is not None
    if source.as_of is None or AS_OF.search(source.query) is None:
        return None
    return table_fingerprint(source.query, source.as_of)


def last_change(source: BigQuerySource, table: Any) -> str | None:
    if source.query is not None:
        return _of_query(source)
    return table_fingerprint(source.named, table.modified) if table.table_type == "TABLE" else None


def _changed(source: BigQuerySource, table: Any) -> datetime:
    """The last change before what was read; of an earlier one than the last nobody knows when."""
    changed: datetime = table.modified
    return changed if source.as_of is None else min(changed, source.as_of)
