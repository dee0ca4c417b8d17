"""Transforms of the generated module against numpy and Python's own calendar."""

from __future__ import annotations

import calendar
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
import pytest

from shared.examples import MISSING_TIMESTAMP
from tests.integration.trainer import transforms
from tests.integration.trainer.transforms import (
    BRAND_OOV,
    CATEGORY_OOV,
    CATEGORY_SIZE,
    DATE_BUCKETS,
    ODD,
    SALES_BUCKETS,
)

pytestmark = [pytest.mark.trainer, pytest.mark.xdist_group("trainer")]
Floats = npt.NDArray[np.float64]


class Table:
    """Rows before and after the transforms."""

    def __init__(self, folder: Path, name: str, raw: dict[str, list[Any]]) -> None:
        self.raw = raw
        self._outputs = pq.read_table(folder / f"{name}.parquet")

    def __getitem__(self, output: str) -> npt.NDArray[Any]:
        return np.asarray(self._outputs[output].to_numpy())

    @property
    def outputs(self) -> dict[str, npt.NDArray[Any]]:
        return {name: self[name] for name in self._outputs.column_names}

    def numbers(self, column: str) -> Floats:
        """A raw column as the reader hands it over, NaN where it is not finite."""
        values = np.array(self.raw[column], np.float32).astype(np.float64)
        return np.where(np.isfinite(values), values, np.nan)

    def days(self) -> Floats:
        """Days since 2000-01-01, NaN where missing."""
        seconds = np.array(self.raw["purchased_at"], np.int64)
        return np.where(seconds == MISSING_TIMESTAMP, np.nan, seconds / 86_400 - 10_957)


@pytest.fixture(scope="session")
def train(transformed: Path) -> Table:
    return Table(transformed, "train", transforms.train_rows())


@pytest.fixture(scope="session")
def new(transformed: Path) -> Table:
    return Table(transformed, "new", transforms.new_rows())


@pytest.fixture(scope="session")
def vocabularies(transformed: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads((transformed / "vocabularies.json").read_text())
    return found


def key_of(value: str) -> str:
    """What stands for a value in a vocabulary's file."""
    escapes = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\0": "\\0", "\x1f": "\\u"}
    return value.translate(str.maketrans(escapes))


def usual_order(values: list[str], min_frequency: int) -> list[str]:
    """The most frequent first, of equally frequent ones the last in the alphabet (of bytes)."""
    counts = Counter(key_of(value) for value in values if value)
    kept = [key for key, count in counts.items() if count >= min_frequency]
    return sorted(kept, key=lambda key: (counts[key], key.encode()), reverse=True)


def test_an_analysis_without_a_pipeline_learns_what_beam_s_does(transformed: Path) -> None:
    """To the last bit, and the same files besides."""
    ours, beams = transformed / "graph", transformed / "by-beam" / "graph"
    assets = sorted(path.name for path in (beams / "transform_fn" / "assets").iterdir())
    for file in [f"transform_fn/assets/{name}" for name in assets] + [
        "transformed_metadata/schema.pbtxt"
    ]:
        assert (ours / file).read_bytes() == (beams / file).read_bytes(), file
    for name in ("train", "new"):
        files = transformed / f"{name}.parquet", transformed / "by-beam" / f"{name}.parquet"
        assert pq.read_table(files[0]).equals(pq.read_table(files[1])), name


def test_nothing_that_comes_out_is_not_a_number(train: Table, new: Table) -> None:
    for table in (train, new):
        for name, values in table.outputs.items():
            if values.dtype.kind == "f":
                assert np.isfinite(values).all(), name
            elif values.dtype.kind == "i" and name != "candidate_index":
                assert (values >= 0).all(), name


def test_vocabularies_hold_the_most_frequent_values_that_reach_the_threshold(
    train: Table, vocabularies: dict[str, list[str]]
) -> None:
    brands = usual_order(train.raw["brand"], 5)
    assert brands[0] == "often"
    assert "five times" in brands
    assert "four times" not in brands
    assert {key_of(value) for value in ("new\nline", "carriage\rreturn", *ODD)} <= set(brands)
    assert vocabularies["product_brand"] == brands
    assert vocabularies["product_category"] == usual_order(train.raw["category"], 2)[:CATEGORY_SIZE]
    assert vocabularies["buyer_household_id"] == usual_order(train.raw["household_id"], 1)


@pytest.mark.parametrize(
    ("output", "column", "buckets"),
    [
        ("product_brand", "brand", BRAND_OOV),
        ("product_category", "category", CATEGORY_OOV),
        ("buyer_household_id", "household_id", 10),
    ],
)
def test_known_values_get_their_row_and_others_one_after_the_vocabulary(
    train: Table,
    new: Table,
    vocabularies: dict[str, list[str]],
    output: str,
    column: str,
    buckets: int,
) -> None:
    vocabulary = vocabularies[output]
    row_of = {value: row for row, value in enumerate(vocabulary)}
    unknown: dict[str, int] = {}
    for table in (train, new):
        for value, row in zip(table.raw[column], table[output], strict=True):
            if key_of(value) in row_of:
                assert row == row_of[key_of(value)], repr(value)
            else:
                assert len(vocabulary) <= row < len(vocabulary) + buckets, value
                assert unknown.setdefault(value, row) == row, "equal values share a row"
    assert "" in unknown
    if column == "brand":
        assert {"four times", "new\nlines", "\n\n", "Often"} <= set(unknown)
        assert len(set(unknown.values())) == buckets, "200 values use every row"


def test_products_are_counted_for_the_sampling_correction(
    train: Table, new: Table, vocabularies: dict[str, list[str]]
) -> None:
    counts = Counter(train.raw["product_id"])
    written = [key.split(" ", 1) for key in vocabularies["candidate_index"]]
    assert len(counts) == len(written) == len(ODD) + 6
    numbers: dict[str, int] = {}
    for table in (train, new):
        for product, number in zip(
            table.raw["product_id"], table["candidate_index"].tolist(), strict=True
        ):
            assert numbers.setdefault(product, number) == number
            assert (
                number == -1
                if product not in counts
                else int(written[number][0]) == counts[product]
            )
        assert [value.decode() for value in table["candidate_id"]] == table.raw["product_id"]


def scaled(values: Floats, seen: Floats, low: float, high: float) -> Floats:
    minimum, maximum = np.nanmin(seen), np.nanmax(seen)
    share = np.clip((values - minimum) / (maximum - minimum), 0, 1)
    return np.where(np.isnan(values), (low + high) / 2, low + (high - low) * share)


def signed_log(values: Floats) -> Floats:
    return np.sign(values) * np.log1p(np.abs(values))


def test_normalize_scales_the_range_of_the_training_rows(train: Table, new: Table) -> None:
    for table in (train, new):
        for column in ("quantity", "huge"):
            expected = scaled(table.numbers(column), train.numbers(column), -1, 1)
            np.testing.assert_allclose(table[f"buyer_{column}_norm"], expected, atol=1e-6)
        expected = scaled(table.days(), train.days(), -1, 1)
        np.testing.assert_allclose(table["buyer_purchased_at_norm"], expected, atol=1e-6)
    assert set(new["buyer_quantity_norm"][:3]) == {0.0}, "NaN and infinities are missing"
    assert new["buyer_quantity_norm"][5:7].tolist() == [1, -1], "beyond the range is clipped"


def test_log_keeps_the_sign_of_negative_numbers(train: Table, new: Table) -> None:
    seen = signed_log(train.numbers("sales_value"))
    assert np.nanmin(seen) < 0
    for table in (train, new):
        expected = scaled(signed_log(table.numbers("sales_value")), seen, 0, 1)
        np.testing.assert_allclose(table["buyer_sales_value_norm"], expected, atol=1e-6)
    assert set(new["buyer_sales_value_norm"][:3]) == {0.5}


@pytest.mark.parametrize("column", ["constant", "empty"])
def test_a_constant_or_empty_column_normalizes_to_zero(
    train: Table, new: Table, column: str
) -> None:
    for table in (train, new):
        assert set(table[f"buyer_{column}_norm"]) == {0.0}
        buckets, missing = table[f"buyer_{column}_bucket"], np.isnan(table.numbers(column))
        assert set(buckets[missing]) == {5}
        assert (buckets[~missing] < 5).all()


@pytest.mark.parametrize(
    ("column", "buckets"),
    [("sales_value", SALES_BUCKETS), ("purchased_at", DATE_BUCKETS), ("huge", 5)],
)
def test_buckets_are_quantiles_of_the_training_rows(
    train: Table, new: Table, column: str, buckets: int
) -> None:
    def values_of(table: Table) -> Floats:
        if column == "purchased_at":
            return table.days().astype(np.float32).astype(np.float64)
        return table.numbers(column)

    seen, rows = values_of(train), train[f"buyer_{column}_bucket"]
    known = ~np.isnan(seen)
    assert set(rows[~known]) == {buckets}
    counts = np.bincount(rows[known], minlength=buckets)
    assert len(counts) == buckets
    # `tft.quantiles` may err by epsilon, 0.1 / buckets of all rows, at both ends of a bucket.
    equal = known.sum() / buckets
    np.testing.assert_allclose(counts, equal, atol=0.2 * equal + 2)

    lowest = np.array([seen[rows == bucket].min() for bucket in range(buckets)])
    highest = np.array([seen[rows == bucket].max() for bucket in range(buckets)])
    assert (highest[:-1] < lowest[1:]).all(), "buckets do not overlap"
    fresh, found = values_of(new), new[f"buyer_{column}_bucket"]
    assert set(found[np.isnan(fresh)]) == {buckets}
    assert set(found[fresh < lowest[1]]) == {0}, "below the range is the first bucket"
    assert set(found[fresh >= highest[-1]]) == {buckets - 1}
    for bucket in range(buckets):
        inside = (fresh >= lowest[bucket]) & (fresh <= highest[bucket])
        assert set(found[inside]) <= {bucket}


def phases(seconds: int) -> dict[str, float]:
    """How far each cycle has come, by Python's calendar."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    length = calendar.monthrange(moment.year, moment.month)[1]
    return {
        "annual": (moment.month - 1) // 3 / 4,
        "quarterly": (moment.month - 1) % 3 / 3,
        "monthly": (moment.day - 1) / length,
        "weekly": moment.weekday() / 7,
        "daily": moment.hour / 24,
    }


@pytest.mark.parametrize("cycle", ["annual", "quarterly", "monthly", "weekly", "daily"])
def test_cycles_agree_with_the_calendar_from_1900_to_2100(new: Table, cycle: str) -> None:
    seconds = new.raw["purchased_at"]
    dated = [row for row, second in enumerate(seconds) if abs(second) < 2**40]
    assert len(dated) > 5000
    angles = 2 * np.pi * np.array([phases(seconds[row])[cycle] for row in dated])
    for wave, function in (("sin", np.sin), ("cos", np.cos)):
        found = new[f"buyer_purchased_at_{cycle}_{wave}"]
        np.testing.assert_allclose(found[dated], function(angles), atol=1e-5)
        assert found[seconds.index(MISSING_TIMESTAMP)] == 0, "missing is the circle's centre"


def check_hashed(combinations: list[tuple[Any, ...]], rows: list[int], buckets: int) -> None:
    """Equal combinations share a bucket; unequal ones spread like balls thrown at random."""
    row_of: dict[tuple[Any, ...], int] = {}
    for combination, row in zip(combinations, rows, strict=True):
        assert 0 <= row < buckets
        assert row_of.setdefault(combination, row) == row
    expected = buckets * (1 - (1 - 1 / buckets) ** len(row_of))
    assert len(set(rows)) > 0.9 * expected


def test_crosses_hash_combinations(train: Table, new: Table) -> None:
    pairs, rows = [], []
    for table in (train, new):
        pairs += list(zip(table.raw["category"], table.raw["brand"], strict=True))
        rows += table["product_category_x_brand"].tolist()
    check_hashed(pairs, rows, 500)
    assert new["product_category_x_brand"][0] != new["product_category_x_brand"][1]

    triples, rows = [], []
    for table in (train, new):
        parts = (
            table.raw["household_id"],
            table["buyer_sales_value_bucket"].tolist(),
            table["buyer_purchased_at_bucket"].tolist(),
        )
        triples += list(zip(*parts, strict=True))
        rows += table["buyer_household_id_x_sales_value_x_purchased_at"].tolist()
    check_hashed(triples, rows, 1000)
