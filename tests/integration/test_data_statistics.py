"""What a profile says of the values of columns."""

from __future__ import annotations

import math
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from local import demo_data
from local.data.source import DuckDBDataSource
from shared.documents.dataset import DatasetSpec
from shared.rules.dataset import check_dataset
from tests.integration.profiling import columns_of, file_source


@pytest.fixture
def data(tmp_path: Path) -> DuckDBDataSource:
    return DuckDBDataSource(tmp_path / "home")


def test_statistics_are_those_of_pandas(data: DuckDBDataSource, tmp_path: Path) -> None:
    random = np.random.default_rng(7)
    table = pd.DataFrame(
        {
            "price": random.lognormal(1.0, 1.5, 5000),
            "id": random.integers(10_000_000_000, 10_000_000_400, 5000),
            "brand": random.choice(["a", "b", "c"], 5000, p=[0.7, 0.2, 0.1]),
        }
    )
    table.loc[::10, "price"] = None
    pq.write_table(pa.Table.from_pandas(table), tmp_path / "t.parquet")
    profile = data.profile(file_source(tmp_path / "t.parquet", "parquet"))
    assert profile.row_count == 5000
    for name in ("price", "id"):
        found, values = columns_of(profile)[name].statistics, table[name]
        assert found is not None
        assert found.unique_count == values.nunique()
        assert found.null_count == values.isna().sum()
        expected = (values.min(), values.max(), values.mean(), values.median(), values.std())
        assert (found.min, found.max, found.mean, found.median, found.std) == pytest.approx(
            expected, rel=1e-9
        )
        assert found.skewness == pytest.approx(values.skew(), rel=1e-6, abs=1e-6)
    brand = columns_of(profile)["brand"].statistics
    assert brand is not None
    assert (brand.unique_count, brand.samples) == (3, ["a", "b", "c"])
    assert brand.mean is None


def test_how_values_are_spread_is_counted(data: DuckDBDataSource, tmp_path: Path) -> None:
    random = np.random.default_rng(11)
    table = pd.DataFrame(
        {
            "price": random.normal(20.0, 5.0, 3000),
            "when": pd.to_datetime(random.integers(-(10**9), 10**9, 3000), unit="s"),
            "brand": random.choice(["x'y", "b", "c"], 3000, p=[0.1, 0.2, 0.7]),
            "gift": random.choice([True, False], 3000, p=[0.2, 0.8]),
            "constant": 1,
        }
    )
    table.loc[::7, ["price", "brand"]] = None
    pq.write_table(pa.Table.from_pandas(table), tmp_path / "t.parquet")
    columns = columns_of(data.profile(file_source(tmp_path / "t.parquet", "parquet")))
    found = {name: column.statistics for name, column in columns.items()}
    assert all(found.values())
    seconds = table["when"].astype("datetime64[ns]").astype("int64") / 1e9
    for name, values in (("price", table["price"].dropna()), ("when", seconds)):
        expected, _ = np.histogram(values, 20)
        assert found[name].histogram == expected.tolist()
        assert found[name].top_values == []
    for name in ("brand", "gift"):
        counts = table[name].value_counts()
        expected = [(str(value).lower(), count) for value, count in counts.items()]
        assert [(top.value, top.count) for top in found[name].top_values] == expected
        assert found[name].histogram == []
    assert found["constant"].histogram == []


def test_moments_are_over_finite_values_and_never_overflow(
    data: DuckDBDataSource, tmp_path: Path
) -> None:
    table = pa.table(
        {
            "holes": [1.0, math.nan, math.inf, 3.0, None],
            "huge": [1.7e308, -1.7e308, 1e308, 0.0, None],
            "constant": [5, 5, 5, 5, 5],
            "nothing": pa.array([None] * 5, pa.float64()),
            "infinite": [math.inf, -math.inf, math.nan, None, None],
        }
    )
    pq.write_table(table, tmp_path / "t.parquet")
    found = columns_of(data.profile(file_source(tmp_path / "t.parquet", "parquet")))
    holes, huge, constant, nothing, infinite = (
        found[name].statistics for name in table.schema.names
    )
    assert holes is not None
    assert (holes.min, holes.max, holes.mean, holes.median, holes.null_count) == (1, 3, 2, 2, 1)
    assert huge is not None
    assert huge.mean == pytest.approx(0.25e308)
    assert huge.std is not None
    assert math.isfinite(huge.std)
    assert constant is not None
    assert (constant.mean, constant.std, constant.skewness) == (5, 0, None)
    assert nothing is not None
    assert (nothing.null_count, nothing.unique_count, nothing.mean) == (5, 0, None)
    assert infinite is not None
    assert (infinite.min, infinite.mean, infinite.median) == (None, None, None)


def test_the_demo_data_is_goods_that_many_bought(data: DuckDBDataSource, tmp_path: Path) -> None:
    path = demo_data.prepare(tmp_path / "home")
    written = path.stat().st_mtime_ns
    assert demo_data.prepare(tmp_path / "home") == path
    assert path.stat().st_mtime_ns == written
    assert list(path.parent.iterdir()) == [path]

    source = file_source(path, "parquet")
    columns = data.inspect(source)
    assert [column.name for column in columns] == list(demo_data.MAPPING)
    assert (
        check_dataset(DatasetSpec(source=source, column_mapping=demo_data.MAPPING), columns) == []
    )
    with duckdb.connect() as connection:
        rows, fewest_buyers, worst, departments, nulls = connection.execute(
            "WITH bought AS (FROM read_parquet(?)), buyers AS (SELECT "
            "count(DISTINCT household_id) AS n FROM bought GROUP BY product_id) "
            "SELECT count(*), (SELECT min(n) FROM buyers), "
            "min(least(quantity, sales_value)), list(DISTINCT department), "
            "count(*) FILTER (category IS NULL OR product_name = '') FROM bought",
            [str(path)],
        ).fetchall()[0]
    assert rows > 1_000_000
    assert fewest_buyers >= 20
    assert worst > 0
    assert not {"Fuel", "Coupon", "Miscellaneous"} & set(departments)
    assert nulls == 0


def test_every_one_of_many_columns_has_its_own_statistics(
    data: DuckDBDataSource, tmp_path: Path
) -> None:
    table = pa.table({f"c{n}": [n, n + 2] if n % 2 else [f"v{n}", "x"] for n in range(60)})
    pq.write_table(table, tmp_path / "t.parquet")
    columns = data.profile(file_source(tmp_path / "t.parquet", "parquet")).columns
    for n, column in enumerate(columns):
        found = column.statistics
        assert found is not None
        if n % 2:
            assert (found.min, found.mean, found.max) == (n, n + 1, n + 2)
        else:
            assert set(found.samples) == {f"v{n}", "x"}
