"""Predictions over HTTP from models that the wired system has trained, against the models' own
signatures and the training rows themselves."""

from __future__ import annotations

import json
import math
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from api_client import Client, error

from local.wiring import System, embedded
from shared.documents.base import Collection
from tests.integration.trainer.support import probe, purchases
from tests.waiting import PATIENCE, eventually

pytestmark = pytest.mark.trainer

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
LOOKING = "retrieval"  # by the past, and with a re-ranker
HISTORY = {"column": "product_id", "type": "history", "embedding_dim": 16}
LOOKING_FEATURES = {
    **FEATURES,
    "buyer_model_features": [*FEATURES["buyer_model_features"], HISTORY],
}
MAPPING = {
    "household_id": "customer_id",
    "product_id": "product_id",
    "purchased_at": "transaction_date",
    "title": "product_name",
    "category": "product_category",
    "brand": "product_brand",
}


DAY = 86_400
# Under which lists are measured, as well as asked for.
RULES: dict[str, Any] = {
    "filters": [
        {"type": "not_in", "column": "brand", "values": ["brand 1"]},
        {"type": "not_bought_within", "days": 90},
    ],
    "caps": [{"column": "brand", "at_most": 2}],
    "pins": [{"product_id": "7000002", "place": 3}],
}


@dataclass
class Shop:
    """A running system with a completed test for each task."""

    system: System
    client: Client
    tests: dict[str, str]
    dataset: str

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
        past = create("feature-configs", "P", {"dataset_id": dataset, **LOOKING_FEATURES})
        rules = create("rule-sets", "Shelf", {"dataset_id": dataset, "rules": RULES})
        reranker = {"candidates": 60, "popular": 30}
        tests = {}
        for task in ("multitask", "ranking", LOOKING):
            looks = task == LOOKING
            spec = {**MODEL, "model_type": task, "reranker": reranker if looks else None}
            model = create("model-configs", task, spec)
            spec = {
                "feature_config_id": past if looks else features,
                "model_config_id": model,
                "rating_column": None if looks else "quantity",
                "data_sample_percent": 100,
                "rule_set_id": rules if looks else None,
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

        eventually(ended, 4 * PATIENCE)  # three trainings, of which two run at a time
        yield Shop(system, client, tests, dataset)


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


def names(answer: dict[str, Any]) -> list[str]:
    return [one["product_id"] for one in answer["recommendations"]]


def scores(answer: dict[str, Any]) -> list[float]:
    return [one["score"] for one in answer["recommendations"]]


@pytest.fixture(scope="module")
def purchased(shop: Shop) -> pd.DataFrame:
    """All training rows of the model that looks back, the fitting slice among them, with a time."""
    folder = shop.output(LOOKING) / "examples"
    parts = [folder / split / "part-00000.parquet" for split in ("train", "fitting")]
    rows = pd.concat([pd.read_parquet(part) for part in parts])
    return rows[rows["purchased_at"] > MISSING_TIME]


@pytest.mark.parametrize("which", ["all", "buy_again", "discover"])
def test_a_history_that_is_given_does_what_the_stored_one_does(
    shop: Shop, purchased: pd.DataFrame, which: str
) -> None:
    end = purchased["purchased_at"].max() + 1
    for customer, own in list(purchased.groupby("household_id"))[:5]:
        ages = (end - own["purchased_at"]) / 86_400
        pairs = zip(own["product_id"], ages, strict=True)
        history = [{"product_id": one, "days_ago": float(age)} for one, age in pairs]
        stored = shop.predict(LOOKING, customer_id=customer, list=which, k=K)
        # By values, for those of the latest row are filled in where a customer is chosen.
        given = shop.predict(
            LOOKING,
            values={key: one for key, one in stored["query"].items() if one is not None},
            history=history,
            list=which,
            k=K,
        )
        told = datetime.fromisoformat(stored["query"]["purchased_at"])
        assert told.timestamp() == end, "asked as at the end"
        assert names(given) == names(stored)
        assert scores(given) == pytest.approx(scores(stored), abs=1e-4)
        newest = ages.groupby(own["product_id"]).min()
        for answer in (stored, given):
            assert {one["product_id"] for one in answer["history"]} == set(newest.index)
            for one in answer["recommendations"]:
                assert one["bought_before"] == (one["product_id"] in newest.index)
                days = newest.get(one["product_id"])
                assert one["last_bought_days_ago"] == (days and pytest.approx(days, abs=1e-3))
                assert which == "all" or one["bought_before"] == (which == "buy_again")
        assert names(stored) or which == "buy_again"


def test_a_visitor_gets_recommendations_from_what_was_bought_a_minute_ago(
    shop: Shop, purchased: pd.DataFrame
) -> None:
    bought = str(purchased["product_id"].iloc[0])
    history = [{"product_id": bought, "days_ago": 1 / 1440}, {"product_id": "nobody's"}]
    again = shop.predict(LOOKING, history=history, list="buy_again")
    assert names(again) == [bought]
    assert again["unknown_products"] == ["nobody's"]
    assert not again["known"]
    assert bought not in names(shop.predict(LOOKING, history=history, list="discover", k=50))
    assert names(shop.predict(LOOKING, history=[], list="buy_again")) == []
    customer = str(purchased["household_id"].iloc[0])
    # What is given replaces what is known, even by nothing.
    assert names(shop.predict(LOOKING, customer_id=customer, history=[], list="buy_again")) == []
    assert names(shop.predict(LOOKING, customer_id="a stranger", list="buy_again")) == []


def test_ten_thousand_past_purchases_are_taken_unknown_ones_among_them(
    shop: Shop, purchased: pd.DataFrame
) -> None:
    products = purchased["product_id"].astype(str).unique()
    history = [
        {"product_id": products[n % len(products)] if n % 2 else f"nobody's {n}", "days_ago": n}
        for n in range(10_000)
    ]
    found = shop.predict(LOOKING, history=history, k=10)
    assert len(names(found)) == 10
    assert len(found["unknown_products"]) == 100  # the first of them
    assert found["history"][0]["count"] >= 5_000 // len(products)


@pytest.mark.parametrize("task", ["multitask", "ranking"])
def test_without_a_re_ranker_lists_hold_the_same_order_and_as_many_as_fit(
    shop: Shop, rows: pd.DataFrame, task: str
) -> None:
    customer = str(rows["household_id"].iloc[0])
    bought = set(rows[rows["household_id"] == customer]["product_id"])
    found = shop.predict(task, customer_id=customer, k=100)
    for which, fits in (
        ("buy_again", bought.__contains__),
        ("discover", lambda p: p not in bought),
    ):
        answer = shop.predict(task, customer_id=customer, k=100, list=which)
        expected = [one for one in found["recommendations"] if fits(one["product_id"])]
        assert names(answer)[: len(expected)] == [one["product_id"] for one in expected]
        assert scores(answer)[: len(expected)] == pytest.approx(
            [one["score"] for one in expected], rel=1e-4, abs=1e-5
        )
        assert all(fits(product) for product in names(answer))
        products = pd.read_parquet(shop.output(task) / "candidates.parquet")["product_id"]
        assert len(names(answer)) == min(100, sum(map(fits, products)))
    assert "look back" in shop.wrong(task, customer_id=customer, history=[])["history"]


TASKS = ("multitask", "ranking", LOOKING)


def various(rows: pd.DataFrame, task: str) -> list[dict[str, Any]]:
    """Requests of all kinds; the last ones are bad where the model does not look back."""
    customers = [*map(str, rows["household_id"].unique()[:40]), "a stranger"]
    products = list(map(str, rows["product_id"].unique()[:30]))
    requests: list[dict[str, Any]] = [
        {"customer_id": customer, "list": which, "k": K}
        for which in ("all", "buy_again", "discover")
        for customer in customers
    ]
    rated: dict[str, Any] = {} if task == LOOKING else {"product_ids": products[:2]}
    requests += [{"values": {"sales_value": number}, "k": K, **rated} for number in range(10)]
    requests += [{"customer_id": "1001", "k": 1_000}, {"values": {"colour": "red"}}]
    for length in (0, 1, 7, 30):
        past = [{"product_id": one, "days_ago": n} for n, one in enumerate(products[:length])]
        requests.append({"history": past, "k": K})
    requests.append({"history": [{"product_id": "nobody's"}], "customer_id": "1001"})
    return requests


@pytest.fixture(scope="module")
def held_out(shop: Shop) -> pd.DataFrame:
    """The held-out rows of the model that looks back."""
    return pd.read_parquet(shop.output(LOOKING) / "examples/eval/part-00000.parquet")


def under_rules(row: dict[Any, Any]) -> dict[str, Any]:
    """What a held-out row asks for under RULES."""
    given = {"purchased_at": int(row["purchased_at"]), "sales_value": row["sales_value"]}
    values = {name: None if value != value else value for name, value in given.items()}
    return {"customer_id": row["household_id"], "values": values, "k": 10, "rules": RULES}


@pytest.fixture(scope="module")
def answers(
    shop: Shop,
    rows: pd.DataFrame,
    held_out: pd.DataFrame,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, dict[str, list[Any]]]:
    """Of each model to `various`, and of the one that looks back to its held-out rows under RULES;
    one process, for it takes long to start."""
    folder = tmp_path_factory.mktemp("answers")
    ruled = [under_rules(row) for row in held_out.to_dict("records")]
    asked = {task: (task, various(rows, task), True) for task in TASKS}
    asked["held out"] = (LOOKING, ruled, False)
    probe(
        folder,
        *(
            (
                "predictions",
                {
                    "artifacts": str(shop.output(task)),
                    "requests": requests,
                    "alone": alone,
                    "out": str(folder / f"{name}.json"),
                },
            )
            for name, (task, requests, alone) in asked.items()
        ),
    )
    return {name: json.loads((folder / f"{name}.json").read_bytes()) for name in asked}


@pytest.mark.parametrize("task", TASKS)
def test_hundreds_of_requests_at_once_are_answered_as_one_by_one(
    answers: dict[str, dict[str, list[Any]]], task: str
) -> None:
    bad = 2 if task == LOOKING else 7
    found = answers[task]
    assert sum("wrong" in one for one in found["alone"]) == bad
    for alone, at_once in zip(found["alone"], found["at_once"], strict=True):
        if "wrong" in alone:
            assert at_once == alone
            continue
        assert {**at_once, "recommendations": 0, "ratings": 0} == {
            **alone,
            "recommendations": 0,
            "ratings": 0,
        }
        assert scores(at_once) == pytest.approx(scores(alone), rel=1e-4, abs=1e-4)
        by_id = {one["product_id"]: one for one in alone["recommendations"]}
        for one, there in zip(at_once["recommendations"], alone["recommendations"], strict=True):
            # Products change places only where they are tied; a tie may go beyond the last.
            own = by_id.get(one["product_id"], there)
            assert own["score"] == pytest.approx(there["score"], rel=1e-4, abs=1e-4)
            if own["product_id"] == one["product_id"]:
                assert one["rating"] == (own["rating"] and pytest.approx(own["rating"], abs=1e-4))
                assert one["bought_before"] == own["bought_before"]
        assert [one["rating"] for one in at_once["ratings"]] == pytest.approx(
            [one["rating"] for one in alone["ratings"]], abs=1e-4
        )


@pytest.fixture(scope="module")
def described(shop: Shop) -> pd.DataFrame:
    """What rules can read of each product, by id: of the model's inputs, and of what was kept."""
    products = pd.read_parquet(shop.output("multitask") / "candidates.parquet")
    pairs = zip(products["attributes"], products["columns"], strict=True)
    found = pd.DataFrame([{**known, **kept} for known, kept in pairs])
    return found[["category", "brand"]].set_axis(products["product_id"])


@pytest.mark.parametrize("task", TASKS)
def test_a_list_under_rules_is_the_models_own_as_far_as_it_fits_and_then_all_that_fits(
    shop: Shop, rows: pd.DataFrame, described: pd.DataFrame, task: str
) -> None:
    customer = str(rows["household_id"].iloc[0])
    plain = shop.predict(task, customer_id=customer, k=50 if task == LOOKING else 100)
    brands = ["brand 1", "brand 4"]
    fits = described["brand"].isin(brands)
    filters = [{"type": "in", "column": "brand", "values": brands}]
    ruled = shop.predict(task, customer_id=customer, k=50, rules={"filters": filters})
    assert ruled["applied"]["rules"] == ["brand is brand 1 or brand 4"]
    assert ruled["applied"]["products"] == len(described)
    assert ruled["applied"]["fitting"] == fits.sum()
    assert len(names(ruled)) == len(set(names(ruled))) == min(50, fits.sum())
    assert fits[names(ruled)].all()
    first = [product for product in names(plain) if fits[product]][:50]
    assert first
    if task == LOOKING:
        assert names(ruled)[: len(first)] == first
    else:
        expected = [one["score"] for one in plain["recommendations"] if fits[one["product_id"]]]
        found = scores(ruled)[: len(expected)]
        assert found == pytest.approx(expected[:50], rel=1e-4, abs=1e-4)
    # None of what it lists is of a category that is full, and what is pinned stands at its place.
    pinned = str(described.index[~described.index.isin(names(plain))][0])
    rules = {
        "filters": [{"type": "not_in", "column": "brand", "values": ["no brand"]}],
        "caps": [{"column": "category", "at_most": 2}],
        "pins": [{"product_id": pinned, "place": 3}],
    }
    capped = shop.predict(task, customer_id=customer, k=20, rules=rules)
    assert names(capped)[2] == pinned
    assert [one["pinned"] for one in capped["recommendations"]].index(True) == 2
    counts = described.loc[names(capped), "category"].value_counts()
    assert counts[counts.index != ""].max() <= 2
    assert names(shop.predict(task, customer_id=customer, k=50, rules={"filters": filters})) == (
        names(ruled)
    )


def test_what_was_bought_lately_is_left_out_by_a_history_too(
    shop: Shop, purchased: pd.DataFrame
) -> None:
    bought, other = map(str, purchased["product_id"].unique()[:2])
    history = [{"product_id": bought, "days_ago": 3}, {"product_id": other, "days_ago": 40}]
    filters = [{"type": "not_bought_within", "days": 30}]
    again = shop.predict(LOOKING, history=history, list="buy_again", rules={"filters": filters})
    assert names(again) == [other]
    assert (again["applied"]["products"], again["applied"]["fitting"]) == (2, 1)


def test_lists_are_measured_under_rules_as_they_are_served(
    shop: Shop,
    described: pd.DataFrame,
    held_out: pd.DataFrame,
    answers: dict[str, dict[str, list[Any]]],
) -> None:
    """Each held-out row as a request of its own; of the model that has a re-ranker, and thus most
    to get wrong."""
    test = shop.client("GET", f"/api/quick-tests/{shop.tests[LOOKING]}/").json()
    measured = test["status"]["results"]["rules"]
    assert (measured["name"], measured["revision"]) == ("Shelf", 1)
    assert measured["rows"] == len(held_out)
    (first,) = map(under_rules, held_out.head(1).to_dict("records"))
    served = answers["held out"]["at_once"]
    assert names(shop.predict(LOOKING, **first)) == names(served[0])
    hits = [
        product in names(answer)
        for product, answer in zip(held_out["product_id"], served, strict=True)
    ]
    found = measured["metrics"]["recall_at_10"]
    assert 0 < found < 1
    # A served list breaks ties by the products' order, a rank counts them against the model.
    assert found == pytest.approx(sum(hits) / len(hits), abs=0.01)
    plain, without = test["status"]["results"]["metrics"], measured["without"]
    assert without.keys() == measured["metrics"].keys()
    for name, value in without.items():
        if name.startswith("mrr_at_100"):
            # Cut at a hundred places, where the one over all products goes on.
            assert 0 <= plain[name.replace("_at_100", "")] - value <= 1 / 101
        else:
            assert value == plain[name], name
    # Its own rows: the other models leave out those without a rating.
    folder = shop.output(LOOKING) / "examples"
    parts = [folder / split / "part-00000.parquet" for split in ("train", "fitting")]
    rows = pd.concat([pd.read_parquet(part) for part in parts])
    unknown = rows["purchased_at"] == MISSING_TIME
    end = rows.loc[~unknown, "purchased_at"].max() + 1
    lately = rows[unknown | (end - rows["purchased_at"] < 90 * DAY)]
    pairs = set(zip(lately["household_id"], lately["product_id"], strict=True))
    left_out = sum(
        described.loc[product, "brand"] == "brand 1" or (customer, product) in pairs
        for customer, product in zip(held_out["household_id"], held_out["product_id"], strict=True)
    )
    lists = {one["name"]: one for one in measured["lists"]}
    assert set(lists) == {"all", "buy_again", "discover"}
    assert lists["all"]["left_out"] == left_out
    assert test["status"]["verdict"]["rules"]["sentences"][0].startswith("Under the rule set")


def test_a_rule_set_is_read_by_the_process_that_predicts(
    shop: Shop, rows: pd.DataFrame, described: pd.DataFrame
) -> None:
    customer = str(rows["household_id"].iloc[0])
    spec = {
        "dataset_id": shop.dataset,
        "rules": {"filters": [{"type": "in", "column": "brand", "values": ["brand 2"]}]},
    }
    checked = {"spec": spec, "quick_test_id": shop.tests["multitask"]}
    found = shop.client("POST", "/api/rule-sets/validate/", checked).json()
    fits = described["brand"] == "brand 2"
    assert found["preview"]["fitting"] == found["preview"]["filters"][0]["fitting"] == fits.sum()
    said = shop.wrong("multitask", customer_id=customer, rule_set="Brand two")["rule_set"]
    assert said.endswith("There are 'Shelf'.")
    made = shop.client("POST", "/api/rule-sets/", {"name": "Brand two", "spec": spec})
    assert made.status_code == 201, made.text
    path = Collection.RULE_SETS.path(made.json()["id"])

    def published() -> bool:
        document = shop.system.ports.documents.get(path)
        return document is not None and document.data["status"]["published_revision"] == 1

    eventually(published)

    def known(task: str) -> bool:  # where it was asked for before, a few seconds later
        path = f"/api/quick-tests/{shop.tests[task]}/predictions/"
        body = {"customer_id": customer, "rule_set": "Brand two"}
        return shop.client("POST", path, body).status_code == 200

    for task in ("multitask", LOOKING):
        eventually(lambda task=task: known(task))  # type: ignore[misc]
        answer = shop.predict(task, customer_id=customer, k=5, rule_set="Brand two")
        assert len(names(answer)) == 5
        assert fits[names(answer)].all()
    unknown = {"filters": [{"type": "range", "column": "colour", "min": 1}]}
    said = shop.wrong("multitask", customer_id=customer, rules=unknown)
    assert "'category', 'brand'" in said["rules.filters[0].column"]


def test_the_process_is_reused_and_replaced_when_killed(shop: Shop) -> None:
    first = shop.predict("multitask", customer_id="1001")
    pid = shop.pid
    assert shop.predict("multitask", customer_id="1001") == first
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
