"""Examples of rows that a test writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from shared.documents.dataset import FileSource
from shared.examples import ExamplesSpec, RawFeature
from trainer_image.examples.read import Examples, read_examples

FEATURES = {
    "customer": "text",
    "product": "text",
    "at": "timestamp",
    "color": "text",
    "price": "number",
}


def examples_spec(path: Path, **changes: Any) -> ExamplesSpec:
    features = [RawFeature(key=key, column=key, type=kind) for key, kind in FEATURES.items()]
    return ExamplesSpec.model_validate(
        {
            "source": FileSource(kind="parquet", uri=str(path)),
            "features": features,
            "query_keys": ["customer", "at"],
            "candidate_keys": ["product", "color", "price"],
            "customer_key": "customer",
            "product_key": "product",
            "timestamp_column": "at",
            "sample_percent": 100,
            **changes,
        }
    )


def rows_of(*rows: tuple[Any, ...], name: str | None = None) -> pd.DataFrame:
    columns = [*FEATURES] if name is None else [*FEATURES, name]
    return pd.DataFrame(list(rows), columns=columns)


def purchases(count: int = 400) -> pd.DataFrame:
    return rows_of(
        *((f"c{i % 40}", f"p{i % 7}", 1_600_000_000 + i, "red", float(i % 5)) for i in range(count))
    )


def read(folder: Path, table: pd.DataFrame, **changes: Any) -> Examples:
    """Numbers under `at` are seconds since 1970."""
    path = folder / "purchases.parquet"
    if not pd.api.types.is_datetime64_any_dtype(table["at"]):
        table = table.assign(at=pd.to_datetime(pd.to_numeric(table["at"]), unit="s", utc=True))
    table.to_parquet(path)
    return read_examples(examples_spec(path, **changes))


def both(examples: Examples) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = examples.train.to_pylist() + examples.eval.to_pylist()
    return rows
