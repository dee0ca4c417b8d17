"""Sampled rows from BigQuery: only the sample leaves it."""

from __future__ import annotations

from datetime import UTC, datetime
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
from trainer_image.examples.relations import counted_rows, queries
from trainer_image.job.status import JobFailedError

if TYPE_CHECKING:
    from google.cloud.bigquery import Client


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
    from google.cloud import bigquery

    try:
        return query_sample(spec, source, bigquery.Client())
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
    spec: ExamplesSpec, source: BigQuerySource, client: Client
) -> tuple[SourceRows, dict[str, pa.Table]]:
    events = _relation(source, client, named=spec.view is not None)
    sides = {}
    for name, side in (spec.view.sides if spec.view is not None else {}).items():
        if not isinstance(side.source, BigQuerySource):
            raise JobFailedError(f"The table of {name} is no BigQuery table, as the events are.")
        sides[name] = one_per_key(side, _relation(side.source, client, named=True), BigQuery)
    asked = queries(spec, events, sides, BigQuery)

    def rows_of(query: str) -> pa.Table:
        return client.query(query).result().to_arrow()

    tables = {"sampled": rows_of(asked.sample)}
    for name, query in asked.further.items():
        tables[name] = rows_of(query)
    rows = counted_rows(asked, None, lambda query: rows_of(query).to_pylist()[0])
    return rows, tables


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
