"""From a job's files to a query and back, with a model whose arithmetic is known."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shared.columns.text_form import TextForm
from shared.examples import MISSING_TIMESTAMP
from shared.jobs import REQUEST_FILE, JobRequest
from shared.predictions import ListName, Prediction, PredictionRequest
from shared.problems import InvalidError, Problem
from shared.views import Key, KindsOf, View
from tests.unit.trainer_image.serving.small_job import (
    ROWS,
    TEXT,
    TIME,
    Finder,
    Looking,
    Model,
    make_folder,
)
from trainer_image.examples.tables import write_parquet
from trainer_image.job.locations import Locations
from trainer_image.serving import recommender
from trainer_image.serving.http.versions import Version, load
from trainer_image.serving.predictor import Predictor


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_folder(tmp_path)
    return tmp_path


@pytest.fixture
def predictor(folder: Path) -> Predictor:
    return Predictor(folder.as_uri(), Model)  # type: ignore[arg-type]


def model_of(predictor: Predictor) -> Model:
    model: Any = predictor._model._model
    return model


def ask(predictor: Predictor, **request: Any) -> Any:
    return predictor.predict(PredictionRequest(k=3, **request))


def problems(predictor: Predictor, **request: Any) -> dict[str, str]:
    with pytest.raises(InvalidError) as raised:
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


def test_a_model_that_does_not_rate_recommends(folder: Path) -> None:
    answer = Predictor(folder.as_uri(), Finder).predict(  # type: ignore[arg-type]
        PredictionRequest(k=2, customer_id="c1")
    )
    found = [(one.product_id, one.score, one.rating) for one in answer.recommendations]
    assert found == [("c", 0.75, None), ("a", 0.5, None)]
    assert answer.ratings == []


def test_history_counts_rows_and_marks_what_was_bought(predictor: Predictor) -> None:
    answer = ask(predictor, customer_id="c1")
    history = [(one.product_id, one.name, one.count) for one in answer.history]
    assert history == [("b", None, 2), ("a", "Apple", 1)]
    bought = {one.product_id: one.bought_before for one in answer.recommendations}
    assert bought == {"a": True, "b": True, "c": False}
    assert (answer.known, answer.products_bought) == (True, 2)


def test_what_was_bought_in_the_held_out_rows_is_told_where_that_is_asked_for(folder: Path) -> None:
    judged_by = pa.table(
        {
            "customer": ["c1", "c2", "c1", "c1"],
            "age": ["31", "", "31", "31"],
            "age_number": pa.array([31, math.nan, 31, 31], pa.float32()),
            "at": pa.array([400, 500, 600, 700], pa.int64()),
            "product": ["c", "a", "a", "c"],
        }
    )
    write_parquet(judged_by, Locations(str(folder)).examples("eval"))
    predictor = Predictor(folder.as_uri(), Model)  # type: ignore[arg-type]
    assert ask(predictor, customer_id="c1").held_out is None
    answer = ask(predictor, customer_id="c1", held_out=True)
    marked = {one.product_id: one.held_out for one in answer.recommendations}
    assert marked == {"a": True, "b": False, "c": True}
    told = answer.held_out
    assert answer.products_held_out == len(told)
    assert [tuple(one.model_dump().values()) for one in told] == [
        ("c", "Cherry", 2, False),
        ("a", "Apple", 1, True),
    ]
    assert ask(predictor, values={"customer": "c1"}, held_out=True).held_out == told
    for stranger in ({"customer_id": "C20"}, {"customer_id": "nobody"}, {"values": {"age": "7"}}):
        assert ask(predictor, **stranger, held_out=True).held_out == []


def test_a_job_whose_held_out_rows_are_gone_still_answers(predictor: Predictor) -> None:
    answer = ask(predictor, customer_id="c1", held_out=True)
    assert answer.held_out is None
    assert [one.held_out for one in answer.recommendations] == [None] * 3


def recommended(answer: Any) -> list[tuple[str, bool, float | None]]:
    return [
        (one.product_id, one.bought_before, one.last_bought_days_ago)
        for one in answer.recommendations
    ]


def listed(predictor: Predictor, *, k: int = 3, **request: Any) -> list[str]:
    answer = predictor.predict(PredictionRequest(k=k, **request))
    return [one.product_id for one in answer.recommendations]


def test_when_a_product_was_bought_last_is_told_in_days_before_the_end(folder: Path) -> None:
    day = 86_400
    at = pa.array([10 * day, MISSING_TIMESTAMP, 3 * day, 4 * day, 12 * day - 1], pa.int64())
    write_parquet(pa.table({"time": at}), Locations(str(folder)).times("train"))
    predictor = Predictor(folder.as_uri(), Model)  # type: ignore[arg-type]
    found = recommended(ask(predictor, customer_id="c1"))
    assert found == [("c", False, None), ("b", True, 8.0), ("a", True, 2.0)]
    answer = ask(predictor, customer_id="c2")
    assert recommended(answer)[1] == ("b", True, None)  # bought, but nobody knows when
    assert [(one.product_id, one.last_bought_days_ago) for one in answer.history] == [("b", None)]


@pytest.mark.parametrize("model", [Model, Finder])
def test_without_a_re_ranker_lists_are_all_products_cut_by_what_was_bought(
    folder: Path, model: type[Model]
) -> None:
    predictor = Predictor(folder.as_uri(), model)  # type: ignore[arg-type]
    k = 2 if model is Finder else 3
    order = ["a", "b"] if model is Finder else ["b", "a"]  # the cheapest, or the dearest

    def listed(customer: str, which: str) -> list[str]:
        request = PredictionRequest(k=k, customer_id=customer, list=which)  # type: ignore[arg-type]
        return [one.product_id for one in predictor.predict(request).recommendations]

    assert listed("c1", "buy_again") == order
    assert listed("c1", "discover") == ["c"]
    assert listed("C20", "discover") == order  # though the index finds one of them only
    assert listed("a stranger", "buy_again") == []
    assert len(listed("a stranger", "discover")) == k


@pytest.fixture
def looking(folder: Path) -> Predictor:
    return Predictor(folder.as_uri(), Looking)  # type: ignore[arg-type]


def test_a_re_ranker_has_a_signature_for_each_list(looking: Predictor) -> None:
    assert listed(looking, customer_id="c1") == ["c", "a", "b"]
    assert listed(looking, customer_id="c1", list="buy_again") == ["a"]
    assert listed(looking, customer_id="c1", list="discover") == ["c", "b"]


def test_a_model_that_looks_back_is_asked_as_at_the_end_unless_told_when(
    looking: Predictor,
) -> None:
    answer = ask(looking, customer_id="c1")
    assert answer.query == {"customer": "c1", "age": "31", "bought at": "1970-01-01T00:05:01Z"}
    model = model_of(looking)
    assert model.calls[-1]["at"] == [301]  # whatever is made of the time, it is not missing
    ask(looking, history=[])
    assert model.calls[-1]["at"] == [301]
    ask(looking, customer_id="c1", values={"bought at": None})
    assert model.calls[-1]["at"] == [MISSING_TIMESTAMP]
    assert model.told[-1] is None  # type: ignore[attr-defined]  # what the model knows itself
    days = round(1 / 86_400, 4)
    assert recommended(answer)[2] == ("b", True, days)  # at 300, and the end is 301
    for moment, bought in ((301, {"a": 1, "b": 2}), (300, {"a": 1, "b": 1}), (100, {}), (5, {})):
        answer = ask(looking, customer_id="c1", values={"bought at": moment})
        assert model.calls[-1]["at"] == [moment]
        assert {one.product_id: one.count for one in answer.history} == bought
    # A purchase at an unknown time is before none.
    assert ask(looking, customer_id="c2").history == []


def test_a_given_history_replaces_what_is_known(looking: Predictor) -> None:
    history = [
        {"product_id": "c", "days_ago": 2.5},
        {"product_id": "nothing", "days_ago": 1},
        {"product_id": "c", "days_ago": 9},
        {"product_id": "a"},
    ]
    told = model_of(looking).told  # type: ignore[attr-defined]
    for request in ({"customer_id": "c1"}, {"customer_id": "a visitor"}, {}):
        answer = ask(looking, **request, history=history)
        assert told[-1] == [("c", 2.5, ""), ("c", 9.0, ""), ("a", 0.0, "")]
        assert recommended(answer) == [("c", True, 2.5), ("a", True, 0.0), ("b", False, None)]
        assert [(one.product_id, one.count) for one in answer.history] == [("c", 2), ("a", 1)]
        assert answer.unknown_products == ["nothing"]
        assert answer.known == (request.get("customer_id") == "c1")
    answer = ask(looking, customer_id="c1", history=[])
    assert told[-1] == []
    assert (answer.history, answer.products_bought) == ([], 0)


def test_events_that_are_no_purchases_are_told_and_not_taken_for_one(folder: Path) -> None:
    path = folder / REQUEST_FILE
    request = JobRequest.model_validate_json(path.read_bytes())
    request.examples.kind_key = "age"
    key = Key(column="age")
    request.examples.view = View(
        kinds=KindsOf(
            kind=key,
            targets=["buy"],
            negatives=[],
            histories=["view"],
            weights={"buy": 1.0, "view": 0.2},
            customer=Key(column="customer"),
            product=Key(column="product"),
        )
    )
    path.write_text(request.model_dump_json())
    predictor = Predictor(folder.as_uri(), Looking)  # type: ignore[arg-type]
    assert predictor.describe(None, 1).event_kinds == ["buy", "view"]
    answer = ask(
        predictor,
        history=[
            {"product_id": "c", "days_ago": 2.5, "kind": "view"},
            {"product_id": "a", "kind": "buy"},
            {"product_id": "a", "days_ago": 3},
        ],
    )
    told = model_of(predictor).told[-1]  # type: ignore[attr-defined]
    assert told == [("c", 2.5, "view"), ("a", 0.0, "buy"), ("a", 3.0, "")]
    assert [(one.product_id, one.count) for one in answer.history] == [("a", 2)]
    assert recommended(answer)[0] == ("c", False, None)
    with pytest.raises(InvalidError) as refused:
        ask(predictor, history=[{"product_id": "c"}, {"product_id": "c", "kind": "cart"}])
    (problem,) = refused.value.problems
    assert (problem.path, problem.code) == ("history[1].kind", "unknown_kind")
    assert problem.message == "The model has no such kind of event. Give 'buy' or 'view'."


def test_a_model_of_purchases_takes_no_kinds(looking: Predictor) -> None:
    with pytest.raises(InvalidError, match="knows purchases alone"):
        ask(looking, history=[{"product_id": "c", "kind": "view"}])
    assert looking.describe(None, 1).event_kinds == []


def test_ids_of_a_given_history_are_read_as_the_training_rows(folder: Path) -> None:
    rows = ROWS.set_column(4, "product", pa.array(["7", "8", "8", "8", "9"]))
    write_parquet(rows, Locations(str(folder)).examples("train"))
    path = folder / REQUEST_FILE
    request = JobRequest.model_validate_json(path.read_bytes())
    request.examples.features[4].form = TextForm("integer")
    path.write_text(request.model_dump_json())
    predictor = Predictor(folder.as_uri(), Looking)  # type: ignore[arg-type]
    history = [{"product_id": "7.0"}, {"product_id": "NULL"}]
    answer = ask(predictor, history=history)
    assert [one.product_id for one in answer.history] == ["7"]
    assert answer.unknown_products == ["NULL"]


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
        ({"values": {"age": 10**400}}, {"values.age": "wrong_type"}),
        ({"values": {"age": -(10**39)}}, {"values.age": "wrong_type"}),
        ({"values": {"age": 1e39}}, {"values.age": "wrong_type"}),
        ({"values": {"age": "1e39"}}, {"values.age": "wrong_type"}),
        ({"values": {"age": "1e999"}}, {"values.age": "wrong_type"}),
        ({"values": {"bought at": 1.5}}, {"values.bought at": "wrong_type"}),
        ({"values": {"bought at": 2**63}}, {"values.bought at": "wrong_type"}),
        ({"values": {"bought at": "9" * 20}}, {"values.bought at": "wrong_type"}),
        ({"values": {"bought at": 10**400}}, {"values.bought at": "wrong_type"}),
        ({"values": {"customer": "\ud800"}}, {"values.customer": "wrong_type"}),
        (
            {"customer_id": "c1", "values": {"customer": "c2"}},
            {"values.customer": "two_customers"},
        ),
        ({"customer_id": "c1", "product_ids": ["a", "z"]}, {"product_ids[1]": "unknown_product"}),
        ({"customer_id": "c1", "history": []}, {"history": "not_looking_back"}),
    ],
)
def test_what_is_wrong_is_named_by_its_field(
    predictor: Predictor, request_: dict[str, Any], expected: dict[str, str]
) -> None:
    assert problems(predictor, **request_) == expected


def test_more_products_than_there_are_is_an_error(predictor: Predictor) -> None:
    with pytest.raises(InvalidError, match="K: The model finds at most 3 products"):
        predictor.predict(PredictionRequest(customer_id="c1", k=4))


@pytest.mark.parametrize("model", [Model, Finder, Looking])
def test_many_requests_are_answered_as_one_by_one_bad_ones_among_them(
    folder: Path, model: type[Model], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recommender, "_QUERIES", 3)  # so that there are several batches
    monkeypatch.setattr(recommender, "_BATCH", 4)
    predictor = Predictor(folder.as_uri(), model)  # type: ignore[arg-type]
    requests = [
        PredictionRequest(k=k, list=which, **who)
        for who in (
            {"customer_id": "c1"},
            {"customer_id": "a stranger"},
            {"values": {"age": 7}},
            {},  # for nobody
            {"customer_id": "C20", "product_ids": ["b", "a"]},
            {"customer_id": "c2", "history": [{"product_id": "a", "days_ago": 3}]},
            {"history": [{"product_id": "b"}, {"product_id": "c"}, {"product_id": "none"}]},
        )
        for which in ListName
        for k in (1, 2)
    ]

    def alone(request: PredictionRequest) -> Prediction | list[Problem]:
        try:
            return predictor.predict(request)
        except InvalidError as invalid:
            return invalid.problems

    expected = [alone(request) for request in requests]
    assert {type(one) for one in expected} == {Prediction, list}
    before = len(model_of(predictor).calls)
    answers = predictor.predict_many(requests)
    found = [one.problems if isinstance(one, InvalidError) else one for one in answers]
    assert found == expected
    called = len(model_of(predictor).calls) - before
    assert model is Model or called < len(requests) / 2
    assert predictor.predict_many([]) == []


def test_what_every_filtered_list_takes_is_there_before_a_version_is_served(folder: Path) -> None:
    made: list[Predictor] = []

    def make(uri: str) -> Predictor:
        made.append(Predictor(uri, Finder))  # type: ignore[arg-type]
        return made[-1]

    version = Version(folder.as_uri(), "test")
    load(version, make)
    (predictor,) = made
    before = len(model_of(predictor).calls)
    only = {"filters": [{"type": "only", "product_ids": ["b"]}]}
    assert listed(predictor, customer_id="c1", k=1, rules=only) == ["b"]
    asked = model_of(predictor).calls[before:]
    assert asked
    assert {"price"} not in [set(rows) for rows in asked]  # as when products are embedded


def test_a_job_without_its_request_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Predictor(tmp_path.as_uri(), Model)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("form", "trained", "asked"),
    [
        ("integer", "1003", ["1003", "1003.0"]),
        ("written", "+490001", ["+490001"]),
        ("boolean", "true", ["TRUE", "true"]),
    ],
)
def test_an_id_is_known_however_it_is_written(
    folder: Path, form: str, trained: str, asked: list[str]
) -> None:
    places = Locations(str(folder))
    rows = ROWS.set_column(0, "customer", pa.array([trained, "c2", trained, "c4", "c5"]))
    write_parquet(rows, places.examples("train"))
    path = folder / REQUEST_FILE
    request = JobRequest.model_validate_json(path.read_bytes())
    request.examples.features[0].form = TextForm(form)
    path.write_text(request.model_dump_json())
    predictor = Predictor(folder.as_uri(), Model)  # type: ignore[arg-type]
    for customer in asked:
        answer = ask(predictor, customer_id=customer)
        assert answer.known
        assert answer.query["customer"] == trained
        assert answer.history
    if form == "integer":
        for number in (1003, 1003.0):
            assert ask(predictor, values={"customer": number}).known
    assert problems(predictor, customer_id="NULL") == {"customer_id": "missing"}


def sold_out(folder: Path, *products: str) -> None:
    """Marks products as not available."""
    places = Locations(str(folder))
    table = pq.read_table(places.candidates)
    flags = [product not in products for product in table["product_id"].to_pylist()]
    pq.write_table(table.append_column("available", pa.array(flags)), places.candidates)


@pytest.mark.parametrize(
    ("model", "without"),
    [(Model, ["c", "a"]), (Finder, ["c", "a"]), (Looking, ["c", "a"])],
)
def test_what_is_not_available_is_in_no_list(folder: Path, model: Any, without: list[str]) -> None:
    request = PredictionRequest(customer_id="c1", k=2)
    sold_out(folder, "b")
    found = Predictor(folder.as_uri(), model).predict(request).recommendations
    assert [one.product_id for one in found] == without
    places = Locations(str(folder))
    pq.write_table(pq.read_table(places.candidates).drop(["available"]), places.candidates)
    sold_out(folder, "a", "b")
    found = Predictor(folder.as_uri(), model).predict(request).recommendations
    assert [one.product_id for one in found] == ["c"]
