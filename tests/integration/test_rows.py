"""Rows that cannot be used: a profile counts what a test's examples then count too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from local.data.source import DuckDBDataSource
from shared.columns.source_rows import SourceRows, latest_time
from shared.documents.dataset import FileSource, Source
from shared.examples import ExamplesSpec, RawFeature, RawType
from trainer_image.examples.read import Examples, read_examples

MAPPING = {
    "customer_id": "customer_id",
    "product_id": "product_id",
    "trans_date": "transaction_date",
}
NOW = datetime(2025, 6, 1, tzinfo=UTC)
COUNT = 1200
MOMENTS = [datetime(2024, 1, 1) + timedelta(hours=5 * row) for row in range(COUNT)]
CUSTOMERS = [row * 7 % 60 for row in range(COUNT)]
PRODUCTS = [row * 11 % 41 for row in range(COUNT)]


def csv(folder: Path, rows: list[tuple[str, str, str]]) -> FileSource:
    path = folder / "purchases.csv"
    path.write_text("\n".join([",".join(MAPPING), *(",".join(row) for row in rows)]) + "\n")
    return FileSource(kind="csv", uri=str(path))


def parquet(folder: Path, times: list[datetime]) -> FileSource:
    path = folder / "purchases.parquet"
    columns = zip(MAPPING, (CUSTOMERS, PRODUCTS, times), strict=True)
    pd.DataFrame(dict(columns)).to_parquet(path, index=False)
    return FileSource(kind="parquet", uri=str(path))


def examples(source: Source, **changes: object) -> Examples:
    features = [
        RawFeature(key=name, column=name, type=kind)
        for name, kind in zip(MAPPING, (RawType.TEXT, RawType.TEXT, RawType.TIMESTAMP), strict=True)
    ]
    return read_examples(
        ExamplesSpec.model_validate(
            {
                "source": source,
                "features": features,
                "query_keys": ["customer_id"],
                "candidate_keys": ["product_id"],
                "customer_key": "customer_id",
                "product_key": "product_id",
                "timestamp_column": "trans_date",
                "latest_time": latest_time(NOW),
                "sample_percent": 100,
                **changes,
            }
        )
    )


def counted(folder: Path, source: FileSource) -> SourceRows:
    """What the profile and the examples agree on."""
    data = DuckDBDataSource(folder / "home")
    profiled = data.profile(source, MAPPING, latest_time(NOW)).rows
    assert profiled is not None
    assert examples(source).rows == profiled
    return profiled


def purchases() -> list[tuple[str, str, str]]:
    return [
        (str(customer), str(product), moment.isoformat(" "))
        for customer, product, moment in zip(CUSTOMERS, PRODUCTS, MOMENTS, strict=True)
    ]


def test_rows_of_nobody_are_counted(tmp_path: Path) -> None:
    rows = [(c if int(c) % 3 else "", p, t) for c, p, t in purchases()]
    lost = sum(not customer for customer, _, _ in rows)
    found = counted(tmp_path, csv(tmp_path, rows))
    assert lost > 300
    assert found == SourceRows(read=COUNT, without_customer=lost, without_time=0)


def test_a_time_that_cannot_be_read_is_counted(tmp_path: Path) -> None:
    rows = purchases()
    rows[700] = (*rows[700][:2], "2024-02-31")
    rows[701] = (*rows[701][:2], "")
    rows[702] = ("", "", "soon")
    found = counted(tmp_path, csv(tmp_path, rows))
    assert (found.unreadable_time, found.missing_time, found.without_time) == (1, 1, 2)
    assert (found.without_customer, found.without_product) == (1, 0)


@pytest.mark.parametrize("placeholder", [datetime(2262, 1, 1), datetime(1900, 1, 1)])
def test_placeholders_are_no_test_set(tmp_path: Path, placeholder: datetime) -> None:
    times = [moment if row % 7 else placeholder for row, moment in enumerate(MOMENTS)]
    source = parquet(tmp_path, times)
    found = counted(tmp_path, source)
    assert found.implausible_time == found.without_time == len(range(0, COUNT, 7))
    held_out = examples(source).eval_times.to_pylist()
    assert 0.09 * COUNT < len(held_out) <= 0.1 * COUNT
    assert max(held_out) < NOW.timestamp()


def test_a_heavy_last_day_is_held_out_whole_or_in_part(tmp_path: Path) -> None:
    times = [moment if row < 500 else datetime(2025, 1, 1) for row, moment in enumerate(MOMENTS)]
    source = parquet(tmp_path, times)
    assert counted(tmp_path, source).without_time == 0
    whole, cut = (examples(source, ties=ties) for ties in ("whole", "hash"))
    assert len(whole.eval) == 700
    assert 0.09 * COUNT < len(cut.eval) <= 0.1 * COUNT


def test_rows_are_not_counted_without_the_roles_for_it(tmp_path: Path) -> None:
    source = csv(tmp_path, purchases())
    data = DuckDBDataSource(tmp_path / "home")
    assert data.profile(source).rows is None
    assert data.profile(source, {"customer_id": "customer_id", "gone": "product_id"}).rows is None
    timeless = {name: role for name, role in MAPPING.items() if name != "trans_date"}
    assert data.profile(source, timeless).rows == SourceRows(read=COUNT)
