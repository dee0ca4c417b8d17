import tempfile
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import arrays
from trainer_image.examples.mapped import batches_of, mapped, mapped_times

SCHEMA = pa.schema([("id", pa.string()), ("at", pa.int64()), ("price", pa.float32())])


def batch(first: int, rows: int) -> pa.RecordBatch:
    numbers = range(first, first + rows)
    columns = (
        [f"é{number}" for number in numbers],
        list(numbers),
        [number / 7 for number in numbers],
    )
    return pa.RecordBatch.from_arrays(
        [pa.array(one, kind) for one, kind in zip(columns, SCHEMA.types, strict=True)],
        schema=SCHEMA,
    )


@given(st.lists(st.integers(0, 9), max_size=6))
def test_a_mapped_table_has_the_rows_that_it_was_given(sizes: list[int]) -> None:
    batches = [batch(10 * place, size) for place, size in enumerate(sizes)]
    assert mapped(iter(batches), SCHEMA).equals(pa.Table.from_batches(batches, SCHEMA))


def test_nothing_is_left_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    kept = mapped(iter([batch(0, 1000)]), SCHEMA)

    def fails() -> object:
        yield batch(0, 1)
        raise OSError("it cannot be read")

    with pytest.raises(OSError, match="cannot be read"):
        mapped(fails(), SCHEMA)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []
    assert kept["at"].to_pylist() == list(range(1000))


@pytest.mark.parametrize("most", [0, 10**6])
def test_times_are_one_array_whether_or_not_they_lie_in_a_file(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrays, "_MOST_BYTES", most)
    chunks = pa.chunked_array([[3, -(2**63)], [], [7]], pa.int64())
    assert mapped_times(chunks).equals(pa.array([3, -(2**63), 7], pa.int64()))
    assert mapped_times(chunks.slice(0, 0)).equals(pa.array([], pa.int64()))


@given(st.lists(st.integers(1, 9), max_size=6), st.integers(0, 8), st.integers(1, 8))
def test_batches_are_of_one_size_however_a_table_is_laid_out(
    sizes: list[int], offset: int, size: int
) -> None:
    batches = [batch(10 * place, rows) for place, rows in enumerate(sizes)]
    table = pa.Table.from_batches(batches, SCHEMA).slice(offset)
    found = list(batches_of(table, size))
    assert all(len(one) == size for one in found[:-1])
    assert pa.Table.from_batches(found, SCHEMA).equals(table)
