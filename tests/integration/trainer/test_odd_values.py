"""Values and products that a training must not lose: a shop whose held-out products are all new,
and whose texts have line breaks in them."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from shared.documents.dataset import Dataset
from shared.documents.feature_config import FeatureConfig
from shared.documents.model_config import ModelConfig
from tests.integration.trainer.support import TrainerJob, finished, make_job, probe

pytestmark = pytest.mark.trainer

ROWS, BATCH = 1200, 128
CATEGORIES = [
    *("plain", "two\nlines", "cr\rhere", "b", "both\r\nhere", "two\\nlines", "end\n", " b", "b "),
    *("nul\0here", "nulhere", "line\u2028here", "line\x85here", "tab\x0bhere"),
]


@pytest.fixture(scope="module")
def odd_run(tmp_path_factory: pytest.TempPathFactory) -> TrainerJob:
    folder = tmp_path_factory.mktemp("odd")
    numbers = np.arange(ROWS)
    table = pd.DataFrame(
        {
            "customer": [f"of {number % 60}\nhouseholds" for number in numbers],
            "product": [f"product\r{number}" for number in numbers],
            "at": pd.Timestamp("2024-01-01") + pd.to_timedelta(5 * numbers, unit="h"),
            "category": [CATEGORIES[number % len(CATEGORIES)] for number in numbers],
        }
    )
    table.to_parquet(folder / "purchases.parquet")
    columns = {"customer": "STRING", "product": "STRING", "at": "TIMESTAMP", "category": "STRING"}
    mapping = {"customer": "customer_id", "product": "product_id", "at": "transaction_date"}
    dataset = {
        "id": "ds",
        "name": "Odd",
        "spec": {"source": {"kind": "parquet", "uri": "/"}, "column_mapping": mapping},
        "status": {"columns": [{"name": n, "type": t} for n, t in columns.items()]},
    }
    features = {
        "id": "fc",
        "name": "Odd",
        "spec": {
            "dataset_id": "ds",
            "buyer_model_features": [{"column": "customer", "type": "string_embedding"}],
            "product_model_features": [
                {"column": column, "type": "string_embedding"} for column in ("product", "category")
            ],
        },
    }
    layers = [{"type": "dense", "units": 16, "activation": None}]
    spec = {
        "buyer_tower_layers": layers,
        "product_tower_layers": layers,
        "output_embedding_dim": 16,
    }
    documents = (
        Dataset.model_validate(dataset),
        FeatureConfig.model_validate(features),
        ModelConfig.model_validate({"id": "mc", "name": "Odd", "spec": spec}),
    )
    return finished(make_job(folder / "job", documents, folder / "purchases.parquet"))


def test_products_absent_from_training_are_each_others_negatives(odd_run: TrainerJob) -> None:
    """The validation loss is a softmax's over the batch, of which nothing has been learned; it is
    next to 0 where all of them count as one product."""
    held_out = ROWS // 10
    assert held_out < BATCH
    for epoch in json.loads((odd_run.output / "progress.json").read_bytes()):
        assert epoch["validation_loss"] == pytest.approx(math.log(held_out), rel=0.5)


def test_values_with_line_breaks_are_in_the_vocabulary(odd_run: TrainerJob) -> None:
    reports = json.loads((odd_run.output / "vocabulary.json").read_bytes())
    found = {one["column"]: one for one in reports}
    assert found["category"]["vocabulary_size"] == len(CATEGORIES)
    assert found["customer"]["vocabulary_size"] == 60
    for column in ("category", "customer"):
        assert found[column]["oov_rate"] == found[column]["cut_rate"] == 0
        assert not found[column]["truncated"]


def test_raw_values_with_line_breaks_are_served_by_their_own_rows(
    odd_run: TrainerJob, tmp_path: Path
) -> None:
    """Each category, and one that nobody has seen, of one product."""
    rows = {"category": [*CATEGORIES, "two\n\nlines"]}
    rows["product"] = ["product\r1"] * len(rows["category"])
    arguments = {"model": str(odd_run.output / "model"), "signature": "candidate_tensor"}
    out = str(tmp_path / "out.json")
    probe(tmp_path, ("call", {**arguments, "rows": rows, "out": out}))
    tensors = json.loads(Path(out).read_bytes())["tensor"]
    assert len({tuple(tensor) for tensor in tensors}) == len(CATEGORIES) + 1


def test_reports_and_products_show_the_values_themselves(odd_run: TrainerJob) -> None:
    tensors = json.loads((odd_run.output / "sample_tensors.json").read_bytes())
    assert {customer.partition(" ")[2].partition("\n")[2] for customer in tensors["customers"]} == {
        "households"
    }
    products = pq.read_table(odd_run.output / "candidates.parquet")
    assert set(products["product_id"].to_pylist()) == {f"product\r{n}" for n in range(ROWS)}
    attributes = products["attributes"].combine_chunks()
    assert set(attributes.field("category").to_pylist()) == set(CATEGORIES)
