"""Events with tables of products and customers, as files and as if they were in BigQuery."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import sqlglot

from local.data.source import DuckDBDataSource
from shared.columns.source_rows import latest_time
from shared.documents.dataset import Dataset, DatasetSpec, DatasetStatus
from shared.gcp.bigquery import BigQueryDataSource
from shared.ports import Profile
from shared.services.profiling import as_of
from tests.integration.query_results import QueryResult

NOW = datetime(2025, 2, 1, tzinfo=UTC)
EVENTS = """who,sku,at,kind,price
1,a,2024-01-01 08:00:00,view,
1,a,2024-01-02 08:00:00,purchase,5.5
1,a,2024-01-03 08:00:00,purchase,6
1,a,2024-01-04 08:00:00,return,6
2,b,2024-01-04 08:00:00,return,6
2,b,2024-01-05 08:00:00,purchase,7
2,c,2024-01-06 08:00:00,purchase,8
3,x,2024-01-07 08:00:00,purchase,8
3,,2024-01-07 08:00:00,purchase,8
3,c,2023-01-07 08:00:00,purchase,8
"""
PRODUCTS = """id,name,price,stock,updated
a,Apple,1.5,1,2024-01-01
a,Apple new,2.5,0,2024-02-01
b,Bread,2.5,3,2024-01-01
,nobody,1.5,3,2024-01-01
d,Dates,9.5,3,2024-01-01
e,Eggs,9.5,0,2024-01-01
c,Cream,9.5,2,2024-01-01
"""
CUSTOMERS = "number,city\n1,Ulm\n2,Bonn\n4,Kiel\n"
MAPPING = {
    "who": "customer_id",
    "sku": "product_id",
    "at": "transaction_date",
    "name": "product_name",
}
SPEC: dict[str, Any] = {
    "products": {
        "key": "id",
        "latest_by": "updated",
        "available": {"column": "stock", "op": ">", "value": 0},
    },
    "customers": {"key": "number"},
    "dates": {"since": "2024-01-01"},
    "events": {"column": "kind", "kinds": {"purchase": "target", "return": "negative"}},
    "column_mapping": MAPPING,
}
_TEXTS = {"events": EVENTS, "products": PRODUCTS, "customers": CUSTOMERS}
_TYPES = {
    "BIGINT": "INTEGER",
    "VARCHAR": "STRING",
    "DOUBLE": "FLOAT",
    "TIMESTAMP": "TIMESTAMP",
    "DATE": "DATE",
    "BOOLEAN": "BOOLEAN",
}


def in_files(folder: Path, changes: Mapping[str, Any] | None = None, **texts: str) -> DatasetSpec:
    """The spec over CSV files, of which some may have other texts."""
    sources = {}
    for name, text in {**_TEXTS, **texts}.items():
        path = folder / f"{name}.csv"
        path.write_text(text)
        sources[name] = {"kind": "csv", "uri": str(path)}
    return _spec(sources, changes or {})


def in_bigquery(changes: Mapping[str, Any] | None = None) -> DatasetSpec:
    sources = {name: {"kind": "bigquery", "table": f"shop.sales.{name}"} for name in _TEXTS}
    return _spec(sources, changes or {})


def _spec(sources: Mapping[str, Any], changes: Mapping[str, Any]) -> DatasetSpec:
    spec = {**SPEC, **changes, "source": sources["events"]}
    for name in ("products", "customers"):
        if spec.get(name) is not None:
            spec[name] = {"source": sources[name], **spec[name]}
    return DatasetSpec.model_validate({k: v for k, v in spec.items() if v is not None})


def profiled(home: Path, spec: DatasetSpec) -> Dataset:
    """A dataset of files as its handler would leave it."""
    found = DuckDBDataSource(home).profile(spec.source, spec.column_mapping, latest_time(NOW), spec)
    return dataset(spec, found)


def dataset(spec: DatasetSpec, found: Profile) -> Dataset:
    status = DatasetStatus(
        columns=found.columns,
        row_count=found.row_count,
        fingerprint=found.fingerprint,
        read_as=found.read_as,
        source_fingerprint=found.source_fingerprint,
        as_of=found.as_of,
        sides=found.sides,
        profiled_at=NOW,
    )
    return Dataset(id="ds-1", name="Shop", spec=spec, status=status)


class Warehouse:
    """A BigQuery client over DuckDB, with the tables of the texts.

    Attributes:
        asked: queries, as they came.
    """

    project = "shop"

    def __init__(self, **texts: str) -> None:
        self._connection = duckdb.connect()
        self._connection.execute("SET TimeZone = 'UTC'")
        self._connection.execute("CREATE MACRO farm_fingerprint(text) AS hash(text)")
        for name, text in {**_TEXTS, **texts}.items():
            lines = [line.split(",") for line in text.strip().split("\n")]
            columns = ", ".join(f'"{column}" VARCHAR' for column in lines[0])
            self._connection.execute(f"CREATE TABLE stored_{name} ({columns})")
            for line in lines[1:]:
                values = [value or None for value in line]
                marks = ", ".join("?" for _ in values)
                self._connection.execute(f"INSERT INTO stored_{name} VALUES ({marks})", values)
            typed = ", ".join(map(_typed, lines[0]))
            self._connection.execute(f"CREATE TABLE {name} AS SELECT {typed} FROM stored_{name}")
        self.asked: list[str] = []
        self.statement_type = "SELECT"

    def get_table(self, name: str) -> Any:
        table = name.rpartition(".")[2]
        described = self._connection.execute(f"DESCRIBE {table}").fetchall()
        return SimpleNamespace(
            schema=_schema(described),
            table_type="TABLE",
            created=datetime(2025, 1, 28, tzinfo=UTC),
            modified=datetime(2025, 1, 30, tzinfo=UTC),
            location="EU",
        )

    def query(self, query: str, job_config: Any = None, **_: Any) -> Any:
        self.asked.append(query)
        tree = sqlglot.parse_one(query, read="bigquery")
        for table in tree.find_all(sqlglot.exp.Table):
            if table.db:
                bare = sqlglot.exp.to_table(table.name)
                bare.set("alias", table.args.get("alias"))
                table.replace(bare)
        relation = self._connection.sql(tree.sql(dialect="duckdb"))
        described = list(zip(relation.columns, map(str, relation.types), strict=True))
        dry = bool(job_config is not None and job_config.dry_run)
        table = None if dry else relation.to_arrow_table()
        rows = [] if table is None else table.to_pylist()
        counted = rows
        if "FARM_FINGERPRINT" not in query:  # lists of a report's queries are no counts
            counted = [{name: _counted(value) for name, value in row.items()} for row in rows]
        result = None if table is None else QueryResult(table)
        return SimpleNamespace(
            schema=_schema(described),
            statement_type=self.statement_type,
            location="EU",
            total_bytes_processed=1234,
            result=lambda timeout=None: counted if timeout is not None else result,
        )

    def profile(self, spec: DatasetSpec) -> Profile:
        pinned = as_of(spec, NOW)
        source = BigQueryDataSource(self, now=lambda: NOW)  # type: ignore[arg-type]
        return source.profile(pinned.source, pinned.column_mapping, latest_time(NOW), pinned)


def _typed(column: str) -> str:
    kinds = {"at": "TIMESTAMP", "updated": "DATE", "price": "DOUBLE", "stock": "BIGINT"}
    kinds |= {"who": "BIGINT", "number": "BIGINT"}
    return f'CAST("{column}" AS {kinds.get(column, "VARCHAR")}) AS "{column}"'


def _schema(described: list[Any]) -> list[Any]:
    return [
        SimpleNamespace(name=name, field_type=_TYPES.get(kind, "RECORD"), mode="NULLABLE")
        for name, kind, *_ in described
    ]


def _counted(value: Any) -> Any:
    """DuckDB's most frequent values come without BigQuery's counts."""
    return [{"value": item, "count": 1} for item in value] if isinstance(value, list) else value
