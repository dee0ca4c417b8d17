"""Segments: their metrics by the plainest means, that they add up, and what is said of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import draws_by_hand, metrics_by_hand
from purchases import SPEC, Purchase, examples, numbers, purchases

from shared.examples import RawFeature
from shared.jobs import EvaluationProtocol, MetricsReport
from shared.measuring import HeldOut, Ratings
from shared.rules.segments import Drawn, hidden_losses, paired_segments
from shared.segments import splits
from shared.statistics import Mean
from trainer_image.evaluation import resampling
from trainer_image.evaluation.segments import MODEL, Segments, Sources, measure_segments
from trainer_image.evaluation.summary import summarize
from trainer_image.examples.segments import check_segments
from trainer_image.job.status import JobFailedError

METRIC = "recall_at_10"


def measured(held_out: HeldOut, **ranks: np.ndarray) -> Segments:
    """Args: ranks: by source; `model` is the model."""
    sources = {MODEL if name == "model" else name: one for name, one in ranks.items()}
    return measure_segments(
        SPEC, examples([], []), held_out, Sources(sources, {"random": {METRIC: 0.25}}, {}), "rows"
    )


def labels(held_out: HeldOut, name: str) -> list[str]:
    (split,) = (split for split in splits(held_out, {}) if split.name == name)
    return [split.parts[place].key for place in split.part]


def customers_by_hand(train: list[Purchase], held_out: list[Purchase]) -> list[str]:
    bought = Counter(customer for customer, _, _ in train)
    known = sorted(count for count in bought.values() if count >= 5)
    median = int(np.median(known)) if known else 5
    return [
        "unseen"
        if not (count := bought[customer])
        else "new"
        if count < 5
        else "light"
        if count <= median
        else "heavy"
        for customer, _, _ in held_out
    ]


def products_by_hand(train: list[Purchase], held_out: list[Purchase]) -> list[str]:
    sold = Counter(product for _, product, _ in train)

    def reached(counts: list[int]) -> int:
        total = 0
        for count in counts:
            total += count
            if total >= 0.2 * sum(counts):
                return count
        return 1

    tail = reached(sorted(sold.values()))
    head = max(reached(sorted(sold.values(), reverse=True)), tail + 1)
    return [
        "unseen"
        if not (count := sold[product])
        else "tail"
        if count <= tail
        else "head"
        if count >= head
        else "middle"
        for _, product, _ in held_out
    ]


@given(st.lists(purchases, min_size=1), st.lists(purchases, min_size=1))
def test_customers_and_products_are_told_apart_by_their_training_purchases(train, held_out) -> None:
    found = numbers(train, held_out)
    assert labels(found, "customers") == customers_by_hand(train, held_out)
    assert labels(found, "products") == products_by_hand(train, held_out)


@settings(deadline=None, max_examples=30)
@given(
    st.lists(purchases, min_size=1),
    st.lists(purchases, min_size=1),
    st.randoms(use_true_random=False),
)
def test_metrics_are_those_of_the_segments_rows_and_rows_add_up(train, held_out, random) -> None:
    found = numbers(train, held_out)
    ranks = np.array([random.randint(1, 120) for _ in held_out])
    report = measured(found, model=ranks, other=ranks[::-1].copy()).report
    by_hand = {
        "customers": customers_by_hand(train, held_out),
        "products": products_by_hand(train, held_out),
    }
    assert [split.name for split in report.splits] == ["customers", "products"]
    for split in report.splits:
        assert sum(segment.rows for segment in split.segments) == len(held_out)
        for segment in split.segments:
            own = [row for row, key in enumerate(by_hand[split.name]) if key == segment.key]
            assert segment.rows == len(own)
            assert segment.customers == len({held_out[row][0] for row in own})
            assert segment.metrics == pytest.approx(metrics_by_hand([ranks[row] for row in own]))
            reversed_ranks = [ranks[::-1][row] for row in own]
            assert segment.baselines["other"] == pytest.approx(metrics_by_hand(reversed_ranks))
            assert segment.baselines["random"] == {METRIC: 0.25}


def shop(customers: int, each: int = 8, seed: int = 1) -> tuple[list[Purchase], list[Purchase]]:
    """As many heavy customers as light, new and unknown ones; products from often to never sold."""
    random = np.random.default_rng(seed)
    train: list[Purchase] = []
    for number in range(customers):
        count = (0, 3, 10, 40)[number % 4]
        sold = np.minimum(random.zipf(1.5, count), 60)
        train += [(f"c{number:04}", f"p{product:02}", 0) for product in sold]
    held_out = [
        (f"c{number:04}", f"p{product:02}", 1)
        for number in range(customers)
        for product in np.where(
            random.random(each) < 0.4, random.integers(1, 70, each), random.integers(1, 4, each)
        )
    ]
    return train, held_out


def ranks_of(hits: np.ndarray) -> np.ndarray:
    return np.where(hits, 1, 50)


def test_intervals_are_drawn_by_the_same_customers_as_those_of_the_whole() -> None:
    held_out = numbers(*shop(80))
    random = np.random.default_rng(2)
    ranks, others = (ranks_of(random.random(len(held_out.customer)) < 0.5) for _ in range(2))
    found = measured(held_out, model=ranks, other=others)
    (split,) = (split for split in splits(held_out, {}) if split.name == "products")
    by_name = {name: segment for name, _, segment in found.report.each()}
    for place, part in enumerate(split.parts):
        own = np.flatnonzero(split.part == place)
        values = found.replicates.segments[f"products/{part.key}"][METRIC]
        for number, counts in list(enumerate(draws_by_hand(80)))[::199]:
            drawn = np.repeat(ranks[own] <= 10, counts[held_out.customer[own]])
            assert values[number] == pytest.approx(drawn.mean(), rel=1e-5)
        segment = by_name[f"products/{part.key}"]
        low, high = segment.intervals[METRIC].low, segment.intervals[METRIC].high
        assert low < segment.metrics[METRIC] < high
        assert segment.differences["other"][METRIC].standard_error > 0
        assert segment.differences["random"][METRIC].low == pytest.approx(low - 0.25, abs=1e-5)


def test_batches_do_not_change_what_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    held_out = numbers(*shop(40))
    ranks = np.random.default_rng(3).integers(1, 100, len(held_out.customer))
    whole = measured(held_out, model=ranks)
    monkeypatch.setattr("trainer_image.evaluation.segments._MOST_SUMS", 1)
    assert measured(held_out, model=ranks) == whole


def test_few_customers_have_a_value_and_no_interval() -> None:
    held_out = numbers(*shop(16))  # four of each kind
    found = measured(held_out, model=np.ones(len(held_out.customer), int))
    for _, split, segment in found.report.each():
        if split.name == "customers":
            assert segment.metrics[METRIC] == 1
            assert segment.intervals == segment.differences == {}


def test_ratings_have_segments_too() -> None:
    held_out = numbers(*shop(80))
    random = np.random.default_rng(4)
    labels_, predicted = (random.normal(3, 1, len(held_out.customer)) for _ in range(2))
    rated = Ratings(predicted, predicted, labels_, False, held_out.rows)
    constant = replace(rated, predicted=np.full_like(predicted, 3))
    sources = Sources({}, {}, {MODEL: rated, "global_mean": constant})
    found = measure_segments(SPEC, examples([], []), held_out, sources, "rows").report
    keys = np.array(labels(held_out, "customers"))
    for segment in found.splits[0].segments:
        own = keys == segment.key
        error = np.sqrt(np.mean((predicted[own] - labels_[own]) ** 2))
        assert segment.metrics["rmse"] == pytest.approx(error)
        assert segment.baselines["global_mean"]["mae"] == pytest.approx(
            np.mean(np.abs(3 - labels_[own]))
        )
        assert segment.differences["global_mean"]["rmse"].low > 0


def test_marked_columns_split_the_rows_by_their_values() -> None:
    held_out = [(f"c{number:02}", "p1", 1) for number in range(40)]
    ages = ["young" if number % 4 else ("old" if number % 8 else "") for number in range(40)]
    found = examples([("zoe", "p1", 0)], held_out)
    found = replace(found, eval=found.eval.append_column("age", pa.array(ages)))
    spec = SPEC.model_copy(
        update={
            "features": [*SPEC.features, RawFeature(key="age", column="Age", type="text")],
            "segment_keys": ["age"],
        }
    )
    ranks = np.array([1 if age == "young" else 50 for age in ages])
    numbered = numbers([("zoe", "p1", 0)], held_out)
    report = measure_segments(spec, found, numbered, Sources({MODEL: ranks}, {}, {}), "").report
    split = report.splits[-1]
    assert (split.name, split.label) == ("column:Age", "Age")
    assert [(one.label, one.rows, one.metrics[METRIC]) for one in split.segments] == [
        ("young", 30, 1.0),
        ("old", 5, 0.0),
        ("No value", 5, 0.0),
    ]


def marked(values: list[str]) -> None:
    spec = SPEC.model_copy(
        update={
            "features": [*SPEC.features, RawFeature(key="age", column="Age", type="text")],
            "segment_keys": ["age"],
        }
    )
    check_segments(spec, pa.table({"age": values}))


def test_a_column_without_values_or_with_too_many_is_refused_before_training() -> None:
    marked([str(number % 30) for number in range(500)] + [""])
    with pytest.raises(JobFailedError, match=r"segment_columns\[0\]: column 'Age' has no value in"):
        marked([""] * 50)
    with pytest.raises(JobFailedError, match="'Age' has 10,000 values among the held-out rows; "):
        marked([str(number) for number in range(10_000)])


# What is said.


def warned(held_out: HeldOut, model: np.ndarray, **others: np.ndarray) -> list[str]:
    """The segments in which the model is said to lose to a baseline that it beats in all."""

    def mean(ranks: np.ndarray) -> dict[str, Mean]:
        return {METRIC: held_out.rows.mean((ranks <= 10).astype(float))}

    found = summarize(
        mean(model), {name: mean(ranks) for name, ranks in others.items()}, held_out.customers
    )
    results = MetricsReport(
        metrics=found.metrics,
        intervals=found.intervals,
        baselines=found.baselines,
        differences=found.differences,
        protocol=PROTOCOL,
    )
    report = measured(held_out, model=model, **others).report
    return [loss.name for loss in hidden_losses(results, report, METRIC)]


PROTOCOL = EvaluationProtocol(
    split="temporal",
    holdout_fraction=0.1,
    sample_percent=10,
    sample_by="customer",
    seed=1,
    train_rows=1,
    holdout_rows=1,
    holdout_customers=1,
    candidates=100,
)


def test_a_loss_that_a_better_total_hides_is_warned_of() -> None:
    held_out = numbers(*shop(400))
    random = np.random.default_rng(5)
    new = np.array(labels(held_out, "customers")) == "new"
    even = random.random(len(new))
    other = ranks_of(even < 0.4)
    better = ranks_of(np.where(new, even < 0.25, even < 0.6))
    assert warned(held_out, better, other=other) == ["customers/new"]
    assert warned(held_out, ranks_of(even < 0.6), other=other) == []
    # What is worse over all rows hides nothing.
    worse = ranks_of(np.where(new, even < 0.25, even < 0.4))
    assert warned(held_out, worse, other=other) == []


def test_bestsellers_are_no_loss_to_whoever_recommends_nothing_else() -> None:
    """Only the strongest baseline over all rows is held against where the rows are chosen by the
    popularity of their products."""
    held_out = numbers(*shop(400))
    even = np.random.default_rng(8).random(len(held_out.customer))
    head = np.array(labels(held_out, "products")) == "head"
    model, strong = ranks_of(even < 0.6), ranks_of(even < 0.5)
    popular = ranks_of(np.where(head, even < 0.95, even < 0.1))
    assert warned(held_out, model, other=strong, popular=popular) == []
    assert warned(held_out, model, other=popular) == ["products/head"]


def test_noise_is_not_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """Better in half of the rows, and elsewhere equally good but for chance: of 200 draws at most
    5 % with a false warning."""
    monkeypatch.setattr(resampling, "REPLICATES", 200)
    held_out = numbers(*shop(120))
    keys = np.array(labels(held_out, "customers"))
    better = np.isin(keys, ("heavy", "light"))
    random = np.random.default_rng(6)
    false = 0
    for _ in range(200):
        taste = random.beta(2, 2, held_out.customers)[held_out.customer]
        other = random.random(len(keys)) < taste
        swings = random.random(len(keys)) < 0.3
        model = np.where(swings, random.random(len(keys)) < taste, other)
        model = np.where(better & (random.random(len(keys)) < 0.2), True, model)
        false += bool(warned(held_out, ranks_of(model), other=ranks_of(other)))
    assert false <= 10


def test_two_tests_are_paired_by_segment() -> None:
    held_out = numbers(*shop(400))
    random = np.random.default_rng(7)
    tail = np.array(labels(held_out, "products")) == "tail"
    even = random.random(len(tail))
    one = measured(held_out, model=ranks_of(even < np.where(tail, 0.3, 0.6)))
    other = measured(held_out, model=ranks_of(even < 0.5))
    found = {
        pair.name: pair
        for pair in paired_segments(
            Drawn(one.report, one.replicates), Drawn(other.report, other.replicates), METRIC
        )
    }
    assert found["products/tail"].verdict == "worse"
    assert found["products/head"].verdict == "better"
    assert found["customers/heavy"].difference is not None
    same = paired_segments(*[Drawn(one.report, one.replicates)] * 2, METRIC)
    assert {pair.verdict for pair in same} == {"no_clear_difference"}
    assert {(pair.difference.low, pair.difference.high) for pair in same} == {(0, 0)}


def test_segments_of_other_rows_are_not_paired() -> None:
    """As where one of the two tests dropped training rows, so that others are heavy customers."""
    train, held_out = shop(80)
    one, other = numbers(train, held_out), numbers(train[: len(train) // 2], held_out)
    ranks = np.ones(len(held_out), int)
    found = [measured(each, model=ranks) for each in (one, other)]
    drawn = [Drawn(each.report, each.replicates) for each in found]
    paired = {pair.name for pair in paired_segments(*drawn, METRIC)}
    assert "customers/heavy" not in paired
    reports = [{name: one for name, _, one in each.report.each()} for each in found]
    assert all(reports[0][name].fingerprint == reports[1][name].fingerprint for name in paired)


def test_without_replicates_nothing_is_said() -> None:
    held_out = numbers(*shop(80))
    found = measured(held_out, model=np.ones(len(held_out.customer), int)).report
    pairs = paired_segments(Drawn(found, None), Drawn(found, None), METRIC)
    assert pairs
    assert {(pair.difference, pair.verdict) for pair in pairs} == {(None, "no_clear_difference")}
