"""Customers are assigned stably and evenly, and differences are what the literature says."""

from __future__ import annotations

import math
from random import Random

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from shared.documents.online_experiment import Experiment
from shared.online.assignment import BUCKETS, bucket_of, place_of
from shared.online.measuring import ExperimentResult, measured
from shared.online.outcomes import LeftOut, Outcomes, VersionOutcomes
from shared.online.sample_size import SizeQuestion, sample_size
from shared.online.statistics import (
    Sample,
    customers_for_means,
    customers_for_rates,
    newcombe_interval,
    sample_ratio_p,
    student_quantile,
    welch_interval,
    wilson_interval,
)
from shared.problems import InvalidError

SHARES = st.lists(st.integers(1, 5000), min_size=1, max_size=3).filter(lambda of: sum(of) < BUCKETS)


def percents(others: list[int]) -> list[float]:
    return [(BUCKETS - sum(others)) / 100, *(one / 100 for one in others)]


@settings(max_examples=20, deadline=None)  # each looks at all buckets
@given(SHARES)
def test_each_version_gets_exactly_its_share_of_the_buckets(others: list[int]) -> None:
    shares = percents(others)
    places = [place_of(bucket, shares) for bucket in range(BUCKETS)]
    found = [places.count(place) for place in range(len(shares))]
    assert found == [BUCKETS - sum(others), *others]


@given(st.text(min_size=1), st.text(min_size=1))
def test_a_customer_stays_whatever_the_id_is(salt: str, customer_id: str) -> None:
    bucket = bucket_of(salt, customer_id)
    assert 0 <= bucket < BUCKETS
    assert bucket == bucket_of(salt, customer_id)


@pytest.mark.parametrize("salt", ["ex-1", "ex-2", "grocery"])
def test_customers_are_spread_as_by_chance_and_anew_by_another_salt(salt: str) -> None:
    count, share = 20_000, 10.0
    found = [place_of(bucket_of(salt, str(one)), (90.0, share)) for one in range(count)]
    assert stats.binomtest(sum(found), count, share / 100).pvalue > 1e-4
    tens = [0] * 10
    for one in range(count):
        tens[bucket_of(salt, str(one)) * 10 // BUCKETS] += 1
    assert stats.chisquare(tens).pvalue > 1e-4
    other = [place_of(bucket_of(f"{salt}'", str(one)), (90.0, share)) for one in range(count)]
    both = sum(a and b for a, b in zip(found, other, strict=True))
    assert stats.binomtest(both, count, (share / 100) ** 2).pvalue > 1e-4


@settings(max_examples=20, deadline=None)  # each looks at all buckets
@given(st.integers(1, BUCKETS - 1), st.integers(1, BUCKETS - 1))
def test_a_change_of_shares_moves_no_more_customers_than_it_has_to(first: int, then: int) -> None:
    before, after = percents([first]), percents([then])
    moved = sum(place_of(one, before) != place_of(one, after) for one in range(BUCKETS))
    assert moved == abs(first - then)


def test_a_database_comes_to_the_same_bucket() -> None:
    bucket = "SELECT (('0x' || substr(sha256(concat(?, ':', ?)), 1, 15))::BIGINT) % 10000"
    told = [("ex-1", "2375"), ("ex-1", "Zoë"), ("salt:2", "a:b"), ("s", " ")]
    with duckdb.connect() as database:
        for one in told:
            assert database.execute(bucket, one).fetchall() == [(bucket_of(*one),)]


def test_newcombes_interval_is_that_of_his_table() -> None:
    # Newcombe (1998), table II, method 10: 56/70 against 48/80.
    found = newcombe_interval((56, 48), (70, 80))
    assert (round(found.low, 4), round(found.high, 4)) == (0.0524, 0.3339)
    nobody = newcombe_interval((0, 0), (10, 20))  # the same table: 0/10 against 0/20
    assert (round(nobody.low, 4), round(nobody.high, 4)) == (-0.1611, 0.2775)


@given(st.integers(0, 200), st.integers(1, 200))
def test_wilsons_interval_is_scipys(successes: int, more: int) -> None:
    customers = successes + more
    found = wilson_interval(successes, customers)
    wanted = stats.binomtest(successes, customers).proportion_ci(method="wilson")
    assert found.low == pytest.approx(wanted.low, abs=1e-9)
    assert found.high == pytest.approx(wanted.high, abs=1e-9)


def test_welchs_interval_is_scipys() -> None:
    drawn = Random(3)
    one = [drawn.expovariate(0.2) for _ in range(40)]
    other = [drawn.expovariate(0.3) for _ in range(90)]
    found = welch_interval(sample(one), sample(other))
    wanted = stats.ttest_ind(one, other, equal_var=False).confidence_interval()
    assert found is not None
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high), rel=1e-5)
    assert welch_interval(sample(one[:29]), sample(other)) is None


def sample(values: list[float]) -> Sample:
    return Sample(len(values), float(stats.tmean(values)), float(stats.tvar(values)))


@pytest.mark.parametrize("degrees", [15, 29, 100.5, 1e6])
def test_quantiles_of_students_t_are_scipys(degrees: float) -> None:
    for probability in (0.9, 0.975, 0.995):
        assert student_quantile(probability, degrees) == pytest.approx(
            stats.t.ppf(probability, degrees), rel=2e-4
        )


@given(st.lists(st.integers(1, 1000), min_size=2, max_size=4))
def test_the_test_of_shares_is_pearsons(customers: list[int]) -> None:
    shares = [100 / len(customers)] * len(customers)
    wanted = float(stats.chisquare(customers).pvalue)
    assert sample_ratio_p(customers, shares) == pytest.approx(wanted, abs=1e-12)


def test_sample_sizes_are_those_of_the_literature() -> None:
    # R 4.3, power.prop.test(p1=.50, p2=.75, power=.90): n = 76.7; (.10, .12, .80): n = 3840.8.
    assert customers_for_rates(0.50, 0.75, power=0.90) == 2 * 77
    assert customers_for_rates(0.10, 0.12) == 2 * 3841
    # Cohen's d of 0.5 at 80% with the normal distribution: 62.8 of each.
    assert customers_for_means(0.5, 1.0) == 2 * 63


def test_a_sample_of_that_size_finds_the_change_as_often_as_it_says() -> None:
    rate, other, share = 0.10, 0.13, 0.25
    total = customers_for_rates(rate, other, share)
    tried = round(total * share)
    drawn = Random(1)
    found = 0
    for _ in range(300):
        a = sum(drawn.random() < other for _ in range(tried))
        b = sum(drawn.random() < rate for _ in range(total - tried))
        found += newcombe_interval((a, b), (tried, total - tried)).excludes_zero()
    assert stats.binomtest(found, 300, 0.8).pvalue > 1e-3


def test_a_size_says_the_days_and_refuses_what_is_no_change() -> None:
    found = sample_size(SizeQuestion(rate_percent=10, change_percent=20, customers_per_day=1000))
    assert (found.customers, found.days) == (7682, 8)
    assert "7,682 customers, 8 days" in found.sentence
    for change in (0, 900):
        with pytest.raises(InvalidError) as refused:
            sample_size(SizeQuestion(rate_percent=10, change_percent=change))
        assert refused.value.problems[0].path == "change_percent"


def result(*versions: VersionOutcomes, exposed: list[int] | None = None) -> ExperimentResult:
    share = 100 / len(versions)
    experiment = Experiment.model_validate(
        {
            "id": "ex-1",
            "salt": "s",
            "began_at": "2026-03-01T00:00:00Z",
            "versions": [
                {"version": one.version, "share_percent": share, "quick_test_id": "qt"}
                for one in versions
            ],
        }
    )
    told = [one.customers for one in versions] if exposed is None else exposed
    return measured(
        experiment,
        Outcomes(days=7, exposed=told, versions=list(versions), left_out=LeftOut()),
    )


def counted(version: int, customers: int, converted: int, **more: float) -> VersionOutcomes:
    return VersionOutcomes(version=version, customers=customers, converted=converted, **more)  # type: ignore[arg-type]


def test_a_clear_difference_is_said_and_one_of_chance_is_not() -> None:
    clear, purchases = result(counted(1, 5000, 500), counted(2, 5000, 650)).differences
    assert clear.standing == "higher"
    assert clear.sentence.startswith(
        "Customers who bought: clearly higher with version 2 than with version 1: 13.0% against "
        "10.0%"
    )
    chance, _ = result(counted(1, 5000, 500), counted(2, 5000, 505)).differences
    assert chance.standing == "cannot_tell_apart"
    assert "cannot be told apart" in chance.sentence
    few = result(counted(1, 10, 5), counted(2, 10, 5)).differences[1]
    assert (few.standing, few.interval) == ("too_few", None)
    assert purchases.standing == "cannot_tell_apart"


def test_with_more_versions_intervals_are_wider_so_that_all_hold_at_once() -> None:
    two = result(counted(1, 5000, 500), counted(2, 5000, 560)).differences[0].interval
    four = result(*(counted(one, 5000, 500 + 30 * one) for one in range(1, 5))).differences[0]
    assert two is not None
    assert four.interval is not None
    assert four.interval.high - four.interval.low > 1.1 * (two.high - two.low)


def test_customers_that_are_not_as_the_shares_are_warned_of() -> None:
    assert result(counted(1, 5000, 500), counted(2, 5050, 500)).warnings == []
    (warning,) = result(counted(1, 5000, 500), counted(2, 5500, 500)).warnings
    assert "5,000 to 5,500 customers, where 50% to 50% were wished for" in warning


def test_without_customers_there_is_no_difference_and_it_is_said_why() -> None:
    found = result(counted(1, 0, 0), counted(2, 0, 0))
    assert (found.differences, found.versions[0].rate) == ([], None)
    assert "no exposure" in found.warnings[0]
    waiting = result(counted(1, 0, 0), counted(2, 0, 0), exposed=[5, 5])
    assert "7 days are over" in waiting.warnings[0]
    assert not math.isnan(waiting.sample_ratio_p)
