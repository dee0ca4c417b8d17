"""Ranks and metrics, against oracles that sort everything."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from oracle import list_metrics_by_hand, metrics_by_hand, sorted_lists, sorted_ranks

from shared.metrics import of_lists, of_ranks
from trainer_image.evaluation import ranking


def _embeddings(rows: int, width: int = 16, seed: int = 0) -> ranking.Floats:
    return np.random.default_rng(seed).normal(size=(rows, width)).astype(np.float32)


def means(ranks: ranking.Integers) -> dict[str, float]:
    return {name: float(values.mean()) for name, values in of_ranks(ranks)}


def ranked(
    queries: ranking.Floats, candidates: ranking.Floats, truth: ranking.Integers
) -> ranking.Ranked:
    """With a list for every query."""
    return ranking.rank(queries, candidates, truth, np.ones(len(queries), np.bool_))


@pytest.mark.parametrize(("block", "tile"), [(1, (1, 1)), (1000, (16, 64)), (10**9, (512, 1020))])
def test_ranks_are_positions_in_the_sorted_scores(
    monkeypatch: pytest.MonkeyPatch, block: int, tile: tuple[int, int]
) -> None:
    monkeypatch.setattr(ranking, "_BLOCK_SCORES", block)
    monkeypatch.setattr(ranking, "_TILE", tile)
    queries, candidates = _embeddings(70, seed=1), _embeddings(300, seed=2)
    truth = np.random.default_rng(3).integers(0, 300, 70)
    scores = queries.astype(np.float64) @ candidates.T.astype(np.float64)
    order = np.argsort(-scores, axis=1)
    expected = np.argmax(order == truth[:, np.newaxis], axis=1) + 1
    listed = np.random.default_rng(4).random(70) < 0.3
    found = ranking.rank(queries, candidates, truth, listed)
    np.testing.assert_array_equal(found.ranks, expected)
    np.testing.assert_array_equal(np.sort(found.lists, axis=1), np.sort(order[listed, :10], axis=1))


# Small whole numbers make exact scores, of which many are equal.
small = st.integers(-2, 2)
widths = st.shared(st.integers(1, 3), key="width")
embeddings = widths.flatmap(
    lambda width: arrays.arrays(
        np.float32, st.tuples(st.integers(1, 40), st.just(width)), elements=small
    )
)


@given(embeddings, embeddings, st.randoms(use_true_random=False))
def test_ties_and_duplicates_count_against_the_model(queries, candidates, random) -> None:
    truth = np.array([random.randrange(len(candidates)) for _ in queries])
    expected = sorted_ranks(queries, candidates, truth)
    found = ranked(queries, candidates, truth).ranks
    assert found.tolist() == expected
    assert means(found) == pytest.approx(metrics_by_hand(expected))


@given(embeddings, embeddings)
def test_lists_hold_the_best_and_of_ties_the_lower_rows(queries, candidates) -> None:
    found = ranked(queries, candidates, np.zeros(len(queries), np.int64)).lists
    expected = sorted_lists(queries, candidates)
    assert [set(one) for one in found.tolist()] == expected
    assert found.shape == (len(queries), min(10, len(candidates)))
    assert of_lists(found, len(candidates)) == pytest.approx(
        list_metrics_by_hand(expected, len(candidates))
    )


def test_the_order_within_a_list_does_not_matter() -> None:
    lists = np.array([[1, 2, 3], [3, 1, 2], [1, 2, 4], [7, 8, 9], [2, 1, 3]])
    assert of_lists(lists, 10) == {"coverage_at_10": 0.7, "identical_top_10": 0.6}


@given(embeddings, embeddings, st.integers(1, 40))
def test_the_best_are_found_whichever_of_equals_are_chosen(queries, candidates, k) -> None:
    k = min(k, len(candidates))
    scores = queries @ candidates.T
    for order in (np.argsort(-scores, axis=1, kind="stable"), np.argsort(scores)[:, ::-1]):
        assert ranking.share_of_best(queries, candidates, order[:, :k]) == 1


def test_a_share_of_the_best_is_counted_once_each() -> None:
    candidates = np.array([[5.0], [4.0], [3.0], [2.0], [1.0]], np.float32)
    queries = np.ones((2, 1), np.float32)
    chosen = np.array([[0, 1, 4], [2, 2, 2]])
    assert ranking.share_of_best(queries, candidates, chosen) == pytest.approx((2 + 1) / 6)


def test_a_model_that_scores_everything_alike_earns_nothing() -> None:
    queries = _embeddings(50, width=33)
    candidates = np.tile(_embeddings(1, width=33, seed=9), (1001, 1))
    found = ranked(queries, candidates, np.arange(50))
    assert set(found.ranks) == {1001}
    metrics = means(found.ranks)
    assert metrics["recall_at_100"] == 0
    assert of_lists(found.lists, 1001) == {
        "coverage_at_10": 10 / 1001,
        "identical_top_10": 1,
    }
    assert metrics["mrr"] == pytest.approx(1 / 1001)


def test_candidates_with_the_same_embedding_count_against_the_model() -> None:
    candidates = np.array([[3.0], [2.0], [2.0], [2.0], [1.0]], np.float32)
    queries = np.ones((5, 1), np.float32)
    assert ranked(queries, candidates, np.arange(5)).ranks.tolist() == [1, 4, 4, 4, 5]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("side", ["query", "candidate"])
def test_embeddings_that_are_not_finite_are_an_error(bad: float, side: str) -> None:
    sides = {"query": _embeddings(4), "candidate": _embeddings(6)}
    sides[side][2, 3] = bad
    with pytest.raises(ValueError, match=f"1 of . {side} embeddings are not finite"):
        ranked(sides["query"], sides["candidate"], np.zeros(4, np.int64))


def test_scores_that_overflow_are_an_error() -> None:
    huge = np.full((2, 4), 1e30, np.float32)
    with (
        np.errstate(over="ignore", invalid="ignore"),
        pytest.raises(ValueError, match="Scores are not finite"),
    ):
        ranked(huge, huge, np.array([0, 1]))


def test_metrics_of_known_ranks() -> None:
    metrics = means(np.array([1, 3, 10, 11, 50, 51, 100, 101]))
    assert metrics["recall_at_10"] == 3 / 8
    assert metrics["recall_at_50"] == 5 / 8
    assert metrics["recall_at_100"] == 7 / 8
    assert metrics["mrr"] == pytest.approx(
        sum(1 / rank for rank in (1, 3, 10, 11, 50, 51, 100, 101)) / 8
    )
    assert metrics["ndcg_at_10"] == pytest.approx((1 + 1 / 2 + 1 / np.log2(11)) / 8)
