"""What recommends without a model, against dictionaries and sorts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import (
    list_metrics_by_hand,
    metrics_of_lists,
    own_history_order,
    popular_order,
    split_metrics,
)
from purchases import Purchase, numbers, purchases

from shared.baselines.own_history import OwnHistory
from shared.baselines.popularity import Popularity
from trainer_image.evaluation.retrieval import retrieval_baselines
from trainer_image.evaluation.summary import summarize

rows = st.lists(purchases, min_size=1, max_size=60)


def first_of_each(held_out: list[Purchase]) -> list[str]:
    return sorted({customer for customer, _, _ in held_out})


@settings(deadline=None)  # the first call loads what pyarrow groups by
@given(rows, rows)
def test_own_history_is_a_sort_of_the_customers_own_products(train, held_out) -> None:
    candidates = sorted({product for _, product, _ in train + held_out})
    orders = {
        customer: own_history_order(train, candidates, customer)
        for customer in first_of_each(held_out)
    }
    found = OwnHistory().ranked(numbers(train, held_out))
    expected = [orders[customer].index(product) + 1 for customer, product, _ in held_out]
    assert found.ranks.tolist() == expected
    named = [[candidates[row] for row in one] for one in found.lists]
    assert named == [orders[customer][:10] for customer in first_of_each(held_out)]


@settings(deadline=None)  # the first call loads what pyarrow groups by
@given(rows, rows)
def test_popularity_ranks_by_training_rows_then_by_id(train, held_out) -> None:
    candidates = sorted({product for _, product, _ in train + held_out})
    order = popular_order((product for _, product, _ in train), candidates)
    found = Popularity().ranked(numbers(train, held_out))
    assert found.ranks.tolist() == [order.index(product) + 1 for _, product, _ in held_out]
    assert {tuple(candidates[row] for row in one) for one in found.lists} == {tuple(order[:10])}


@settings(deadline=None)  # the first call loads what pyarrow groups by
@given(rows, rows)
def test_baselines_have_the_models_metrics_over_the_same_rows(train, held_out) -> None:
    candidates = sorted({product for _, product, _ in train + held_out})
    customers = first_of_each(held_out)
    bought = {(customer, product) for customer, product, _ in train}
    repeat = [(customer, product) in bought for customer, product, _ in held_out]
    popular = popular_order((product for _, product, _ in train), candidates)
    orders = {
        "popularity": dict.fromkeys(customers, popular),
        "own_history": {c: own_history_order(train, candidates, c) for c in customers},
    }
    baselines = summarize(
        {}, retrieval_baselines(numbers(train, held_out)).measured, len(customers)
    ).baselines
    for name, order in orders.items():
        ranks = [order[customer].index(product) + 1 for customer, product, _ in held_out]
        lists = [order[customer][:10] for customer in customers]
        expected = split_metrics(ranks, repeat) | list_metrics_by_hand(lists, len(candidates))
        expected |= metrics_of_lists(
            [order[customer] for customer, _, _ in held_out],
            [product for _, product, _ in held_out],
            [{p for c, p, _ in train if c == customer} for customer, _, _ in held_out],
        )
        unseen = [product not in {one for _, one, _ in train} for _, product, _ in held_out]
        expected |= {
            f"{name.removesuffix('_repeat')}_unseen": value
            for name, value in split_metrics(ranks, unseen).items()
            if name.endswith("_repeat")
        }
        assert baselines[name] == pytest.approx(expected)
    assert set(baselines["random"]) == set(expected) - {"identical_top_10"}


def test_the_random_baseline_is_what_is_expected_of_a_random_order() -> None:
    train = [("ann", f"p{number:03}", 0) for number in range(400)]
    held_out = [("ann", "p001", 1), ("bob", "p001", 1), ("bob", "p007", 1)]
    found = summarize({}, retrieval_baselines(numbers(train, held_out)).measured, 2).baselines[
        "random"
    ]
    random = np.random.default_rng(5)
    orders = np.array([random.permutation(400) for _ in range(4000)])
    ranks = np.argmax(orders == 7, axis=1) + 1
    assert found["recall_at_100"] == found["recall_at_100_new"] == pytest.approx(100 / 400)
    assert found["recall_at_10_repeat"] == pytest.approx(10 / 400)
    assert found["mrr"] == pytest.approx(np.mean(1 / ranks), rel=0.1)
    # Of the 399 others bob is to discover one; ann has bought everything.
    assert found["recall_at_10_buy_again"] == pytest.approx(10 / 400)
    assert found["recall_at_10_discover"] == pytest.approx(10 / 400)
    pairs = orders[:, :10].reshape(2000, 2, 10)
    covered = np.mean([len(set(pair.ravel())) for pair in pairs]) / 400
    assert found["coverage_at_10"] == pytest.approx(covered, rel=0.01)


def test_popular_categories_are_known_of_products_that_nobody_bought() -> None:
    # Tea: 3 rows of 2 products; soap: 2 rows of 4; "x" has no category, and most rows.
    train = [("ann", p, 0) for p in ("tea1", "tea1", "tea2", "soap1", "soap2", *"xxxx")]
    held_out = [("ann", "soap3", 1), ("bob", "soap4", 1), ("bob", "tea1", 1), ("ann", "x", 1)]
    known = replace(numbers(train, held_out), category=np.array([1, 1, 1, 1, 0, 0, -1]))
    measured = summarize({}, retrieval_baselines(known).measured, 2).baselines
    found = measured["category_popularity"]
    # Places: tea 1 or 2, soap 3 to 6, x 7.
    soap = np.mean([1 / 3, 1 / 4, 1 / 5, 1 / 6])
    assert found["mrr_unseen"] == pytest.approx(soap)
    assert found["mrr"] == pytest.approx((2 * soap + (1 + 1 / 2) / 2 + 1 / 7) / 4)
    assert measured["random"]["mrr_unseen"] == pytest.approx(np.mean(1 / np.arange(1, 8)))
    assert (
        "category" in retrieval_baselines(numbers(train, held_out)).skipped["category_popularity"]
    )


def test_held_out_rows_that_repeat_a_training_row_are_known() -> None:
    train = [("ann", "p1", 0), ("ann", "p1", 0), ("bob", "p2", 0), ("zoe", "p3", 0)]
    found = numbers(train, [("bob", "p1", 1), ("ann", "p1", 1), ("bob", "p2", 2), ("bob", "p3", 2)])
    assert found.repeat.tolist() == [False, True, True, False]
    assert found.first.tolist() == [True, True, False, False]
    assert (found.customers, found.candidates) == (2, 3)


def test_without_repeats_nothing_is_said_of_them() -> None:
    held_out = numbers([("ann", "p1", 0)], [("ann", "p2", 1), ("bob", "p1", 1)])
    for metrics in retrieval_baselines(held_out).measured.values():
        assert "recall_at_10_new" in metrics
        assert not [name for name in metrics if name.endswith(("_repeat", "_buy_again"))]


def test_a_random_list_is_of_the_products_that_it_may_hold() -> None:
    train = [("ann", f"p{number:03}", 0) for number in range(40)] + [("bob", "p390", 0)]
    train += [("cé", f"p{number:03}", 0) for number in range(400)]
    held_out = [("ann", "p001", 1), ("ann", "p077", 1), ("bob", "p390", 1), ("bob", "p077", 1)]
    measured = retrieval_baselines(numbers(train, held_out)).measured
    found = summarize({}, measured, 2).baselines["random"]
    assert found["recall_at_10_buy_again"] == pytest.approx((10 / 40 + 1) / 2)
    assert found["recall_at_10_discover"] == pytest.approx((10 / 360 + 10 / 399) / 2)
    assert found["mrr_discover"] == pytest.approx(
        np.mean([np.mean(1 / np.arange(1, size + 1)) for size in (360, 399)])
    )
