"""The SQL for BigQuery, parsed as GoogleSQL and run by DuckDB beside the laptop's statistics."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
import sqlglot
from google.api_core import exceptions

from local.data.source import DuckDBDataSource
from shared.columns import Column, ColumnType
from shared.documents.dataset import BigQuerySource, FileSource
from shared.errors import StillWorkingError
from shared.gcp import bigquery_sql
from shared.gcp.bigquery import BigQueryDataSource
from shared.ports import Profile
from shared.problems import InvalidError

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
    "DOUBLE[]": "FLOAT",
    "VARCHAR[]": "STRING",
    "TIMESTAMP[]": "TIMESTAMP",
}


class DuckBigQuery:
    """A BigQuery client's methods over DuckDB."""

    project = "shop"

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self.asked: list[tuple[str, Any]] = []
        self.kind = "TABLE"
        self.created = datetime(2024, 1, 31, tzinfo=UTC)
        self.modified = datetime(2025, 1, 31, tzinfo=UTC)
        self.jobs: dict[str, Any] = {}
        self.slow: list[str] = []  # ids of jobs that have not ended
        self.begin: Callable[[str], None] = lambda _: None

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
            table_type=self.kind,
            created=self.created,
            modified=self.modified,
            location="europe-west1",
        )

    def query(
        self,
        sql: str,
        job_config: Any,
        job_id: str | None = None,
        location: str | None = None,
        timeout: float | None = None,
    ) -> Any:
        if job_id is not None:
            assert re.fullmatch(r"[-\w]{1,1024}", job_id)
            if job_id in self.jobs:
                raise exceptions.Conflict(job_id)
        self.asked.append((sql, job_config))
        rows = [
            {
                name: _counted(value) if re.fullmatch(r"t\d+", name) else value
                for name, value in row.items()
            }
            for row in run(self._connection, sql)
        ]

        def result(timeout: float) -> Any:
            assert 0 < timeout <= 480, "a function lives for nine minutes"
            self.begin(job_id or "")
            if job_id in self.slow:
                raise TimeoutError
            return rows

        job = SimpleNamespace(result=result, total_bytes_processed=1234)
        if job_id is not None:
            self.jobs[job_id] = job
        return job

    def get_job(self, job_id: str, location: str | None = None) -> Any:
        assert location == "europe-west1", "elsewhere than in a multi-region there is none"
        return self.jobs[job_id]


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
    connection.execute("CREATE MACRO farm_fingerprint(text) AS hash(text)")
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


def test_rows_are_counted_as_in_a_file(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    connection.execute("UPDATE purchases SET bought_at = NULL WHERE price = 7 - 3")
    connection.execute("UPDATE purchases SET bought_at = TIMESTAMP '9999-01-01' WHERE price > 50")
    path = tmp_path / "purchases.parquet"
    connection.table("purchases").write_parquet(str(path))
    source = FileSource(kind="parquet", uri=str(path))
    for time in ("bought_at", "product"):
        mapping = {"constant": "product_id", time: "transaction_date", "customer": "customer_id"}
        here = DuckDBDataSource(tmp_path).profile(source, mapping, 10**6).rows
        assert here is not None
        assert (here.read, here.without_customer) == (3000, len(range(0, 3000, 11)))
        assert here.implausible_time or here.unreadable_time
        there = BigQueryDataSource(DuckBigQuery(connection)).profile(TABLE, mapping, 10**6).rows
        assert there == here


def test_a_change_of_a_table_is_known_without_reading_it(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    client = DuckBigQuery(connection)
    data = BigQueryDataSource(client)
    profiled = data.profile(TABLE).source_fingerprint
    asked = len(client.asked)
    assert profiled is not None
    assert data.source_fingerprint(TABLE) == profiled
    client.modified += timedelta(seconds=1)
    assert data.source_fingerprint(TABLE) != profiled
    client.kind = "VIEW"
    assert data.source_fingerprint(TABLE) is None
    assert data.first_rows(TABLE, ["customer"]) == {}
    assert len(client.asked) == asked


NOW = datetime(2025, 2, 3, 12, tzinfo=UTC)


def pinned(at: datetime) -> BigQuerySource:
    return TABLE.model_copy(update={"as_of": at})


def test_a_table_is_read_as_of_the_moment_of_its_profile(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    client = DuckBigQuery(connection)
    data = BigQueryDataSource(client, now=lambda: NOW)
    profile = data.profile(pinned(NOW))
    assert profile.as_of == NOW
    assert client.asked
    for sql, _ in client.asked:
        assert "FOR SYSTEM_TIME AS OF TIMESTAMP '2025-02-03 12:00:00.000000+00:00'" in sql
    assert data.source_fingerprint(pinned(NOW)) == profile.source_fingerprint

    client.modified = NOW + timedelta(hours=1)  # it can still be read as it was
    assert data.source_fingerprint(pinned(NOW)) != profile.source_fingerprint
    again = data.profile(pinned(NOW + timedelta(hours=2)))
    assert again.source_fingerprint != profile.source_fingerprint


@pytest.mark.parametrize("change", ["aged", "made_anew"])
def test_a_past_that_is_gone_is_said_to_be(
    connection: duckdb.DuckDBPyConnection, change: str
) -> None:
    client = DuckBigQuery(connection)
    now = NOW + timedelta(days=8)
    data = BigQueryDataSource(client, now=lambda: now)
    profile = data.profile(pinned(NOW))  # it has not changed since: as it is, it is as it was
    assert "SYSTEM_TIME" not in client.asked[0][0]
    assert data.source_fingerprint(pinned(NOW)) == profile.source_fingerprint
    client.modified = NOW + timedelta(hours=1)
    if change == "made_anew":
        now = NOW + timedelta(hours=2)
        client.created = client.modified
    with pytest.raises(InvalidError, match="Profile the dataset again"):
        data.source_fingerprint(pinned(NOW))


def test_a_view_has_no_past_and_says_so(connection: duckdb.DuckDBPyConnection) -> None:
    client = DuckBigQuery(connection)
    client.kind = "VIEW"
    profile = BigQueryDataSource(client, now=lambda: NOW).profile(pinned(NOW))
    assert profile.as_of is None
    assert "no past" in profile.notes[-1]
    assert not any("SYSTEM_TIME" in sql for sql, _ in client.asked)


def test_a_query_that_goes_on_is_found_again_and_not_begun_anew(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    client = DuckBigQuery(connection)
    data = BigQueryDataSource(client, now=lambda: NOW)
    client.begin = lambda job_id: client.slow.append(job_id) if not client.slow else None
    with pytest.raises(StillWorkingError):
        data.profile(pinned(NOW))
    with pytest.raises(StillWorkingError):
        data.profile(pinned(NOW))
    client.slow.append(client.slow.pop(0) + " has ended")
    assert data.profile(pinned(NOW)).row_count == 3000
    assert len(client.asked) == len({sql for sql, _ in client.asked}) == 2

    data.profile(pinned(NOW + timedelta(minutes=1)))  # asked for anew, it is read anew
    assert len(client.asked) == 4


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


def test_a_column_of_lists_is_left_aside_by_name(connection: duckdb.DuckDBPyConnection) -> None:
    before = BigQueryDataSource(DuckBigQuery(connection)).inspect(TABLE)
    connection.execute("ALTER TABLE purchases ADD COLUMN seen TIMESTAMP[]")
    source = BigQueryDataSource(DuckBigQuery(connection))
    assert source.inspect(TABLE) == before
    profile = source.profile(TABLE)
    assert len(profile.columns) == len(before)
    assert "'seen' (REPEATED TIMESTAMP)" in profile.notes[0]


@pytest.mark.parametrize(
    ("kind", "values", "text"),
    [
        ("BIGINT[]", "[30, 1, 2]", "30 1 2"),
        ("DOUBLE[]", "[0.5, -1.25e-7]", "0.5 -1.25e-07"),
        ("VARCHAR[]", "['b a', 'a', 'Ä']", "b a|a|Ä"),
    ],
)
def test_a_list_of_texts_or_numbers_is_text_as_of_files(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, kind: str, values: str, text: str
) -> None:
    """In its order; an empty one is missing."""
    connection.execute(f"ALTER TABLE purchases ADD COLUMN `tags` {kind}".replace("`", '"'))
    connection.execute(f"UPDATE purchases SET tags = {values}::{kind} WHERE customer = 3")
    connection.execute("UPDATE purchases SET tags = [] WHERE customer <> 3")
    found = BigQueryDataSource(DuckBigQuery(connection)).profile(TABLE)
    column = next(column for column in found.columns if column.name == "tags")
    assert column.type is ColumnType.STRING
    assert column.statistics is not None
    assert column.statistics.samples == [text]
    assert column.statistics.unique_count == 1
    path = tmp_path / "purchases.parquet"
    connection.execute(f"COPY purchases TO '{path}' (FORMAT parquet)")
    source = FileSource(kind="parquet", uri=str(path))
    here = DuckDBDataSource(tmp_path / "home").profile(source, {}, None)
    of_files = next(column for column in here.columns if column.name == "tags")
    assert of_files.statistics is not None
    assert of_files.statistics.samples == column.statistics.samples
    assert of_files.statistics.null_count == column.statistics.null_count


def test_texts_that_mean_a_missing_value_are_none(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("UPDATE purchases SET product = 'NULL' WHERE customer = 3")
    connection.execute("UPDATE purchases SET product = ' ' WHERE customer = 4")
    source = BigQueryDataSource(DuckBigQuery(connection))
    product = next(c for c in source.profile(TABLE).columns if c.name == "product")
    ((rows,),) = connection.execute(
        "SELECT count(*) FROM purchases WHERE customer IN (3, 4)"
    ).fetchall()
    assert product.statistics is not None
    assert product.statistics.null_count == rows
    assert not {"NULL", " "} & set(product.statistics.samples)


def test_an_empty_table_and_one_that_is_not_there_are_told_apart(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    source = BigQueryDataSource(DuckBigQuery(connection))
    connection.execute("DELETE FROM purchases")
    with pytest.raises(InvalidError, match="no rows"):
        source.profile(TABLE)
    with pytest.raises(InvalidError, match="no such table"):
        source.profile(BigQuerySource(kind="bigquery", table="shop.sales.nothing"))
    with pytest.raises(InvalidError, match=r"project\.dataset\.table"):
        source.profile(BigQuerySource(kind="bigquery", table="purchases"))


def test_a_file_is_no_source_there(connection: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(InvalidError, match="bq load"):
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


def test_what_rows_are_like_is_found_as_in_a_file(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    connection.execute(
        "CREATE OR REPLACE TABLE purchases AS SELECT *, "
        "CASE product WHEN 'p1' THEN NULL ELSE 'name of ' || product END AS product_name, "
        "'o' || (row_number() OVER ()) AS order_no, bought_at + INTERVAL 3 DAY AS delivered "
        "FROM purchases UNION ALL "
        "SELECT 41, 'p' || (n % 3), TIMESTAMP '1970-03-01' + INTERVAL (n) SECOND, 1, 7, true, 'x',"
        " 'once', 'r' || n, NULL FROM range(1500) AS robot(n)"
    )
    path = tmp_path / "purchases.parquet"
    connection.table("purchases").write_parquet(str(path))
    source = FileSource(kind="parquet", uri=str(path))
    for roles in (
        {"customer": "customer_id", "product": "product_id", "bought_at": "transaction_date"},
        {"customer": "customer_id", "product": "product_id"},
    ):
        here = DuckDBDataSource(tmp_path).profile(source, roles, 10**7).insight
        there = BigQueryDataSource(DuckBigQuery(connection)).profile(TABLE, roles, 10**7)
        assert here is not None
        assert there.insight is not None
        assert there.insight.measured.keys() == here.measured.keys()
        for kind, numbers in here.measured.items():
            assert there.insight.measured[kind] == numbers, kind
        assert here.measured["bots"]["customers"] == ("bought_at" in roles)
        assert list(here.measured["row_key"]["columns"]) == ["order_no"]


def test_a_table_that_cannot_be_looked_at_together_is_a_dataset_all_the_same(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    client = DuckBigQuery(connection)
    plain = client.query

    def query(sql: str, *arguments: Any, **options: Any) -> Any:
        if "FARM_FINGERPRINT" in sql:
            raise exceptions.BadRequest("Resources exceeded during query execution")
        return plain(sql, *arguments, **options)

    client.query = query  # type: ignore[method-assign]
    found = BigQueryDataSource(client).profile(
        TABLE, {"customer": "customer_id", "product": "product_id"}
    )
    assert found.insight is None
    assert "Resources exceeded" in found.notes[-1]
