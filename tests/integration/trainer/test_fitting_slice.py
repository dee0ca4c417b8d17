"""Which training rows are kept from the first training."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from shared.examples import MISSING_TIMESTAMP
from tests.integration.trainer.examples_by_hand import purchases, read
from trainer_image.job.status import JobFailedError

Row = tuple[tuple[str, Any], ...]


def rows_in(table: pa.Table) -> Counter[Row]:
    return Counter(tuple(row.items()) for row in table.to_pylist())


def pairs_in(table: pa.Table) -> set[tuple[str, str]]:
    return {(row["customer"], row["product"]) for row in table.to_pylist()}


def test_it_is_the_latest_of_the_training_rows_and_leaves_the_held_out_ones_alone(
    tmp_path: Path,
) -> None:
    plain = read(tmp_path, purchases(400))
    found = read(tmp_path, purchases(400), fitting_fraction=0.25)
    splits = found.splits()
    assert {name: len(rows) for name, rows in splits.items() if name != "candidates"} == {
        "train": 270,
        "fitting": 90,
        "eval": 40,
        "history": 0,
        "unavailable": 0,
    }
    times = {name: splits[name]["at"].to_pylist() for name in ("train", "fitting", "eval")}
    assert max(times["train"]) < min(times["fitting"])
    assert max(times["fitting"]) < min(times["eval"])
    assert found.eval.equals(plain.eval)
    assert found.candidates.equals(plain.candidates)
    assert rows_in(found.train) == rows_in(plain.train)
    assert found.train["at"].to_pylist() == found.train_times.to_pylist()


def test_without_one_all_rows_are_trained_on_at_once(tmp_path: Path) -> None:
    found = read(tmp_path, purchases(400))
    assert found.splits()["fitting"].num_rows == found.fitting == 0
    assert found.splits()["train"].equals(found.train)


def test_rows_without_a_time_are_in_none(tmp_path: Path) -> None:
    table = purchases(200)
    table["at"] = table["at"].astype("Int64")
    table.loc[:99, "at"] = None
    splits = read(tmp_path, table, fitting_fraction=0.3).splits()
    assert splits["train"]["at"].to_pylist().count(MISSING_TIMESTAMP) == 100
    assert MISSING_TIMESTAMP not in splits["fitting"]["at"].to_pylist()


@pytest.mark.parametrize("ties", ["whole", "hash"])
def test_moments_stay_whole_unless_they_may_be_cut(tmp_path: Path, ties: str) -> None:
    """A moment of 350 rows has room for some of them only."""
    table = purchases(1000)
    table["at"] = [1_600_000_000 + (0 if i < 500 else 1 if i < 850 else 2) for i in range(1000)]
    found = read(tmp_path, table, fitting_fraction=0.2, holdout_fraction=0.2, ties=ties)
    train, fitting = (found.splits()[name] for name in ("train", "fitting"))
    if ties == "whole":
        assert len(found.eval) == 150
        assert set(fitting["at"].to_pylist()) == {1_600_000_001}
        assert len(fitting) == 350
        return
    assert 150 < len(found.eval) <= 200
    assert 0.15 * len(found.train) < len(fitting) <= 0.2 * len(found.train)
    torn = [table.filter(pc.equal(table["at"], 1_600_000_001)) for table in (train, fitting)]
    assert all(map(len, torn))
    assert not pairs_in(torn[0]) & pairs_in(torn[1])


def test_in_a_random_split_it_has_pairs_of_its_own(tmp_path: Path) -> None:
    options = {"split": "random", "holdout_fraction": 0.2}
    plain = read(tmp_path, purchases(4000), **options)
    found = read(tmp_path, purchases(4000), fitting_fraction=0.25, **options)
    assert found.eval.equals(plain.eval)
    pairs = [pairs_in(found.splits()[name]) for name in ("train", "fitting", "eval")]
    assert not pairs[0] & pairs[1]
    assert not pairs[1] & pairs[2]
    assert 0.15 < found.fitting / len(found.train) < 0.35


def test_a_slice_that_would_be_empty_or_everything_is_cut_by_pairs(tmp_path: Path) -> None:
    table = purchases(400)
    table["at"] = [1_600_000_000 + i // 360 for i in range(400)]
    found = read(tmp_path, table, fitting_fraction=0.1)
    train, fitting = (found.splits()[name] for name in ("train", "fitting"))
    assert 0.05 * 360 < len(fitting) <= 0.1 * 360
    assert not pairs_in(train) & pairs_in(fitting)
    few = purchases(400).iloc[:30]
    options = {"split": "random", "holdout_fraction": 0.3}
    found = read(tmp_path, few, **options, fitting_fraction=0.0001)
    assert len(pairs_in(found.splits()["fitting"])) == 1
    assert len(found.splits()["train"]) > 0


def test_rows_of_one_customer_and_product_leave_no_slice(tmp_path: Path) -> None:
    table = purchases(400)
    table["at"] = 1_600_000_000 + (table.index >= 380)
    for column in ("customer", "product"):
        table.loc[table.index < 380, column] = table[column].iloc[0]
    with pytest.raises(JobFailedError, match="all of these are of one customer and product"):
        read(tmp_path, table, fitting_fraction=0.1)
