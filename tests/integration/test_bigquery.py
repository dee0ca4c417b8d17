"""The SQL for BigQuery, parsed as GoogleSQL and run by DuckDB beside the laptop's statistics."""

from __future__ import annotations

import hashlib
import math
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
import sqlglot
from google.api_core import exceptions

from local.data import DuckDBDataSource
from shared.columns import Column, ColumnType
from shared.documents.dataset import BigQuerySource, FileSource
from shared.examples import MISSING_TIMESTAMP, ExamplesSpec, RawFeature, RawType
from shared.gcp import bigquery_sql
from shared.gcp.bigquery import BigQueryDataSource
from shared.ports import Profile
from shared.problems import Invalid

TABLE = BigQuerySource(kind="bigquery", table="shop.sales.purchases")
_PURCHASES = """
    SELECT
        CASE WHEN n % 11 <> 0 THEN n % 40 END AS customer,
        'p' || (n * 7919 % 97) AS product,
        TIMESTAMP '1969-12-30' + INTERVAL (n * 53) MINUTE AS bought_at,
        CASE WHEN n % 50 = 0 THEN 'nan'::DOUBLE WHEN n % 51 = 0 THEN 'inf'::DOUBLE
            WHEN n % 5 = 0 THEN NULL ELSE (n % 17) * (n % 17) / 4.0 - 3 END AS price,
        7 AS constant,
        n % 3 = 0 AS organic,
        'it''s `odd` \\ "' || (n % 4) AS "odd `na'me\\"
    FROM range(3000) AS purchases(n)
"""
_BIGQUERY_TYPES = {
    "BIGINT": "INTEGER",
    "INTEGER": "INTEGER",
    "VARCHAR": "STRING",
    "TIMESTAMP": "TIMESTAMP",
    "DOUBLE": "FLOAT",
    "BOOLEAN": "BOOLEAN",
    "BIGINT[]": "INTEGER",
}


class DuckBigQuery:
    """A BigQuery client's methods over DuckDB."""

    project = "shop"

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self.asked: list[tuple[str, Any]] = []

    def get_table(self, name: str) -> Any:
        if name != TABLE.table:
            raise exceptions.NotFound(name)
        described = self._connection.execute("DESCRIBE purchases").fetchall()
        return SimpleNamespace(
            schema=[
                SimpleNamespace(
                    name=column,
                    field_type=_BIGQUERY_TYPES[kind],
                    mode="REPEATED" if kind.endswith("[]") else "NULLABLE",
                )
                for column, kind, *_ in described
            ],
            table_type="TABLE",
            modified=datetime(2025, 1, 31, tzinfo=UTC),
        )

    def query(self, sql: str, job_config: Any, timeout: float | None = None) -> Any:
        self.asked.append((sql, job_config))
        rows = [
            {name: _counted(value) for name, value in row.items()}
            for row in run(self._connection, sql)
        ]
        return SimpleNamespace(result=lambda timeout: rows, total_bytes_processed=1234)


def _counted(value: Any) -> Any:
    """DuckDB's most frequent values come without BigQuery's counts."""
    return [{"value": item, "count": 1} for item in value] if isinstance(value, list) else value


def run(connection: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    """The rows of a GoogleSQL query over the table `shop.sales.purchases`."""
    tree = sqlglot.parse_one(sql, read="bigquery")
    for table in tree.find_all(sqlglot.exp.Table):
        table.replace(sqlglot.to_table("purchases"))
    relation = connection.execute(tree.sql(dialect="duckdb"))
    names = [column[0] for column in relation.description or ()]
    return [dict(zip(names, row, strict=True)) for row in relation.fetchall()]


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"preserve_insertion_order": False})
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"CREATE TABLE purchases AS {_PURCHASES}")
    return connection


@pytest.fixture
def expected(connection: duckdb.DuckDBPyConnection, tmp_path: Path) -> Profile:
    path = tmp_path / "purchases.parquet"
    connection.table("purchases").write_parquet(str(path))
    source = FileSource(kind="parquet", uri=str(path))
    return DuckDBDataSource(tmp_path).profile(source)


def test_a_profile_is_that_of_the_same_data_in_a_file(
    connection: duckdb.DuckDBPyConnection, expected: Profile
) -> None:
    found = BigQueryDataSource(DuckBigQuery(connection)).profile(TABLE)
    assert found.row_count == expected.row_count == 3000
    assert [(c.name, c.type) for c in found.columns] == [(c.name, c.type) for c in expected.columns]
    for column, reference in zip(found.columns, expected.columns, strict=True):
        _same(column, reference)


def _same(column: Column, reference: Column) -> None:
    found, wanted = column.statistics, reference.statistics
    assert found is not None
    assert wanted is not None
    assert found.null_count == wanted.null_count
    assert found.unique_count == pytest.approx(wanted.unique_count, rel=0.1)
    for name in ("min", "max", "mean", "std", "skewness"):
        value = getattr(wanted, name)
        assert getattr(found, name) == (None if value is None else pytest.approx(value)), name
    if wanted.median is not None:
        assert wanted.max is not None
        assert wanted.min is not None
        assert found.median == pytest.approx(
            wanted.median, abs=0.05 * (wanted.max - wanted.min) + 1e-9
        )
    assert len(found.samples) == len(wanted.samples)
    if column.type is ColumnType.STRING and "odd" in column.name:
        assert set(found.samples) == set(wanted.samples)


def test_a_column_of_lists_is_refused_by_name(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("ALTER TABLE purchases ADD COLUMN tags BIGINT[]")
    with pytest.raises(Invalid, match="Column 'tags' is REPEATED INTEGER"):
        BigQueryDataSource(DuckBigQuery(connection)).inspect(TABLE)


def test_an_empty_table_and_one_that_is_not_there_are_told_apart(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    source = BigQueryDataSource(DuckBigQuery(connection))
    connection.execute("DELETE FROM purchases")
    with pytest.raises(Invalid, match="no rows"):
        source.profile(TABLE)
    with pytest.raises(Invalid, match="no such table"):
        source.profile(BigQuerySource(kind="bigquery", table="shop.sales.nothing"))
    with pytest.raises(Invalid, match=r"project\.dataset\.table"):
        source.profile(BigQuerySource(kind="bigquery", table="purchases"))


def test_a_file_is_no_source_there(connection: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(Invalid, match="bq load"):
        BigQueryDataSource(DuckBigQuery(connection)).inspect(
            FileSource(kind="parquet", uri="gs://bucket/a.parquet")
        )


def test_queries_are_bounded_and_a_dry_run_reads_nothing(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    client = DuckBigQuery(connection)
    source = BigQueryDataSource(client, max_bytes=10**9)
    source.profile(TABLE)
    assert [config.maximum_bytes_billed for _, config in client.asked] == [10**9] * 2
    assert source.bytes_read(TABLE, ["customer", "odd `na'me\\"]) == 1234
    assert client.asked[-1][1].dry_run


def _spec(**fields: Any) -> ExamplesSpec:
    features = [
        RawFeature(key="customer", column="customer", type=RawType.TEXT),
        RawFeature(key="product", column="product", type=RawType.TEXT),
        RawFeature(key="price", column="price", type=RawType.NUMBER),
        RawFeature(key="at", column="bought_at", type=RawType.TIMESTAMP),
        RawFeature(key="odd", column="odd `na'me\\", type=RawType.TEXT),
    ]
    return ExamplesSpec.model_validate(
        {
            "source": TABLE,
            "features": features,
            "query_keys": ["customer"],
            "candidate_keys": ["product"],
            "customer_key": "customer",
            "product_key": "product",
            "timestamp_column": "bought_at",
            "name_column": "odd `na'me\\",
            "sample_percent": 30,
            **fields,
        }
    )


@pytest.mark.parametrize("by", ["customer", "row"])
def test_a_sample_holds_the_rows_whose_hash_says_so(
    connection: duckdb.DuckDBPyConnection, by: str
) -> None:
    spec = _spec(sample_by=by, seed=7)
    rows = run(connection, bigquery_sql.examples("`shop.sales.purchases`", spec))
    whole = run(
        connection, bigquery_sql.examples("`shop.sales.purchases`", _spec(sample_percent=100))
    )

    def sampled(row: dict[str, Any]) -> bool:
        subject = row["f0"] if by == "customer" else f"{row['f0']}:{row['f1']}:{row['at']}"
        digest = int(hashlib.md5(f"7:{subject}".encode()).hexdigest(), 16)
        return digest < 0.3 * 2**128

    assert sorted(map(repr, rows)) == sorted(map(repr, filter(sampled, whole)))
    assert 0.1 < len(rows) / len(whole) < 0.5
    assert len(whole) == 3000 - len(range(0, 3000, 11))  # the rest has no customer


def test_raw_values_are_never_null_and_times_before_1970_are_rounded_down(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.execute(
        "INSERT INTO purchases"
        " SELECT 1, 'p', TIMESTAMP '1969-12-31 23:59:59.5', 1e300, 7, true, NULL"
        " UNION ALL SELECT 2, 'late', NULL, NULL, 7, true, NULL"
    )
    rows = run(
        connection, bigquery_sql.examples("`shop.sales.purchases`", _spec(sample_percent=100))
    )
    assert all(value is not None for row in rows for value in row.values())
    early = next(row for row in rows if row["f1"] == "p")
    assert (early["f3"], early["at"], early["f4"], early["label"]) == (-1, -1, "", "")
    assert math.isnan(early["f2"])
    late = next(row for row in rows if row["f1"] == "late")
    assert (late["f3"], late["at"]) == (MISSING_TIMESTAMP, MISSING_TIMESTAMP)


def test_rows_without_the_rating_to_learn_are_left_out(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    spec = _spec(sample_percent=100, label_key="price")
    rows = run(connection, bigquery_sql.examples("`shop.sales.purchases`", spec))
    assert rows
    assert all(math.isfinite(row["f2"]) for row in rows)


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("project.dataset.table", "`project.dataset.table`"),
        ("domain.com:project.dataset.table", "`domain.com:project.dataset.table`"),
        ("dataset.table", "`dataset.table`"),
        ("table", None),
        ("project.dataset.table.more", "`project.dataset.table.more`"),
        ("a..b", None),
    ],
)
def test_only_a_tables_name_is_one(text: str, quoted: str | None) -> None:
    assert bigquery_sql.table_name(text) == quoted
