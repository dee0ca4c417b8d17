"""Runs that fill tables, in processes that are killed, and by the `recsmith` command."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import batched
import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shared.batches import Manifest
from shared.documents.registered_model import registered_model_id
from shared.registry import Alias, Pointer, ServedVersion, pointer_key
from shared.rules_of_lists import Rules
from shared.rules_of_lists.stored import StoredRuleSet, key_of
from tests.integration import batch_program
from tests.integration.bigquery_server import BigQueryServer
from tests.integration.laptop import Laptop, configs
from tests.waiting import PATIENCE, eventually

PROGRAM = str(Path(batch_program.__file__))
SHARDS = ["--shards", "5", "--k", "3"]


def begin(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, PROGRAM, *arguments],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    _, said = process.communicate(timeout=PATIENCE)
    return process.returncode, said


def rows_of(folder: Path) -> list[dict[str, Any]]:
    tables = [pq.read_table(path) for path in sorted((folder / "data").iterdir())]
    found: list[dict[str, Any]] = pa.concat_tables(tables).to_pylist()
    return sorted(found, key=lambda row: (row["customer_id"], row["rank"]))


def content_of(folder: Path) -> list[dict[str, Any]]:
    """Rows without what tells runs apart."""
    unlike = ("run_id", "made_at")
    return [{k: v for k, v in row.items() if k not in unlike} for row in rows_of(folder)]


def test_a_run_that_is_killed_at_any_moment_goes_on_and_has_every_row_once(tmp_path: Path) -> None:
    model = batched.job(tmp_path / "model")
    options = ["--artifacts", model, *SHARDS]
    assert ended(begin(*options, "--out", str(tmp_path / "undisturbed"))) == (0, "")
    out = tmp_path / "out"
    runs: set[str] = set()
    for moment in (1, 2, 4, 6, 7, 9, 10, 11, 13, 14, 16):
        killed, _ = ended(begin(*options, "--out", str(out), RECSMITH_TEST_KILL_AT=str(moment)))
        assert killed == -signal.SIGKILL
        assert not out.exists()
        noted = tmp_path / "out.unfinished" / "manifest.json"
        if noted.exists():  # whole, whenever it was
            runs.add(Manifest.model_validate_json(noted.read_bytes()).run_id)
    assert ended(begin(*options, "--out", str(out))) == (0, "")
    manifest = Manifest.model_validate_json((out / "manifest.json").read_bytes())
    assert runs == {manifest.run_id}
    assert manifest.complete
    assert content_of(out) == content_of(tmp_path / "undisturbed")
    assert {row["run_id"] for row in rows_of(out)} == {manifest.run_id}
    assert sorted(path.name for path in out.rglob("*")) == [
        "data",
        "manifest.json",
        *(f"part-{number:05d}.parquet" for number in range(5)),
    ]


def test_of_two_runs_into_one_folder_one_is_refused(tmp_path: Path) -> None:
    model = batched.job(tmp_path / "model")
    slow = tmp_path / "slow"
    slow.touch()
    options = ["--artifacts", model, *SHARDS, "--out", str(tmp_path / "out")]
    first = begin(*options, RECSMITH_TEST_SLOW=str(slow))
    eventually(lambda: (tmp_path / "out.unfinished" / "lock").exists())
    status, said = ended(begin(*options))
    assert (status, "Another process is writing" in said) == (1, True)
    slow.unlink()
    assert ended(first) == (0, "")


@pytest.fixture
def laptop(tmp_path: Path) -> Laptop:
    """Whose trainer's Python also runs batches, over a model whose arithmetic is known."""
    laptop = Laptop(tmp_path)
    usual = Path(laptop.environment["RECSMITH_TRAINER_PYTHON"])
    python = tmp_path / "batching-python"
    python.write_text(
        "#!/bin/sh\n"
        'if [ "$2" = trainer_image.batch ]; then shift 2; '
        f'exec {sys.executable} {PROGRAM} "$@"; fi\n'
        f'exec {usual} "$@"\n'
    )
    python.chmod(0o755)
    laptop.environment["RECSMITH_TRAINER_PYTHON"] = str(python)
    return laptop


def completed(laptop: Laptop) -> tuple[str, Path]:
    """A completed test's id, and the folder that its job has left."""
    laptop.run("dataset", "add", "purchases.csv")
    with laptop.up() as url:
        configs(url)
        laptop.run("quick-test", "run", "Features", "Model")
        (test,) = httpx.get(f"{url}/api/quick-tests/").json()["items"]
    (folder,) = laptop.home.glob(f"artifacts/jobs/*{test['id']}*")
    batched.job(laptop.folder / "made", test["id"])
    shutil.copytree(laptop.folder / "made", folder, dirs_exist_ok=True)
    return test["id"], folder


def test_the_command_fills_a_table_and_says_what_became_of_a_list(laptop: Laptop) -> None:
    test, folder = completed(laptop)
    said = laptop.run("batch", test, "--out", "all", "--k", "2")
    assert "Began run" in said
    assert f"120 rows for 60 customers in all, by the test {test}" in said
    (laptop.folder / "mail.csv").write_text("customer_id\n101\n102\n101\n7\n")
    said = laptop.run(
        *("batch", test, "--out", "mail", "--customers", "mail.csv", "--k", "1", "--format", "csv")
    )
    assert "2 rows for 2 customers" in said
    assert "1 customer unknown to the model, left out" in said
    assert (laptop.folder / "mail" / "data" / "part-00000.csv").is_file()
    rules = Rules.model_validate({"pins": [{"product_id": "p2", "place": 1}]})
    stored = laptop.home / "artifacts" / key_of("rs-1")
    stored.parent.mkdir()
    told = StoredRuleSet(id="rs-1", name="Mail", revision=1, rules=rules)
    stored.write_text(told.model_dump_json())
    laptop.run("batch", test, "--out", "ruled", "--k", "1", "--rules", "Mail")
    assert {row["product_id"] for row in rows_of(laptop.folder / "ruled")} == {"p2"}
    said = laptop.run("embeddings", test, "--of", "products", "--out", "vectors")
    assert "5 rows for 5 products" in said
    assert "1 product not available, left out" in said

    said = laptop.run("batch", test, "--out", "all", status=1)
    assert "Choose a folder that is not there yet" in " ".join(said.split())
    said = laptop.run("batch", test, "--out", "more", "--k", "6", status=1)
    assert "the model finds at most 5 products" in said
    said = laptop.run("batch", test, "--out", "more", "--rules", "Post", status=1)
    assert "There are 'Mail'. Received: 'Post'" in " ".join(said.split())
    said = laptop.run("batch", "nothing", "--out", "x", status=1)
    assert "Nor is a registered model" in " ".join(said.split())
    said = laptop.run("embeddings", test, "--of", "recommendations", "--out", "x", status=1)
    assert "--of is products or customers" in said
    (folder / "candidates.parquet").unlink()
    said = laptop.run("batch", test, "--out", "x", "--k", "1", status=1)
    assert "is not whole" in " ".join(said.split())
    assert not list(laptop.folder.glob("x*"))


def test_a_command_that_is_stopped_keeps_what_is_done_and_its_alias_version(
    laptop: Laptop,
) -> None:
    store = laptop.home / "artifacts"
    served = []
    for version in (1, 2):
        uri = batched.job(store / "jobs" / f"full-{version}", f"qt-{version}")
        served.append(
            ServedVersion(version=version, quick_test_id=f"qt-{version}", artifacts_uri=uri)
        )
    model_id = registered_model_id("Shop")
    pointer = store / pointer_key(model_id)
    pointer.parent.mkdir(parents=True)

    def point(version: int) -> None:
        aliases = {Alias.PRODUCTION: served[version - 1]}
        told = Pointer(model_id=model_id, name="Shop", revision=version, aliases=aliases)
        pointer.write_text(told.model_dump_json())

    point(1)
    slow = laptop.folder / "slow"
    slow.touch()
    laptop.environment["RECSMITH_TEST_SLOW"] = str(slow)
    command = ["batch", "shop ", "--out", "out", *SHARDS]
    process = laptop.start(*command, before=["env", "--default-signal=INT"])
    work = laptop.folder / "out.unfinished"
    eventually(lambda: (work / "data" / ".part-00000.parquet.draft").exists())
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "the same command goes on" in said
    slow.unlink()
    point(2)
    said = laptop.run(*command)
    assert "Going on with run" in said
    assert "180 rows for 60 customers in out, by Shop, version 1" in said
    assert "means version 2 by now; this run keeps to version 1" in said
    assert {row["quick_test_id"] for row in rows_of(laptop.folder / "out")} == {"qt-1"}


@pytest.mark.parametrize("target", ["gs://shop/x", "s3://shop/x", "file:///tmp/x"])
def test_what_is_no_folder_of_this_machine_is_refused(laptop: Laptop, target: str) -> None:
    for command in (["batch", "rm-1"], ["embeddings", "rm-1", "--of", "products"]):
        said = " ".join(laptop.run(*command, "--out", target, status=1).split())
        assert "--out: give a folder of this machine" in said
        assert ("python -m trainer_image.batch" in said) == target.startswith("gs")
    said = laptop.run("embeddings", "rm-1", "--of", "products", "--out", "bq://a.b.c", status=1)
    assert "--out: give a folder of this machine. Received: bq://a.b.c." in said
    assert not list(laptop.folder.glob("*:*"))


def promote(laptop: Laptop, version: int) -> None:
    """Makes a version of `rm-1` and brings it into production."""
    store, test = laptop.home / "artifacts", f"qt-{version}"
    model = batched.job(store / "jobs" / f"full-{version}", test)
    served = ServedVersion(version=version, quick_test_id=test, artifacts_uri=model)
    aliases = {Alias.PRODUCTION: served}
    told = Pointer(model_id="rm-1", name="Shop", revision=version, aliases=aliases)
    pointer = store / pointer_key("rm-1")
    pointer.parent.mkdir(parents=True, exist_ok=True)
    pointer.write_text(told.model_dump_json())


def test_the_command_fills_a_bigquery_table_and_goes_on_to_load_it(laptop: Laptop) -> None:
    promote(laptop, 1)
    table = "shop.marketing.recommendations"
    command = ["batch", "rm-1", "--out", f"bq://{table}", "--k", "2", "--shards", "3"]
    with BigQueryServer().serving() as server:
        laptop.environment["BIGQUERY_EMULATOR_HOST"] = server.address
        said = laptop.run(*command, "--format", "csv", status=1)
        assert "--format is of files" in said
        said = laptop.run("batch", "rm-1", "--out", "bq://shop.nowhere.x", status=1)
        assert "Dataset shop.nowhere" in said
        assert not (laptop.home / "batches").exists()
        server.failing = 3
        assert "Try again" in laptop.run(*command, status=1)
        assert table not in server.tables
        said = laptop.run(*command)
        assert "Going on to load run" in said
        assert "120 rows for 60 customers" in said
        found = {(row["customer_id"], row["rank"]) for row in server.tables[table]}
        assert found == {(one, rank) for one in batched.CUSTOMERS for rank in (1, 2)}
        assert len(server.tables[table]) == 120
    assert list((laptop.home / "batches").iterdir()) == []


def test_a_run_that_was_not_loaded_and_is_outdated_is_made_anew(laptop: Laptop) -> None:
    promote(laptop, 1)
    table = "shop.marketing.recommendations"
    command = ["batch", "rm-1", "--out", f"bq://{table}", "--k", "1", "--shards", "1"]
    with BigQueryServer().serving() as server:
        laptop.environment["BIGQUERY_EMULATOR_HOST"] = server.address

        def fails_to_load() -> Path:
            server.failing = 3
            laptop.run(*command, status=1)
            (made,) = (laptop.home / "batches").iterdir()
            return made / "manifest.json"

        def loads() -> tuple[str, int]:
            said = " ".join(laptop.run(*command).split())
            assert len(server.tables[table]) == 60
            (version,) = {row["model_version"] for row in server.tables[table]}
            return said, version

        fails_to_load()
        promote(laptop, 2)
        said, version = loads()
        assert "is of Shop, version 1, which 'rm-1' no longer means: it is made anew" in said
        assert version == 2

        noted = fails_to_load()
        manifest = Manifest.model_validate_json(noted.read_bytes())
        manifest.made_at -= timedelta(hours=25)
        noted.write_text(manifest.model_dump_json())
        said, version = loads()
        assert "is more than a day old: it is made anew" in said
        assert manifest.run_id not in {row["run_id"] for row in server.tables[table]}
