"""Vectors that another model made, and days since a date: read, learned from and served."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shared.codegen import generate_preprocessing, plan_features
from shared.columns.vectors import numbers_in
from shared.documents.feature_config import FeatureConfig
from shared.examples import MISSING_TIMESTAMP, RawType
from shared.jobs import MetricsReport
from tests.integration.trainer.support import (
    Documents,
    finished,
    make_job,
    predict,
    probe,
    purchases,
)

pytestmark = pytest.mark.trainer
DAY = 86_400
LAST = 20_000 * DAY
SPECIAL = {
    "[1, -2.5, 3e-2]": [1, -2.5, 0.03],
    "1 -2.5 .03": [1, -2.5, 0.03],
    " (1;2|3) ": [1, 2, 3],
    "+1.\t2\n3": [1, 2, 3],
    "[0, 0, 0]": [0, 0, 0],
    **dict.fromkeys(["", "1 2", "1 2 3 4", "1 2 x", "1,2,nan", "inf 1 2", "--1 2 3"], None),
    "1e39 2 3": None,
}


def config(buyer: list[dict[str, Any]], product: list[dict[str, Any]]) -> FeatureConfig:
    return FeatureConfig.model_validate(
        {
            "id": "fc",
            "name": "f",
            "spec": {
                "dataset_id": "ds",
                "buyer_model_features": [
                    {"column": "household_id", "type": "string_embedding"},
                    *buyer,
                ],
                "product_model_features": product,
            },
        }
    )


def test_numbers_of_a_text_are_counted_as_they_are_read() -> None:
    for text, values in SPECIAL.items():
        if "e39" not in text:  # too large a number is a number in a text
            assert (numbers_in(text) == 3) == (values is not None), text


@pytest.mark.parametrize("normalize", [True, False])
def test_vectors_and_days_are_what_they_are_said_to_be(
    tmp_path: Path, documents: Documents, normalize: bool
) -> None:
    dataset, _, _ = documents
    since = {"column": "joined_at", "type": "days_since", "transforms": {"normalize": {}}}
    since["transforms"] = {
        "normalize": {"enabled": True, "range": [0, 1]},
        "bucketize": {"enabled": True, "buckets": 3},
    }
    vector = {"column": "image", "type": "vector", "dimensions": 3, "normalize": normalize}
    plan = plan_features(config([since], [vector]), dataset)
    module = tmp_path / "preprocessing.py"
    module.write_text(generate_preprocessing(plan), encoding="utf-8")
    joined = [LAST - days * DAY for days in range(40)] + [MISSING_TIMESTAMP, LAST + DAY]
    texts = (list(SPECIAL) * 4)[: len(joined)]
    rows = len(joined)
    values = {
        "image": texts,
        "joined_at": joined,
        "purchased_at": [LAST - (row % 2) * DAY for row in range(rows)],
    }
    table = {
        raw.key: pa.array(
            values.get(raw.column, [f"{raw.key} {row % 5}" for row in range(rows)]),
            pa.int64() if raw.type is RawType.TIMESTAMP else None,
        )
        for raw in plan.raw
    }
    unasked = {**table, "purchased_at": pa.array([MISSING_TIMESTAMP] * rows, pa.int64())}
    for name, some in (("train", table), ("unasked", unasked)):
        pq.write_table(pa.table(some), tmp_path / f"raw-{name}.parquet")
    arguments = {
        "module": str(module),
        "features": [raw.model_dump(mode="json") for raw in plan.raw],
        "train": str(tmp_path / "raw-train.parquet"),
        "others": {name: str(tmp_path / f"raw-{name}.parquet") for name in ("train", "unasked")},
        "out": str(tmp_path),
    }
    probe(tmp_path, ("transform", arguments))

    found = pq.read_table(tmp_path / "train.parquet")
    for text, row in zip(texts, found["product_image_vector"].to_pylist(), strict=True):
        wanted = np.array(SPECIAL[text] or [0, 0, 0], np.float64)
        if normalize and wanted.any():
            wanted /= np.linalg.norm(wanted)
        np.testing.assert_allclose(row, wanted, rtol=1e-6, atol=1e-7, err_msg=text)

    days = np.array(
        [
            np.nan if one == MISSING_TIMESTAMP else (moment - one) / DAY
            for one, moment in zip(joined, values["purchased_at"], strict=True)
        ]
    )
    low, high = np.nanmin(days), np.nanmax(days)

    def scaled(days: np.ndarray) -> np.ndarray:
        return np.where(np.isnan(days), 0.5, np.clip((days - low) / (high - low), 0, 1))

    np.testing.assert_allclose(found["buyer_joined_at_norm"], scaled(days), atol=1e-6)
    served = pq.read_table(tmp_path / "unasked.parquet")["buyer_joined_at_norm"]
    as_of_the_last = days + np.array([row % 2 for row in range(rows)])
    np.testing.assert_allclose(served, scaled(as_of_the_last), atol=1e-6)


@pytest.mark.parametrize("projection", [0, 8])
def test_a_model_knows_products_by_vectors_in_a_list_of_parquet(
    tmp_path: Path, documents: Documents, projection: int
) -> None:
    """The products' ids are in no tower: what the model knows of a product is its vector."""
    dataset, _, model = documents
    table = purchases()
    kinds = table["category"].str.split(" ").str[-1].fillna("0").astype(int)
    random = np.random.default_rng(1)
    directions = random.normal(size=(kinds.max() + 1, 16))
    # Of one kind, and no two alike: what is alike in all shares its place in a list.
    own = {product: random.normal(size=16) / 5 for product in table["product_id"].unique()}
    table["brand"] = [
        list(directions[kind] + own[product])
        for kind, product in zip(kinds, table["product_id"], strict=True)
    ]
    source = tmp_path / "purchases.parquet"
    table.to_parquet(source)
    features = config(
        [],
        [{"column": "brand", "type": "vector", "dimensions": 16, "projection": projection}],
    )
    job = finished(make_job(tmp_path / "job", (dataset, features, model), source, epochs=4))

    report = MetricsReport.model_validate_json((job.output / "metrics.json").read_bytes())
    popular = report.baselines["popularity"]
    assert report.metrics["recall_at_10"] > popular["recall_at_10"]
    first = directions[1]
    asked = [
        " ".join(map(repr, first.tolist())),
        json.dumps((3 * first).tolist()),
        "",
        " ".join(map(repr, directions[2].tolist())),
    ]
    embedded = predict(
        tmp_path / "asked",
        job.output / "model",
        {"brand": asked},
        "--signature",
        "candidate_embedding",
    )
    assert embedded.returncode == 0, embedded.stderr
    vectors = np.array(json.loads(embedded.stdout)["embedding"])
    np.testing.assert_allclose(vectors[0], vectors[1], atol=1e-5)
    assert not np.allclose(vectors[0], vectors[2], atol=1e-3)
    assert not np.allclose(vectors[0], vectors[3], atol=1e-3)
