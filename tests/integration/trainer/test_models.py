"""Every task, loss, optimizer and retrieval algorithm, trained for real on a planted structure."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.trainer.support import TrainerProcess
from tests.integration.trainer.trainings import SHAPE, TRAININGS

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
    return min(epoch["validation_loss"] for epoch in losses)


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
        assert metrics["rmse"] < 0.97 * baselines["global_mean"]["rmse"]


def test_without_logq_correction_it_ends_far_below(report: dict[str, Any]) -> None:
    """As it would with the correction's sign turned."""
    without, with_it = report["no logq"]["metrics"], report["retrieval adam"]["metrics"]
    assert without["recall_at_10"] < 0.8 * with_it["recall_at_10"]


def test_the_loss_is_that_of_tfrs(report: dict[str, Any]) -> None:
    """With temperature, sampling probabilities and accidental hits."""
    assert report["oracle"]["ours"] == pytest.approx(report["oracle"]["tfrs"], rel=1e-5)


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
