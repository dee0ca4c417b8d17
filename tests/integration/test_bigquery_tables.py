"""Runs into a BigQuery table, by the real client against a server of its protocol."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import batched
import pytest

from shared.batches import Manifest
from shared.errors import RefusedError, UnavailableError
from shared.gcp.bigquery_tables import SCHEMA, check_table, fill_table, table_of
from tests.integration.bigquery_server import BigQueryServer
from trainer_image import batch
from trainer_image.serving.batches.recommendations import SCHEMA as FILES

TABLE = "shop.marketing.recommendations"


@pytest.fixture
def server() -> Iterator[BigQueryServer]:
    with BigQueryServer().serving() as server:
        yield server


@pytest.fixture
def filled(tmp_path: Path) -> tuple[Manifest, Path]:
    return fill(tmp_path, "out", 3)


def fill(tmp_path: Path, name: str, k: int) -> tuple[Manifest, Path]:
    model = tmp_path / "model"
    uri = model.as_uri() if model.exists() else batched.job(model)
    options = ["--artifacts", uri, "--out", str(tmp_path / name), "--k", str(k), "--shards", "4"]
    load: Any = batched.Model
    return batch.batch(batch.parsed(options), lambda _: None, load), tmp_path / name


def ids(server: BigQueryServer) -> list[tuple[str, str, int]]:
    rows = server.tables[TABLE]
    return sorted((row["run_id"], row["customer_id"], row["rank"]) for row in rows)


def expected(manifest: Manifest, k: int) -> list[tuple[str, str, int]]:
    return [
        (manifest.run_id, customer, rank)
        for customer in batched.CUSTOMERS
        for rank in range(1, k + 1)
    ]


def test_columns_of_the_table_are_those_of_the_files() -> None:
    kinds = {
        "string": "STRING",
        "int64": "INTEGER",
        "double": "FLOAT",
        "bool": "BOOLEAN",
        "timestamp[us, tz=UTC]": "TIMESTAMP",
    }
    assert {field.name: kinds[str(field.type)] for field in FILES} == SCHEMA


def test_a_table_has_a_runs_rows_and_then_those_of_the_next(
    server: BigQueryServer, filled: tuple[Manifest, Path], tmp_path: Path
) -> None:
    manifest, folder = filled
    told: list[int] = []
    fill_table(server.client, TABLE, manifest, folder, told.append)
    assert ids(server) == expected(manifest, 3)
    assert told == [1, 2, 3, 4]
    assert list(server.tables) == [TABLE]
    fields = server.resources[TABLE]["schema"]["fields"]
    assert {field["name"]: field["type"] for field in fields} == SCHEMA
    later, folder = fill(tmp_path, "later", 2)
    fill_table(server.client, TABLE, later, folder, told.append)
    assert ids(server) == expected(later, 2)


def test_nobody_sees_a_part_of_a_run_and_asking_again_loads_nothing_twice(
    server: BigQueryServer, filled: tuple[Manifest, Path]
) -> None:
    manifest, folder = filled

    def stop(files: int) -> None:
        if files == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fill_table(server.client, TABLE, manifest, folder, stop)
    assert TABLE not in server.tables
    before = set(server.jobs)
    assert len(before) == 2
    fill_table(server.client, TABLE, manifest, folder, lambda _: None)
    assert ids(server) == expected(manifest, 3)
    assert len(server.jobs) == 5  # four files and a copy


def test_a_job_that_failed_is_begun_again_and_one_whose_answer_was_lost_is_not(
    server: BigQueryServer, filled: tuple[Manifest, Path]
) -> None:
    manifest, folder = filled
    server.failing, server.lost = 2, 1
    fill_table(server.client, TABLE, manifest, folder, lambda _: None)
    assert ids(server) == expected(manifest, 3)


def test_what_fails_for_good_leaves_the_table_as_it_was(
    server: BigQueryServer, filled: tuple[Manifest, Path], tmp_path: Path
) -> None:
    manifest, folder = filled
    fill_table(server.client, TABLE, manifest, folder, lambda _: None)
    later, folder = fill(tmp_path, "later", 1)
    server.failing = 3
    with pytest.raises(UnavailableError, match="Try again"):
        fill_table(server.client, TABLE, later, folder, lambda _: None)
    assert ids(server) == expected(manifest, 3)
    fill_table(server.client, TABLE, later, folder, lambda _: None)
    assert ids(server) == expected(later, 1)


def test_a_staging_table_that_ended_is_filled_anew(
    server: BigQueryServer, filled: tuple[Manifest, Path]
) -> None:
    manifest, folder = filled

    def stop(files: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fill_table(server.client, TABLE, manifest, folder, stop)
    (staging,) = server.tables
    del server.tables[staging], server.resources[staging]
    fill_table(server.client, TABLE, manifest, folder, lambda _: None)
    assert ids(server) == expected(manifest, 3)


def test_a_table_of_something_else_is_never_replaced(
    server: BigQueryServer, filled: tuple[Manifest, Path]
) -> None:
    reference = dict(zip(("projectId", "datasetId", "tableId"), TABLE.split("."), strict=True))
    fields = [{"name": "basket", "type": "STRING"}]
    server.make({"tableReference": reference, "schema": {"fields": fields}})
    server.tables[TABLE] = [{"basket": "mine"}]
    with pytest.raises(RefusedError, match="is a table of something else"):
        fill_table(server.client, TABLE, *filled, lambda _: None)
    assert server.tables[TABLE] == [{"basket": "mine"}]
    with pytest.raises(RefusedError, match=r"Not found: Dataset shop\.nowhere"):
        check_table(server.client, "shop.nowhere.table")


@pytest.mark.parametrize("text", ["bq://dataset.table", "bq://p.d.t; DROP", "bq://p.d.`t`"])
def test_a_table_is_given_by_its_whole_name(text: str) -> None:
    assert table_of(f"bq://{TABLE}") == TABLE
    with pytest.raises(RefusedError, match=r"bq://project\.dataset\.table"):
        table_of(text)
