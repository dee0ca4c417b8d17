"""Predictions over HTTP from models that the wired system has trained, against the models' own
signatures and the training rows themselves."""

from __future__ import annotations

import json
import math
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from api_client import Client, error

from local.bootstrap import System, embedded
from shared.documents.base import Collection
from tests.integration.conftest import eventually
from tests.integration.trainer.support import probe, purchases

pytestmark = [pytest.mark.trainer, pytest.mark.xdist_group("trainer")]

K = 7
MISSING_TIME = -(2**63)


def _dense(units: int, activation: str | None = "relu") -> dict[str, Any]:
    return {"type": "dense", "units": units, "activation": activation}


MODEL = {
    "buyer_tower_layers": [_dense(16, None)],
    "product_tower_layers": [_dense(16, None)],
    "output_embedding_dim": 16,
    "batch_size": 256,
    "rating_head_layers": [_dense(8), _dense(1, None)],
}
FEATURES = {
    "buyer_model_features": [
        {"column": "household_id", "type": "string_embedding", "embedding_dim": 16},
        {"column": "purchased_at", "type": "timestamp"},
        {"column": "sales_value", "type": "numeric"},
    ],
    "product_model_features": [
        {"column": "product_id", "type": "string_embedding", "embedding_dim": 16},
        {"column": "category", "type": "string_embedding", "embedding_dim": 8},
    ],
}
MAPPING = {
    "household_id": "customer_id",
    "product_id": "product_id",
    "purchased_at": "transaction_date",
    "title": "product_name",
}


@dataclass
class Shop:
    """A running system with a completed test for each task."""

    system: System
    client: Client
    tests: dict[str, str]

    def output(self, task: str) -> Path:
        return self.system.home / "artifacts" / "jobs" / f"quick-test-{self.tests[task]}-1"

    def predict(self, task: str, **body: Any) -> dict[str, Any]:
        answer = self.client("POST", f"/api/quick-tests/{self.tests[task]}/predictions/", body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def wrong(self, task: str, **body: Any) -> dict[str, str]:
        """Messages by the field that is wrong."""
        path = f"/api/quick-tests/{self.tests[task]}/predictions/"
        options = {"content": json.dumps(body), "headers": {"Content-Type": "application/json"}}
        answer = self.client("POST", path, **options)
        fields = error(answer, 422, "invalid")["fields"]
        return {field["path"]: field["message"] for field in fields}

    @property
    def pid(self) -> int:
        predictor: Any = self.system.ports.predictor
        assert predictor.pid is not None
        return int(predictor.pid)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("predictions")
    purchases().to_parquet(folder / "purchases.parquet")
    system = embedded(folder / "home", max_running_jobs=2)
    client = Client(system)  # type: ignore[arg-type]
    with system.runtime:

        def create(path: str, name: str, spec: dict[str, Any]) -> str:
            made = client("POST", f"/api/{path}/", {"name": name, "spec": spec})
            assert made.status_code == 201, made.text
            return str(made.json()["id"])

        source = {"kind": "parquet", "uri": str(folder / "purchases.parquet")}
        dataset = create("datasets", "Shop", {"source": source, "column_mapping": MAPPING})
        features = create("feature-configs", "F", {"dataset_id": dataset, **FEATURES})
        tests = {}
        for task in ("multitask", "ranking"):
            model = create("model-configs", task, {**MODEL, "model_type": task})
            spec = {
                "feature_config_id": features,
                "model_config_id": model,
                "rating_column": "quantity",
                "data_sample_percent": 100,
            }
            tests[task] = create("quick-tests", task, spec)

        def ended() -> bool:
            documents = [
                system.ports.documents.get(Collection.QUICK_TESTS.path(test))
                for test in tests.values()
            ]
            states = [document.data["status"]["state"] for document in documents if document]
            assert "failed" not in states, [d and d.data["status"]["error"] for d in documents]
            return states == ["completed"] * len(tests)

        eventually(ended, 300)
        yield Shop(system, client, tests)


@pytest.fixture(scope="module")
def rows(shop: Shop) -> pd.DataFrame:
    """The training rows that the job left, in their order."""
    return pd.read_parquet(shop.output("multitask") / "examples/train/part-00000.parquet")


def latest(rows: pd.DataFrame, customer: str) -> pd.Series[Any]:
    own = rows[rows["household_id"] == customer]
    return own.loc[own["purchased_at"].idxmax()]


def raw_query(rows: pd.DataFrame, customer: str) -> dict[str, Any]:
    row = latest(rows, customer)
    return {
        "household_id": customer,
        "purchased_at": int(row["purchased_at"]),
        "sales_value": float(row["sales_value"]),
    }


def called(
    shop: Shop, task: str, folder: Path, *calls: tuple[str, dict[str, list[Any]]]
) -> list[dict[str, Any]]:
    """What the saved model's own signatures give for raw rows."""
    model = str(shop.output(task) / "model")
    outs = [str(folder / f"{number}.json") for number in range(len(calls))]
    probe(
        folder,
        *(
            ("call", {"model": model, "signature": signature, "rows": given, "out": out})
            for (signature, given), out in zip(calls, outs, strict=True)
        ),
    )
    return [json.loads(Path(out).read_text()) for out in outs]


def test_recommendations_and_ratings_are_the_models_own_to_the_last_bit(
    shop: Shop, rows: pd.DataFrame, tmp_path: Path
) -> None:
    customers = list(rows["household_id"].unique()[:3])
    answers = [shop.predict("multitask", customer_id=one, k=K) for one in customers]
    answers.append(shop.predict("multitask", values={"household_id": "nobody"}, k=K))
    unknown = {
        "household_id": "nobody",
        "purchased_at": MISSING_TIME,
        "sales_value": math.nan,
    }
    queries = [*(raw_query(rows, customer) for customer in customers), unknown]
    products = pd.read_parquet(shop.output("multitask") / "examples/candidates/part-00000.parquet")
    products = products.set_index("product_id", drop=False)
    calls = []
    for query, answer in zip(queries, answers, strict=True):
        best = [one["product_id"] for one in answer["recommendations"]]
        pairs = {key: [value] * K for key, value in query.items()}
        pairs |= {key: list(products.loc[best][key]) for key in ("product_id", "category")}
        calls += [
            ("serving_default", {key: [value] for key, value in query.items()}),
            ("rating", pairs),
        ]
    found = called(shop, "multitask", tmp_path / "probe", *calls)
    for number, answer in enumerate(answers):
        own, rated = found[2 * number], found[2 * number + 1]
        given = answer["recommendations"]
        assert [one["product_id"] for one in given] == own["candidate_ids"][0][:K]
        assert [one["score"] for one in given] == own["scores"][0][:K]
        ratings = [one["rating"] for one in given]
        assert ratings == [value for row in rated["rating"] for value in _flat(row)]
        names = [f"Product №{int(one['product_id']) - 7_000_000}" for one in given]
        assert [one["name"] for one in given] == names
    assert [answer["known"] for answer in answers] == [True, True, True, False]


def _flat(value: Any) -> list[float]:
    return list(value) if isinstance(value, list) else [value]


def test_a_model_that_only_rates_recommends_what_it_rates_highest(
    shop: Shop, rows: pd.DataFrame, tmp_path: Path
) -> None:
    customer = str(rows["household_id"].iloc[0])
    products = pd.read_parquet(shop.output("ranking") / "examples/candidates/part-00000.parquet")
    wanted = list(products["product_id"][:5])
    answer = shop.predict("ranking", customer_id=customer, k=K, product_ids=wanted)
    every = {k: [v] * len(products) for k, v in raw_query(rows, customer).items()}
    every |= {key: list(products[key]) for key in ("product_id", "category")}
    (own,) = called(shop, "ranking", tmp_path / "probe", ("serving_default", every))
    ratings = {
        product: _flat(value)[0]
        for product, value in zip(products["product_id"], own["rating"], strict=True)
    }
    best = sorted(ratings, key=lambda product: (-ratings[product], product))[:K]
    assert [one["product_id"] for one in answer["recommendations"]] == best
    assert [one["rating"] for one in answer["recommendations"]] == [ratings[one] for one in best]
    assert [one["product_id"] for one in answer["ratings"]] == wanted
    assert [one["rating"] for one in answer["ratings"]] == pytest.approx(
        [ratings[one] for one in wanted], rel=1e-5
    )


def test_history_is_what_the_training_rows_hold(shop: Shop, rows: pd.DataFrame) -> None:
    for customer in rows["household_id"].unique()[:5]:
        answer = shop.predict("multitask", customer_id=customer, k=50)
        counted = rows[rows["household_id"] == customer].groupby("product_id").size()
        expected = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
        assert [(one["product_id"], one["count"]) for one in answer["history"]] == expected
        assert answer["products_bought"] == len(expected)
        for one in answer["recommendations"]:
            assert one["bought_before"] == (one["product_id"] in counted.index)
        row = latest(rows, customer)
        at = pd.Timestamp(row["purchased_at"], unit="s", tz="UTC")
        assert pd.Timestamp(answer["query"]["purchased_at"]) == at
        assert answer["query"]["household_id"] == customer


def test_values_replace_those_of_the_latest_row(shop: Shop, rows: pd.DataFrame) -> None:
    customer = str(rows["household_id"].iloc[0])
    values = {"sales_value": "7.5", "purchased_at": "2024-02-01T08:00:00+01:00"}
    answer = shop.predict("multitask", customer_id=customer, values=values)
    assert answer["query"] == {
        "household_id": customer,
        "purchased_at": "2024-02-01T07:00:00Z",
        "sales_value": 7.5,
    }
    typed = shop.predict("multitask", values={**answer["query"]})
    assert typed["recommendations"] == answer["recommendations"]
    assert typed["known"]
    only = shop.predict("multitask", values={"household_id": customer})
    assert only["query"]["sales_value"] is None


def test_inputs_describe_the_query_and_the_customers(shop: Shop, rows: pd.DataFrame) -> None:
    path = f"/api/quick-tests/{shop.tests['multitask']}/prediction-inputs/"
    inputs = shop.client("GET", path).json()
    assert {one["column"]: one["type"] for one in inputs["columns"]} == {
        "household_id": "text",
        "purchased_at": "timestamp",
        "sales_value": "number",
    }
    counts = rows["household_id"].value_counts()
    assert [one["purchases"] for one in inputs["customers"]] == list(counts[:20])
    assert all(counts[one["customer_id"]] == one["purchases"] for one in inputs["customers"])
    assert inputs["customer_count"] == len(counts)
    assert (inputs["recommends"], inputs["rates"]) == (True, True)
    assert inputs["rating_column"] == "quantity"
    found = shop.client("GET", f"{path}?search=100&limit=100").json()["customers"]
    assert {one["customer_id"] for one in found} == {c for c in counts.index if "100" in c}


def test_what_is_wrong_is_named_by_its_field(shop: Shop, rows: pd.DataFrame) -> None:
    assert set(shop.wrong("multitask")) == {"customer_id"}
    said = shop.wrong("multitask", values={"colour": "red"}, k=500, product_ids=["nothing"])
    assert set(said) == {"values.colour", "k", "product_ids[0]"}
    assert "household_id, purchased_at, sales_value" in said["values.colour"]
    assert said["k"] == "The model finds at most 100 products."
    values = {"purchased_at": "yesterday", "sales_value": "cheap", "household_id": "\ud800"}
    said = shop.wrong("multitask", values=values)
    assert set(said) == {f"values.{column}" for column in values}
    assert "ISO 8601" in said["values.purchased_at"]
    stranger = shop.predict("multitask", customer_id="a stranger", values={"sales_value": 3})
    assert not stranger["known"]
    assert stranger["query"]["household_id"] == "a stranger"
    said = shop.wrong("multitask", customer_id="1001", values={"household_id": "1002"})
    assert set(said) == {"values.household_id"}


def test_the_process_is_reused_and_replaced_when_killed(shop: Shop) -> None:
    first = shop.predict("multitask", customer_id="1001")
    pid = shop.pid
    began = time.monotonic()
    assert shop.predict("multitask", customer_id="1001") == first
    assert time.monotonic() - began < 1.0  # the first takes TensorFlow's import
    assert shop.pid == pid
    os.kill(pid, signal.SIGKILL)
    assert shop.predict("multitask", customer_id="1001") == first
    assert shop.pid != pid


def test_no_process_is_left_after_the_end(shop: Shop) -> None:
    """The last test: it stops the system."""
    shop.predict("ranking", customer_id="1001")
    pid = shop.pid
    shop.system.runtime.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
