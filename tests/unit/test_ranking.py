"""Ranks and metrics, against oracles that sort everything."""

from __future__ import annotations

import numpy as np
import pytest

from tests.integration.trainer.oracle import metrics_by_hand, sorted_ranks
from trainer_image import ranking


def _embeddings(rows: int, width: int = 16, seed: int = 0) -> ranking.Floats:
    return np.random.default_rng(seed).normal(size=(rows, width)).astype(np.float32)


def _objects(*values: str) -> np.ndarray:
    return np.array(values, dtype=object)


@pytest.mark.parametrize("block", [1, 1000, 10**9])
def test_ranks_are_positions_in_the_sorted_scores(
    monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(ranking, "_BLOCK_SCORES", block)
    queries, candidates = _embeddings(70, seed=1), _embeddings(300, seed=2)
    truth = np.random.default_rng(3).integers(0, 300, 70)
    scores = queries.astype(np.float64) @ candidates.T.astype(np.float64)
    order = np.argsort(-scores, axis=1)
    expected = np.argmax(order == truth[:, np.newaxis], axis=1) + 1
    np.testing.assert_array_equal(ranking.ranks(queries, candidates, truth), expected)


@pytest.mark.parametrize("seed", range(4))
def test_ties_and_duplicates_count_against_the_model(seed: int) -> None:
    """Small whole numbers make exact scores, of which many are equal."""
    random = np.random.default_rng(seed)
    queries = random.integers(-2, 3, (60, 3)).astype(np.float32)
    candidates = random.integers(-2, 3, (130, 3)).astype(np.float32)
    truth = random.integers(0, 130, 60)
    expected = sorted_ranks(queries, candidates, truth)
    found = ranking.ranks(queries, candidates, truth)
    assert found.tolist() == expected
    assert ranking.metrics_of(found) == pytest.approx(metrics_by_hand(expected))


def test_a_model_that_scores_everything_alike_earns_nothing() -> None:
    queries = _embeddings(50, width=33)
    candidates = np.tile(_embeddings(1, width=33, seed=9), (1001, 1))
    found = ranking.ranks(queries, candidates, np.arange(50))
    assert set(found) == {1001}
    metrics = ranking.metrics_of(found)
    assert metrics["recall_at_100"] == 0
    assert metrics["mrr"] == pytest.approx(1 / 1001)


def test_candidates_with_the_same_embedding_count_against_the_model() -> None:
    candidates = np.array([[3.0], [2.0], [2.0], [2.0], [1.0]], np.float32)
    queries = np.ones((5, 1), np.float32)
    assert ranking.ranks(queries, candidates, np.arange(5)).tolist() == [1, 4, 4, 4, 5]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("side", ["query", "candidate"])
def test_embeddings_that_are_not_finite_are_an_error(bad: float, side: str) -> None:
    sides = {"query": _embeddings(4), "candidate": _embeddings(6)}
    sides[side][2, 3] = bad
    with pytest.raises(ValueError, match=f"1 of . {side} embeddings are not finite"):
        ranking.ranks(sides["query"], sides["candidate"], np.zeros(4, np.int64))


def test_scores_that_overflow_are_an_error() -> None:
    huge = np.full((2, 4), 1e30, np.float32)
    with (
        np.errstate(over="ignore", invalid="ignore"),
        pytest.raises(ValueError, match="Scores are not finite"),
    ):
        ranking.ranks(huge, huge, np.array([0, 1]))


def test_popularity_ranks_by_training_rows_then_by_id() -> None:
    candidate_ids = _objects("b", "a", "never sold", "c")
    train = _objects("c", "c", "a", "b", "not a candidate", "not a candidate", "not a candidate")
    found = ranking.popularity_ranks(train, candidate_ids, np.array([0, 1, 2, 3, 3]))
    assert found.tolist() == [3, 2, 4, 1, 1]


def test_metrics_of_known_ranks() -> None:
    metrics = ranking.metrics_of(np.array([1, 3, 10, 11, 50, 51, 100, 101]))
    assert metrics["recall_at_10"] == 3 / 8
    assert metrics["recall_at_50"] == 5 / 8
    assert metrics["recall_at_100"] == 7 / 8
    assert metrics["mrr"] == pytest.approx(
        sum(1 / rank for rank in (1, 3, 10, 11, 50, 51, 100, 101)) / 8
    )
    assert metrics["ndcg_at_10"] == pytest.approx((1 + 1 / 2 + 1 / np.log2(11)) / 8)


def test_the_random_baseline_is_k_of_the_candidates() -> None:
    assert ranking.random_metrics(400)["recall_at_100"] == pytest.approx(100 / 400)
    assert ranking.random_metrics(20)["recall_at_50"] == 1
