"""The examples stage against pandas and plain Python."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from shared.examples import MISSING_TIMESTAMP
from tests.integration.trainer.support import probe

pytestmark = pytest.mark.trainer

ROWS = 3000
START = datetime(1966, 3, 1, tzinfo=UTC)
KEYS = ["customer", "product", "at", "category", "price"]
_TYPES = dict(zip(KEYS, ["text", "text", "timestamp", "text", "number"], strict=True))
Row = tuple[Any, ...]


def purchases() -> pd.DataFrame:
    """Ids as integers with gaps, moments from 1966 to 1974 that many rows share, every kind of
    missing value."""
    random = np.random.default_rng(11)
    days = random.integers(0, 3000, ROWS)
    table = pd.DataFrame(
        {
            "customer": random.integers(1, 200, ROWS).astype(float),
            "product": random.integers(1, 60, ROWS).astype(float),
            "at": [START + timedelta(days=int(day) // 40 * 40, seconds=-0.25) for day in days],
            "category": random.choice(["fruit", "Gemüse", "it's"], ROWS),
            "price": random.choice([1.5, 2.25, np.inf, -np.inf, 1e300], ROWS),
            "label": random.choice(["ripe", "fresh", ""], ROWS),
        }
    )
    for column in table.columns:
        table.loc[random.random(ROWS) < 0.04, column] = None
    table.loc[table["product"] == 59, "at"] = START + timedelta(days=3200)  # held out only
    return table


def as_row(row: Any) -> Row:
    """A raw row as the stage should hand it over; a missing number is None."""
    at = row.at
    with np.errstate(over="ignore"):
        price = np.float32(row.price)
    return (
        str(int(row.customer)),
        str(int(row.product)),
        MISSING_TIMESTAMP if pd.isna(at) else math.floor(at.timestamp()),
        "" if pd.isna(row.category) else row.category,
        float(price) if np.isfinite(price) else None,
    )


class Reading:
    """What the stage made of one spec."""

    def __init__(self, folder: Path, name: str) -> None:
        self.train, self.eval, self.candidates = (
            [
                tuple(None if value != value else value for value in row)
                for row in pd.read_parquet(folder / f"{name}-{split}.parquet")[KEYS].itertuples(
                    index=False
                )
            ]
            for split in ("train", "eval", "candidates")
        )
        self.names = pd.read_parquet(folder / f"{name}-names.parquet")["name"].tolist()

    @property
    def rows(self) -> list[Row]:
        return self.train + self.eval


def spec(source: Path, **changes: Any) -> dict[str, Any]:
    kind = source.suffix.removeprefix(".") or "parquet"
    return {
        "source": {"kind": kind, "uri": str(source)},
        "features": [{"key": key, "column": key, "type": _TYPES[key]} for key in KEYS],
        "query_keys": ["customer", "at"],
        "candidate_keys": ["product", "category", "price"],
        "customer_key": "customer",
        "product_key": "product",
        "timestamp_column": "at",
        "name_column": "label",
        "sample_percent": 100,
        **changes,
    }


@pytest.fixture(scope="module")
def raw() -> pd.DataFrame:
    return purchases()


@pytest.fixture(scope="module")
def complete(raw: pd.DataFrame) -> list[Row]:
    """The rows that name a customer and a product, as the stage should hand them over."""
    return [as_row(row) for row in raw.dropna(subset=["customer", "product"]).itertuples()]


@pytest.fixture(scope="module")
def folder(raw: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every spec of this module, read in one process."""
    folder = tmp_path_factory.mktemp("examples")
    stored = folder / "purchases.parquet"
    raw.to_parquet(stored)
    raw.sample(frac=1, random_state=5).to_parquet(folder / "shuffled.parquet")
    text = raw.astype({"customer": "Int64", "product": "Int64"})
    text["at"] = [None if pd.isna(at) else at.isoformat() for at in raw["at"]]
    text.to_csv(folder / "purchases.csv", index=False)

    def variant(name: str, table: pd.DataFrame) -> Path:
        table.to_parquet(folder / f"{name}.parquet")
        return folder / f"{name}.parquet"

    (folder / "garbage.parquet").write_bytes(b"PAR1 this is no Parquet file PAR1")
    (folder / "nothing").mkdir()
    tenth = {"sample_percent": 10}
    specs = {
        "all": spec(stored),
        "shuffled": spec(folder / "shuffled.parquet"),
        "csv": spec(folder / "purchases.csv"),
        "tenth": spec(stored, **tenth),
        "tenth-again": spec(folder / "shuffled.parquet", **tenth),
        "other-tenth": spec(stored, **tenth, seed=43),
        "rows": spec(stored, sample_percent=30, sample_by="row"),
        "random": spec(stored, split="random", holdout_fraction=0.2),
        "products": spec(stored, split="products", holdout_fraction=0.2, fitting_fraction=0.1),
        "timeless": spec(stored, split="random", timestamp_column=None),
        "missing": spec(folder / "missing.parquet"),
        "no-files": spec(folder / "nothing"),
        "garbage": spec(folder / "garbage.parquet"),
        "empty": spec(variant("empty-file", raw.head(0))),
        "no-ids": spec(variant("no-ids-file", raw.assign(customer=np.nan))),
        "no-column": spec(variant("no-column-file", raw.drop(columns="price"))),
        "one-moment": spec(variant("one-moment-file", raw.assign(at=START))),
        "no-times": spec(variant("no-times-file", raw.assign(at="yesterday"))),
        "one-product": spec(variant("one-product-file", raw.assign(product=7))),
        "tiny-sample": spec(stored, sample_percent=1e-6),
    }
    return probe(folder, ("examples", {"specs": specs, "out": str(folder)}))


@pytest.fixture(scope="module")
def full(folder: Path) -> Reading:
    return Reading(folder, "all")


def test_every_row_with_a_customer_and_a_product_is_read_as_it_is(
    full: Reading, complete: list[Row]
) -> None:
    assert Counter(full.rows) == Counter(complete)
    assert len(complete) < ROWS
    assert all(row[0].isdigit() and row[1].isdigit() for row in full.rows), "7, not 7.0"
    moments = {row[2] for row in full.rows}
    assert MISSING_TIMESTAMP in moments
    assert math.floor(START.timestamp() - 0.25) in moments, "rounded down before 1970 too"
    assert {row[4] for row in full.rows} == {1.5, 2.25, None}, "infinite and too large is missing"


def test_a_temporal_split_holds_out_whole_moments_at_the_end(
    full: Reading, complete: list[Row]
) -> None:
    moments = sorted({row[2] for row in complete} - {MISSING_TIMESTAMP})
    later = {moment: sum(row[2] >= moment for row in complete) for moment in moments}
    cutoff = min(moment for moment in moments if later[moment] <= 0.1 * len(complete))
    assert later[cutoff] > 0
    assert later[moments[moments.index(cutoff) - 1]] > 0.1 * len(complete)
    assert {row[2] for row in full.train if row[2] >= cutoff} == set()
    assert all(row[2] >= cutoff for row in full.eval)
    assert len(full.eval) == later[cutoff]
    assert any(row[2] == MISSING_TIMESTAMP for row in full.train)


def test_rows_are_shuffled_by_the_seed_and_not_by_the_file(folder: Path, full: Reading) -> None:
    shuffled = Reading(folder, "shuffled")
    assert shuffled.train == full.train
    assert shuffled.eval == full.eval
    assert shuffled.candidates == full.candidates
    known = [row[2] for row in full.train if row[2] != MISSING_TIMESTAMP]
    assert abs(np.corrcoef(known, np.arange(len(known)))[0, 1]) < 0.1


def test_csv_reads_like_parquet(folder: Path, full: Reading) -> None:
    csv = Reading(folder, "csv")
    assert csv.train == full.train
    assert csv.eval == full.eval
    assert csv.candidates == full.candidates
    assert csv.names == full.names


def test_a_sample_of_customers_keeps_whole_histories(folder: Path, complete: list[Row]) -> None:
    tenth, again, other = (Reading(folder, f"{n}") for n in ("tenth", "tenth-again", "other-tenth"))
    customers = {row[0] for row in tenth.rows}
    assert Counter(tenth.rows) == Counter(row for row in complete if row[0] in customers)
    assert 8 <= len(customers) <= 34  # of 199, four standard deviations around a tenth
    assert (tenth.train, tenth.eval) == (again.train, again.eval)
    assert customers != {row[0] for row in other.rows}


def test_a_sample_of_rows_cuts_through_histories(folder: Path, complete: list[Row]) -> None:
    sampled = Reading(folder, "rows")
    assert not Counter(sampled.rows) - Counter(complete)
    assert len(sampled.rows) == pytest.approx(0.3 * len(complete), rel=0.12)
    assert len({row[0] for row in sampled.rows}) > 190


def test_a_random_split_never_trains_on_a_held_out_pair(
    folder: Path, full: Reading, complete: list[Row]
) -> None:
    split = Reading(folder, "random")
    assert Counter(split.rows) == Counter(complete)
    assert not {row[:2] for row in split.train} & {row[:2] for row in split.eval}
    assert len(split.eval) == pytest.approx(0.2 * len(complete), rel=0.2)
    timeless = Reading(folder, "timeless")
    assert Counter(timeless.rows) == Counter(complete)


def test_a_split_by_products_trains_on_no_row_of_a_held_out_product(
    folder: Path, complete: list[Row]
) -> None:
    split = Reading(folder, "products")
    fitting = Counter(complete) - Counter(split.rows)
    assert not Counter(split.rows) - Counter(complete)
    known = [*split.train, *fitting.elements()]
    assert 0.05 * len(known) < fitting.total() <= 0.1 * len(known)
    held_out, trained = ({row[1] for row in rows} for rows in (split.eval, known))
    assert not held_out & trained
    assert len(held_out) == round(0.2 * len(held_out | trained))


def most_frequent(values: Iterator[tuple[Row, int]]) -> Row:
    """The most frequent, then latest, then first in order; NaN comes last in it."""
    counts: Counter[Row] = Counter()
    latest: dict[Row, int] = {}
    for value, at in values:
        counts[value] += 1
        latest[value] = max(at, latest.get(value, at))

    def key(value: Row) -> tuple[Any, ...]:
        ordered = tuple(
            math.inf if part is None else part.encode() if isinstance(part, str) else part
            for part in value
        )
        return -counts[value], -latest[value], ordered

    return min(counts, key=key)


@pytest.mark.parametrize("name", ["all", "tenth", "random"])
def test_candidates_are_unique_products_with_their_most_frequent_attributes(
    folder: Path, name: str
) -> None:
    read = Reading(folder, name)
    products = sorted({row[1] for row in read.rows})
    trained = {row[1] for row in read.train}
    expected = []
    for product in products:
        pool = read.train if product in trained else read.eval
        attributes = most_frequent((row[3:], row[2]) for row in pool if row[1] == product)
        expected.append(("", product, MISSING_TIMESTAMP, *attributes))
    assert read.candidates == expected
    if name == "all":
        assert "59" not in trained, "known from held-out rows only"
        assert "59" in products


def test_candidates_are_named_by_their_most_frequent_label(
    raw: pd.DataFrame, full: Reading
) -> None:
    trained = Counter(full.train)
    labels: dict[str, list[tuple[Row, int]]] = {}
    for plain in raw.dropna(subset=["customer", "product"]).itertuples():
        row = as_row(plain)
        if (row in trained or row[1] == "59") and plain.label and not pd.isna(plain.label):
            labels.setdefault(row[1], []).append(((plain.label,), row[2]))
    expected = [
        most_frequent(iter(labels[row[1]]))[0] if row[1] in labels else ""
        for row in full.candidates
    ]
    assert full.names == expected
    assert set(expected) == {"ripe", "fresh"}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing", r"missing\.parquet cannot be read: .*no such file or folder"),
        ("no-files", r"nothing cannot be read: .*holds no \*\.parquet file"),
        ("garbage", r"garbage\.parquet cannot be read: "),
        ("empty", r"No row of the source is in the sample of 100% by customer"),
        ("no-ids", r"No row .*check that the columns of customers and products are the right ones"),
        ("no-column", r"no column 'price'; its columns are 'customer', 'product'"),
        ("one-moment", r"All \d+ rows of the sample have the same time.*or use a random split"),
        ("no-times", r"holds out none of the \d+ rows.*check that the timestamps can be read"),
        ("one-product", r"one product only \('7'\).*Raise the sample percent"),
        ("tiny-sample", r"No row of the source is in the sample of 1e-06%.*Raise the sample"),
    ],
)
def test_what_cannot_be_trained_on_is_said_clearly(folder: Path, name: str, message: str) -> None:
    error = (folder / f"{name}.error").read_text()
    assert pd.Series([error]).str.contains(message, regex=True).item(), error
