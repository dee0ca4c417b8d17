"""A share of the customers is trained on, another judged by: what is held out stays the same."""

from __future__ import annotations

import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shared.examples import ExamplesSpec
from trainer_image.examples.read import Examples, read_examples
from trainer_image.job.status import JobFailedError

CUSTOMERS, ROWS = 200, 4_000


@pytest.fixture(scope="module")
def purchases(tmp_path_factory) -> Path:
    chance = random.Random(3)
    path = tmp_path_factory.mktemp("shop") / "purchases.parquet"
    table = {
        "who": [f"c{chance.randrange(CUSTOMERS)}" for _ in range(ROWS)],
        "what": [f"p{int(300 * chance.random() ** 3)}" for _ in range(ROWS)],
        "at": pa.array(
            [1_500_000_000_000_000 + n * 10**9 for n in range(ROWS)], pa.timestamp("us")
        ),
    }
    pq.write_table(pa.table(table), path)
    return path


def read(purchases: Path, **fields) -> Examples:
    names = (("who", "who"), ("what", "what"))
    spec = {
        "source": {"kind": "parquet", "uri": str(purchases)},
        "features": [{"key": key, "column": column, "type": "text"} for key, column in names],
        "query_keys": ["who"],
        "candidate_keys": ["what"],
        "customer_key": "who",
        "product_key": "what",
        "timestamp_column": "at",
        "sample_percent": 100,
        **fields,
    }
    return read_examples(ExamplesSpec.model_validate(spec))


def rows(table: pa.Table) -> list[tuple[str, str]]:
    return sorted(zip(table["who"].to_pylist(), table["what"].to_pylist(), strict=True))


@pytest.mark.parametrize("split", ["temporal", "random", "leave_one_out"])
@pytest.mark.parametrize("fitting", [0.0, 0.1])
def test_who_is_trained_on_changes_neither_what_is_held_out_nor_the_candidates(
    purchases, split, fitting
) -> None:
    kept = {"split": split, "fitting_fraction": fitting}
    whole = read(purchases, **kept)
    found = [
        read(purchases, trained_percent=share, judged_percent=10, **kept)
        for share in (10, 25, 50, 100)
    ]
    judged = set(rows(found[0].eval))
    for one in found:
        assert rows(one.eval) == rows(found[0].eval)
        assert one.candidates.equals(whole.candidates)
        assert one.names == whole.names
        assert {who for who, _ in judged} <= set(one.train["who"].to_pylist())
    assert judged < set(rows(whole.eval))
    trained = [set(one.train["who"].to_pylist()) for one in found]
    assert trained[0] < trained[1] < trained[2] < trained[3]
    assert rows(found[-1].train) == rows(whole.train)


def test_a_share_of_a_sample_is_the_smaller_sample(purchases) -> None:
    small = read(purchases, sample_percent=20, split="random")
    share = read(purchases, sample_percent=80, trained_percent=25, split="random")
    assert rows(share.train) == rows(small.train)


def test_a_share_of_a_sample_by_row_is_of_the_customers(purchases) -> None:
    found = read(purchases, sample_by="row", sample_percent=50, trained_percent=30)
    whole = read(purchases, sample_by="row", sample_percent=50)
    customers = set(found.train["who"].to_pylist())
    assert 0.15 < len(customers) / CUSTOMERS < 0.45
    assert rows(found.train) == [one for one in rows(whole.train) if one[0] in customers]


def test_a_share_without_rows_says_so(purchases) -> None:
    with pytest.raises(JobFailedError, match=r"0\.1% of the sample's customers have 0 rows"):
        read(purchases, trained_percent=0.1, judged_percent=0.1)
