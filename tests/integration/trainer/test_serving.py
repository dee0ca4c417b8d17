"""The saved model in a fresh process, given raw values."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.integration.trainer.probes import KNOWN, raw_queries
from tests.integration.trainer.support import TrainerJob, predict
from trainer_image.predict import main
from trainer_image.serving.saved_model import BadInputError, complete

pytestmark = [pytest.mark.trainer, pytest.mark.xdist_group("trainer")]

UNKNOWN, EMPTY = KNOWN, KNOWN + 1  # rows of `raw_queries`
K = 25


@pytest.fixture(scope="module")
def rows(direct_run: TrainerJob) -> pa.Table:
    return raw_queries(direct_run)


@pytest.fixture(scope="module")
def served(
    direct_run: TrainerJob, rows: pa.Table, tmp_path_factory: pytest.TempPathFactory
) -> list[list[dict[str, Any]]]:
    given = {
        name: [None if value in ("", -(2**63)) or value != value else value for value in values]
        for name, values in rows.to_pydict().items()
    }
    candidates = str(direct_run.output / "candidates.parquet")
    ended = predict(
        tmp_path_factory.mktemp("predict"),
        direct_run.output / "model",
        given,
        *("--candidates", candidates, "--k", str(K)),
        fresh=True,
    )
    assert ended.returncode == 0, ended.stderr
    found: list[list[dict[str, Any]]] = json.loads(ended.stdout)
    return found


def test_recommendations_are_the_nearest_products_of_all(
    direct_run: TrainerJob, served: list[list[dict[str, Any]]], probed: Path
) -> None:
    candidates = direct_run.output / "examples" / "candidates" / "part-00000.parquet"
    embeddings = np.load(probed / "queries.npz")
    scores = embeddings["query"] @ embeddings["candidate"].T
    products = np.array(pq.read_table(candidates)["product_id"].to_pylist())
    assert len(served) == len(scores)
    for row, found in enumerate(served):
        best = np.argsort(-scores[row], kind="stable")[:K]
        np.testing.assert_allclose([one["score"] for one in found], scores[row, best], atol=1e-4)
        # Products whose scores differ by less than that may change places.
        ids = [one["product_id"] for one in found]
        own = [scores[row, np.flatnonzero(products == product)[0]] for product in ids]
        np.testing.assert_allclose(own, scores[row, best], atol=1e-4)
        assert len(set(ids)) == K


def test_products_come_with_their_names(served: list[list[dict[str, Any]]]) -> None:
    for found in served:
        for one in found:
            assert one["name"] == f"Product №{int(one['product_id']) - 7_000_000}"


def test_customers_get_products_of_their_own_group(
    rows: pa.Table, served: list[list[dict[str, Any]]]
) -> None:
    customers = rows["household_id"].to_pylist()[:KNOWN]
    right = [
        (int(one["product_id"]) - 7_000_000) // 15 == (int(customer) - 1000) % 8
        for customer, found in zip(customers, served, strict=False)
        for one in found[:5]
    ]
    assert np.mean(right) > 0.7


def test_unknown_customers_and_missing_values_get_recommendations_too(
    served: list[list[dict[str, Any]]],
) -> None:
    for row in (UNKNOWN, EMPTY):
        scores = [one["score"] for one in served[row]]
        assert np.isfinite(scores).all()
        assert scores == sorted(scores, reverse=True)


TYPES = {"household_id": "string", "price": "float32", "at": "int64"}


def test_features_left_out_and_nulls_are_missing() -> None:
    found = complete({"household_id": [2375, "7", None]}, TYPES)
    assert found["household_id"] == ["2375", "7", ""]
    assert all(map(math.isnan, found["price"]))
    assert found["at"] == [-(2**63)] * 3
    assert complete({"price": [1], "at": [5]}, TYPES)["price"] == [1.0]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"prize": [1]}, "unknown feature 'prize'.*household_id, price, at"),
        ({"price": ["cheap"]}, "price: expected a number or null, received 'cheap'"),
        ({"price": [True]}, "price: expected a number"),
        ({"at": [1.5]}, "at: expected a timestamp, seconds since"),
        ({"at": [2**63]}, "at: expected a timestamp"),
        ({"household_id": [1.0]}, "household_id: expected a text"),
        ({"household_id": ["a", "b"], "price": [1]}, "2 for household_id, 1 for price"),
        ({"household_id": []}, "at least one"),
        ({}, "received none"),
        ({"household_id": "a"}, "object of lists"),
        (["a"], "object of lists"),
    ],
)
def test_input_that_the_model_does_not_take_is_named(given: Any, message: str) -> None:
    with pytest.raises(BadInputError, match=message):
        complete(given, TYPES)


def test_a_folder_without_a_model_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--model", str(tmp_path), "--describe"]) == 2
    assert f"--model: {tmp_path} holds no SavedModel." in capsys.readouterr().err
