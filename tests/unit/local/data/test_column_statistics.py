"""A column has the same statistics by the counts of its values and by scans of them."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from datetime import datetime

import duckdb
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from local.data.column_statistics import column_statistics
from shared.columns import ColumnStatistics, ColumnType

_NUMBERS = st.floats(width=32) | st.sampled_from([-1.5, 0.0, 0.1, 2.0])
_COLUMNS = (
    st.tuples(st.just(ColumnType.FLOAT), st.lists(st.none() | _NUMBERS, min_size=1))
    | st.tuples(
        st.just(ColumnType.INTEGER),
        st.lists(st.none() | st.integers(-9, 9) | st.integers(-(2**62), 2**62), min_size=1),
    )
    | st.tuples(
        st.just(ColumnType.TIMESTAMP),
        st.lists(st.none() | st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)), min_size=1),
    )
    | st.tuples(
        st.just(ColumnType.STRING), st.lists(st.none() | st.sampled_from("aäbc'"), min_size=1)
    )
    | st.tuples(st.just(ColumnType.BOOLEAN), st.lists(st.none() | st.booleans(), min_size=1))
)
_ARROW = {
    ColumnType.FLOAT: pa.float64(),
    ColumnType.INTEGER: pa.int64(),
    ColumnType.TIMESTAMP: pa.timestamp("us"),
    ColumnType.STRING: pa.string(),
    ColumnType.BOOLEAN: pa.bool_(),
}
_SCANNED, _COUNTED = -1, 1_000_000
_CONNECTION = duckdb.connect(config={"threads": 1})


def _found(kind: ColumnType, values: list[object], counted: int) -> ColumnStatistics:
    _CONNECTION.register("data", pa.table({"v": pa.array(values, _ARROW[kind])}))
    stored = {name: type_ for name, type_, *_ in _CONNECTION.execute("DESCRIBE data").fetchall()}
    (found,) = column_statistics(_CONNECTION, "data", {"v": kind}, stored, len(values), counted)
    return found


@settings(max_examples=50)
@given(_COLUMNS)
@example((ColumnType.FLOAT, [3.03, 18.8]))  # scaled, the least is a little below -1
def test_counted_and_scanned_values_have_the_same_statistics(
    column: tuple[ColumnType, list[object]],
) -> None:
    kind, values = column
    found = _found(kind, values, _COUNTED)
    scanned = _found(kind, values, _SCANNED)
    moments = ("mean", "std", "skewness")
    exact = {*ColumnStatistics.model_fields} - {*moments, "samples"}
    assert found.model_dump(include=exact) == scanned.model_dump(include=exact)
    scale = max(abs(found.min or 0), abs(found.max or 0), 1e-300)
    for name in moments:
        value, expected = getattr(found, name), getattr(scanned, name)
        tolerance = 1e-6 if name == "skewness" else 1e-12 * scale
        assert value == expected or value == pytest.approx(expected, rel=1e-6, abs=tolerance)

    present = [value for value in values if value is not None]
    assert found.null_count == len(values) - len(present)
    if kind in (ColumnType.STRING, ColumnType.BOOLEAN):
        counts = {top.value: top.count for top in found.top_values}
        assert counts == Counter(str(v).lower() for v in present)
        assert list(counts.values()) == sorted(counts.values(), reverse=True)
        assert found.samples == scanned.samples == list(counts)
        return
    if kind.is_numeric:
        finite = [float(value) for value in present if math.isfinite(value)]
        if finite:
            assert found.median == pytest.approx(statistics.median(finite), rel=1e-15)
    else:
        finite = present
    if len(set(finite)) > 1:
        assert sum(found.histogram) == len(finite)


def test_the_most_frequent_values_are_those_even_among_many() -> None:
    rare = [f"rare {n}" for n in range(20_000)]
    values = [*rare, "one", "two", "three", *rare, "one", "two", "three", *rare]
    values += ["three", "three", "two", "two", "one"]
    found = _found(ColumnType.STRING, values, _COUNTED)
    assert [(top.value, top.count) for top in found.top_values[:2]] == [("three", 4), ("two", 4)]
    assert found.samples[:2] == ["three", "two"]
