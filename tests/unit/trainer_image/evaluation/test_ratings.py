"""Predicted ratings, and what predicts them without a model, against plain loops."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import customer_product_means_by_hand, pairs_in_order
from purchases import Purchase, numbers

from shared.baselines.customer_product_means import CustomerProductMeans
from shared.measuring import HeldOut
from trainer_image.evaluation.ratings import RatingResults, rating_results

TRAIN: list[Purchase] = [(f"c{row % 13:02}", f"p{row % 7}", 0) for row in range(100)]
HELD_OUT: list[Purchase] = [(f"c{row % 13:02}", f"p{row % 5}", 1) for row in range(40)]


def values(results: RatingResults) -> dict[str, dict[str, float]]:
    sources = {"model": results.of_model, **results.of_baselines}
    return {
        source: {name: metric.value for name, metric in metrics.items()}
        for source, metrics in sources.items()
    }


row = st.tuples(st.sampled_from("abcde"), st.sampled_from("uvwxyz"), st.just(0))


@settings(deadline=None)
@given(st.lists(st.tuples(row, st.integers(-5, 5)), min_size=1), st.lists(row, min_size=1))
def test_deviations_of_products_and_customers_are_damped(rated, held_out) -> None:
    train, labels = [row for row, _ in rated], [float(label) for _, label in rated]
    found = CustomerProductMeans().predict(np.array(labels), numbers(train, held_out))
    assert found.tolist() == pytest.approx(customer_product_means_by_hand(train, labels, held_out))


def test_ratings_have_errors_in_their_own_unit() -> None:
    random = np.random.default_rng(1)
    train_labels, labels = random.integers(1, 6, 100).astype(float), random.integers(1, 6, 40)
    predicted = random.normal(3, 1, 40)
    found = values(rating_results(predicted, train_labels, labels, numbers(TRAIN, HELD_OUT)))
    predictions = {
        "model": predicted,
        "global_mean": [train_labels.mean()] * 40,
        "customer_product_means": customer_product_means_by_hand(
            TRAIN, list(train_labels), HELD_OUT
        ),
    }
    for source, ratings in predictions.items():
        errors = [rating - label for rating, label in zip(ratings, labels, strict=True)]
        assert found[source] == pytest.approx(
            {
                "rmse": math.sqrt(sum(error**2 for error in errors) / 40),
                "mae": sum(map(abs, errors)) / 40,
            }
        )


@pytest.fixture
def binary() -> tuple[np.ndarray, np.ndarray, HeldOut]:
    random = np.random.default_rng(2)
    labels = (random.random((2, 100)) < 0.7).astype(float)
    return labels[0], labels[1, :40], numbers(TRAIN, HELD_OUT)


def test_probabilities_of_binary_labels_have_log_loss_and_auc(binary) -> None:
    train_labels, labels, held_out = binary
    predicted = np.clip(np.random.default_rng(3).normal(0.6, 0.3, 40).round(1), 0, 1)
    found = values(rating_results(predicted, train_labels, labels, held_out))
    means = customer_product_means_by_hand(TRAIN, list(train_labels), HELD_OUT)
    expected = {
        "model": (predicted, np.clip(predicted, 1e-7, 1 - 1e-7)),
        "global_mean": ([train_labels.mean()] * 40, [train_labels.mean()] * 40),
        "customer_product_means": (means, np.clip(means, 0.01, 0.99)),
    }
    for source, (scores, probabilities) in expected.items():
        losses = [
            -math.log(p if label else 1 - p) for p, label in zip(probabilities, labels, strict=True)
        ]
        assert found[source]["log_loss"] == pytest.approx(sum(losses) / 40)
        assert found[source]["auc"] == pytest.approx(pairs_in_order(scores, labels))
    assert found["global_mean"]["auc"] == 0.5


def test_a_certain_and_wrong_probability_is_a_large_loss_but_no_infinite_one(binary) -> None:
    train_labels, labels, held_out = binary
    found = values(rating_results(1 - labels, train_labels, labels, held_out))["model"]
    assert found["log_loss"] == pytest.approx(-math.log(1e-7))
    assert found["auc"] == 0


def test_what_is_no_probability_has_no_log_loss(binary) -> None:
    train_labels, labels, held_out = binary
    found = values(rating_results(labels * 1.2, train_labels, labels, held_out))
    assert set(found["model"]) == {"rmse", "mae", "auc"}
    assert found["model"]["auc"] == 1
    assert "log_loss" in found["customer_product_means"]


def test_of_one_label_only_there_is_no_curve(binary) -> None:
    train_labels, labels, held_out = binary
    found = values(rating_results(labels * 0 + 0.9, train_labels, labels * 0 + 1, held_out))
    assert set(found["model"]) == set(found["global_mean"]) == {"rmse", "mae", "log_loss"}


def test_labels_between_0_and_1_are_not_binary(binary) -> None:
    train_labels, labels, held_out = binary
    found = values(rating_results(labels, train_labels * 0.5, labels, held_out))
    assert set(found["model"]) == {"rmse", "mae"}
