"""The sample as one query: BigQuery's SQL keeps the rows that DuckDB's keeps, with the same values.

There is no BigQuery here. sqlglot parses its SQL as GoogleSQL and says it in DuckDB's; the dialects
agree where both queries, over the same table, give the same rows.
"""

from __future__ import annotations

import hashlib
import math
import os
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlglot

from local.data.source import DuckDBDataSource
from shared.documents.dataset import BigQuerySource
from shared.examples import MISSING_TIMESTAMP, ExamplesSpec, RawFeature, RawType
from shared.gcp.bigquery_dialect import BigQuery
from shared.tables.dialect import DuckDB
from tests.integration.query_results import QueryResult
from trainer_image.examples import read as stage
from trainer_image.examples.read import read_examples
from trainer_image.examples.sampling import rows_query, sample_query
from trainer_image.examples.tables import load_examples, save_examples
from trainer_image.examples.warehouse import query_sample
from trainer_image.job.locations import Locations
from trainer_image.job.status import JobFailedError

MOMENT = datetime(1966, 3, 1, 12, 30, 15, 750_000, tzinfo=UTC)
FLOAT32_MAX = float(2**128 - 2**104)
# By name: BigQuery's type, and values that every row takes in turn.
COLUMNS: dict[str, tuple[str, pa.DataType, list[Any]]] = {
    "customer": ("INTEGER", pa.int64(), [*range(1, 91), None]),
    "float id": ("FLOAT", pa.float64(), [2375.0, 1e16, -0.0, None, math.nan, 7.5]),
    "it`s \\ odd": (
        "STRING",
        pa.string(),
        ["Gemüse", "it's", "", None, "a\nb", "x", " ", "NULL", "\\N", "y"],
    ),
    "price": (
        "FLOAT",
        pa.float64(),
        [1.5, None, math.nan, math.inf, -math.inf, 1e300, FLOAT32_MAX, 2.0**128, 0.1],
    ),
    "number as text": ("STRING", pa.string(), ["3.25", " 4", "1e3", "none", None]),
    "at": ("TIMESTAMP", pa.timestamp("us", tz="UTC"), [MOMENT, None, MOMENT.replace(year=2024)]),
    "text moment": ("STRING", pa.string(), ["2024-02-29T10:00:00Z", "soon", None, "2001-01-01"]),
    "flag": ("BOOLEAN", pa.bool_(), [True, False, None]),
}
ROWS = 4000
FEATURES = {
    "customer": RawType.TEXT,
    "float id": RawType.TEXT,
    "it`s \\ odd": RawType.TEXT,
    "price": RawType.NUMBER,
    "number as text": RawType.NUMBER,
    "text moment": RawType.TIMESTAMP,
    "flag": RawType.TEXT,
}
SOURCE = BigQuerySource(kind="bigquery", table="shop-data.sales.purchases")


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("table") / "purchases.parquet"
    columns = {
        name: pa.array([values[row % len(values)] for row in range(ROWS)], kind)
        for name, (_, kind, values) in COLUMNS.items()
    }
    pq.write_table(pa.table(columns), path)
    return path


def spec(**changes: Any) -> ExamplesSpec:
    features = [
        RawFeature(key=f"k{place}", column=column, type=kind)
        for place, (column, kind) in enumerate(FEATURES.items())
    ]
    return ExamplesSpec.model_validate(
        {
            "source": SOURCE,
            "features": features,
            "query_keys": ["k0"],
            "candidate_keys": ["k1"],
            "customer_key": "k0",
            "product_key": "k1",
            "timestamp_column": "at",
            "name_column": "it`s \\ odd",
            "sample_percent": 30,
            "sample_by": "row",
            **changes,
        }
    )


def run(query: str, connection: duckdb.DuckDBPyConnection | None = None) -> list[tuple[Any, ...]]:
    with connection or duckdb.connect() as opened:
        opened.execute("SET TimeZone = 'UTC'")
        rows = opened.execute(query).fetchall()
    return sorted(tuple(map(as_text, row)) for row in rows)


def as_text(value: Any) -> str:
    if isinstance(value, float) and math.isfinite(value):
        return repr(float(pa.scalar(value, pa.float32()).as_py()))
    return repr(value)


def duckdb_query(wanted: ExamplesSpec, table: Path) -> str:
    source = f"read_parquet('{table}')"
    described = duckdb.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
    return sample_query(wanted, DuckDB({name: kind for name, kind, *_ in described}), source)


def bigquery_query(wanted: ExamplesSpec) -> str:
    dialect = BigQuery({name: kind for name, (kind, *_) in COLUMNS.items()})
    return sample_query(wanted, dialect, dialect.identifier(SOURCE.table))


def as_duckdb(query: str, table: Path) -> str:
    """GoogleSQL in DuckDB's words, over the table's file."""
    (tree,) = sqlglot.parse(query, read="bigquery")
    assert tree is not None
    for found in list(tree.find_all(sqlglot.exp.Table)):
        assert found.sql("bigquery").replace("`", "").startswith(SOURCE.table)
        found.replace(sqlglot.parse_one(f"SELECT * FROM read_parquet('{table}')").subquery("t"))
    for seconds in list(tree.find_all(sqlglot.exp.UnixSeconds)):
        # sqlglot's translation rounds; BigQuery rounds down.
        moment = seconds.this.sql("duckdb")
        seconds.replace(sqlglot.parse_one(f"CAST(FLOOR(EPOCH({moment})) AS BIGINT)", read="duckdb"))
    return tree.sql("duckdb")


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"sample_by": "customer", "seed": 7},
        {"sample_percent": 100, "label_key": "k3"},
        {"timestamp_column": None, "name_column": None},
        {"latest_time": int(MOMENT.timestamp()) + 1, "timestamp_column": "text moment"},
    ],
    ids=["by row", "by customer", "rated", "without time", "in the future"],
)
def test_both_dialects_keep_the_same_rows_with_the_same_values(
    table: Path, changes: dict[str, Any]
) -> None:
    wanted = spec(**changes)
    here = run(duckdb_query(wanted, table))
    there = run(as_duckdb(bigquery_query(wanted), table))
    assert here
    assert len(here) < ROWS
    assert there == here


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"label_key": "k3"},
        {"timestamp_column": "text moment", "label_key": "k4"},
        {"timestamp_column": "at", "latest_time": 0},
        {"timestamp_column": None},
    ],
)
def test_both_dialects_count_the_same_rows(table: Path, changes: dict[str, Any]) -> None:
    wanted = spec(**changes)
    source = f"read_parquet('{table}')"
    described = duckdb.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
    here = DuckDB({name: kind for name, kind, *_ in described})
    there = BigQuery({name: kind for name, (kind, *_) in COLUMNS.items()})
    counted = run(rows_query(wanted, here, source))
    translated = as_duckdb(rows_query(wanted, there, there.identifier(SOURCE.table)), table)
    assert run(translated) == counted
    ((read, without_customer, without_product, *_),) = counted
    assert read == str(ROWS)
    assert int(without_customer) > 0
    assert int(without_product) > 0


def test_customers_are_kept_as_md5_says(table: Path) -> None:
    wanted = spec(sample_by="customer", sample_percent=40)
    kept = {eval(row[0]) for row in run(as_duckdb(bigquery_query(wanted), table))}
    limit = int(0.4 * 2**128)
    expected = {
        str(customer)
        for customer in range(1, 91)
        if int(hashlib.md5(f"42:{customer}".encode()).hexdigest(), 16) < limit
    }
    assert kept == expected


def test_what_is_missing_is_missing_in_both(table: Path) -> None:
    query = as_duckdb(bigquery_query(spec(sample_percent=100)), table)
    prices = {row[3] for row in run(query)}
    assert prices == {
        "1.5",
        "nan",
        repr(FLOAT32_MAX),
        repr(float(pa.scalar(0.1, pa.float32()).as_py())),
    }
    moments = {row[5] for row in run(query)}
    assert moments == {"1709200800", "978307200", str(MISSING_TIMESTAMP)}
    assert {row[7] for row in run(query)} == {
        str(math.floor(MOMENT.timestamp())),
        str(math.floor(MOMENT.replace(year=2024).timestamp())),
        str(MISSING_TIMESTAMP),
    }


class Warehouse:
    """A BigQuery client as far as the stage needs one, answering from a file."""

    def __init__(self, table: Path) -> None:
        self._table = table
        self.queries: list[str] = []
        self.results: list[QueryResult] = []

    def get_table(self, name: str) -> Any:
        assert name == SOURCE.table
        fields = [(column, kind, "NULLABLE") for column, (kind, *_) in COLUMNS.items()]
        return SimpleNamespace(
            schema=[
                SimpleNamespace(name=column, field_type=kind, mode=mode)
                for column, kind, mode in [*fields, ("tags", "RECORD", "REPEATED")]
            ]
        )

    def query(self, query: str) -> Any:
        self.queries.append(query)
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            found = connection.sql(as_duckdb(query, self._table)).to_arrow_table()
        self.results.append(QueryResult(found))
        return SimpleNamespace(result=lambda: self.results[-1])


def test_the_stage_makes_the_same_examples_of_a_table_as_of_a_file(
    table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse = Warehouse(table)
    monkeypatch.setattr(
        stage, "sampled_rows", lambda wanted, source: query_sample(wanted, source, warehouse)
    )
    monkeypatch.setattr(stage, "fingerprint_now", lambda source: "as it is now")
    there = read_examples(spec())
    here = read_examples(spec(source={"kind": "parquet", "uri": str(table)}))
    assert len(warehouse.queries) == 2  # the sample, and the counts of all rows
    assert [one.batches for one in warehouse.results] == [
        -(-one.total_rows // 2) for one in warehouse.results
    ]
    assert warehouse.results[0].batches > 2
    assert there.rows == here.rows
    for split, rows in here.splits().items():
        other = there.splits()[split]
        assert other.schema == rows.schema
        assert [tuple(map(repr, row.values())) for row in other.to_pylist()] == [
            tuple(map(repr, row.values())) for row in rows.to_pylist()
        ], split
    assert there.names == here.names
    assert there.source_fingerprint == "as it is now"


def test_a_sample_without_rows_has_the_columns_of_one_with_rows(table: Path) -> None:
    _, some = query_sample(spec(sample_percent=100), SOURCE, Warehouse(table))  # type: ignore[arg-type]
    _, none = query_sample(spec(sample_percent=1e-9), SOURCE, Warehouse(table))  # type: ignore[arg-type]
    assert len(some["sampled"])
    assert not len(none["sampled"])
    assert none["sampled"].schema == some["sampled"].schema


def test_examples_carry_the_fingerprint_that_the_profile_has(table: Path, tmp_path: Path) -> None:
    wanted = spec(source={"kind": "parquet", "uri": str(table)})
    examples = read_examples(wanted)
    profiler = DuckDBDataSource(tmp_path / "home")
    assert examples.source_fingerprint == profiler.profile(wanted.source).source_fingerprint
    save_examples(examples, wanted, Locations(str(tmp_path / "job")))
    kept = load_examples(Locations(str(tmp_path / "job")))
    assert kept.source_fingerprint == examples.source_fingerprint
    os.utime(table, ns=(1, 1))
    assert read_examples(wanted).source_fingerprint != examples.source_fingerprint


def test_a_source_that_changes_while_it_is_read_has_a_fingerprint_of_its_own(
    table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = spec(source={"kind": "parquet", "uri": str(table)})
    before = read_examples(wanted).source_fingerprint
    read = stage._read

    def late(*arguments: Any) -> Any:
        os.utime(table, ns=(2, 2))
        return read(*arguments)

    monkeypatch.setattr(stage, "_read", late)
    found = read_examples(wanted).source_fingerprint
    monkeypatch.undo()
    assert found not in (before, read_examples(wanted).source_fingerprint)


def test_a_column_that_the_table_lacks_is_named(table: Path) -> None:
    wanted = spec(timestamp_column="tags")
    with pytest.raises(JobFailedError, match=r"no column 'tags'; its columns are 'customer'"):
        query_sample(wanted, SOURCE, Warehouse(table))  # type: ignore[arg-type]
