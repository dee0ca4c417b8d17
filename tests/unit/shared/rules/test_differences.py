"""Whether one test is better than another, against numpy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.jobs import Interval, Replicates
from shared.metrics import metric
from shared.rules.differences import paired_difference, percentile_interval, verdict
from shared.rules.metrics import main_metric

numbers = st.floats(-1e6, 1e6)


def replicates(values, name="recall_at_100", rows="a") -> Replicates:
    return Replicates(holdout_fingerprint=rows, customers=9, metrics={name: list(values)})


@given(st.lists(numbers, min_size=1, max_size=200))
def test_an_interval_is_what_numpy_says(values):
    found = percentile_interval(values)
    assert found.low == pytest.approx(np.percentile(values, 2.5), rel=1e-9, abs=1e-6)
    assert found.high == pytest.approx(np.percentile(values, 97.5), rel=1e-9, abs=1e-6)


@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=100))
def test_replicates_are_subtracted_one_by_one(pairs):
    ours, theirs = np.array(pairs).T
    there = paired_difference(replicates(ours), replicates(theirs), "recall_at_100").interval
    low, high = np.percentile(ours - theirs, [2.5, 97.5])
    assert (there.low, there.high) == pytest.approx((low, high), rel=1e-9, abs=1e-6)
    back = paired_difference(replicates(theirs), replicates(ours), "recall_at_100").interval
    assert (back.low, back.high) == pytest.approx((-there.high, -there.low), rel=1e-9, abs=1e-6)


def test_what_two_tests_have_in_common_cancels_out():
    """Both swing by 0.05 with the customers drawn; one is better by 0.01 in every draw."""
    swing = np.random.default_rng(1).normal(0.25, 0.05, 500)
    apart = paired_difference(replicates(swing + 0.01), replicates(swing), "recall_at_100")
    assert apart.verdict == "better"
    assert (apart.interval.low, apart.interval.high) == pytest.approx((0.01, 0.01))
    assert percentile_interval(swing).high - percentile_interval(swing).low > 0.15


@pytest.mark.parametrize(
    ("name", "low", "high", "said"),
    [
        ("recall_at_100", 0.01, 0.02, "better"),
        ("recall_at_100", -0.02, -0.01, "worse"),
        ("recall_at_100", -0.01, 0.02, "no_clear_difference"),
        ("recall_at_100", 0.0, 0.02, "no_clear_difference"),
        ("recall_at_100", 0.0, 0.0, "no_clear_difference"),
        ("rmse", -0.02, -0.01, "better"),
        ("rmse", 0.01, 0.02, "worse"),
        ("mae", -0.02, -0.01, "better"),
        ("log_loss", 0.01, 0.02, "worse"),
        ("auc", 0.01, 0.02, "better"),
        ("identical_top_10", 0.01, 0.02, "worse"),
    ],
)
def test_only_an_interval_without_zero_is_a_verdict(name, low, high, said):
    assert verdict(name, Interval(low=low, high=high)) == said


GOOD = replicates([0.1, 0.2])


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        (None, None, "Neither test has bootstrap replicates"),
        (None, GOOD, "This test has no bootstrap replicates"),
        (GOOD, None, "The other test has no bootstrap replicates"),
        (GOOD, replicates([0.1, 0.2], rows="b"), "not measured on the same held-out rows"),
        (replicates([0.1], rows=""), replicates([0.1], rows=""), "not measured on the same"),
        (GOOD, replicates([0.1]), "share no bootstrap replicates of Recall@100"),
        (GOOD, replicates([0.1, 0.2], name="mrr"), "share no bootstrap replicates"),
        (GOOD, replicates([0.1, math.nan]), "are no numbers"),
    ],
)
def test_where_there_is_nothing_to_pair_there_is_no_verdict_but_a_reason(one, other, why):
    found = paired_difference(one, other, "recall_at_100")
    assert (found.interval, found.verdict) == (None, "no_clear_difference")
    assert why in found.reason


def test_metrics_say_which_way_is_better_and_how_they_are_said():
    assert metric("recall_at_100_new").label == "Recall@100, new to the customer"
    assert metric("mrr_repeat").label == "Mean reciprocal rank, bought before"
    assert metric("mrr").said(0.04567) == "0.0457"
    assert metric("recall_at_10").said(0.2493) == "24.9%"
    assert metric("rmse").said(0.7362) == "0.7362"
    assert metric("rmse").better(0.1, 0.2)
    assert metric("ndcg_at_10").better(0.2, 0.1)
    assert metric("of_tomorrow").label == "of tomorrow"
    assert main_metric({"rmse": 1.0, "recall_at_100": 0.1}) == "recall_at_100"
    assert main_metric({"rmse": 1.0}) == "rmse"
    assert main_metric({"loss": 1.0}) is None
