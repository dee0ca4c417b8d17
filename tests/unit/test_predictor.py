"""From a job's files to a query and back, with a model whose arithmetic is known."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shared.documents.base import CodeArtifact
from shared.documents.dataset import FileSource
from shared.examples import MISSING_TIMESTAMP, ExamplesSpec, RawFeature, RawType
from shared.jobs import REQUEST_FILE, JobRequest
from shared.predictions import PredictionRequest
from shared.problems import Invalid
from trainer_image.locations import Locations
from trainer_image.predictor import Predictor
from trainer_image.tables import write_parquet

TEXT, NUMBER, TIME = RawType.TEXT, RawType.NUMBER, RawType.TIMESTAMP
FEATURES = [
    RawFeature(key="customer", column="customer", type=TEXT),
    RawFeature(key="age", column="age", type=TEXT),
    RawFeature(key="age_number", column="age", type=NUMBER),
    RawFeature(key="at", column="bought at", type=TIME),
    RawFeature(key="product", column="product", type=TEXT),
    RawFeature(key="price", column="price", type=NUMBER),
]
ROWS = pa.table(
    {
        "customer": ["c1", "c2", "c1", "c1", "C20"],
        "age": ["30", "", "31", "30", "50"],
        "age_number": pa.array([30, math.nan, 31, 30, 50], pa.float32()),
        "at": pa.array([100, MISSING_TIMESTAMP, 300, 200, 5], pa.int64()),
        "product": ["a", "b", "b", "b", "c"],
    }
)
PRICES = {"a": 1.5, "b": 2.25, "c": 9.0}


class Model:
    """Rates a product by its price plus the customer's age; recommends nothing by itself."""

    def __init__(self, _: str) -> None:
        self.calls: list[dict[str, list[Any]]] = []

    signatures = ("serving_default",)

    def outputs(self, _: str) -> list[str]:
        return ["rating"]

    def types(self, _: str) -> dict[str, str]:
        kinds = {TEXT: "string", NUMBER: "float32", TIME: "int64"}
        return {feature.key: kinds[feature.type] for feature in FEATURES}

    def call(self, _: str, rows: dict[str, list[Any]]) -> dict[str, Any]:
        self.calls.append(rows)
        age = np.nan_to_num(np.array(rows["age_number"], np.float32))
        return {"rating": (np.array(rows["price"], np.float32) + age)[:, None]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    code = CodeArtifact(uri="file:///code.py", sha256="0" * 64)
    request = JobRequest(
        job_id="job",
        quick_test_id="test",
        preprocessing=code,
        trainer=code,
        examples=ExamplesSpec(
            source=FileSource(kind="csv", uri="data.csv"),
            features=FEATURES,
            query_keys=["customer", "age", "age_number", "at"],
            candidate_keys=["product", "price"],
            customer_key="customer",
            product_key="product",
            timestamp_column="bought at",
        ),
        vocabularies=[],
        epochs=1,
        output_uri=tmp_path.as_uri(),
    )
    (tmp_path / REQUEST_FILE).write_text(request.model_dump_json())
    places = Locations(str(tmp_path))
    write_parquet(ROWS, places.examples("train"))
    products = pa.table(
        {
            "product_id": list(PRICES),
            "name": ["Apple", "", "Cherry"],
            "attributes": [
                {"product": one, "price": price, "customer": "", "age": ""}
                for one, price in PRICES.items()
            ],
        }
    )
    pq.write_table(products, places.candidates)
    return tmp_path


@pytest.fixture
def predictor(folder: Path) -> Predictor:
    return Predictor(folder.as_uri(), Model)  # type: ignore[arg-type]


def model_of(predictor: Predictor) -> Model:
    model: Any = predictor._model
    return model


def ask(predictor: Predictor, **request: Any) -> Any:
    return predictor.predict(PredictionRequest(k=3, **request))


def problems(predictor: Predictor, **request: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as raised:
        ask(predictor, **request)
    return {problem.path: problem.code for problem in raised.value.problems}


def test_a_customers_latest_row_is_the_query(predictor: Predictor) -> None:
    answer = ask(predictor, customer_id="c1")
    assert answer.query == {"customer": "c1", "age": "31", "bought at": "1970-01-01T00:05:00Z"}
    asked = model_of(predictor).calls[-1]
    assert asked["customer"] == ["c1"] * 3
    assert (asked["age"][0], asked["age_number"][0], asked["at"][0]) == ("31", 31.0, 300)
    ratings = [(one.product_id, one.rating) for one in answer.recommendations]
    assert ratings == [("c", 40.0), ("b", 33.25), ("a", 32.5)]


def test_history_counts_rows_and_marks_what_was_bought(predictor: Predictor) -> None:
    answer = ask(predictor, customer_id="c1")
    history = [(one.product_id, one.name, one.count) for one in answer.history]
    assert history == [("b", None, 2), ("a", "Apple", 1)]
    bought = {one.product_id: one.bought_before for one in answer.recommendations}
    assert bought == {"a": True, "b": True, "c": False}
    assert (answer.known, answer.products_bought) == (True, 2)


def test_a_value_reaches_every_feature_of_its_column(predictor: Predictor) -> None:
    answer = ask(predictor, customer_id="c1", values={"age": "7", "bought at": None})
    asked = model_of(predictor).calls[-1]
    assert (asked["age"][0], asked["age_number"][0]) == ("7", 7.0)
    assert asked["at"][0] == MISSING_TIMESTAMP
    assert answer.query == {"customer": "c1", "age": "7", "bought at": None}


def test_strangers_and_missing_values_are_answered(predictor: Predictor) -> None:
    for request in ({"customer_id": "x"}, {"values": {"customer": "x"}}):
        answer = ask(predictor, **request)
        assert (answer.known, answer.history) == (False, [])
        assert answer.query == {"customer": "x", "age": None, "bought at": None}
    assert ask(predictor, customer_id="c2").query["bought at"] is None
    typed = ask(predictor, values={"customer": "c1"})  # typed, so that nothing is filled in
    assert typed.known
    assert typed.query["age"] is None


def test_asked_for_products_are_rated_in_their_order(predictor: Predictor) -> None:
    answer = ask(predictor, customer_id="C20", product_ids=["b", "a"])
    assert [(one.product_id, one.rating) for one in answer.ratings] == [("b", 52.25), ("a", 51.5)]


def test_customers_are_found_by_text_those_with_most_rows_first(predictor: Predictor) -> None:
    inputs = predictor.describe(None, 2)
    found = [(one.customer_id, one.purchases) for one in inputs.customers]
    assert found[0] == ("c1", 3)
    assert (len(found), inputs.customer_count) == (2, 3)
    assert [one.customer_id for one in predictor.describe("c2", 10).customers] == ["c2", "C20"]
    assert predictor.describe("zz", 10).customers == []
    assert [(one.column, one.type, one.example) for one in inputs.columns] == [
        ("customer", TEXT, "c1"),
        ("age", TEXT, "30"),
        ("bought at", TIME, "1970-01-01T00:01:40Z"),
    ]
    assert (inputs.recommends, inputs.rates, inputs.max_k) == (False, True, 3)


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({}, {"customer_id": "missing"}),
        ({"values": {"price": 1}}, {"values.price": "unknown_column"}),
        ({"values": {"age": "old"}}, {"values.age": "wrong_type"}),
        ({"values": {"bought at": 1.5}}, {"values.bought at": "wrong_type"}),
        ({"values": {"customer": "\ud800"}}, {"values.customer": "wrong_type"}),
        (
            {"customer_id": "c1", "values": {"customer": "c2"}},
            {"values.customer": "two_customers"},
        ),
        ({"customer_id": "c1", "product_ids": ["a", "z"]}, {"product_ids[1]": "unknown_product"}),
    ],
)
def test_what_is_wrong_is_named_by_its_field(
    predictor: Predictor, request_: dict[str, Any], expected: dict[str, str]
) -> None:
    assert problems(predictor, **request_) == expected


def test_more_products_than_there_are_is_an_error(predictor: Predictor) -> None:
    with pytest.raises(Invalid, match="k: The model finds at most 3 products"):
        predictor.predict(PredictionRequest(customer_id="c1", k=4))


def test_a_job_without_its_request_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Predictor(tmp_path.as_uri(), Model)  # type: ignore[arg-type]
