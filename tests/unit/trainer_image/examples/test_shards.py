"""Splits in several files: together the rows of one, and each customer in one of them."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from shared.customers import Customer
from shared.examples import ExamplesSpec
from trainer_image.examples.read import Examples, read_examples
from trainer_image.examples.shards import ROWS, number_of_shards
from trainer_image.examples.tables import (
    load_examples,
    read_split,
    save_examples,
    training_rows,
    transformed_files,
)
from trainer_image.job.locations import SPLITS, Locations
from trainer_image.job.status import JobFailedError

KEYS = ("who", "what", "at")


def spec_of(source: Path, **fields) -> ExamplesSpec:
    types = {"who": "text", "what": "text", "at": "timestamp"}
    spec = {
        "source": {"kind": "parquet", "uri": str(source)},
        "features": [{"key": key, "column": key, "type": types[key]} for key in KEYS],
        "query_keys": ["who"],
        "candidate_keys": ["what"],
        "customer_key": "who",
        "product_key": "what",
        "timestamp_column": "at",
        "sample_percent": 100,
        "fitting_fraction": 0.2,
        **fields,
    }
    return ExamplesSpec.model_validate(spec)


def write(path: Path, purchases: list[tuple[int, int, int]]) -> None:
    start = 1_500_000_000_000_000
    columns = {
        "who": [f"c{who}" for who, _, _ in purchases],
        "what": [f"p{what}" for _, what, _ in purchases],
        "at": pa.array([start + day * 86_400_000_000 for _, _, day in purchases]).cast(
            pa.timestamp("us")
        ),
    }
    pq.write_table(pa.table(columns), path)


def shop(path: Path, rows: int = 4_000, customers: int = 200) -> Path:
    write(path, [(n * 7919 % customers, n * n % 37, n // 10) for n in range(rows)])
    return path


def read(spec: ExamplesSpec, rows: int, monkeypatch: pytest.MonkeyPatch) -> Examples:
    monkeypatch.setenv(ROWS, str(rows))
    return read_examples(spec)


def rows_of(table: pa.Table) -> list[tuple[object, ...]]:
    return list(zip(*(table[key].to_pylist() for key in KEYS), strict=True))


def shuffled(spec: ExamplesSpec, table: pa.Table) -> list[tuple[object, ...]]:
    """The rows in the order that the hash of the seed and each row gives them."""

    def place(row: tuple[object, ...]) -> tuple[str, tuple[object, ...]]:
        who, what, at = row
        text = f"{spec.seed}:shuffle:{who}:{what}:{at}"
        return hashlib.md5(text.encode()).hexdigest(), row

    return sorted(rows_of(table), key=place)


def shard_of(spec: ExamplesSpec, who: str, shards: int) -> int:
    digest = hashlib.md5(f"{spec.seed}:shard:{who}".encode()).hexdigest()
    return int(digest[:4], 16) * shards >> 16


purchases = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 8), st.integers(0, 40)), min_size=40, max_size=120
)


@settings(max_examples=25, deadline=None)
@given(purchases, st.integers(0, 2**31 - 1), st.integers(1, 60))
def test_shards_hold_the_rows_of_one_file_and_each_customer_in_one(
    purchases: list[tuple[int, int, int]], seed: int, at_most: int
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        source = Path(folder) / "purchases.parquet"
        write(source, purchases)
        spec = spec_of(source, seed=seed, split="random")
        try:
            whole = read(spec, 1_000_000, patch)
        except JobFailedError:
            reject()  # too few rows for this split
        sharded = read(spec, at_most, patch)
        assert {split: len(parts) for split, parts in whole.parts().items()} == dict.fromkeys(
            SPLITS, 1
        )
        for split, rows in whole.splits().items():
            parts = sharded.parts()[split]
            assert sorted(rows_of(rows)) == sorted(rows_of(pa.concat_tables(parts)))
            if split in ("candidates", "history", "unavailable"):
                assert len(parts) == 1
                continue
            assert len(parts) == max(-(-len(rows) // at_most), 1)
            for number, part in enumerate(parts):
                assert rows_of(part) == shuffled(spec, part)
                assert {shard_of(spec, who, len(parts)) for who, _, _ in rows_of(part)} <= {number}
        assert sharded.fitting == whole.fitting
        assert sharded.train_times == pa.array(sharded.train["at"].to_pylist())
        assert sharded.candidates.equals(whole.candidates)


def test_customers_of_a_sample_are_in_all_shards(tmp_path: Path, monkeypatch) -> None:
    """What decides about a sample says nothing about shards, or most of them would be empty."""
    spec = spec_of(shop(tmp_path / "shop.parquet"), sample_percent=20)
    sizes = read(spec, 100, monkeypatch).shards["train"]
    assert len(sizes) > 3
    assert min(sizes) > 30


def test_history_lies_in_shards_by_customer(tmp_path: Path, monkeypatch) -> None:
    source = shop(tmp_path / "shop.parquet")
    table = pq.read_table(source)
    kinds = pa.array(["buy" if n % 3 else "view" for n in range(len(table))])
    pq.write_table(table.append_column("kind", kinds), source)
    kinds_of = {
        "kind": {"column": "kind"},
        "targets": ["buy"],
        "negatives": [],
        "histories": ["view"],
        "customer": {"column": "who"},
        "product": {"column": "what"},
        "time": "at",
    }
    features = [{"key": key, "column": key, "type": "text"} for key in ("who", "what", "kind")]
    features.append({"key": "at", "column": "at", "type": "timestamp"})
    spec = spec_of(source, features=features, kind_key="kind", view={"kinds": kinds_of})
    whole, sharded = read(spec, 1_000_000, monkeypatch), read(spec, 250, monkeypatch)
    assert whole.history is not None
    assert sharded.history is not None
    assert sorted(rows_of(whole.history)) == sorted(rows_of(sharded.history))
    parts = sharded.parts()["history"]
    assert len(parts) == -(-len(whole.history) // 250) > 3
    customers = [set(part["who"].to_pylist()) for part in parts]
    assert sum(map(len, customers)) == len(set.union(*customers))


def test_what_is_saved_is_read_again(tmp_path: Path, monkeypatch) -> None:
    spec = spec_of(shop(tmp_path / "shop.parquet"))
    examples, places = read(spec, 1_000, monkeypatch), Locations(str(tmp_path / "job"))
    save_examples(examples, spec, places)
    files = sorted(path.name for path in (tmp_path / "job/examples/train").iterdir())
    assert files == [f"part-{number:05}-of-00003.parquet" for number in range(3)]
    assert [path.name for path in (tmp_path / "job/examples/eval").iterdir()] == [
        "part-00000.parquet"
    ]
    found = load_examples(places)
    assert found.train.equals(examples.train)
    assert found.eval.equals(examples.eval)
    assert (found.fitting, found.train_times) == (examples.fitting, examples.train_times)
    assert {split: [*sizes] for split, sizes in found.shards.items()} | examples.shards == (
        found.shards
    )
    assert training_rows(places, ["who"]).equals(examples.train.select(["who"]))
    assert list(transformed_files(found, places)) == list(transformed_files(examples, places))


def test_files_of_before_there_were_shards_are_read(tmp_path: Path, monkeypatch) -> None:
    spec = spec_of(shop(tmp_path / "shop.parquet"))
    examples, places = read(spec, 1_000_000, monkeypatch), Locations(str(tmp_path / "job"))
    save_examples(examples, spec, places)
    assert (tmp_path / "job/examples/train/part-00000.parquet").is_file()
    monkeypatch.setenv(ROWS, "10")  # a job of another threshold stays as it is
    assert load_examples(places).train.equals(examples.train)
    shutil.rmtree(tmp_path / "job/examples/fitting")
    assert training_rows(places, ["what"])["what"].to_pylist() == (
        examples.splits()["train"]["what"].to_pylist()
    )


def test_a_split_that_misses_a_shard_is_not_read(tmp_path: Path, monkeypatch) -> None:
    spec = spec_of(shop(tmp_path / "shop.parquet"))
    places = Locations(str(tmp_path / "job"))
    save_examples(read(spec, 1_000, monkeypatch), spec, places)
    for number in (1, 2):
        Path(places.examples("train", number, 3)).unlink()
        with pytest.raises(FileNotFoundError, match="part-0000"):
            read_split(places, "train")


def test_training_rows_are_not_read_without_a_shard_of_the_fitting_slice(
    tmp_path: Path, monkeypatch
) -> None:
    spec = spec_of(shop(tmp_path / "shop.parquet"))
    places = Locations(str(tmp_path / "job"))
    save_examples(read(spec, 300, monkeypatch), spec, places)
    first, *_ = places.example_files("fitting")
    Path(first).unlink()
    with pytest.raises(FileNotFoundError, match="part-0000"):
        training_rows(places, ["who"])


def test_a_job_that_is_killed_among_its_shards_says_whose_rows_it_has(
    tmp_path: Path, monkeypatch
) -> None:
    """Whoever erases a customer asks the index: names of shards say how many there are to be."""
    spec = spec_of(shop(tmp_path / "shop.parquet"))
    examples, places = read(spec, 1_000, monkeypatch), Locations(str(tmp_path / "job"))
    Path(places.examples("train", 1, 3)).mkdir(parents=True)  # which no file can be written over
    with pytest.raises(IsADirectoryError):
        save_examples(examples, spec, places)
    assert Path(places.examples("train", 0, 3)).is_file()
    index = Path(places.customers).read_bytes()
    assert Customer("c1").is_in(index)
    assert not Customer("c201").is_in(index)


@pytest.mark.parametrize(("rows", "shards"), [(0, 1), (1_000_000, 1), (1_000_001, 2)])
def test_up_to_a_million_rows_lie_in_one_file(rows: int, shards: int, monkeypatch) -> None:
    monkeypatch.delenv(ROWS, raising=False)
    assert number_of_shards(rows) == shards


@pytest.mark.parametrize("given", ["0", "many", "-1", "1.5"])
def test_another_threshold_is_a_number_of_rows(given: str, monkeypatch) -> None:
    monkeypatch.setenv(ROWS, given)
    with pytest.raises(JobFailedError, match="expected a whole number of rows from 1"):
        number_of_shards(5)
