"""Tables of rows that lie in files: memory holds what is being read of them, and no more."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa

from shared.arrays import room

# Of what is read into such a table.
ROWS_AT_ONCE = 131_072


def mapped(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> pa.Table:
    """The batches as a table in a temporary file without a name, which is gone with the table."""
    with tempfile.NamedTemporaryFile(prefix="recsmith-", suffix=".arrow") as file:
        with pa.ipc.new_file(file, schema) as writer:
            for batch in batches:
                writer.write_batch(batch)
        file.flush()
        return pa.ipc.open_file(pa.memory_map(file.name)).read_all()


def mapped_times(column: pa.ChunkedArray) -> pa.Array:
    """Times, in seconds since 1970, as one array, which lies in a file if it is large."""
    times = room(len(column), np.int64)
    done = 0
    for chunk in column.chunks:
        times[done : done + len(chunk)] = chunk
        done += len(chunk)
    return pa.array(times)


def batches_of(rows: pa.Table, size: int) -> Iterator[pa.RecordBatch]:
    """Batches of `size` rows, the last one of the rest, however the table is laid out."""
    for start in range(0, len(rows), size):
        yield from rows.slice(start, size).combine_chunks().to_batches()
