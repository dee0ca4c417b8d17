"""A BigQuery source, a table or a query, as what queries read."""

from __future__ import annotations

import re
from datetime import datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from shared.documents.source import BigQuerySource
from shared.gcp import bigquery_sql as sql
from shared.gcp.bigquery_time import moment
from shared.tables.view import Relation

if TYPE_CHECKING:
    from google.cloud.bigquery import Client

# What a query calls the moment that it is to be read as of.
AS_OF = re.compile(r"@as_of\b", re.IGNORECASE)
_SECONDS = 60.0


class NoSourceError(Exception):
    """What is named is no table, or no query of rows; the message says what would be right."""


def described(source: BigQuerySource, client: Client) -> Any:
    """A table's metadata, as the client's `get_table` gives it; the same of a query, of which a dry
    run tells the columns. Neither costs anything.

    A query is one SELECT by itself, so that it can stand within another as a table does.

    Raises:
        NoSourceError: it is neither.
        GoogleAPICallError: BigQuery's own.
    """
    if source.query is None:
        name = sql.table_name(source.table or "")
        if name is None:
            raise NoSourceError("Give a table as project.dataset.table.")
        bare = name.strip("`")
        full = bare if bare.count(".") > 1 else f"{client.project}.{bare}"
        return client.get_table(full)
    from google.cloud import bigquery

    config = bigquery.QueryJobConfig(dry_run=True, use_query_cache=False)
    job = client.query(query_text(source), job_config=config, timeout=_SECONDS)
    if job.statement_type != "SELECT":
        raise NoSourceError(f"A source is one SELECT. Received: {job.statement_type}.")
    return SimpleNamespace(
        schema=job.schema,
        table_type="QUERY",
        created=None,
        modified=None,
        location=job.location,
    )


def query_text(source: BigQuerySource) -> str:
    """A query with the moment that it is to be read as of."""
    assert source.query is not None
    text = source.query.strip().rstrip(";").rstrip()
    if source.as_of is None:
        return text
    stamp = sql.stamp(source.as_of)
    return AS_OF.sub(lambda _: stamp, text)


def is_pinned(source: BigQuerySource, table: Any) -> bool:
    """Whether it can be read as it was at a moment: a table, or a query that asks for it."""
    if source.query is None:
        return bool(table.table_type == "TABLE")
    return AS_OF.search(source.query) is not None


def read_from(source: BigQuerySource, table: Any, now: datetime) -> str:
    """What stands after FROM, with no name after it. Lists are text.

    Raises:
        PastGoneError: the table has changed, and its past is gone.
    """
    if source.query is not None:
        # A comment at its end goes no further than its line.
        return sql.with_lists(f"(\n{query_text(source)}\n)", table.schema)
    name = sql.table_name(source.table or "")
    assert name is not None
    return sql.with_lists(sql.at(name, moment(table, source.as_of, now)), table.schema)


def relation(source: BigQuerySource, table: Any, now: datetime) -> Relation:
    """The same, where a name may follow. Raises PastGoneError."""
    types = {
        one.name: "STRING" if one.mode == "REPEATED" else one.field_type
        for one in table.schema
        if one.mode != "REPEATED" or sql.kind_of(one) is not None
    }
    return Relation(f"(SELECT * FROM {read_from(source, table, now)})", types)
