"""A trained model behind HTTP: what it answers, and what it does while its folders change."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.integration.http_server import MODEL, REAL, HttpServer, point
from tests.integration.trainer.support import TrainerJob
from tests.waiting import eventually

pytestmark = [pytest.mark.trainer, pytest.mark.xdist_group("trainer")]

K = 5


@pytest.fixture(scope="module")
def store(direct_run: TrainerJob, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two versions that differ in what their products are called; the first one is production."""
    store = tmp_path_factory.mktemp("store")
    for number in (1, 2):
        folder = store / "models" / f"v{number}"
        shutil.copytree(direct_run.output, folder)
        shutil.copy(direct_run.folder / "request.json", folder)
        products = pq.read_table(folder / "candidates.parquet")
        names = [f"{name} of {number}" for name in products["name"].to_pylist()]
        place = products.column_names.index("name")
        products = products.set_column(place, products.schema.field("name"), pa.array(names))
        pq.write_table(products, folder / "candidates.parquet")
    point(store, 1, 1, store / "models" / "v1")
    return store


@pytest.fixture(scope="module")
def server(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpServer]:
    arguments = ("--model", MODEL, "--store", store.as_uri(), "--poll-seconds", "0.1")
    with HttpServer(tmp_path_factory.mktemp("served"), REAL, *arguments) as server:
        server.ready()
        yield server


def products(prediction: dict[str, Any]) -> list[str]:
    return [one["product_id"] for one in prediction["recommendations"]]


def versions(server: HttpServer) -> set[str]:
    """The one that an answer names, and those that its products are of."""
    answer = server.predict({"customer_id": "1001", "k": K})
    assert answer.status == 200, answer.text
    (prediction,) = answer.body["predictions"]
    named = {one["name"].rpartition(" ")[2] for one in prediction["recommendations"]}
    return {answer.headers["recsmith-model-version"], *named}


def test_many_instances_are_answered_as_each_alone(server: HttpServer) -> None:
    instances = [{"customer_id": str(1000 + number)} for number in range(40)]
    instances += [{"values": {"household_id": "nobody"}}, {"customer_id": "1001", "k": K + 1}]
    together = server.predict(*instances, k=K).body["predictions"]
    alone = [server.predict(one, k=K).body["predictions"][0] for one in instances]
    assert [one["known"] for one in together] == [one["known"] for one in alone]
    assert [len(products(one)) for one in together] == [K] * 41 + [K + 1]
    for ours, theirs in zip(together, alone, strict=True):
        scores = [one["score"] for one in theirs["recommendations"]]
        assert [one["score"] for one in ours["recommendations"]] == pytest.approx(scores, abs=1e-4)
    assert len({tuple(products(one)) for one in together}) > 8  # not one answer for all


def test_what_the_model_does_not_take_is_named_by_its_instance(server: HttpServer) -> None:
    answer = server.predict({"customer_id": "1001"}, {"customer_id": "1001", "values": {"x": 1}})
    assert answer.status == 400
    (problem,) = answer.body["problems"]
    assert problem["path"] == "instances[1].values.x"
    assert problem["code"] == "unknown_column"


def test_it_changes_versions_and_back_and_keeps_its_own_where_a_folder_is_half_deleted(
    server: HttpServer, store: Path
) -> None:
    assert versions(server) == {"1"}
    point(store, 2, 2, store / "models" / "v2")
    eventually(lambda: versions(server) == {"2"})
    point(store, 3, 1, store / "models" / "v1")
    eventually(lambda: versions(server) == {"1"})
    shutil.copytree(store / "models" / "v2", store / "models" / "v3")
    (store / "models" / "v3" / "model" / "saved_model.pb").unlink()
    point(store, 4, 3, store / "models" / "v3")
    fault = eventually(lambda: server.health()["fault"])
    assert fault.startswith("The folder of version 3 of model 'Shop' cannot be served")
    assert versions(server) == {"1"}
    shutil.rmtree(store / "models" / "v1")  # what is served is in memory
    assert versions(server) == {"1"}
