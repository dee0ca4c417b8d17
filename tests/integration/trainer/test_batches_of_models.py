"""Tables and vectors from real models, against single requests and the towers themselves."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shared.batches import Manifest
from tests.integration.trainer.filled import K
from tests.integration.trainer.support import CUSTOMERS, TrainerJob, TrainerProcess

pytestmark = [pytest.mark.trainer, pytest.mark.xdist_group("trainer")]


class Filled:
    def __init__(self, folder: Path, job: TrainerJob, *, reranked: bool) -> None:
        self.folder, self.reranked = folder, reranked
        left = folder / "job"
        shutil.copytree(job.output, left)
        shutil.copy(job.folder / "request.json", left)
        module = "tests.integration.trainer.filled"
        ended = TrainerProcess(folder, module, str(folder), str(left)).wait()
        assert ended.returncode == 0, ended.stderr[-4000:]

    def rows(self, name: str) -> list[dict[str, Any]]:
        files = sorted((self.folder / name / "data").iterdir())
        found: list[dict[str, Any]] = pa.concat_tables(map(pq.read_table, files)).to_pylist()
        return found

    def told(self, name: str) -> Any:
        return json.loads((self.folder / f"{name}.json").read_bytes())

    def vectors(self, name: str) -> dict[str, Any]:
        return {row["id"]: np.array(row["embedding"], np.float32) for row in self.rows(name)}


@pytest.fixture(scope="module", params=["with a re-ranker", "towers alone"])
def filled(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    looking_back: list[TrainerJob],
    direct_run: TrainerJob,
) -> Filled:
    reranked = request.param == "with a re-ranker"
    job = looking_back[0] if reranked else direct_run
    return Filled(tmp_path_factory.mktemp("filled"), job, reranked=reranked)


@pytest.mark.parametrize("wanted", ["all", "buy_again", "discover"])
def test_a_batch_has_what_single_requests_answer(filled: Filled, wanted: str) -> None:
    rows = filled.rows(wanted)
    assert len({row["customer_id"] for row in rows}) <= CUSTOMERS
    assert len({(row["customer_id"], row["rank"]) for row in rows}) == len(rows)
    by_customer: dict[str, list[dict[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: row["rank"]):
        by_customer.setdefault(row["customer_id"], []).append(row)
    for customer, expected in filled.told("single")[wanted].items():
        found = by_customer.get(customer, [])
        assert [row["rank"] for row in found] == list(range(1, len(expected) + 1))
        scores = [one["score"] for one in expected]
        assert [row["score"] for row in found] == pytest.approx(scores, rel=1e-4, abs=1e-5)
        at = {one["product_id"]: one for one in expected}
        for row in found:
            one = at.get(row["product_id"])
            if one is None:  # of two that are alike but for rounding, the last place has one
                assert row["score"] == pytest.approx(scores[-1], rel=1e-4, abs=1e-5)
                continue
            assert row["score"] == pytest.approx(one["score"], rel=1e-4, abs=1e-5)
            for told in ("name", "bought_before", "last_bought_days_ago"):
                assert row[told] == one[told]


def test_exported_vectors_are_those_of_the_towers(filled: Filled) -> None:
    products, customers = filled.vectors("products"), filled.vectors("customers")
    assert len(customers) == len({row["customer_id"] for row in filled.rows("all")})
    for customer, vector in filled.told("exact").items():
        np.testing.assert_allclose(customers[customer], vector, rtol=1e-4, atol=1e-5)
    assert len({len(vector) for vector in [*products.values(), *customers.values()]}) == 1


def test_brute_force_over_the_vectors_is_the_towers_own_list(filled: Filled) -> None:
    if filled.reranked:
        return  # it orders anew
    products, customers = filled.vectors("products"), filled.vectors("customers")
    ids, matrix = list(products), np.stack(list(products.values()))
    for customer, expected in filled.told("single")["all"].items():
        scores = matrix @ customers[customer]
        best = np.argsort(-scores, kind="stable")[:K]
        told = [one["score"] for one in expected]
        np.testing.assert_allclose(np.sort(scores)[::-1][:K], told, rtol=1e-3, atol=1e-4)
        apart = np.diff(told) < -1e-3
        for place, one in enumerate(expected):
            if (place == 0 or apart[place - 1]) and (place == K - 1 or apart[place]):
                assert ids[best[place]] == one["product_id"]


def test_vector_search_gets_the_same_vectors_in_both_of_its_formats(filled: Filled) -> None:
    lines = [
        json.loads(line)
        for path in sorted((filled.folder / "jsonl" / "data").glob("*.json"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    products = filled.vectors("products")
    assert {line["id"] for line in lines} == products.keys()
    for line in lines:
        np.testing.assert_allclose(line["embedding"], products[line["id"]], rtol=1e-4, atol=1e-5)
    records = {one["id"]: one for one in filled.told("avro")}
    assert records.keys() == products.keys()
    for line in lines:
        record = records[line["id"]]
        assert record["embedding"] == pytest.approx(line["embedding"], rel=1e-4, abs=1e-5)
        told = [
            {"namespace": one["namespace"], "allow": one["allow"]} for one in record["restricts"]
        ]
        assert told == line.get("restricts", [])
    namespaces = {one["namespace"] for line in lines for one in line.get("restricts", [])}
    # The other model's product tower reads ids alone.
    assert namespaces == (set() if filled.reranked else {"category", "brand"})


def test_a_run_into_a_bucket_is_complete_by_its_manifest(filled: Filled) -> None:
    told = filled.told("remote")
    assert set(told["files"].values()) == {True}
    assert told["rows"] == len(filled.rows("bucket")) == len(filled.rows("remote"))
    noted = Manifest.model_validate_json((filled.folder / "remote" / "manifest.json").read_bytes())
    assert noted.complete
    assert "is complete. Choose a folder" in told["refused"]
