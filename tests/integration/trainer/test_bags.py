"""Features with several values in a row: split, numbered, pooled, learned from and served."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shared.codegen import generate_preprocessing, plan_features
from shared.documents.feature_config import FeatureConfig
from shared.jobs import MetricsReport, VocabularyReport
from tests.integration.trainer.support import (
    Documents,
    finished,
    make_job,
    predict,
    probe,
    purchases,
)

pytestmark = pytest.mark.trainer
LENGTH, OOV = 4, 3
TEXTS = [
    *["Whole milk, 1 l", "whole MILK", "Butter-milk", "Äpfel & BIRNEN", "ÄPFEL", "हिन्दी शब्द"] * 6,
    *["one two three four five six", "İstanbul", "naïve café", "日本 茶", "x" * 300] * 5,
    *["", "  ", "!?", "once only", "new\nline", "tab\there", "un\x1fit", "back\\slash", "1.5%"],
]
LISTS = [
    *["Drama|Comedy", "Comedy | Drama", "Comedy", "|Drama||Comedy|", "Film-Noir|Sci Fi"] * 5,
    *["", "|", " | ", "A|B|C|D|E|F", "drama|Drama", "once|only", "new\nline|x"],
]


def words(text: str) -> list[str]:
    """Runs of letters, marks and digits in lower case, the first LENGTH, and pairs of them."""
    kept = [one if unicodedata.category(one)[0] in "LMN" else " " for one in text.lower()]
    found = "".join(kept).split()[:LENGTH]
    return found + [f"{one} {other}" for one, other in pairwise(found)]


def listed(text: str) -> list[str]:
    return [value for one in text.split("|") if (value := one.strip())][:LENGTH]


@pytest.fixture(scope="module")
def features() -> FeatureConfig:
    bag = {"length": LENGTH, "embedding_dim": 8}
    settings = {"vocab_settings": {"min_frequency": 2, "oov_buckets": OOV}}
    return FeatureConfig.model_validate(
        {
            "id": "fc-bags",
            "name": "Bags",
            "spec": {
                "dataset_id": "ds",
                "buyer_model_features": [{"column": "household_id", "type": "string_embedding"}],
                "product_model_features": [
                    {"column": "brand", "type": "text", **bag, **settings},
                    {"column": "category", "type": "list", **bag, **settings},
                ],
            },
        }
    )


@pytest.mark.parametrize(
    ("column", "values", "split", "length"),
    [("brand", TEXTS, words, 2 * LENGTH - 1), ("category", LISTS, listed, LENGTH)],
)
def test_values_are_split_and_numbered_as_said(
    tmp_path: Path,
    documents: Documents,
    features: FeatureConfig,
    column: str,
    values: list[str],
    split: Any,
    length: int,
) -> None:
    dataset, _, _ = documents
    plan = plan_features(features, dataset)
    module = tmp_path / "bags_preprocessing.py"
    module.write_text(generate_preprocessing(plan), encoding="utf-8")
    table = {raw.key: [f"{raw.key} {row % 5}" for row in range(len(values))] for raw in plan.raw}
    new = {**table, column: [*values[::-1][:-1], "never seen before"]}
    table[column] = values
    for name, rows in (("train", table), ("new", new)):
        pq.write_table(pa.table(rows), tmp_path / f"raw-{name}.parquet")
    arguments = {
        "module": str(module),
        "features": [raw.model_dump(mode="json") for raw in plan.raw],
        "train": str(tmp_path / "raw-train.parquet"),
        "others": {name: str(tmp_path / f"raw-{name}.parquet") for name in ("train", "new")},
        "out": str(tmp_path),
    }
    probe(tmp_path, ("transform", arguments))

    key = f"product_{column}"
    counts = Counter(value for text in values for value in split(text))
    kept = {value for value, times in counts.items() if times >= 2}
    vocabulary = json.loads((tmp_path / "vocabularies.json").read_text())[key]
    assert set(vocabulary) == {value.replace("\n", "\\n") for value in kept}
    assert [counts[value] for value in vocabulary] == sorted(
        (counts[value] for value in kept), reverse=True
    )
    place = {value: number for number, value in enumerate(vocabulary)}
    for name, texts in (("train", values), ("new", new[column])):
        found = pq.read_table(tmp_path / f"{name}.parquet")[key].to_pylist()
        for text, rows in zip(texts, found, strict=True):
            wanted = split(text)
            assert len(rows) == length
            assert rows[len(wanted) :] == [-1] * (length - len(wanted)), text
            for value, row in zip(wanted, rows, strict=False):
                if value in place:
                    assert row == place[value], (text, value)
                else:
                    assert len(vocabulary) <= row < len(vocabulary) + OOV


def test_a_model_of_words_learns_and_recommends_a_product_by_its_words(
    tmp_path: Path, documents: Documents, features: FeatureConfig
) -> None:
    """The products' ids are in no tower: what the model knows of a product are its words."""
    dataset, _, model = documents
    table = purchases()
    kinds = table["category"].str.split(" ").str[-1].fillna("none")
    table["brand"] = [f"Tasty kind-{kind}, {row % 3} l" for row, kind in enumerate(kinds)]
    table["category"] = [f"food | group {kind}" for kind in kinds]
    source = tmp_path / "purchases.parquet"
    table.to_parquet(source)
    job = finished(make_job(tmp_path / "job", (dataset, features, model), source, epochs=4))

    report = MetricsReport.model_validate_json((job.output / "metrics.json").read_bytes())
    popular = report.baselines["popularity"]
    assert report.metrics["recall_at_10"] > 1.2 * popular["recall_at_10"]
    found = json.loads((job.output / "vocabulary.json").read_bytes())
    reports = {one["column"]: VocabularyReport.model_validate(one) for one in found}
    assert set(reports) == {"household_id", "brand", "category"}
    assert reports["brand"].oov_rate < 0.05
    assert reports["brand"].vocabulary_size < 60

    embedded = predict(
        tmp_path / "asked",
        job.output / "model",
        {"brand": ["TASTY kind 3!", "tasty kind 3", "", "kind 3 tasty"], "category": [""] * 4},
        "--signature",
        "candidate_embedding",
    )
    assert embedded.returncode == 0, embedded.stderr
    vectors = np.array(json.loads(embedded.stdout)["embedding"])
    np.testing.assert_allclose(vectors[0], vectors[1], atol=1e-6)
    assert not np.allclose(vectors[0], vectors[2], atol=1e-3), "no words are no such product"
    assert not np.allclose(vectors[0], vectors[3], atol=1e-6), "pairs tell the order"
