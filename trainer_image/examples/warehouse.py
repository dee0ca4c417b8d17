"""Sampled rows from BigQuery: only the sample leaves it."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING

import pyarrow as pa

from shared.columns.source_rows import SourceRows
from shared.documents.dataset import BigQuerySource
from shared.examples import ExamplesSpec
from shared.gcp.bigquery_dialect import BigQuery
from shared.gcp.bigquery_source import NoSourceError, described, read_from, relation
from shared.gcp.bigquery_time import PastGoneError
from shared.tables.fingerprints import table_fingerprint
from shared.tables.view import Relation, one_per_key
from shared.wording import sentence
from trainer_image.examples.mapped import mapped
from trainer_image.examples.relations import counted_rows, queries
from trainer_image.job.status import JobFailedError

if TYPE_CHECKING:
    from google.cloud.bigquery import Client
    from google.cloud.bigquery.table import RowIterator
    from google.cloud.bigquery_storage import BigQueryReadClient

# Streams at once, each of which holds a part of the rows that is on its way.
_STREAMS = 4


def sampled_rows(
    spec: ExamplesSpec, source: BigQuerySource
) -> tuple[SourceRows, dict[str, pa.Table]]:
    """What became of all rows, and the results of `Queries.sample` as `sampled` and of
    `Queries.further` by their names, from the project that the environment names.

    Raises:
        JobFailedError: the table cannot be read.
    """
    from google.api_core.exceptions import GoogleAPICallError
    from google.auth.exceptions import GoogleAuthError
    from google.cloud import bigquery, bigquery_storage

    try:
        with bigquery_storage.BigQueryReadClient() as storage:
            return query_sample(spec, source, bigquery.Client(), storage)
    except (GoogleAPICallError, GoogleAuthError) as error:
        raise JobFailedError(
            sentence(f"The source {source.named} cannot be read: {error}")
        ) from error


def fingerprint_now(source: BigQuerySource) -> str:
    """By the table's last change; "" of a view and of a query. Raises JobFailedError."""
    from google.api_core.exceptions import GoogleAPICallError
    from google.auth.exceptions import GoogleAuthError
    from google.cloud import bigquery

    if source.query is not None:
        return ""
    try:
        table = described(source, bigquery.Client())
    except (GoogleAPICallError, GoogleAuthError, NoSourceError) as error:
        raise JobFailedError(f"The source {source.named} cannot be read: {error}") from error
    return table_fingerprint(source.named, table.modified) if table.table_type == "TABLE" else ""


def query_sample(
    spec: ExamplesSpec,
    source: BigQuerySource,
    client: Client,
    storage: BigQueryReadClient | None = None,
) -> tuple[SourceRows, dict[str, pa.Table]]:
    """What `sampled_rows` returns; tables lie in files, of which memory holds what is being read.

    Args:
        storage: reads results as streams; without it they come page by page, as JSON.
    """
    events = _relation(source, client, named=spec.view is not None)
    sides = {}
    for name, side in (spec.view.sides if spec.view is not None else {}).items():
        if not isinstance(side.source, BigQuerySource):
            raise JobFailedError(f"The table of {name} is no BigQuery table, as the events are.")
        sides[name] = one_per_key(side, _relation(side.source, client, named=True), BigQuery)
    asked = queries(spec, events, sides, BigQuery)

    def rows_of(query: str) -> pa.Table:
        return _streamed(client.query(query).result(), storage)

    tables = {"sampled": rows_of(asked.sample)}
    for name, query in asked.further.items():
        tables[name] = rows_of(query)
    rows = counted_rows(asked, None, lambda query: rows_of(query).to_pylist()[0])
    return rows, tables


def _streamed(rows: RowIterator, storage: BigQueryReadClient | None) -> pa.Table:
    if not rows.total_rows:
        return rows.to_arrow()  # which knows the columns where no batch tells of them
    batches = iter(rows.to_arrow_iterable(bqstorage_client=storage, max_stream_count=_STREAMS))
    first = next(batches)
    return mapped(chain([first], batches), first.schema)


def _relation(source: BigQuerySource, client: Client, *, named: bool) -> Relation:
    """A table as it was at the moment that it is read as of.

    Args:
        named: whether a name may follow it in a query.
    """
    now = datetime.now(UTC)
    try:
        table = described(source, client)
        found = relation(source, table, now)
        return found if named else Relation(read_from(source, table, now), found.types)
    except (PastGoneError, NoSourceError) as error:
        raise JobFailedError(f"The source {source.named} cannot be read: {error}") from None
