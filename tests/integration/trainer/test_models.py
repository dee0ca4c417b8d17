"""Every task, loss, optimizer and retrieval algorithm, trained for real on a planted structure."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from oracle import customer_product_means_by_hand, pairs_in_order

from shared.jobs import Replicates
from shared.rules.differences import paired_difference
from tests.integration.trainer.support import TrainerProcess
from tests.integration.trainer.trainings import (
    EARLY_LOSSES,
    PATIENCE,
    SHAPE,
    STARTS,
    TRAININGS,
)

pytestmark = pytest.mark.trainer


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("models")
    process = TrainerProcess(folder, "tests.integration.trainer.models", str(folder))
    ended = process.wait()
    assert ended.returncode == 0, ended.stderr[-4000:]
    found: dict[str, Any] = json.loads(Path(folder, "report.json").read_text())
    return found


def best(losses: list[dict[str, float]]) -> float:
    told = (epoch["validation_loss"] for epoch in losses)
    return min(loss for loss in told if loss is not None)


@pytest.mark.parametrize("name", TRAININGS)
def test_the_loss_falls(report: dict[str, Any], name: str) -> None:
    epochs = report[name]["epochs"]
    assert epochs[-1]["loss"] < epochs[0]["loss"]
    assert best(epochs) < epochs[0]["loss"]


@pytest.mark.parametrize("name", [n for n in TRAININGS if "sgd" not in n and n != "no logq"])
def test_the_planted_structure_is_found(report: dict[str, Any], name: str) -> None:
    metrics, baselines = report[name]["metrics"], report[name]["baselines"]
    if "ranking" not in name:
        assert metrics["recall_at_100"] > 1.4 * baselines["popularity"]["recall_at_100"]
    if "ranking" in name:
        assert metrics["rmse"] < 0.6 * baselines["global_mean"]["rmse"]
    if "multitask" in name:  # where the softmax over products weighs far more than the rating
        assert report[name]["differences"]["global_mean"]["rmse"]["high"] < 0


def test_without_logq_correction_it_ends_far_below(report: dict[str, Any]) -> None:
    """As it would with the correction's sign turned."""
    without, with_it = report["no logq"]["metrics"], report["retrieval adam"]["metrics"]
    assert without["recall_at_10"] < 0.8 * with_it["recall_at_10"]


def test_ratings_start_from_what_an_average_knows(report: dict[str, Any]) -> None:
    """In the unit of the labels' deviation; as a logit where the model serves a probability."""
    for name, labels in STARTS.items():
        mean, deviation = np.mean(labels), np.std(labels)
        assert report["start"]["mse"][name] == pytest.approx([mean, deviation or 1.0], rel=1e-4)
        share = np.clip(mean, 0.001, 0.999)
        logit = np.log(share / (1 - share))
        assert report["start"]["binary_crossentropy"][name] == pytest.approx([logit, 1.0], rel=1e-4)


def test_the_loss_and_its_gradient_are_those_of_tfrs(report: dict[str, Any]) -> None:
    """With and without sampling probabilities and accidental hits, at temperatures of which the
    lower puts hits so far above a row's own product that their exponentials overflow."""
    assert len(report["oracle"]) == 16
    for setting, found in report["oracle"].items():
        (ours, our_gradients), (theirs, their_gradients) = found["ours"], found["tfrs"]
        assert ours == pytest.approx(theirs, rel=1e-5), setting
        np.testing.assert_allclose(our_gradients, their_gradients, rtol=1e-3, atol=2e-4)


def test_customers_nobody_has_seen_get_sensible_recommendations(report: dict[str, Any]) -> None:
    popular = report["retrieval adam"]["baselines"]["popularity"]["recall_at_100"]
    assert report["retrieval adam"]["unknown"]["recall_at_100"] > popular


def test_scann_says_how_much_it_finds(report: dict[str, Any]) -> None:
    index = report["retrieval scann"]["index"]
    assert index["algorithm"] == "scann"
    assert 1 < index["leaves_to_search"] <= index["num_leaves"] < SHAPE.products
    assert 0.9 < index["recall"] <= 1


def test_too_few_products_for_the_leaves_are_searched_one_by_one(report: dict[str, Any]) -> None:
    index = report["retrieval scann, too many leaves"]["index"]
    assert (index["algorithm"], index["wanted"], index["recall"]) == ("brute_force", "scann", 1)


def test_early_stopping_ends_the_training_and_keeps_the_best_epoch(report: dict[str, Any]) -> None:
    """Of one epoch more than it is given losses for. One over the slice follows, which nothing
    is left to validate."""
    found = report["early stopping"]
    *losses, last = [epoch["validation_loss"] for epoch in found["epochs"]]
    assert last is None
    assert [epoch["newest_rows"] for epoch in found["epochs"]] == [False] * len(losses) + [True]
    assert len(losses) == len(set(losses)) == len(EARLY_LOSSES)
    best = EARLY_LOSSES.index(min(EARLY_LOSSES))
    assert best == len(EARLY_LOSSES) - 1 - PATIENCE
    assert found["kept_loss"] == pytest.approx(losses[best], rel=1e-5)


@pytest.mark.parametrize("task", ["ranking", "multitask"])
def test_reported_ratings_are_those_of_the_saved_model(report: dict[str, Any], task: str) -> None:
    found = report[f"binary {task}"]
    train, held_out = found["given"]["train"], found["given"]["eval"]
    labels = np.array(held_out["liked"])
    assert set(labels) == {0, 1}
    ratings = np.array(found["given"]["ratings"])
    bought, wanted = (
        list(zip(rows["customer"], rows["product"], strict=True)) for rows in (train, held_out)
    )
    predictions = {
        "model": ratings,
        "global_mean": np.full(len(labels), np.mean(train["liked"])),
        "customer_product_means": np.array(
            customer_product_means_by_hand(bought, train["liked"], wanted)
        ),
    }
    for source, predicted in predictions.items():
        said = found["metrics"] if source == "model" else found["baselines"][source]
        probabilities = predicted.clip(0.01, 0.99) if "means" in source else predicted
        likelihood = np.where(labels == 1, probabilities, 1 - probabilities).clip(1e-7)
        expected = {
            "rmse": np.sqrt(np.mean((predicted - labels) ** 2)),
            "mae": np.mean(np.abs(predicted - labels)),
            "auc": pairs_in_order(predicted, labels),
            "log_loss": -np.mean(np.log(likelihood)),
        }
        assert {name: said[name] for name in expected} == pytest.approx(expected, rel=1e-5)
    assert found["metrics"]["auc"] > found["baselines"]["global_mean"]["auc"] == 0.5
    assert found["differences"]["global_mean"]["auc"]["low"] > 0


def test_another_seed_stays_within_the_intervals_and_shuffled_labels_are_clearly_worse(
    report: dict[str, Any],
) -> None:
    """Seeds may differ clearly: intervals know nothing of them (docs/evaluation.md)."""
    trained, seeded, mixed = (
        Replicates.model_validate(report[name]["replicates"])
        for name in ("retrieval adam", "another seed", "shuffled labels")
    )
    for metric in ("recall_at_10", "recall_at_100"):
        one, other = (
            report[name]["intervals"][metric] for name in ("retrieval adam", "another seed")
        )
        assert one["low"] <= other["high"]
        assert other["low"] <= one["high"]
        for found in (trained, seeded):
            assert paired_difference(mixed, found, metric).verdict == "worse"
    assert report["another seed"]["metrics"] != report["retrieval adam"]["metrics"]
