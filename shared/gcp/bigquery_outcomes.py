"""Tables of experiments in BigQuery, copied for whoever counts them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from google.cloud import bigquery

from shared.documents.source import BigQuerySource
from shared.gcp.bigquery_source import NoSourceError, described, read_from
from shared.gcp.bigquery_sql import quote
from shared.gcp.bigquery_tables import told
from shared.gcp.bigquery_time import PastGoneError
from shared.problems import InvalidError, Problem

_PAGE_ROWS = 20_000
# Such columns are compared before rows leave BigQuery; texts are read by whoever counts.
_MOMENTS = ("TIMESTAMP", "DATETIME", "DATE")


class BigQueryRows:
    """A table, a view or a query of rows.

    Attributes:
        types: of its columns, as BigQuery calls them.

    Raises:
        InvalidError: at `spec.source`: it is none.
        RefusedError, UnavailableError: BigQuery refuses, or cannot be reached.
    """

    def __init__(self, source: BigQuerySource, client: bigquery.Client) -> None:
        self._client = client
        try:
            with told():
                table = described(source, client)
            self._from = read_from(source, table, datetime.now(UTC))
        except (NoSourceError, PastGoneError) as error:
            problem = Problem(
                path="spec.source", code="no_rows", message=str(error), received=source.named
            )
            raise InvalidError([problem]) from None
        self.types: dict[str, str] = {field.name: field.field_type for field in table.schema}

    def copy(self, columns: Sequence[str], time: str, since: datetime, file: Path) -> int:
        """Writes columns as JSON, a row a line, page by page; returns how many rows.

        Args:
            time: rows of a moment before `since` stay where they are. Rows without a moment come
                too, and all where the column has texts.
        """
        query = f"SELECT {', '.join(map(quote, columns))} FROM {self._from}"
        config = bigquery.QueryJobConfig()
        if self.types[time] in _MOMENTS:
            moment = f"CAST({quote(time)} AS TIMESTAMP)"
            query += f" WHERE {quote(time)} IS NULL OR {moment} >= @since"
            since_then = bigquery.ScalarQueryParameter("since", "TIMESTAMP", since)
            config.query_parameters = [since_then]
        count = 0
        with told(), file.open("w", encoding="utf-8") as lines:
            for row in self._client.query(query, config).result(page_size=_PAGE_ROWS):
                lines.write(json.dumps(dict(row.items()), default=_plain) + "\n")
                count += 1
        return count


def _plain(value: Any) -> Any:
    if isinstance(value, date):  # a datetime is one
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else str(value)
