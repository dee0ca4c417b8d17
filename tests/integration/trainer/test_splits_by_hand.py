"""Which rows are held out."""

from __future__ import annotations

import math
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from shared.documents.dataset import FileSource
from shared.examples import MISSING_TIMESTAMP
from tests.integration.trainer.examples_by_hand import both, examples_spec, purchases, read, rows_of
from trainer_image.examples.read import Examples, read_examples
from trainer_image.job.status import JobFailedError


def test_a_temporal_split_holds_out_the_latest_rows(tmp_path: Path) -> None:
    examples = read(tmp_path, purchases(400), holdout_fraction=0.1)
    assert len(examples.eval) == 40
    assert min(examples.eval["at"].to_pylist()) > max(examples.train["at"].to_pylist())


@pytest.mark.parametrize("timed", [True, False])
def test_one_row_of_each_customer_is_left_out(tmp_path: Path, timed: bool) -> None:
    """The latest; where no time is known, all rows of one product. Whoever has nothing else to be
    trained on keeps it."""
    table = purchases(400).sample(frac=1, random_state=1)
    alone = rows_of(*[("alone", "p1", 1_700_000_000, "red", 1.0)] * 2)
    table = pd.concat([table, alone], ignore_index=True)
    changes: dict[str, Any] = {} if timed else {"timestamp_column": None}
    examples = read(tmp_path, table, split="leave_one_out", **changes)
    held = pd.DataFrame(_held(examples))
    trained = pd.DataFrame(examples.train.to_pylist())
    assert set(held["customer"]) == set(table["customer"]) - {"alone"}
    assert len(held) + len(trained) == len(table)
    if timed:
        latest = table[table["customer"] != "alone"].groupby("customer")["at"].max()
        assert dict(zip(held["customer"], held["at"], strict=True)) == latest.to_dict()
    assert (held.groupby("customer")["product"].nunique() == 1).all()
    if not timed:
        pairs = [set(zip(one["customer"], one["product"], strict=True)) for one in (held, trained)]
        assert not pairs[0] & pairs[1]
    again = read(tmp_path, table.sample(frac=1, random_state=2), split="leave_one_out", **changes)
    assert again.eval.equals(examples.eval)


def test_leaving_one_out_needs_customers_with_several(tmp_path: Path) -> None:
    table = purchases(40)
    with pytest.raises(JobFailedError, match="for no customer has several purchases"):
        read(tmp_path, table, split="leave_one_out")


def test_rows_of_one_moment_are_not_torn_apart(tmp_path: Path) -> None:
    table = purchases(100)
    table["at"] = [1_600_000_000 + i // 30 for i in range(100)]  # 30, 30, 30, 10 rows
    assert len(read(tmp_path, table, holdout_fraction=0.15).eval) == 10
    assert len(read(tmp_path, table, holdout_fraction=0.4).eval) == 40
    assert len(read(tmp_path, table, holdout_fraction=0.05).eval) == 10


def _heavy_end() -> pd.DataFrame:
    """500 rows a second apart, then 700 at once, many of one customer and product."""
    times = [1_600_000_000 + min(i, 500) for i in range(1200)]
    return purchases(1200).assign(at=times, product=[f"p{i % 31}" for i in range(1200)])


def test_a_moment_too_large_to_be_held_out_whole_may_be_cut_by_hash(tmp_path: Path) -> None:
    whole = read(tmp_path, _heavy_end())
    assert len(whole.eval) == 700

    cut = read(tmp_path, _heavy_end(), ties="hash")
    assert 0.09 < len(cut.eval) / 1200 <= 0.1
    assert set(cut.eval_times.to_pylist()) == {1_600_000_500}
    last = [row for row in cut.train.to_pylist() if row["at"] == 1_600_000_500]
    pairs = [{(row["customer"], row["product"]) for row in rows} for rows in (last, _held(cut))]
    assert not pairs[0] & pairs[1], "no pair of that moment is on both sides"
    assert Counter(map(str, both(cut))) == Counter(map(str, both(whole)))

    again = read(tmp_path, _heavy_end().sample(frac=1, random_state=3), ties="hash")
    assert again.eval.equals(cut.eval)
    other = read(tmp_path, _heavy_end(), ties="hash", seed=7)
    assert not other.eval.equals(cut.eval)


def _held(examples: Examples) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = examples.eval.to_pylist()
    return rows


def test_what_is_later_than_the_cut_moment_is_held_out_whole(tmp_path: Path) -> None:
    table = purchases(100)
    table["at"] = [1_600_000_000 + i // 30 for i in range(100)]  # 30, 30, 30, 10 rows
    expected = Counter({1_600_000_003: 10, 1_600_000_002: 15})
    found = Counter(
        read(tmp_path, table, holdout_fraction=0.25, ties="hash").eval_times.to_pylist()
    )
    assert found == expected
    # Where moments end where they should, there is nothing to cut.
    for fraction in (0.1, 0.4):
        one, other = (
            read(tmp_path, table, holdout_fraction=fraction, ties=ties)
            for ties in ("whole", "hash")
        )
        assert one.eval.equals(other.eval)


def test_rows_of_one_moment_alone_can_be_cut(tmp_path: Path) -> None:
    table = purchases(400).assign(at=1_600_000_000)
    assert 20 <= len(read(tmp_path, table, ties="hash").eval) <= 40
    few = rows_of(*((f"c{i // 20}", f"p{i // 20}", 1_600_000_000, "", 1.0) for i in range(40)))
    assert len(read(tmp_path, few, ties="hash").eval) == 20, "at least one pair"


FUTURE = datetime(2262, 1, 1, tzinfo=UTC)
PROFILED = int(datetime(2024, 6, 1, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    "placeholder",
    [FUTURE, datetime(1900, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC)],
)
def test_times_that_cannot_be_are_unknown_and_never_held_out(
    tmp_path: Path, placeholder: datetime
) -> None:
    moments = pd.to_datetime(pd.Series(range(200)) * 3600 + 1_700_000_000, unit="s", utc=True)
    table = purchases(200).assign(at=moments.where(pd.Series(range(200)) % 7 != 0, placeholder))
    found = read(tmp_path, table, latest_time=PROFILED)
    count = len(range(0, 200, 7))
    assert (found.rows.without_time, found.rows.implausible_time) == (count, count)
    assert found.train["at"].to_pylist().count(MISSING_TIMESTAMP) == count
    assert len(found.eval) == 20
    assert min(found.eval_times.to_pylist()) > 1_700_000_000 + 170 * 3600


def test_a_time_of_the_year_1_is_unknown(tmp_path: Path) -> None:
    path = tmp_path / "purchases.csv"
    lines = [
        f"c{i % 9},p{i % 5},{'0001-01-01' if i % 7 == 0 else f'2024-01-{1 + i % 28:02d}'}"
        for i in range(300)
    ]
    path.write_text("\n".join(["customer,product,at", *lines]))
    spec = examples_spec(path)
    features = [
        feature for feature in spec.features if feature.key in ("customer", "product", "at")
    ]
    found = read_examples(
        spec.model_copy(
            update={
                "source": FileSource(kind="csv", uri=str(path)),
                "features": features,
                "candidate_keys": ["product"],
            }
        )
    )
    assert found.rows.implausible_time == len(range(0, 300, 7))


def test_only_times_in_the_future_hold_nothing_out_and_say_so(tmp_path: Path) -> None:
    with pytest.raises(JobFailedError, match=r"of 400 rows, 400 have a time that cannot be right"):
        read(tmp_path, purchases(400), latest_time=1_500_000_000)


def test_every_row_that_is_read_is_kept_or_dropped_for_one_reason(tmp_path: Path) -> None:
    table = purchases(300)
    table["at"] = pd.to_datetime(table["at"], unit="s", utc=True)
    table.loc[0:29, "customer"] = None
    table.loc[20:49, "product"] = ""  # ten of them lack both
    table.loc[40:59, "price"] = math.nan
    table.loc[50:79, "at"] = None
    found = read(tmp_path, table, label_key="price").rows
    assert found.read == 300
    assert (found.without_customer, found.without_product, found.without_rating) == (30, 20, 10)
    assert (found.dropped, found.used) == (60, 240)
    assert (found.without_time, found.missing_time) == (20, 20)
    assert read(tmp_path, table, label_key="price", sample_percent=40).rows == found
    unrated = read(tmp_path, table).rows
    assert (unrated.without_rating, unrated.without_time) == (0, 30)
    timeless = read(tmp_path, table, timestamp_column=None, split="random").rows
    assert timeless.without_time is None


def test_rows_without_a_time_are_trained_on(tmp_path: Path) -> None:
    table = purchases(100)
    table["at"] = table["at"].astype("Int64")
    table.loc[90:, "at"] = None
    examples = read(tmp_path, table)
    assert examples.train["at"].to_pylist().count(MISSING_TIMESTAMP) == 10
    assert MISSING_TIMESTAMP not in examples.eval["at"].to_pylist()


def test_a_random_split_trains_on_no_held_out_pair(tmp_path: Path) -> None:
    examples = read(tmp_path, purchases(4000), split="random", holdout_fraction=0.2)
    pairs = [
        {(row["customer"], row["product"]) for row in table.to_pylist()}
        for table in (examples.train, examples.eval)
    ]
    assert not pairs[0] & pairs[1]
    assert 0.1 < len(examples.eval) / 4000 < 0.3


def test_the_validation_slice_lies_before_the_test_slice_which_is_not_read(tmp_path: Path) -> None:
    test = read(tmp_path, purchases(400))
    validation = read(tmp_path, purchases(400), judged_on="validation")
    assert (len(test.eval), len(validation.eval)) == (40, 36)
    times = validation.train_times.to_pylist(), validation.eval_times.to_pylist()
    assert max(times[0]) < min(times[1]) <= max(times[1]) < min(test.eval_times.to_pylist())
    seen = {row["at"] for row in both(validation)}
    assert not seen & {row["at"] for row in _held(test)}
    assert len(both(validation)) == 360


@pytest.mark.parametrize("changes", [{"split": "random"}, {"ties": "hash"}])
def test_the_validation_slice_and_the_test_slice_share_no_row(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    test = read(tmp_path, purchases(400), **changes)
    validation = read(tmp_path, purchases(400), judged_on="validation", **changes)
    held = {(row["customer"], row["product"], row["at"]) for row in _held(test)}
    seen = {(row["customer"], row["product"], row["at"]) for row in both(validation)}
    assert held
    assert not held & seen
    assert len(held) + len(seen) == 400
    assert len(validation.eval) > 0
