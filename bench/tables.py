"""Ten million events joined with a million products and a million customers, profiled and sampled
in bounded memory: `make bench ONLY=tables` (ROWS=1000000 for a tenth)."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from bench.report import Report, Row
from bench.report import main as report_main
from local.data.source import DuckDBDataSource
from shared.documents.dataset import Dataset, DatasetSpec, DatasetStatus
from shared.examples import ExamplesSpec, RawFeature
from shared.rules.views import view_of
from trainer_image.examples.read import read_examples

_ROWS = int(os.environ.get("ROWS", "10000000"))
_OTHERS = _ROWS // 10
_ROOT = Path(__file__).resolve().parents[1]
# DuckDB's limit is 2 GB while profiling; what a job reads is a tenth of the customers.
_MOST_MIB = 4096
_EVENTS = f"""
    SELECT CAST(hash(n) % {_OTHERS} AS BIGINT) AS customer,
        CAST(floor({_OTHERS} * pow(hash(n, 1) % 1000000 / 1000000, 3)) AS BIGINT) AS product,
        TIMESTAMP '2024-01-01' + INTERVAL (n * 31536000 // {_ROWS}) SECOND AS at,
        CASE hash(n, 2) % 6 WHEN 0 THEN 'return' WHEN 1 THEN 'view' WHEN 2 THEN 'view'
            ELSE 'purchase' END AS kind,
        hash(n, 3) % 10000 / 100 AS paid
    FROM range({_ROWS}) AS events(n)
"""
_PRODUCTS = f"""
    SELECT n AS id, 'Product ' || n AS name, 'category ' || (n % 300) AS category,
        (hash(n) % 10000) / 100 AS price, n % 20 <> 0 AS offered,
        TIMESTAMP '2024-01-01' + INTERVAL (n % 1000000) SECOND AS changed
    FROM range({_OTHERS}) AS products(n)
"""
_CUSTOMERS = f"""
    SELECT n AS number, 'city ' || (n % 5000) AS city, 18 + n % 70 AS age
    FROM range({_OTHERS}) AS customers(n)
"""
_TABLES = {"events": _EVENTS, "products": _PRODUCTS, "customers": _CUSTOMERS}
_FEATURES = {
    "customer": "text",
    "product": "text",
    "at": "timestamp",
    "city": "text",
    "age": "number",
    "category": "text",
    "price": "number",
    "name": "text",
}


def _spec(folder: Path) -> DatasetSpec:
    source = {name: {"kind": "parquet", "uri": str(folder / f"{name}.parquet")} for name in _TABLES}
    return DatasetSpec.model_validate(
        {
            "source": source["events"],
            "products": {
                "source": source["products"],
                "key": "id",
                "latest_by": "changed",
                "available": {"column": "offered", "op": "==", "value": True},
            },
            "customers": {"source": source["customers"], "key": "number"},
            "where": [{"column": "paid", "op": ">", "value": 1}],
            "dates": {"since": "2024-01-02"},
            "events": {"column": "kind", "kinds": {"purchase": "target", "return": "negative"}},
            "column_mapping": {
                "customer": "customer_id",
                "product": "product_id",
                "at": "transaction_date",
                "name": "product_name",
            },
        }
    )


def _profile(folder: Path) -> str:
    spec = _spec(folder)
    found = DuckDBDataSource(folder).profile(spec.source, spec.column_mapping, None, spec)
    status = DatasetStatus(
        columns=found.columns,
        read_as=found.read_as,
        sides=found.sides,
        profiled_at=datetime.now(UTC),
    )
    (folder / "status.json").write_text(status.model_dump_json())
    return f"{found.row_count:,} rows, {len(found.columns)} columns"


def _sample(folder: Path) -> str:
    status = DatasetStatus.model_validate_json((folder / "status.json").read_text())
    data = Dataset(id="ds", name="ds", spec=_spec(folder), status=status)
    view = view_of(
        data.spec, data.spec.column_mapping, status.columns, status.sides, data.side_sources
    )
    spec = ExamplesSpec.model_validate(
        {
            "source": data.source,
            "features": [
                RawFeature(key=name, column=name, type=kind) for name, kind in _FEATURES.items()
            ],
            "query_keys": ["customer", "at", "city", "age"],
            "candidate_keys": ["product", "category", "price", "name"],
            "customer_key": "customer",
            "product_key": "product",
            "timestamp_column": "at",
            "name_column": "name",
            "sample_percent": 10,
        }
    )
    spec = spec.model_copy(update={"view": view.of_columns(spec.columns)})
    examples = read_examples(spec)
    rows = len(examples.train) + len(examples.eval)
    return f"{rows:,} rows, {len(examples.candidates):,} candidates"


_WAYS: dict[str, Callable[[Path], str]] = {"profile": _profile, "sample": _sample}


def measure() -> Report:
    """Events, products and customers joined, profiled and sampled."""
    report = Report("Tables that belong together")
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        for table, query in _TABLES.items():
            with duckdb.connect(config={"memory_limit": "2GB"}) as connection:
                connection.execute(f"COPY ({query}) TO '{folder / table}.parquet' (FORMAT parquet)")
        size = sum(file.stat().st_size for file in folder.glob("*.parquet")) / 2**20
        found = {way: _run(way, folder) for way in _WAYS}
    for way, run in found.items():
        report.rows.append(
            Row(
                f"{way}, {_ROWS:,} events + {_OTHERS:,} products + {_OTHERS:,} customers",
                f"{run['mib']:,.0f} MiB, {run['wall']:.0f} s",
                f"{size:,.0f} MiB of Parquet",
                f"{run['mib'] / size:.1f}×",
                f"≤ {_MOST_MIB:,} MiB",
                run["mib"] <= _MOST_MIB,
            )
        )
    report.table(
        ["", "processor, s", "clock, s", "MiB at the most", "result"],
        [
            [way, f"{run['cpu']:.1f}", f"{run['wall']:.1f}", f"{run['mib']:,.0f}", run["made"]]
            for way, run in found.items()
        ],
    )
    return report


def _run(way: str, folder: Path) -> dict[str, Any]:
    ended = subprocess.run(
        [sys.executable, "-m", "bench.tables", "--one", way, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=_ROOT,
        env={**os.environ, "PYTHONPATH": str(_ROOT)},
    )
    print(f"  {way}: {ended.stdout.strip()}", flush=True)
    return dict(json.loads(ended.stdout))


def _one(way: str, folder: str) -> None:
    """Runs one way in this process, and tells what it took."""
    before, began = time.process_time(), time.monotonic()
    made = _WAYS[way](Path(folder))
    told = {"cpu": time.process_time() - before, "wall": time.monotonic() - began, "made": made}
    kibibytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({**told, "mib": kibibytes / 1024}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        _one(*sys.argv[2:])
    else:
        report_main(measure)
