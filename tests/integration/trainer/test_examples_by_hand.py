"""Sampling, values and candidates of rows that a test writes."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from shared.examples import MISSING_TIMESTAMP, RawFeature
from tests.integration.trainer.examples_by_hand import (
    FEATURES,
    both,
    examples_spec,
    purchases,
    read,
    rows_of,
)
from trainer_image.examples.read import read_examples
from trainer_image.job.status import JobFailedError


def test_sampling_by_customer_keeps_whole_histories_as_md5_says(tmp_path: Path) -> None:
    kept = Counter(row["customer"] for row in both(read(tmp_path, purchases(), sample_percent=30)))
    limit = int(0.3 * 2**128)
    expected = {
        customer: 10
        for customer in (f"c{i}" for i in range(40))
        if int(hashlib.md5(f"42:{customer}".encode()).hexdigest(), 16) < limit
    }
    assert 0 < len(expected) < 40
    assert kept == expected


def test_sampling_by_row_keeps_about_the_share_and_cuts_histories(tmp_path: Path) -> None:
    kept = both(read(tmp_path, purchases(2000), sample_percent=30, sample_by="row"))
    assert 500 < len(kept) < 700
    assert all(count < 50 for count in Counter(row["customer"] for row in kept).values())


def test_another_seed_gives_another_sample(tmp_path: Path) -> None:
    first, second = (
        {row["customer"] for row in both(read(tmp_path, purchases(), sample_percent=30, seed=s))}
        for s in (1, 2)
    )
    assert first != second


def test_order_is_reproducible_and_neither_by_time_nor_by_the_order_of_the_file(
    tmp_path: Path,
) -> None:
    table = purchases()
    train = read(tmp_path, table).train
    shuffled_file = read(tmp_path, table.sample(frac=1, random_state=5)).train
    assert train.equals(shuffled_file)
    times = pd.Series(train["at"].to_pylist())
    assert abs(times.corr(pd.Series(range(len(times))))) < 0.2


def test_values_missing_or_odd_become_what_features_can_be(tmp_path: Path) -> None:
    moment = datetime(1969, 12, 31, 23, 59, 58, 500_000, tzinfo=UTC)
    table = pd.DataFrame(
        {
            "customer": [1.0, 2.0, float("nan"), 4.0],
            "product": [10, 11, 12, 13],
            "at": pd.to_datetime([moment, None, moment, datetime(2024, 2, 29, tzinfo=UTC)]),
            "color": ["grün", None, "x", ""],
            "price": [math.inf, 1e300, 1.0, None],
        }
    )
    rows = sorted(both(read(tmp_path, table)), key=lambda row: row["product"])
    assert [row["customer"] for row in rows] == ["1", "2", "4"]  # a row without one is dropped
    assert [row["product"] for row in rows] == ["10", "11", "13"]
    assert [row["at"] for row in rows] == [-2, MISSING_TIMESTAMP, 1_709_164_800]
    assert [row["color"] for row in rows] == ["grün", "", ""]
    assert all(math.isnan(row["price"]) for row in rows)


def test_booleans_are_text(tmp_path: Path) -> None:
    table = purchases(20)
    table["color"] = [True, False] * 10
    assert set(read(tmp_path, table).train["color"].to_pylist()) == {"true", "false"}


def test_a_candidate_has_its_most_frequent_then_latest_attributes(tmp_path: Path) -> None:
    table = rows_of(
        ("a", "often", 1, "red", 1.0),
        ("b", "often", 2, "red", 1.0),
        ("c", "often", 3, "blue", 1.0),
        ("a", "tied", 1, "red", 1.0),
        ("b", "tied", 2, "blue", 1.0),
        *(("a", "filler", 4, "grey", float("nan")) for _ in range(20)),
        ("a", "often", 9, "held out", 1.0),
        ("b", "often", 9, "held out", 1.0),
        ("c", "new", 9, "only held out", 2.0),
    )
    candidates = read(tmp_path, table, holdout_fraction=0.15).candidates.to_pylist()
    assert [(row["product"], row["color"]) for row in candidates] == [
        ("filler", "grey"),
        ("new", "only held out"),
        ("often", "red"),
        ("tied", "blue"),
    ]
    assert {(row["customer"], row["at"]) for row in candidates} == {("", MISSING_TIMESTAMP)}


def test_names_are_given_where_there_are_any(tmp_path: Path) -> None:
    table = rows_of(
        ("a", "p1", 1, "red", 1.0, None),
        ("a", "p1", 2, "red", 1.0, "Tea"),
        ("b", "p2", 3, "red", 1.0, None),
        ("b", "p2", 4, "red", 1.0, ""),
        name='na"me',
    )
    examples = read(tmp_path, table, name_column='na"me', holdout_fraction=0.3)
    assert examples.names.to_pylist() == ["Tea", ""]


def test_keys_may_be_called_like_anything_else(tmp_path: Path) -> None:
    table = purchases(50).rename(columns={"color": "out", "price": "label"})
    features = [
        RawFeature(key=key, column=key, type=kind)
        for key, kind in zip(table.columns, FEATURES.values(), strict=True)
    ]
    examples = read(tmp_path, table, features=features, candidate_keys=["product", "out", "label"])
    assert set(examples.candidates["out"].to_pylist()) == {"red"}


@pytest.mark.parametrize(
    ("table", "changes", "message"),
    [
        (purchases(0), {}, "No row of the source is in the sample of 100%"),
        (purchases(40).assign(product=None), {}, "No row of the source is in the sample"),
        (purchases(40).assign(at=5), {}, "All 40 rows of the sample have the same time"),
        (purchases(40).assign(at=None), {}, "holds out none of the 40 rows"),
        (purchases(40).assign(product="p"), {}, "has one product only .'p'."),
        (purchases(40).drop(columns="color"), {}, "The source has no column 'color'"),
        (purchases(5), {"sample_percent": 0.0001}, "in the sample of 0.0001% by customer"),
    ],
)
def test_too_little_to_train_and_measure_is_a_clear_failure(
    tmp_path: Path, table: pd.DataFrame, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(JobFailedError, match=message):
        read(tmp_path, table, **changes)


def test_a_missing_file_is_a_clear_failure(tmp_path: Path) -> None:
    with pytest.raises(JobFailedError, match=r"cannot be read.*no such file"):
        read_examples(examples_spec(tmp_path / "nowhere.parquet"))


def test_every_row_keeps_its_time_whether_or_not_a_feature_says_it(tmp_path: Path) -> None:
    table = purchases(200)
    table.loc[::9, "at"] = None
    found = read(tmp_path, table)
    for rows, times in ((found.train, found.train_times), (found.eval, found.eval_times)):
        assert times.to_pylist() == rows["at"].to_pylist()
    assert MISSING_TIMESTAMP in found.train_times.to_pylist()

    spec = examples_spec(tmp_path / "purchases.parquet")
    fewer = [feature for feature in spec.features if feature.key != "at"]
    without = read_examples(spec.model_copy(update={"features": fewer, "query_keys": ["customer"]}))
    assert sorted(without.eval_times.to_pylist()) == sorted(found.eval_times.to_pylist())


def test_without_a_timestamp_nobody_knows_when(tmp_path: Path) -> None:
    found = read(tmp_path, purchases(), timestamp_column=None, split="random")
    assert set(found.train_times.to_pylist()) == {MISSING_TIMESTAMP}
