"""Tables for many customers and vectors, from a model whose arithmetic is known."""

from __future__ import annotations

import json
import resource
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import batched
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.batches import REASON, BatchError, Manifest, Reason, shard_count, shard_of
from shared.predictions import PredictionRequest
from shared.registry import Alias, Pointer, ServedVersion, pointer_key
from shared.rules_of_lists import Rules
from shared.rules_of_lists.stored import StoredRuleSet, key_of
from trainer_image import batch
from trainer_image.job import locations
from trainer_image.serving.batches.folder import LocalFolder, RemoteFolder
from trainer_image.serving.predictor import Predictor

Filled = Callable[..., Manifest]
OF_RUN = ["run_id", "made_at"]


@pytest.fixture
def model(tmp_path: Path) -> str:
    return batched.job(tmp_path / "model")


@pytest.fixture
def fill(tmp_path: Path, model: str) -> Filled:
    """Runs the program with some options, by default over the model and into `tmp_path/out`."""

    def run(*options: str, load: Any = batched.Model) -> Manifest:
        arguments = [*options]
        if "--artifacts" not in options and "--model" not in options:
            arguments += ["--artifacts", model]
        if "--k" not in options:
            arguments += ["--k", "5"]
        if "--out" not in options:
            arguments += ["--out", str(tmp_path / "out")]
        return batch.batch(batch.parsed(arguments), lambda _: None, load)

    return run


def rows_of(folder: Path) -> list[dict[str, Any]]:
    """Of all files, without what says which run they are of, in an order of their own."""
    tables = [pq.read_table(path) for path in sorted((folder / "data").iterdir())]
    rows: list[dict[str, Any]] = pa.concat_tables(tables).drop(OF_RUN).to_pylist()
    return sorted(rows, key=lambda row: (row["customer_id"], row["rank"]))


def refusal(fill: Filled, *options: str, **more: Any) -> str:
    with pytest.raises(BatchError) as raised:
        fill(*options, **more)
    return str(raised.value)


@pytest.mark.parametrize("wanted", ["all", "buy_again", "discover"])
def test_a_table_has_what_single_requests_answer(
    fill: Filled, model: str, tmp_path: Path, wanted: str
) -> None:
    manifest = fill("--k", "3", "--list", wanted, "--shards", "4")
    predictor = Predictor(model, batched.Model)  # type: ignore[arg-type]
    expected = []
    for customer in batched.CUSTOMERS:
        request = PredictionRequest(customer_id=customer, k=3, list=wanted)  # type: ignore[arg-type]
        for rank, one in enumerate(predictor.predict(request).recommendations, 1):
            told = one.model_dump(exclude={"explanation", "pinned", "held_out"})
            expected.append({"customer_id": customer, "rank": rank, "list": wanted, **told})
    found = rows_of(tmp_path / "out")
    unsaid = {"model_id": None, "model_version": None, "quick_test_id": "qt-1"}
    assert found == [{**unsaid, **row} for row in expected]
    assert (manifest.complete, manifest.rows, manifest.done) == (True, len(found), 60)
    assert {path.name for path in tmp_path.iterdir()} == {"model", "out"}


def test_every_row_says_which_run_it_is_of_and_when_it_was_made(
    fill: Filled, tmp_path: Path
) -> None:
    manifest = fill("--format", "csv", "--shards", "2", "--k", "1")
    tables = [pyarrow.csv.read_csv(path) for path in (tmp_path / "out" / "data").iterdir()]
    rows = pa.concat_tables(tables)
    assert set(rows["run_id"].to_pylist()) == {manifest.run_id}
    assert [f"{at:%Y%m%d}" for at in set(rows["made_at"].to_pylist())] == [manifest.run_id[:8]]
    assert Counter(map(str, rows["customer_id"].to_pylist())) == Counter(batched.CUSTOMERS)


class Interrupted(batched.Model):
    """Ends like a process that is stopped, at a block of customers."""

    left = 2

    def __init__(self, folder: str) -> None:
        super().__init__(folder)
        self.block: set[str] = set()

    def call(self, signature: str, rows: Any, pasts: Any = None, of: Any = None) -> Any:
        customers = set(rows.get("customer", []))
        if len(customers) > 1 and not customers <= self.block:
            self.block = customers
            type(self).left -= 1
            if type(self).left < 0:
                raise KeyboardInterrupt
        return super().call(signature, rows, pasts, of)


def test_the_same_command_goes_on_where_it_was_stopped(fill: Filled, tmp_path: Path) -> None:
    undisturbed = fill("--shards", "6", "--out", str(tmp_path / "undisturbed"), "--k", "2")
    Interrupted.left = 2
    with pytest.raises(KeyboardInterrupt):
        fill("--shards", "6", "--k", "2", load=Interrupted)
    work = tmp_path / "out.unfinished"
    begun = Manifest.model_validate_json((work / "manifest.json").read_bytes())
    assert (len(begun.shards), begun.complete) == (2, False)
    assert not (tmp_path / "out").exists()
    made = {shard.file: (work / shard.file).stat().st_mtime_ns for shard in begun.shards.values()}
    (work / "data" / ".part-00002.parquet.draft").write_bytes(b"half of a f")
    manifest = fill("--shards", "6", "--k", "2")
    assert manifest.run_id == begun.run_id
    assert rows_of(tmp_path / "out") == rows_of(tmp_path / "undisturbed")
    assert manifest.rows == undisturbed.rows
    assert len(list((tmp_path / "out" / "data").iterdir())) == 6
    for file, at in made.items():
        assert (tmp_path / "out" / file).stat().st_mtime_ns == at


def test_a_file_that_has_changed_since_is_made_again(fill: Filled, tmp_path: Path) -> None:
    fill("--shards", "6", "--out", str(tmp_path / "undisturbed"))
    Interrupted.left = 3
    with pytest.raises(KeyboardInterrupt):
        fill("--shards", "6", load=Interrupted)
    first, second = sorted((tmp_path / "out.unfinished" / "data").iterdir())[:2]
    first.write_bytes(first.read_bytes()[:-5])
    second.unlink()
    manifest = fill("--shards", "6")
    assert rows_of(tmp_path / "out") == rows_of(tmp_path / "undisturbed")
    assert manifest.notes == [
        "2 files of the part that was done had gone or changed, and came again."
    ]


def test_a_run_of_something_else_is_not_gone_on_with(
    fill: Filled, tmp_path: Path, model: str
) -> None:
    Interrupted.left = 1
    with pytest.raises(KeyboardInterrupt):
        fill("--shards", "6", load=Interrupted)
    assert "k 3, not 5" in refusal(fill, "--shards", "6", "--k", "3")
    other = batched.job(tmp_path / "other", "qt-2")
    said = refusal(fill, "--shards", "6", "--artifacts", other)
    assert "the test qt-2, not the test qt-1" in said
    assert fill("--shards", "6").complete


def test_a_folder_of_another_run_or_of_somebody_is_left_alone(fill: Filled, tmp_path: Path) -> None:
    manifest = fill()
    before = sorted((path, path.stat().st_mtime_ns) for path in (tmp_path / "out").rglob("*"))
    assert f"run {manifest.run_id} is complete" in refusal(fill)
    after = sorted((path, path.stat().st_mtime_ns) for path in (tmp_path / "out").rglob("*"))
    assert after == before
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("Dear …")
    assert "something else lies there" in refusal(fill, "--out", str(tmp_path / "mine"))
    (tmp_path / "empty").mkdir()
    assert fill("--out", str(tmp_path / "empty")).complete


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("letter.txt", "holds something else: letter.txt. Move that away"),
        ("letters/first.txt", "holds something else: letters. Move that away"),
        (".mine.draft", "holds something else: .mine.draft. Move that away"),
        ("data/mine.csv", "holds something else: data/mine.csv. Move that away"),
        ("data/part-00000.parquet", "holds something else: data/part-00000.parquet."),
        ("manifest.json", "is no run's of this version"),
    ],
)
def test_somebodys_folder_that_is_called_like_an_unfinished_run_is_left_alone(
    fill: Filled, tmp_path: Path, name: str, said: str
) -> None:
    mine = tmp_path / "out.unfinished" / name
    mine.parent.mkdir(parents=True)
    mine.write_text("Dear …")
    assert said in refusal(fill, "--k", "6")  # which leaves nothing of its own
    assert said in refusal(fill)
    assert [path for path in tmp_path.rglob("out*/**/*") if path.is_file()] == [mine]


def test_what_comes_into_a_run_that_is_not_begun_stays(fill: Filled, tmp_path: Path) -> None:
    folder = LocalFolder(tmp_path / "out")
    assert folder.claim() is None
    (tmp_path / "out.unfinished" / "letter.txt").write_text("Dear …")
    folder.leave()
    assert [path.name for path in (tmp_path / "out.unfinished").iterdir()] == ["letter.txt"]


def test_two_runs_do_not_write_into_one_folder(fill: Filled, tmp_path: Path) -> None:
    folder = LocalFolder(tmp_path / "out")
    assert folder.claim() is None
    assert "Another process is writing" in refusal(fill)
    folder.leave()
    assert not (tmp_path / "out.unfinished").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--k", "6"], "--k: the model finds at most 5 products. Received: 6."),
        (["--format", "avro"], "--format: recommendations are written as parquet or csv."),
        (["--customers", "nobody.csv"], "--customers: there is no file nobody.csv."),
    ],
)
def test_what_cannot_be_done_leaves_nothing(
    fill: Filled, tmp_path: Path, options: list[str], said: str
) -> None:
    assert said in refusal(fill, *options)
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def listed(tmp_path: Path, name: str, content: str | pa.Table) -> list[str]:
    path = tmp_path / name
    if isinstance(content, str):
        path.write_text(content)
    else:
        pq.write_table(content, path)
    return ["--customers", str(path)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("some.txt", "101\r\n 102\n\n101.0\n7\n"),
        ("some.csv", "name,Customer id\nA,101\nB,102\nC,101\nD,7\nE,\n"),
        ("only.csv", "who\n101\n102\n101\n7\n"),
        (
            "some.parquet",
            pa.table({"x": [1] * 5, "customer_id": [101.0, 102.0, 101.0, 7.0, None]}),
        ),
    ],
)
def test_a_list_has_each_customer_once_and_those_that_are_known(
    fill: Filled, tmp_path: Path, name: str, content: str | pa.Table
) -> None:
    manifest = fill("--k", "1", *listed(tmp_path, name, content))
    assert [row["customer_id"] for row in rows_of(tmp_path / "out")] == ["101", "102"]
    missing = {"missing": 1} if name.startswith("some.") and name != "some.txt" else {}
    assert manifest.left_out == {**missing, "duplicates": 1, "unknown": 1}


def test_strangers_of_a_list_are_answered_where_that_is_asked_for(
    fill: Filled, tmp_path: Path
) -> None:
    manifest = fill("--k", "1", "--unknown", *listed(tmp_path, "some.txt", "7\n101\n"))
    found = {row["customer_id"]: row["bought_before"] for row in rows_of(tmp_path / "out")}
    assert found.keys() == {"7", "101"}
    assert found["7"] is False
    assert manifest.left_out == {}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.txt", "\n\n", "has no customers"),
        ("strangers.txt", "7\n8\n", "the model knows none of the 2 customers"),
        ("wide.csv", "a,b\n1,2\n", "needs a column 'Customer id' or 'customer_id'"),
        ("broken.parquet", "no parquet", "cannot be read"),
        ("long.txt", "1" * 1001, "an id has at most 1,000 characters"),
        ("lists.parquet", pa.table({"customer_id": [[1]]}), "Give ids as text or numbers"),
    ],
)
def test_a_list_that_cannot_be_used_is_said_by_name(
    fill: Filled, tmp_path: Path, name: str, content: Any, said: str
) -> None:
    assert said in refusal(fill, *listed(tmp_path, name, content))
    assert {path.name for path in tmp_path.iterdir()} == {"model", name}


def test_an_id_that_no_request_can_have_is_left_out(
    fill: Filled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batched, "CUSTOMERS", ["1" * 1001, "101"])
    manifest = fill("--artifacts", batched.job(tmp_path / "long"), "--k", "1")
    assert [row["customer_id"] for row in rows_of(tmp_path / "out")] == ["101"]
    assert manifest.left_out == {"too_long": 1}


def test_another_list_is_another_run(fill: Filled, tmp_path: Path) -> None:
    Interrupted.left = 1
    options = listed(tmp_path, "some.txt", "\n".join(batched.CUSTOMERS[:30]))
    with pytest.raises(KeyboardInterrupt):
        fill("--shards", "3", *options, load=Interrupted)
    listed(tmp_path, "some.txt", "\n".join(batched.CUSTOMERS[:29]))
    assert "other customers" in refusal(fill, "--shards", "3", *options)


def pointing(tmp_path: Path, version: int, uri: str) -> list[str]:
    served = ServedVersion(version=version, quick_test_id=f"qt-{version}", artifacts_uri=uri)
    pointer = Pointer(
        model_id="rm-1", name="Shop", revision=version, aliases={Alias.PRODUCTION: served}
    )
    path = tmp_path / pointer_key("rm-1")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(pointer.model_dump_json())
    return ["--model", "rm-1", "--store", tmp_path.as_uri()]


def test_a_run_keeps_the_version_that_its_alias_meant_and_says_that_it_moved(
    fill: Filled, tmp_path: Path, model: str
) -> None:
    options = ["--shards", "6", *pointing(tmp_path, 3, model)]
    Interrupted.left = 2
    with pytest.raises(KeyboardInterrupt):
        fill(*options, load=Interrupted)
    pointing(tmp_path, 4, batched.job(tmp_path / "newer", "qt-4"))
    manifest = fill(*options)
    assert {row["model_version"] for row in rows_of(tmp_path / "out")} == {3}
    assert {row["quick_test_id"] for row in rows_of(tmp_path / "out")} == {"qt-3"}
    assert manifest.notes == [
        "The alias production of Shop means version 4 by now; this run keeps to version 3."
    ]
    assert fill("--out", str(tmp_path / "next"), *options).model.version == 4


class OpError(Exception):
    """As TensorFlow's, which no built-in error stands above."""

    message = "Could not resolve host"


class Bucket:
    """A pointer as TensorFlow reads one from a bucket. What it says can change, or be out of reach;
    its size by a look at it is that of before."""

    error: Exception | None = None

    def __init__(self, pointer: Path) -> None:
        self._pointer, self._open = pointer, locations.open_file
        self._size = pointer.stat().st_size

    def open_file(self, path: str, mode: str) -> Any:
        if not path.endswith("pointer.json"):
            return self._open(path, mode)
        return nullcontext(self)

    def read(self, most: int = -1) -> bytes:
        if self.error is not None:
            raise self.error
        return self._pointer.read_bytes()[: self._size if most < 0 else most]


@pytest.fixture
def bucket(tmp_path: Path, model: str, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    pointing(tmp_path, 3, model)
    bucket = Bucket(tmp_path / pointer_key("rm-1"))
    monkeypatch.setattr(locations, "open_file", bucket.open_file)
    return bucket


def test_a_run_goes_on_and_ends_where_its_alias_cannot_be_read(
    fill: Filled, tmp_path: Path, model: str, bucket: Bucket
) -> None:
    options = ["--shards", "6", *pointing(tmp_path, 3, model)]
    bucket.error = OpError("Could not resolve host")
    said = refusal(fill, *options)
    assert said.endswith("pointer.json cannot be read: OpError: Could not resolve host")
    assert not list(tmp_path.glob("out*"))
    bucket.error = None
    Interrupted.left = 2
    with pytest.raises(KeyboardInterrupt):
        fill(*options, load=Interrupted)
    bucket.error = OpError("Could not resolve host")
    (note,) = fill(*options).notes
    assert "What Shop (production) means by now could not be read; this run keeps to" in note
    assert {row["model_version"] for row in rows_of(tmp_path / "out")} == {3}


def test_a_pointer_that_has_grown_meanwhile_is_read_whole(
    fill: Filled, tmp_path: Path, model: str, bucket: Bucket
) -> None:
    assert fill(*pointing(tmp_path, 1234567, model)).model.version == 1234567


def test_a_bucket_out_of_reach_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any, **__: Any) -> Any:
        raise OpError

    files = SimpleNamespace(exists=lambda _: True, GFile=fails)
    errors = SimpleNamespace(OpError=OpError, NotFoundError=FileNotFoundError)
    tensorflow = SimpleNamespace(io=SimpleNamespace(gfile=files), errors=errors)
    monkeypatch.setitem(sys.modules, "tensorflow", tensorflow)
    folder = RemoteFolder("gs://shop/out")
    for ask in (folder.claim, lambda: folder.sha256("data/part-00000.csv")):
        with pytest.raises(BatchError, match=r"^gs://.* cannot be read: Could not resolve host$"):
            ask()


def test_why_a_run_failed_is_in_the_file_that_is_named_for_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told = tmp_path / "told" / "1.json"
    monkeypatch.setenv(REASON, told.as_uri())
    options = ["--artifacts", (tmp_path / "gone").as_uri(), "--out", str(tmp_path / "out")]
    assert batch.main(options) == 1
    assert "There is no model" in Reason.model_validate_json(told.read_bytes()).message


def test_an_alias_without_a_version_and_a_model_that_is_gone_are_said(
    fill: Filled, tmp_path: Path, model: str
) -> None:
    options = pointing(tmp_path, 1, model)
    said = refusal(fill, *options, "--alias", "previous")
    assert said.startswith("Shop has no version in previous yet.")
    elsewhere = ["--store", tmp_path.as_uri(), "--model"]
    assert "no such registered model" in refusal(fill, *elsewhere, "rm-2")
    assert "--model: " in refusal(fill, *elsewhere, "../rm-1")
    (tmp_path / "model" / "candidates.parquet").unlink()
    said = refusal(fill)
    assert "is not whole" in said
    assert "candidates.parquet" in said

    def half_deleted(folder: str) -> Any:
        raise OSError(f"SavedModel file does not exist at: {folder}")

    batched.job(tmp_path / "again")
    again = (tmp_path / "again").as_uri()
    assert "SavedModel file does not exist" in refusal(
        fill, "--artifacts", again, load=half_deleted
    )
    (tmp_path / "model" / "request.json").unlink()
    assert "There is no model" in refusal(fill)
    assert not list(tmp_path.glob("out*"))


def test_a_full_disk_is_said_and_the_run_goes_on_later(fill: Filled, tmp_path: Path) -> None:
    options = ["--format", "csv", "--shards", "2", "--k", "5"]
    fill(*options, "--out", str(tmp_path / "undisturbed"))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (6000, hard))  # no file may be larger
    try:
        said = refusal(fill, *options)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert said.startswith("There is no room left for")
    assert list((tmp_path / "out.unfinished" / "data").iterdir()) == []
    fill(*options)

    def rows(folder: str) -> list[str]:
        files = (tmp_path / folder / "data").iterdir()
        lines = [line for file in files for line in file.read_text().splitlines()]
        return sorted(line.split(",", 2)[2] for line in lines)

    assert rows("out") == rows("undisturbed")


def test_products_are_written_as_vector_search_takes_them(fill: Filled, tmp_path: Path) -> None:
    manifest = fill("--write", "products", "--shards", "2")
    files = list((tmp_path / "out" / "data").iterdir())
    assert {file.suffix for file in files} == {".json"}
    lines = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    found = {line["id"]: line for line in lines}
    assert set(found) == set(batched.PRODUCTS[:5])
    assert manifest.left_out == {"unavailable": 1}
    first = found["p0"]
    assert first["embedding"] == [1.0, 0.0]
    assert first["restricts"] == [
        {"namespace": "category", "allow": ["fruit"]},
        {"namespace": "colour", "allow": ["red"]},
    ]  # not the title, which no two products share
    assert first["numeric_restricts"] == [{"namespace": "price", "value_float": 1.5}]
    assert found["p1"]["restricts"] == [{"namespace": "colour", "allow": ["blue"]}]
    assert found["p1"]["numeric_restricts"] == [
        {"namespace": "price", "value_float": 2.25},
        {"namespace": "since", "value_double": 4_102_444_800.0},
    ]
    assert found["p2"]["numeric_restricts"] == [{"namespace": "since", "value_double": 0.0}]


def test_vectors_for_any_database_have_names_and_categories(fill: Filled, tmp_path: Path) -> None:
    fill("--write", "products", "--format", "parquet", "--shards", "1")
    (file,) = (tmp_path / "out" / "data").iterdir()
    table = pq.read_table(file)
    assert table.schema.field("embedding").type == pa.list_(pa.float32())
    told = table.select(["id", "name", "category"]).to_pylist()
    assert told[:2] == [
        {"id": "p0", "name": "Apple", "category": "fruit"},
        {"id": "p1", "name": None, "category": None},
    ]


def test_dot_products_of_exported_vectors_order_products_as_the_towers_do(
    fill: Filled, tmp_path: Path
) -> None:
    for what in ("products", "customers"):
        fill("--write", what, "--format", "parquet", "--out", str(tmp_path / what))
    products, customers = (
        pa.concat_tables(pq.read_table(file) for file in (tmp_path / what / "data").iterdir())
        for what in ("products", "customers")
    )
    assert sorted(customers["id"].to_pylist()) == batched.CUSTOMERS
    vectors = dict(zip(products["id"].to_pylist(), products["embedding"].to_pylist(), strict=True))
    for customer, (x, y) in zip(
        customers["id"].to_pylist(), customers["embedding"].to_pylist(), strict=True
    ):
        nearest = max(vectors, key=lambda one: vectors[one][0] * x + vectors[one][1] * y)
        first = int(customer) % 6
        assert nearest == f"p{0 if first == 5 else first}"  # p5 is not available


class Rating(batched.Model):
    def outputs(self, _: str) -> list[str]:
        return ["rating"]


def rule(store: Path, column: str, value: str) -> list[str]:
    rules = Rules.model_validate({"filters": [{"type": "in", "column": column, "values": [value]}]})
    path = store / key_of("rs-1")
    path.parent.mkdir(exist_ok=True)
    stored = StoredRuleSet(id="rs-1", name="Mail", revision=1, rules=rules)
    path.write_text(stored.model_dump_json())
    return ["--rules", "Mail"]


class Changing(Interrupted):
    """Stops as well, after the rule set has changed."""

    store: Path

    def call(self, signature: str, rows: Any, pasts: Any = None, of: Any = None) -> Any:
        rule(self.store, "colour", "blue")
        return super().call(signature, rows, pasts, of)


def test_lists_keep_to_a_rule_set_as_it_was_when_the_run_began(
    fill: Filled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trainer_image.serving.rule_sets.FRESH_SECONDS", 1e-9)
    job = batched.job(tmp_path / "jobs" / "job")
    options = ["--shards", "6", "--artifacts", job, *rule(tmp_path, "colour", "red")]
    Changing.store, Changing.left = tmp_path, 3
    with pytest.raises(KeyboardInterrupt):
        fill(*options, load=Changing)
    assert "other rules" in refusal(fill, *options)
    assert "rule_set None, not rs-1; other rules" in refusal(fill, *options[:-2])
    rule(tmp_path, "colour", "red")
    Changing.left = 1000
    manifest = fill(*options, load=Changing)
    assert manifest.settings.rule_set == "rs-1"
    found = rows_of(tmp_path / "out")
    assert {row["product_id"] for row in found} == {"p0", "p3"}  # p5 is not available
    assert Counter(row["customer_id"] for row in found) == dict.fromkeys(batched.CUSTOMERS, 2)


def test_a_rule_set_that_cannot_be_used_is_said_by_name(fill: Filled, tmp_path: Path) -> None:
    job = ["--artifacts", batched.job(tmp_path / "jobs" / "job")]
    assert "There are no rule sets" in refusal(fill, *job, "--rules", "Mail")
    options = [*job, *rule(tmp_path, "brand", "Acme")]
    assert "--rules: No valid rule set has this id" in refusal(fill, *job, "--rules", "rs-2")
    said = refusal(fill, *options)
    assert said.startswith("--rules: ")
    assert "brand" in said
    assert not list(tmp_path.glob("out*"))
    with pytest.raises(SystemExit):
        fill(*options, "--write", "products")


def test_a_model_that_only_rates_has_no_vectors_to_search(fill: Filled) -> None:
    for what in ("products", "customers"):
        assert "The model only rates" in refusal(fill, "--write", what, load=Rating)


def test_a_shard_is_told_by_the_id_alone() -> None:
    # What a run of an earlier version has begun is gone on with.
    assert [shard_of(one, 7) for one in ("1", "2375", "Ä")] == [2, 0, 1]
    assert [shard_count(n) for n in (0, 1, 2000, 2001, 10**9)] == [1, 1, 1, 2, 5000]


@given(st.text(), st.integers(1, 5000))
def test_every_id_is_in_one_of_the_shards(text: str, shards: int) -> None:
    assert 0 <= shard_of(text, shards) < shards
