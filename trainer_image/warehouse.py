"""Sampled rows from BigQuery: only the sample leaves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from shared.documents.dataset import BigQuerySource
from shared.examples import ExamplesSpec
from trainer_image.sampling import BigQuery, sample_query
from trainer_image.status import JobFailed

if TYPE_CHECKING:
    from google.cloud.bigquery import Client


def sampled_rows(spec: ExamplesSpec, source: BigQuerySource) -> pa.Table:
    """The result of `sample_query`, from the project that the environment names.

    Raises:
        JobFailed: the table cannot be read.
    """
    from google.api_core.exceptions import GoogleAPICallError
    from google.auth.exceptions import GoogleAuthError
    from google.cloud import bigquery

    try:
        return query_sample(spec, source, bigquery.Client())
    except (GoogleAPICallError, GoogleAuthError) as error:
        raise JobFailed(f"The source {source.table} cannot be read: {error}") from error


def query_sample(spec: ExamplesSpec, source: BigQuerySource, client: Client) -> pa.Table:
    name = source.table.replace(":", ".")  # as older tools write it
    columns = client.get_table(name).schema
    dialect = BigQuery({one.name: one.field_type for one in columns if one.mode != "REPEATED"})
    query = sample_query(spec, dialect, dialect.identifier(name))
    rows: pa.Table = client.query(query).result().to_arrow()
    return rows
