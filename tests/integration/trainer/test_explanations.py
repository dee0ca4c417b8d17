"""Scores taken apart over HTTP, by models that the wired system has trained: the parts add up to
what is served, and do what they say."""

from __future__ import annotations

import json
import math
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from api_client import Client, error

from local.wiring import System, embedded
from shared.documents.base import Collection
from tests.integration.trainer.support import probe, purchases
from tests.waiting import eventually

pytestmark = pytest.mark.trainer

K = 12
MAPPING = {
    "household_id": "customer_id",
    "product_id": "product_id",
    "purchased_at": "transaction_date",
    "title": "product_name",
}
EMBEDDED = {"type": "string_embedding", "embedding_dim": 16}
FEATURES = {
    "buyer_model_features": [
        {"column": "household_id", **EMBEDDED},
        {"column": "product_id", "type": "history", "embedding_dim": 16, "length": 20},
        {"column": "sales_value", "type": "numeric"},
        {"column": "category", "type": "history", "embedding_dim": 16, "length": 10},
    ],
    "product_model_features": [
        {"column": "product_id", **EMBEDDED},
        {"column": "category", **EMBEDDED},
        # A column that the customer has, too: as the product has it.
        {"column": "sales_value", "type": "numeric"},
    ],
    "product_model_crosses": [{"features": ["product_id", "category"], "hash_bucket_size": 500}],
}


# The linear models read one history.
SIMPLE = {**FEATURES, "buyer_model_features": FEATURES["buyer_model_features"][:3]}


def _dense(units: int, activation: str | None = None) -> dict[str, Any]:
    return {"type": "dense", "units": units, "activation": activation}


LINEAR = {
    "model_type": "retrieval",
    "buyer_tower_layers": [_dense(16), {"type": "dropout", "rate": 0.1}, _dense(16)],
    "product_tower_layers": [{"type": "batch_norm"}, _dense(16)],
    "output_embedding_dim": 16,
    "batch_size": 256,
    "normalize_embeddings": False,
    "temperature": 1.0,
    "reranker": None,
}
DEEP = {
    **LINEAR,
    "model_type": "multitask",
    "buyer_tower_layers": [_dense(32, "relu"), {"type": "layer_norm"}, _dense(16)],
    "product_tower_layers": [_dense(24, "leaky_relu"), _dense(24, "gelu"), _dense(16)],
    "rating_head_layers": [_dense(8, "relu"), _dense(1)],
    "normalize_embeddings": True,
    "temperature": 0.1,
}
RERANKER = {"candidates": 60, "popular": 30, "item_item": 20, "units": [16, 16]}
MODELS = {
    "linear": LINEAR,
    "cosine": {**LINEAR, "normalize_embeddings": True, "temperature": 0.1},
    "deep": DEEP,
    "reranked": {**LINEAR, "reranker": RERANKER},
    "deep reranked": {**DEEP, "reranker": RERANKER},
}
EXACT = {"linear", "cosine"}
# One after another: a predictor keeps one in memory.
EVERY_MODEL = pytest.mark.parametrize("model", MODELS, scope="module")
Answer = dict[str, Any]


@dataclass
class Shop:
    """A running system with a completed test of each model."""

    system: System
    client: Client
    tests: dict[str, str]

    def output(self, model: str) -> Path:
        return self.system.home / "artifacts" / "jobs" / f"quick-test-{self.tests[model]}-1"

    def predict(self, model: str, **body: Any) -> Answer:
        path = f"/api/quick-tests/{self.tests[model]}/predictions/"
        answer = self.client("POST", path, {"k": K, "explain": True, **body})
        assert answer.status_code == 200, answer.text
        found: Answer = answer.json()
        return found

    def wrong(self, model: str, **body: Any) -> dict[str, str]:
        """Messages by the field that is wrong."""
        path = f"/api/quick-tests/{self.tests[model]}/predictions/"
        answer = self.client("POST", path, {"explain": True, **body})
        return {one["path"]: one["message"] for one in error(answer, 422, "invalid")["fields"]}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("explanations")
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
        simple = create("feature-configs", "S", {"dataset_id": dataset, **SIMPLE})
        tests = {
            name: create(
                "quick-tests",
                name,
                {
                    "feature_config_id": simple if name in EXACT else features,
                    "model_config_id": create("model-configs", name, spec),
                    "rating_column": "quantity" if spec["model_type"] == "multitask" else None,
                    "data_sample_percent": 100,
                    "epochs": 2,
                },
            )
            for name, spec in MODELS.items()
        }

        def ended() -> bool:
            documents = [
                system.ports.documents.get(Collection.QUICK_TESTS.path(test))
                for test in tests.values()
            ]
            states = [document.data["status"]["state"] for document in documents if document]
            assert "failed" not in states, [d and d.data["status"]["error"] for d in documents]
            return states == ["completed"] * len(tests)

        eventually(ended, timeout=1200)  # five trainings, two at a time
        yield Shop(system, client, tests)


@pytest.fixture(scope="module")
def bought(shop: Shop) -> pd.DataFrame:
    """The training rows with a time, the fitting slice among them."""
    folder = shop.output("reranked") / "examples"
    parts = [folder / split / "part-00000.parquet" for split in ("train", "fitting")]
    rows = pd.concat([pd.read_parquet(part) for part in parts])
    return rows[rows["purchased_at"] > -(2**63)]


def groups(product: Answer) -> dict[str, Answer]:
    found: list[Answer] = product["explanation"]["groups"]
    return {group["key"]: group for group in found}


def total(product: Answer) -> float:
    return math.fsum(group["value"] for group in product["explanation"]["groups"])


def assert_adds_up(answer: Answer, model: str) -> None:
    assert answer["recommendations"]
    for product in answer["recommendations"]:
        score, why = product["score"], product["explanation"]
        assert total(product) == pytest.approx(score, rel=1e-6, abs=1e-5)
        for group in why["groups"]:
            if group["parts"]:
                parts = math.fsum(part["value"] for part in group["parts"])
                assert parts == pytest.approx(group["value"], abs=1e-9)
        exact = model in EXACT
        assert why["method"] == ("exact" if exact else "integrated_gradients")
        # Of an integration, what is left before it is shared out.
        sizes = math.fsum(abs(group["value"]) for group in why["groups"])
        assert abs(why["residual"]) <= (1e-6 if exact else 1e-2) * sizes


@EVERY_MODEL
def test_parts_add_up_to_the_served_score(shop: Shop, bought: pd.DataFrame, model: str) -> None:
    for customer in bought["household_id"].unique()[:5]:
        for which in ("all", "buy_again", "discover"):
            assert_adds_up(shop.predict(model, customer_id=customer, list=which), model)
    product = str(bought["product_id"].iloc[0])
    history = [{"product_id": product, "days_ago": 3}, {"product_id": "nobody's"}]
    assert_adds_up(shop.predict(model, history=history), model)
    customer = str(bought["household_id"].iloc[0])
    assert_adds_up(shop.predict(model, customer_id=customer, history=history), model)
    assert_adds_up(shop.predict(model, values={"sales_value": 3.5}), model)


def of_purchases(product: Answer) -> dict[str, float]:
    """What past purchases add by the towers, by product."""
    parts = groups(product).get("purchases", {"parts": []})["parts"]
    return {part["product_id"]: part["value"] for part in parts}


def test_without_a_purchase_a_linear_score_lacks_its_part(shop: Shop, bought: pd.DataFrame) -> None:
    """A history's weights are divided by their length: those of the purchases that are left grow
    together by one factor. The last one takes away what it adds."""
    products = [str(one) for one in bought["product_id"].unique()[:3]]
    history = [{"product_id": one, "days_ago": 3 + 5 * n} for n, one in enumerate(products)]
    asked = {"values": {"household_id": str(bought["household_id"].iloc[0])}, "k": 50}
    for kept in (2, 1, 0):
        removed = products[kept]
        more, fewer = (
            shop.predict("linear", history=history[:count], **asked) for count in (kept + 1, kept)
        )
        left = {one["product_id"]: one for one in fewer["recommendations"]}
        both = [one for one in more["recommendations"] if one["product_id"] in left]
        assert both
        for product in both:
            after = left[product["product_id"]]
            had, has = of_purchases(product), of_purchases(after)
            assert set(has) == set(had) - {removed}
            grown = math.fsum(has[one] - had[one] for one in has)
            expected = product["score"] - had[removed] + grown
            assert after["score"] == pytest.approx(expected, abs=1e-5)
            factors = [has[one] / had[one] for one in has]
            assert factors == pytest.approx([factors[0]] * len(has), rel=1e-4) if has else True
            assert all(factor > 1 for factor in factors)
            for key in ("start", "customer", "product"):
                assert groups(after)[key]["value"] == pytest.approx(
                    groups(product)[key]["value"], abs=1e-6
                )


def test_of_normalized_vectors_the_same_holds_up_to_their_length(
    shop: Shop, bought: pd.DataFrame
) -> None:
    """Without its only purchase all that is left of every score is divided by another length."""
    history = [{"product_id": str(bought["product_id"].iloc[0]), "days_ago": 3}]
    values = {"household_id": str(bought["household_id"].iloc[0])}
    one = shop.predict("cosine", history=history, values=values, k=50)
    none = shop.predict("cosine", history=[], values=values, k=50)
    left = {product["product_id"]: product["score"] for product in none["recommendations"]}
    ratios = [
        (product["score"] - groups(product)["purchases"]["value"]) / left[product["product_id"]]
        for product in one["recommendations"]
        if abs(left.get(product["product_id"], 0)) > 0.05
    ]
    assert len(ratios) > 5
    assert max(ratios) == pytest.approx(min(ratios), rel=1e-3)


@EVERY_MODEL
def test_a_given_history_is_explained_as_the_stored_one(
    shop: Shop, bought: pd.DataFrame, model: str
) -> None:
    customer, own = next(iter(bought.groupby("household_id")))
    ages = (bought["purchased_at"].max() + 1 - own["purchased_at"]) / 86_400
    history = [
        {"product_id": product, "days_ago": float(age)}
        for product, age in zip(own["product_id"], ages, strict=True)
    ]
    stored = shop.predict(model, customer_id=customer)
    given = shop.predict(model, customer_id=customer, history=history)
    for one, other in zip(stored["recommendations"], given["recommendations"], strict=True):
        assert one["product_id"] == other["product_id"]
        for key, group in groups(one).items():
            found = groups(other)[key]
            assert found["detail"] == group["detail"]
            assert found["value"] == pytest.approx(group["value"], abs=2e-3)
    told = groups(stored["recommendations"][0])["purchases"]["parts"]
    assert told
    counts = own["product_id"].value_counts()
    newest = ages.groupby(own["product_id"]).min()
    for part in told:
        if (product := part["product_id"]) is not None:
            times = part["detail"].split(" times")[0] if "times" in part["detail"] else "1"
            assert 1 <= int(times) <= counts[product]
            assert f"{int(newest[product])} day" in part["detail"] or "today" in part["detail"]


def test_what_the_customer_did_with_the_product_is_told(shop: Shop, bought: pd.DataFrame) -> None:
    customer = str(bought["household_id"].value_counts().index[0])
    again = shop.predict("reranked", customer_id=customer, list="buy_again")
    done = {one["product_id"]: one for one in again["history"]}
    for product in again["recommendations"]:
        had = done[product["product_id"]]
        days = int(had["last_bought_days_ago"])
        ago = "today" if days < 1 else f"{days} day{'' if days == 1 else 's'} ago"
        count = had["count"]
        expected = f"once, {ago}" if count == 1 else f"{count} times, last {ago}"
        assert groups(product)["own"]["detail"] == expected
    new = shop.predict("reranked", customer_id=customer, list="discover")
    assert all("own" not in groups(product) for product in new["recommendations"])


@EVERY_MODEL
def test_of_a_stranger_without_purchases_no_purchase_is_told(shop: Shop, model: str) -> None:
    answer = shop.predict(model, customer_id="a stranger")
    assert_adds_up(answer, model)
    for product in answer["recommendations"]:
        found = groups(product)
        assert not {"own", "goes_with", "purchases", "activity"} & set(found)
        (part,) = found["customer"]["parts"]
        assert part["detail"] == "a stranger, not in the training data"
    # Of whom nothing is known there is nothing to tell.
    nobody = shop.predict(model, values={"sales_value": None}, history=[])
    assert all("customer" not in groups(product) for product in nobody["recommendations"])


def test_what_cannot_be_explained_is_said(shop: Shop) -> None:
    assert shop.wrong("linear", customer_id="1001", k=60) == {
        "k": "At most 50 products are explained at once."
    }
    path = f"/api/quick-tests/{shop.tests['linear']}/prediction-inputs/"
    assert shop.client("GET", path).json()["max_explained"] == 50
    plain = shop.predict("linear", customer_id="1001", explain=False)
    assert all(one["explanation"] is None for one in plain["recommendations"])


def test_the_saved_model_explains_without_recsmith(
    shop: Shop, bought: pd.DataFrame, tmp_path: Path
) -> None:
    customer = str(bought["household_id"].iloc[0])
    for model in ("linear", "deep reranked"):
        product = shop.predict(model, customer_id=customer)["recommendations"][0]
        products = pd.read_parquet(shop.output(model) / "examples/candidates/part-00000.parquet")
        row = products.set_index("product_id", drop=False).loc[product["product_id"]]
        query = shop.predict(model, customer_id=customer, explain=False)["query"]
        given = {
            "household_id": [customer],
            "purchased_at": [int(bought["purchased_at"].max()) + 1],
            "sales_value": [query["sales_value"] or math.nan],
            "product_id": [row["product_id"]],
            "category": [row["category"]],
            "product_sales_value": [float(row["sales_value"])],
            "history_ids": [[]],
            "history_ages": [[]],
        }
        out = tmp_path / f"{model}.json"
        told = {"signature": "explain", "rows": given, "out": str(out)}
        probe(tmp_path / model, ("call", {"model": str(shop.output(model) / "model"), **told}))
        found = json.loads(out.read_text())
        parts = ("product", "customer", "purchases", "goes_with", "reranker")
        added = [value for name in parts for value in found.get(name, [[]])[0]]
        assert found["scores"][0] == pytest.approx(product["score"], abs=1e-5)
        assert found["start"][0] + math.fsum(added) == pytest.approx(product["score"], abs=1e-5)
        assert found["customer_columns"] == ["household_id", "sales_value"]
        assert found["product_columns"][-1] == "product_id × category"


def test_a_fresh_process_says_the_same(shop: Shop, bought: pd.DataFrame) -> None:
    model = "deep reranked"  # it has all that another one has
    customer = str(bought["household_id"].iloc[0])
    first = shop.predict(model, customer_id=customer)
    predictor: Any = shop.system.ports.predictor
    os.kill(predictor.pid, signal.SIGKILL)
    assert shop.predict(model, customer_id=customer) == first
