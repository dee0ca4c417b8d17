"""Outcomes and exposures of an experiment in BigQuery, by the real client against a server of its
protocol, beside the same rows in files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from local.data.outcomes import DuckDBOutcomes
from shared.documents.online_experiment import Experiment
from shared.errors import RefusedError
from shared.gcp import bigquery_outcomes
from shared.online.outcomes import Outcomes, Tables
from shared.problems import InvalidError
from tests.integration.bigquery_server import BigQueryServer

BEGAN = datetime(2026, 3, 2, tzinfo=UTC)
EXPERIMENT = Experiment.model_validate(
    {
        "id": "ex-1",
        "versions": [
            {"version": 1, "share_percent": 50, "quick_test_id": "qt-1"},
            {"version": 2, "share_percent": 50, "quick_test_id": "qt-2"},
        ],
        "salt": "ex-1",
        "began_at": BEGAN,
    }
)
SHOWN, ORDERS = "shop.marketing.shown", "shop.marketing.orders"


def exposures() -> pa.Table:
    at = [BEGAN + timedelta(hours=number) for number in range(60)]
    return pa.table(
        {
            "customer_id": pa.array([number % 40 for number in range(60)], pa.int64()),
            "version": pa.array([1 + number % 40 % 2 for number in range(60)], pa.int64()),
            "time": pa.array(at, pa.timestamp("us", "UTC")),
            "product_ids": ["7|8" if number % 3 else "9" for number in range(60)],
        }
    )


def orders(kind: str) -> pa.Table:
    """Some from before the experiment, some without a time; times of a kind."""
    at: list[Any] = [BEGAN + timedelta(hours=7 * number - 500) for number in range(180)]
    at[100] = None
    times = {
        "timestamp": pa.array(at, pa.timestamp("us", "UTC")),
        "datetime": pa.array([one and one.replace(tzinfo=None) for one in at], pa.timestamp("us")),
        "date": pa.array([one and date(one.year, one.month, one.day) for one in at], pa.date32()),
        "text": pa.array([one and one.isoformat() for one in at], pa.string()),
    }
    worth = [None if number % 17 == 0 else Decimal(number) / 4 for number in range(180)]
    return pa.table(
        {
            "client": pa.array([str(number % 45) for number in range(180)]),
            "product_id": pa.array([6 + number % 4 for number in range(180)], pa.int64()),
            "time": times[kind],
            "value": pa.array(worth, pa.decimal128(12, 2)),
            "secret": ["not to be read"] * 180,
        }
    )


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[BigQueryServer]:
    with BigQueryServer().serving() as server:
        monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", server.address)
        monkeypatch.setattr(bigquery_outcomes, "_PAGE_ROWS", 50)
        server.fill(SHOWN, exposures())
        yield server


def counted(folder: Path, shown: dict[str, Any], done: dict[str, Any]) -> Outcomes:
    tables = {
        "exposures": {"source": shown},
        "outcomes": {"source": done, "customer_id": "client"},
        "days": 7,
    }
    return DuckDBOutcomes(folder / "tmp").read(EXPERIMENT, Tables.model_validate(tables))


def fields(value: Any, name: str = "") -> dict[str, Any]:
    """Each by its path. DuckDB adds up in any order, so that sums differ in their last digit."""
    if not isinstance(value, dict | list):
        return {name: value}
    parts = value.items() if isinstance(value, dict) else enumerate(value)
    return {k: v for key, part in parts for k, v in fields(part, f"{name}/{key}").items()}


def table(name: str) -> dict[str, str]:
    return {"kind": "bigquery", "table": name}


@pytest.mark.parametrize("kind", ["timestamp", "datetime", "date", "text"])
def test_a_table_is_counted_as_the_same_rows_in_a_file(
    server: BigQueryServer, tmp_path: Path, kind: str
) -> None:
    server.fill(ORDERS, orders(kind))
    pq.write_table(exposures(), tmp_path / "shown.parquet")
    pq.write_table(orders(kind), tmp_path / "orders.parquet")
    files = [
        {"kind": "parquet", "uri": str(tmp_path / f"{name}.parquet")}
        for name in ("shown", "orders")
    ]
    expected = counted(tmp_path, *files)
    found = counted(tmp_path, table(SHOWN), table(ORDERS))
    assert sum(one.converted for one in expected.versions) > 10
    # What was bought before the experiment stays in BigQuery.
    assert found.left_out.outcomes_before <= expected.left_out.outcomes_before
    same = {"left_out": {"outcomes_before"}}
    ours, theirs = (fields(one.model_dump(mode="json", exclude=same)) for one in (found, expected))
    assert ours == pytest.approx(theirs)
    of_orders = server.queries[-1]
    assert ("@since" in of_orders) == (kind != "text")
    assert "secret" not in of_orders
    assert not list((tmp_path / "tmp").iterdir())


def test_one_table_may_be_a_file_and_the_other_in_bigquery(
    server: BigQueryServer, tmp_path: Path
) -> None:
    server.fill(ORDERS, orders("timestamp"))
    pq.write_table(exposures(), tmp_path / "shown.parquet")
    file = {"kind": "parquet", "uri": str(tmp_path / "shown.parquet")}
    found = counted(tmp_path, file, table(ORDERS))
    both = fields(counted(tmp_path, table(SHOWN), table(ORDERS)).model_dump(mode="json"))
    assert fields(found.model_dump(mode="json")) == pytest.approx(both)


def test_a_column_that_is_not_there_is_said_with_those_that_are(
    server: BigQueryServer, tmp_path: Path
) -> None:
    server.fill(ORDERS, orders("timestamp").drop_columns(["product_id"]))
    with pytest.raises(InvalidError) as refused:
        counted(tmp_path, table(SHOWN), table(ORDERS))
    (problem,) = refused.value.problems
    assert problem.path == "outcomes.product_id"
    assert "It has: client, time, value, secret." in problem.message


def test_a_table_without_rows_since_the_beginning_is_said(
    server: BigQueryServer, tmp_path: Path
) -> None:
    server.fill(ORDERS, orders("timestamp").slice(0, 20))
    with pytest.raises(InvalidError, match="has no row since the experiment began") as refused:
        counted(tmp_path, table(SHOWN), table(ORDERS))
    assert refused.value.problems[0].path == "outcomes.source"


def test_what_bigquery_refuses_is_told(server: BigQueryServer, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r"BigQuery refuses: .*orders"):
        counted(tmp_path, table(SHOWN), table(ORDERS))
    server.fill(ORDERS, orders("timestamp"))
    server.forbidden.add(ORDERS)
    with pytest.raises(RefusedError, match="Access Denied"):
        counted(tmp_path, table(SHOWN), table(ORDERS))
