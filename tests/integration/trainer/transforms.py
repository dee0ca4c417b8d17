"""Crafted rows for the transforms, and the one process that transforms them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from shared.codegen import generate_preprocessing, plan_features
from shared.documents.feature_config import FeatureConfig
from shared.examples import MISSING_TIMESTAMP
from tests.integration.trainer.support import Documents, probe

CATEGORY_SIZE, CATEGORY_OOV, BRAND_OOV = 3, 2, 10
SALES_BUCKETS, DATE_BUCKETS = 10, 20
# Told apart only by what a file of one value a line has no place for, or loses easily.
ODD = (
    *("\n", "\r", "\0", " ", "  ", "\t", "\\", "\\n", "new\\nline", "new\r\nline", "new\rline"),
    *("newline", "newline ", "newline\n", "newline\0", "new\0line", "new\x0bline", "new\x1fline"),
    *("new\u2028line", "new\x85line", "new line", "new__SPACE__line", "new\\sline"),
)
_NUMBERS = ("sales_value", "quantity", "constant", "empty", "huge")
_TYPES = {"purchased_at": pa.int64(), **dict.fromkeys(_NUMBERS, pa.float32())}
_OPTIONS = {"normalize": {"enabled": True}, "bucketize": {"enabled": True, "buckets": 5}}


def features(everything: FeatureConfig) -> FeatureConfig:
    """`everything`, with a small vocabulary of categories, and three difficult columns."""
    data = everything.model_dump(mode="json")
    data["spec"]["buyer_model_features"] += [
        {"column": column, "type": "numeric", "transforms": _OPTIONS}
        for column in ("constant", "empty", "huge")
    ]
    category = data["spec"]["product_model_features"][1]
    category["vocab_settings"] = {
        "max_size": CATEGORY_SIZE,
        "oov_buckets": CATEGORY_OOV,
        "min_frequency": 2,
    }
    return FeatureConfig.model_validate(data)


def train_rows() -> dict[str, list[Any]]:
    """Rows that are analyzed, by raw feature."""
    random = np.random.default_rng(3)
    brands = [
        *["often"] * 300,
        *["tied a", "tied b", "tied c"] * 7,
        *["five times"] * 5,
        *["four times"] * 4,
        *["new\nline", "carriage\rreturn", ""] * 200,
        *[" led by a space", "日本", "quote \" ' \\"] * 20,
        *ODD * 6,
    ]
    categories = ["c1"] * 400 + ["c2"] * 300 + ["tie 1", "tie 2"] * 100 + ["rare"] + [""] * 50
    rows = max(len(brands), len(categories))
    products = ["a b", "a c", "a", "ü 1", "7", "007", *ODD]
    dates = random.integers(0, 20 * 365 * 86_400, rows) + 946_684_800
    sales = random.normal(2, 3, rows)
    huge = random.normal(0, 1e30, rows)
    dates[::50], sales[::40], huge[::30], huge[7] = MISSING_TIMESTAMP, np.nan, np.inf, -np.inf
    return {
        "household_id": [f"h{number}" for number in random.integers(0, 40, rows)],
        "product_id": [products[number] for number in random.integers(0, len(products), rows)],
        "purchased_at": dates.tolist(),
        "category": (categories + [""] * rows)[:rows],
        "brand": (brands + ["often"] * rows)[:rows],
        "sales_value": sales.tolist(),
        "quantity": random.choice([1.0, 2.0, 3.0, 9.0, np.nan], rows).tolist(),
        "constant": random.choice([3.5, np.nan], rows).tolist(),
        "empty": [np.nan] * rows,
        "huge": huge.tolist(),
    }


def new_rows() -> dict[str, list[Any]]:
    """Rows that were not analyzed: every date from 1900 to 2100, and what nobody expected."""
    random = np.random.default_rng(4)
    moments = [
        *(datetime(year, 2, day, 23, 59, 59, tzinfo=UTC) for year in range(1900, 2101)
          for day in (28, 29) if day == 28 or _leap(year)),
        *(datetime(year, month, 1, tzinfo=UTC) for year in range(1900, 2101)
          for month in range(1, 13)),
    ]  # fmt: skip
    seconds = [int(moment.timestamp()) for moment in moments]
    seconds += [second - 1 for second in seconds]  # month ends
    first, last = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (1900, 2101))
    seconds += random.integers(first, last, 2000).tolist()
    seconds += [MISSING_TIMESTAMP, MISSING_TIMESTAMP + 1, 2**63 - 1, -1, 0]
    odd = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e38, -1e38, 3.5, -3.5, 1e-38]
    rows = len(seconds)
    # The first two pairs of category and brand are the same once they are strung together.
    brands = [
        "line",
        "new\x1fline",
        "often",
        "",
        "new\nline",
        "tied a",
        "four times",
        "carriage\rreturn",
        "Often",
    ]
    brands += [*ODD, "new\nlines", "\n\n"]
    brands += [f"unseen {number}" for number in range(200)]
    categories = ["c1\x1fnew", "c1", *["c1", "c2", "tie 1", "tie 2", "rare", "", "c3"] * rows]
    numbers = (odd + random.normal(2, 5, 400).tolist()) * rows
    return {
        "household_id": ["h1", "h2", "nobody", ""] * (rows // 4) + ["h1"] * (rows % 4),
        "product_id": (["a b", "a c", "a", "unknown", "007", "7"] * rows)[:rows],
        "purchased_at": seconds,
        "category": categories[:rows],
        "brand": (brands * rows)[:rows],
        **dict.fromkeys(_NUMBERS, numbers[:rows]),
    }


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def run(folder: Path, documents: Documents) -> Path:
    """`train.parquet` and `new.parquet`: both tables, transformed; `vocabularies.json`."""
    dataset, everything, _ = documents
    config = features(everything)
    folder.mkdir(parents=True)
    module = folder / "crafted_preprocessing.py"
    plan = plan_features(config, dataset)
    module.write_text(generate_preprocessing(plan), encoding="utf-8")
    tables = {"train": train_rows(), "new": new_rows()}
    for name, rows in tables.items():
        table = {
            feature.key: pa.array(rows[feature.column], _TYPES.get(feature.column, pa.string()))
            for feature in plan.raw
        }
        pq.write_table(pa.table(table), folder / f"raw-{name}.parquet")
    arguments = {
        "module": str(module),
        "features": [feature.model_dump(mode="json") for feature in plan.raw],
        "train": str(folder / "raw-train.parquet"),
        "others": {name: str(folder / f"raw-{name}.parquet") for name in tables},
        "out": str(folder),
    }
    return probe(folder, ("transform", arguments))
