"""Intervals: that they cover what they should, by customers, and that two tests draw alike."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import draws_by_hand, pairs_in_order

from shared import arrays
from shared.jobs import Replicates
from shared.rules.differences import paired_difference
from shared.statistics import Rows, area_under_curve, stored
from trainer_image.evaluation import resampling as bootstrap
from trainer_image.evaluation.resampling import interval, replicates, rounded
from trainer_image.evaluation.summary import Summary, summarize

CUSTOMERS, ROWS_EACH = 60, 8


def one_mean(values: np.ndarray, customer: np.ndarray, customers: int) -> np.ndarray:
    return replicates({"m": Rows(customer, customers).mean(values)}, customers)["m"]


@settings(max_examples=5, deadline=None)
@given(st.integers(10, 40), st.randoms(use_true_random=False))
def test_a_replicate_is_the_metric_of_the_drawn_customers_rows(customers: int, random) -> None:
    owners = np.array([*range(customers), *(random.randrange(customers) for _ in range(50))])
    values = np.array([random.choice([0.0, 0.25, 1.0]) for _ in owners])
    rows = Rows(owners, customers)
    found = replicates(
        {
            "mean": rows.mean(values),
            "root": rows.mean(values, root=True),
            "auc": area_under_curve(values, values > 0.5, owners),
        },
        customers,
    )
    assert len(found["mean"]) == bootstrap.REPLICATES
    for i, counts in list(enumerate(draws_by_hand(customers)))[::97]:
        drawn = np.repeat(values, counts[owners])
        assert found["mean"][i] == pytest.approx(drawn.mean())
        assert found["root"][i] == pytest.approx(np.sqrt(drawn.mean()))
        if "auc" in found:
            assert found["auc"][i] == pytest.approx(pairs_in_order(drawn, drawn > 0.5))


@given(
    st.lists(st.tuples(st.integers(-3, 3), st.booleans()), min_size=2).filter(
        lambda rows: len({positive for _, positive in rows}) == 2
    )
)
def test_the_area_under_the_curve_is_the_share_of_pairs_in_order(rows) -> None:
    scores = np.array([score for score, _ in rows], float)
    positive = np.array([is_positive for _, is_positive in rows])
    found = area_under_curve(scores, positive, np.zeros(len(rows), int)).value
    assert found == pytest.approx(pairs_in_order(scores, positive))


def test_blocks_do_not_change_what_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(1)
    owners = np.concatenate([np.arange(50), random.integers(0, 50, 300)])
    values = random.random(350)
    some = owners % 3 > 0
    rows, fewer = Rows(owners, 50), Rows(owners, 50).only(some)

    def drawn() -> dict[str, np.ndarray]:
        made = {"a": rows.mean(values), "b": rows.mean(values**2, root=True)}
        return replicates(stored({**made, "some": fewer.mean(values[some])}), 50)

    whole = drawn()
    for customers in (1, 7):
        monkeypatch.setattr(bootstrap, "_BLOCK_COUNTS", customers * bootstrap.REPLICATES)
        monkeypatch.setattr(arrays, "_MOST_BYTES", 0)
        bootstrap._draws.cache_clear()
        in_blocks = drawn()
        assert list(in_blocks) == list(whole)
        for name, one in whole.items():
            assert [*map(rounded, in_blocks[name])] == [*map(rounded, one)]
            assert interval(in_blocks[name]) == interval(one)
    bootstrap._draws.cache_clear()


def clustered(random: np.random.Generator, shared: float) -> tuple[np.ndarray, np.ndarray]:
    """Rows of mean 0, of which those of one customer have `shared` of their variance in common."""
    owners = np.repeat(np.arange(CUSTOMERS), ROWS_EACH)
    common = random.normal(0, np.sqrt(shared), CUSTOMERS)[owners]
    return common + random.normal(0, np.sqrt(1 - shared), len(owners)), owners


def test_the_interval_covers_the_truth_nineteen_times_in_twenty() -> None:
    """Of 400 data sets: 380, give or take three standard deviations (13); a percentile interval of
    60 customers covers about one in a hundred less."""
    random = np.random.default_rng(8)
    covered = 0
    for _ in range(400):
        found = interval(one_mean(*clustered(random, 0.6), CUSTOMERS))
        covered += found.low <= 0 <= found.high
    assert 360 <= covered <= 393


def test_tests_that_are_equally_good_are_told_apart_one_time_in_twenty() -> None:
    """Both are over the same customers, each with its own strengths. Of 400 data sets 20, and as
    for one interval about one in a hundred more, give or take three standard deviations; as often
    better as worse."""
    random = np.random.default_rng(12)
    told: Counter[str] = Counter()
    for _ in range(400):
        common, owners = clustered(random, 0.9)
        rows = Rows(owners, CUSTOMERS)
        metrics = {
            name: rows.mean(
                common
                + random.normal(0, 0.1, CUSTOMERS)[owners]
                + random.normal(0, 0.3, len(owners))
            )
            for name in ("one", "other")
        }
        one, other = (
            Replicates(holdout_fingerprint="rows", customers=CUSTOMERS, metrics={"m": list(values)})
            for values in replicates(metrics, CUSTOMERS).values()
        )
        told[paired_difference(one, other, "m").verdict] += 1
    assert 8 <= told["better"] + told["worse"] <= 40
    assert abs(told["better"] - told["worse"]) <= 3 * np.sqrt(told["better"] + told["worse"])


def test_rows_of_one_customer_count_as_alike() -> None:
    """The spread is that of the customers' means; by rows it would be less than half of it."""
    random = np.random.default_rng(3)
    values, owners = clustered(random, 0.9)
    by_customer = one_mean(values, owners, CUSTOMERS).std()
    by_row = one_mean(values, np.arange(len(values)), len(values)).std()
    means = values.reshape(CUSTOMERS, ROWS_EACH).mean(axis=1)
    assert by_customer == pytest.approx(means.std() / np.sqrt(CUSTOMERS), rel=0.1)
    assert by_row == pytest.approx(values.std() / np.sqrt(len(values)), rel=0.1)
    assert by_customer > 2 * by_row


def test_few_customers_get_no_interval() -> None:
    def found(customers: int) -> dict[str, np.ndarray]:
        owners = np.arange(customers)
        return replicates({"m": Rows(owners, customers).mean(owners.astype(float))}, customers)

    assert "m" not in found(bootstrap.FEWEST_CUSTOMERS - 1)
    assert "m" in found(bootstrap.FEWEST_CUSTOMERS)


def test_a_metric_that_some_draw_leaves_without_rows_gets_no_interval(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bootstrap, "FEWEST_CUSTOMERS", 1)
    everyone, three = Rows(np.arange(40), 40), Rows(np.arange(3), 40)
    metrics = {"all": everyone.mean(np.ones(40)), "some": three.mean(np.ones(3))}
    assert any(not counts[:3].any() for counts in draws_by_hand(40))
    assert set(replicates(metrics, 40)) == {"all"}


def test_an_area_of_very_many_rows_has_a_value_but_no_interval(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bootstrap, "_MOST_AREA_ROWS", 39)
    owners = np.arange(40)
    area = area_under_curve(owners.astype(float), owners > 20, owners)
    assert area.value == 1
    assert replicates({"auc": area}, 40) == {}


def summary(model: np.ndarray, other: np.ndarray, owners: np.ndarray) -> Summary:
    rows = Rows(owners, CUSTOMERS)
    baselines = {"other": {"m": rows.mean(other)}, "fixed": {"m": 0.5, "elsewhere": 1.0}}
    return summarize({"m": rows.mean(model), "plain": 0.25}, baselines, CUSTOMERS)


def test_a_test_against_itself_differs_by_nothing() -> None:
    values, owners = clustered(np.random.default_rng(2), 0.5)
    found = summary(values, values.copy(), owners).differences["other"]["m"]
    assert (found.low, found.high) == (0, 0)
    assert not found.excludes_zero()


def test_a_paired_difference_is_surer_than_two_tests_apart() -> None:
    """Both have the same customers, who are far more unlike than the two tests."""
    random = np.random.default_rng(4)
    values, owners = clustered(random, 0.9)
    better = values + 0.05 + random.normal(0, 0.1, len(values))
    found = summary(better, values, owners)
    difference, alone = found.differences["other"]["m"], found.intervals["m"]
    assert difference.low > 0
    assert alone.high - alone.low > 5 * (difference.high - difference.low)


def test_a_number_without_customers_is_subtracted_as_it_is() -> None:
    values, owners = clustered(np.random.default_rng(6), 0.5)
    found = summary(values, values, owners)
    alone, difference = found.intervals["m"], found.differences["fixed"]["m"]
    assert difference.low == pytest.approx(alone.low - 0.5, abs=1e-5)
    assert found.metrics == {"m": pytest.approx(values.mean()), "plain": 0.25}
    assert set(found.intervals) == set(found.replicates) == {"m"}
    assert set(found.differences["fixed"]) == {"m"}
    assert found.baselines["fixed"] == {"m": 0.5, "elsewhere": 1.0}


@given(st.floats(-1e9, 1e9, allow_nan=False))
def test_rounding_keeps_six_digits(value: float) -> None:
    assert rounded(value) == pytest.approx(value, rel=5e-6)
