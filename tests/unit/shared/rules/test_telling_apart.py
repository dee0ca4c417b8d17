"""What a sample can tell apart, by what earlier tests could."""

from __future__ import annotations

import pytest
from api_client import Client
from lab import Lab

from shared.rules.telling_apart import Spread, telling_apart

METRIC = "recall_at_100"


def test_four_times_the_customers_show_half_the_difference() -> None:
    known = [Spread(METRIC, 0.012, 204, 10.0)]
    assert telling_apart(known, 10.0) == (
        "Differences below 1.2 points of Recall@100 will hardly show with about 204 customers; 40% "
        "of the customers would show 0.6 points. With more purchases to learn from, the order of "
        "models may still change."
    )
    assert telling_apart(known, 40.0) == (
        "Differences below 0.6 points of Recall@100 will hardly show with about 816 customers; "
        "100% of the customers would show 0.4 points. With more purchases to learn from, the order "
        "of models may still change."
    )
    assert telling_apart(known, 100.0) == (
        "Differences below 0.4 points of Recall@100 will hardly show with about 2,040 customers."
    )


def test_errors_have_the_ratings_unit_and_earlier_tests_a_median() -> None:
    known = [Spread("rmse", half, 100, 10.0) for half in (0.1, 0.02, 0.03)]
    assert str(telling_apart(known, 10.0)).startswith("Differences below 0.0300 of RMSE will")


def test_nothing_is_said_without_an_earlier_test() -> None:
    assert telling_apart([], 10.0) is None


@pytest.fixture
def lab():
    return Lab()


def test_the_form_says_it_before_a_test_is_started(lab) -> None:
    client, features, model = Client(lab), lab.features(), lab.model()

    def told(**spec) -> str | None:
        body = {"spec": {"feature_config_id": features, "model_config_id": model, **spec}}
        found: str | None = client("POST", "/api/quick-tests/estimate/", body).json()["tells_apart"]
        return found

    assert told() is None
    lab.completed("One", 0.2, features, model)
    first = str(told())
    assert first.startswith("Differences below 1.0 points of Recall@100 will hardly show with ")
    assert "; 40% of the customers would show 0.5 points." in first
    lab.completed("Other", 0.21, features, model, seed=2)
    assert str(told()).startswith("Differences below ")
    assert told(sample_by="row") is None
    assert told(split={"strategy": "random"}) is None


def test_a_test_of_ratings_is_told_nothing_of_recall(lab) -> None:
    client, features = Client(lab), lab.features()
    lab.completed("One", 0.2, features, lab.model())
    head = [{"type": "dense", "units": 1, "activation": None}]
    ranking = lab.model("Rates", model_type="ranking", rating_head_layers=head)
    body = {"spec": {"feature_config_id": features, "model_config_id": ranking}}
    assert client("POST", "/api/quick-tests/estimate/", body).json()["tells_apart"] is None
