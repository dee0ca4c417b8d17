"""What a profile finds in rows together, and what a report says of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest

from local.data.insight import insight_of
from local.data.source import DuckDBDataSource
from shared.columns import Column
from shared.documents.dataset import Dataset
from shared.documents.feature_config import FeatureConfigSpec
from shared.insights import Finding, insight_kinds
from shared.rules.dataset_report import DatasetReport, dataset_report
from shared.rules.feature_config import check_feature_config
from tests.integration.profiling import file_source

# 400 customers, 200 products, a purchase every hour and a half of a year; every customer buys from
# 40 products of theirs.
_ROWS = """
    SELECT
        'c' || (n * 7919 % 400) AS customer,
        'p' || ((n * 7919 % 400) % 5 * 40 + hash(n) % 40) AS product,
        TIMESTAMP '2024-01-01 00:00:01' + INTERVAL (n * 87) MINUTE AS bought_at,
        (n * 7919 % 400) % 7 AS region,
        'kind ' || (((n * 7919 % 400) % 5 * 40 + hash(n) % 40) % 9) AS department
    FROM range(6000) AS purchases(n)
"""
_ROLES = {
    "customer": "customer_id",
    "product": "product_id",
    "bought_at": "transaction_date",
    "region": "customer_region",
    "department": "category",
}


def profiled(folder: Path, rows: str = _ROWS, roles: dict[str, str] | None = None) -> Dataset:
    """A dataset of these rows, as its profile leaves it."""
    path, mapping = folder / "purchases.parquet", _ROLES if roles is None else roles
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({rows}) TO '{path}' (FORMAT parquet)")
    source = file_source(path, "parquet")
    found = DuckDBDataSource(folder / "home").profile(source, mapping, 2_000_000_000)
    status = {"columns": found.columns, "row_count": found.row_count, "rows": found.rows}
    return Dataset.model_validate(
        {
            "id": "ds",
            "name": "Shop",
            "spec": {"source": source, "column_mapping": mapping},
            "status": {**status, "insight": found.insight},
        }
    )


def kinds(report: DatasetReport, level: str | None = None) -> dict[str, Finding]:
    return {one.kind: one for one in report.findings if level in (None, one.level)}


def with_columns(**expressions: str) -> str:
    more = ", ".join(f"{sql} AS {name}" for name, sql in expressions.items())
    return f"SELECT *, {more} FROM ({_ROWS}) AS r"


def lists_of_lists(value: Any, path: str = "") -> list[str]:
    """Where a list holds a list, which Firestore refuses."""
    if isinstance(value, Mapping):
        return [
            found for key, one in value.items() for found in lists_of_lists(one, f"{path}.{key}")
        ]
    if not isinstance(value, list):
        return []
    inner = [found for one in value for found in lists_of_lists(one, f"{path}[]")]
    return inner + [path for one in value if isinstance(one, list)]


def test_what_is_measured_can_be_stored_in_firestore(tmp_path: Path) -> None:
    insight = profiled(tmp_path).status.insight
    assert insight is not None
    assert len(insight.measured) > 10
    assert lists_of_lists(insight.model_dump(mode="json")) == []


def test_sound_data_has_nothing_to_mend(tmp_path: Path) -> None:
    report = dataset_report(profiled(tmp_path))
    assert report.reason is None
    assert kinds(report, "warning") == {}
    found = kinds(report)
    assert (
        "400 customers: half of them have 15 purchases" in found["purchases_per_customer"].message
    )
    assert "200 products: half of them have " in found["purchases_per_product"].message
    assert [bar.label for bar in found["purchases_per_product"].bars] == ["10 to 19", "20 to 49"]
    assert found["gives_product_away"].columns == ["department"]
    assert "From 2024-01-01 to 2024-12-28, 363 days" in found["time_holes"].message
    assert found["drift"].message.startswith("In no column")
    for finding in report.findings:
        assert finding.message.endswith(".")
        assert finding.next_step.endswith(".")


def test_repeats_are_those_that_a_test_by_time_would_hold_out(tmp_path: Path) -> None:
    dataset = profiled(tmp_path)
    assert dataset.status.insight is not None
    numbers = dataset.status.insight.measured["repeats"]
    with duckdb.connect() as connection:
        repeated, latest = connection.execute(
            "WITH r AS (SELECT *, row_number() OVER (ORDER BY bought_at) > 5400 AS late "
            f"FROM ({_ROWS})), "
            "before AS (SELECT DISTINCT customer, product, 1 AS known FROM r WHERE NOT late) "
            "SELECT 1 - (SELECT count(*) FROM (SELECT DISTINCT customer, product FROM r)) / 6000, "
            "(SELECT count(known) / count(*) FROM r LEFT JOIN before USING (customer, product) "
            "WHERE late)"
        ).fetchone() or (0, 0)
    assert numbers["repeat"] == pytest.approx(repeated, rel=1e-5)
    assert numbers["latest"] == pytest.approx(latest, rel=1e-5)


SINS: dict[str, tuple[str, str, list[str]]] = {
    "gives_product_away": (
        with_columns(customer_favourite="'name of ' || product"),
        "one product only",
        ["customer_favourite"],
    ),
    "gives_future_away": (
        with_columns(
            delivered="bought_at + INTERVAL 2 DAY",
            lifetime_orders="count(*) OVER (PARTITION BY customer) + hash(customer) % 1",
        ),
        "later than the purchase",
        ["delivered"],
    ),
    "varying_attributes": (
        with_columns(product_price="(hash(bought_at) % 100) / 10.0"),
        "100.0% of the products have more than one value of 'product_price'",
        ["product_price"],
    ),
    "drift": (
        with_columns(
            channel="CASE WHEN bought_at > TIMESTAMP '2024-11-20' THEN 'app' ELSE 'web' END"
        ),
        "of 'channel', ",
        ["channel"],
    ),
    "duplicates": (
        f"{_ROWS} UNION ALL SELECT * FROM ({_ROWS}) AS r WHERE hash(product) % 10 = 0",
        "are equal to another in every column",
        [],
    ),
    "time_ties": (
        f"SELECT * REPLACE (least(bought_at, TIMESTAMP '2024-11-01') AS bought_at) FROM ({_ROWS})",
        "the heaviest, 2024-11-01",
        [],
    ),
    "time_holes": (
        f"SELECT * FROM ({_ROWS}) WHERE month(bought_at) NOT IN (5, 6)",
        "The longest hole is 61 days from 2024-05-01 on.",
        [],
    ),
    "bots": (
        f"{_ROWS} UNION ALL SELECT 'robot', 'p1', TIMESTAMP '2024-03-01' + INTERVAL (n) MINUTE, 1, "
        "'kind 1' FROM range(600) AS bot(n)",
        "600 different moments in a day, and up to 9.1% of all. It has 600 rows.",
        [],
    ),
    "new_products": (
        f"SELECT * REPLACE (CASE WHEN bought_at > TIMESTAMP '2024-12-01' THEN 'n' || product "
        f"ELSE product END AS product) FROM ({_ROWS})",
        "of the products in the latest tenth of the purchases",
        [],
    ),
    "concentration": (
        "SELECT * REPLACE (CASE WHEN hash(bought_at) % 3 > 0 THEN 'p1' ELSE product END "
        f"AS product) FROM ({_ROWS})",
        "1 product of 200 (0.5%) makes half of the purchases",
        [],
    ),
    "purchases_per_customer": (
        f"SELECT * REPLACE ('c' || hash(bought_at) % 5000 AS customer) FROM ({_ROWS})",
        "have fewer than 5",
        [],
    ),
    "purchases_per_product": (
        f"SELECT * REPLACE ('p' || hash(bought_at) % 5000 AS product) FROM ({_ROWS})",
        "have fewer than 5",
        [],
    ),
    "row_key": (
        with_columns(customer_order_no="'o' || customer || bought_at"),
        "belong to one row or one order each",
        ["customer_order_no"],
    ),
}


@pytest.mark.parametrize("kind", SINS)
def test_what_is_wrong_is_found_and_has_a_next_step(kind: str, tmp_path: Path) -> None:
    rows, said, columns = SINS[kind]
    roles = {**_ROLES, **{name: name for name in columns if "_" in name}}
    found = kinds(dataset_report(profiled(tmp_path, rows, roles)), "warning")
    assert kind in found, found
    assert said in found[kind].message
    assert set(columns) <= set(found[kind].columns)
    assert found[kind].next_step


def test_every_kind_has_been_found() -> None:
    assert {*SINS, "repeats"} == set(insight_kinds())


def test_features_are_warned_of_by_what_was_found(tmp_path: Path) -> None:
    dataset = profiled(
        tmp_path,
        with_columns(
            order_no="'o' || customer || bought_at",
            price="(hash(bought_at) % 100) / 10.0",
            delivered="bought_at + INTERVAL 2 DAY",
        ),
    )

    def embedding(column: str) -> dict[str, Any]:
        return {"column": column, "type": "string_embedding"}

    spec = FeatureConfigSpec.model_validate(
        {
            "dataset_id": "ds",
            "buyer_model_features": [
                *map(embedding, ("customer", "region", "order_no", "department")),
                {"column": "delivered", "type": "timestamp"},
            ],
            "product_model_features": [
                *map(embedding, ("product",)),
                {"column": "price", "type": "numeric"},
            ],
        }
    )
    found = {
        problem.code: problem
        for problem in check_feature_config(spec, dataset)
        if problem.code in insight_kinds()
    }
    assert {code: (one.path, one.received) for code, one in found.items()} == {
        "row_key": ("spec.buyer_model_features[2].column", "order_no"),
        "gives_product_away": ("spec.buyer_model_features[3].column", "department"),
        "gives_future_away": ("spec.buyer_model_features[4].column", "delivered"),
        "varying_attributes": ("spec.product_model_features[1].column", "price"),
    }
    assert {one.level for one in found.values()} == {"warning"}


def test_what_cannot_be_told_is_said(tmp_path: Path) -> None:
    untimed = {name: role for name, role in _ROLES.items() if role != "transaction_date"}
    report = dataset_report(profiled(tmp_path, roles=untimed))
    assert "transaction_date" in report.notes[0]
    assert {"drift", "time_ties", "new_products"}.isdisjoint(kinds(report))
    assert "repeats" in kinds(report)
    report = dataset_report(profiled(tmp_path, roles={"customer": "customer_id"}))
    assert report.findings == []
    assert "'product_id'" in str(report.reason)
    empty = f"SELECT * REPLACE ('' AS product) FROM ({_ROWS})"
    assert "No row names both" in str(dataset_report(profiled(tmp_path, empty)).reason)


def test_of_many_rows_columns_are_examined_for_a_sample_of_customers() -> None:
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE purchases AS {_ROWS}")
        described = connection.execute("DESCRIBE purchases").fetchall()
        types = {name: kind for name, kind, *_ in described}
        columns = [
            Column(name=name, type="INTEGER" if kind == "BIGINT" else "STRING")
            if kind != "TIMESTAMP"
            else Column(name=name, type="TIMESTAMP")
            for name, kind in types.items()
        ]
        whole = insight_of(connection, "purchases", types, columns, _ROLES, None)
        sample = insight_of(connection, "purchases", types, columns, _ROLES, None, 20_000)
    assert whole is not None
    assert sample is not None
    assert whole.examined_rows == 6000
    assert 1000 < sample.examined_rows < 5000
    assert sample.measured["repeats"] == whole.measured["repeats"]
    assert sample.measured["row_key"] == whole.measured["row_key"]


def test_numbers_of_another_version_are_left_out(tmp_path: Path) -> None:
    dataset = profiled(tmp_path)
    assert dataset.status.insight is not None
    dataset.status.insight.measured["bots"] = {"other": 1}
    dataset.status.insight.measured["later kind"] = {"n": 1}
    assert "bots" not in kinds(dataset_report(dataset))
