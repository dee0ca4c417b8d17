"""What BigQuery answers a query with, as far as the examples stage reads it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa


class QueryResult:
    """Rows as they come from BigQuery: batch by batch, and whole only where there are none.

    Args:
        batch_rows: as many rows each batch has.
    """

    def __init__(self, table: pa.Table, batch_rows: int = 2) -> None:
        self.total_rows = len(table)
        self.batches = 0
        self._table = table
        self._batch_rows = batch_rows

    def to_arrow(self) -> pa.Table:
        assert not self.total_rows
        return self._table

    def to_arrow_iterable(self, bqstorage_client: Any, **_: Any) -> Iterator[pa.RecordBatch]:
        for batch in self._table.combine_chunks().to_batches(self._batch_rows):
            self.batches += 1
            yield batch
