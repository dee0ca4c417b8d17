"""What results warn of: each rule at its threshold, with its numbers and its advice."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from lab import ranking
from scenario import epoch, metrics, vocabulary

from shared.jobs import EpochProgress, MetricsReport, VocabularyReport
from shared.rules.results import explained, finite_epochs, unusable, unusable_vocabularies
from shared.rules.warnings import Finished, check_results


def finished(values=None, *, vocabularies=(), losses=(), held_out=(), **report) -> Finished:
    whole = {**metrics(0.3), **report}
    whole["metrics"] = {**whole["metrics"], **(values or {})}
    epochs = [
        {**epoch(n), "loss": loss, "validation_loss": held_out[n - 1] if held_out else None}
        for n, loss in enumerate(losses, 1)
    ]
    return Finished(
        MetricsReport.model_validate(whole),
        [VocabularyReport.model_validate(vocabulary(**fields)) for fields in vocabularies],
        [EpochProgress.model_validate(item) for item in epochs],
    )


def against(baseline, name, low, high, plain, value) -> Finished:
    return finished(
        metrics={name: value},
        baselines={baseline: {name: plain}},
        differences={baseline: {name: {"low": low, "high": high}}},
    )


def protocol(**fields):
    return {**metrics(0.3)["protocol"], **fields}


def read_anew() -> Finished:
    """A source that was written after it had been profiled."""
    return replace(finished(protocol=protocol(source_fingerprint="new")), profiled="old")


CASES = {
    "a source that has changed since the profile": (
        read_anew(),
        ("source_changed", "status.results.protocol.source_fingerprint"),
        "The source has changed between the dataset's profile and this training",
    ),
    "worse than popularity": (
        against("popularity", "recall_at_100", -0.05, -0.01, 0.18, 0.15),
        ("not_above_popularity", "status.results.metrics.recall_at_100"),
        "Recall@100 of 15.0% is worse than recommending everybody the most popular products "
        "(18.0%). The model has not learned yet who wants what. Train more epochs",
    ),
    "about as good as popularity": (
        against("popularity", "recall_at_100", -0.01, 0.03, 0.18, 0.19),
        ("not_above_popularity", "status.results.metrics.recall_at_100"),
        "Recall@100 of 19.0% shows no clear difference from recommending everybody",
    ),
    "below popularity, by numbers alone": (
        finished(metrics={"recall_at_100": 0.1}),
        ("not_above_popularity", "status.results.metrics.recall_at_100"),
        "Recall@100 of 10.0% does not beat recommending everybody the most popular products "
        "(10.0%).",
    ),
    "below the customers' own history": (
        against("own_history", "recall_at_100", -0.02, -0.01, 0.32, 0.3),
        ("not_above_own_history", "status.results.metrics.recall_at_100"),
        "is worse than recommending customers what they bought before (32.0%).",
    ),
    "finds nothing new": (
        finished(
            {"recall_at_100_new": 0.05},
            baselines={"popularity": {"recall_at_100": 0.1, "recall_at_100_new": 0.06}},
            differences={"popularity": {"recall_at_100_new": {"low": -0.02, "high": -0.01}}},
        ),
        ("discovers_less_than_popularity", "status.results.metrics.recall_at_100_new"),
        "Where the product is new to the customer, recall is 5.0%, worse than recommending "
        "everybody the most popular products (6.0%)",
    ),
    "no better than means": (
        against("customer_product_means", "rmse", -0.01, 0.02, 0.73, 0.74),
        ("not_above_customer_product_means", "status.results.metrics.rmse"),
        "RMSE of 0.7400 shows no clear difference from predicting from each customer's and each "
        "product's mean (0.7300).",
    ),
    "worse than the mean": (
        against("global_mean", "rmse", 0.01, 0.02, 0.73, 0.75),
        ("not_above_global_mean", "status.results.metrics.rmse"),
        "RMSE of 0.7500 is worse than predicting the mean rating for everything (0.7300).",
    ),
    "no better than chance": (
        against("random", "recall_at_100", -0.01, 0.01, 0.02, 0.021),
        ("not_above_random", "status.results.metrics.recall_at_100"),
        "Recall@100 of 2.1% shows no clear difference from recommending at random (2.0%).",
    ),
    "few products": (
        finished(protocol=protocol(candidates=60)),
        ("too_few_products_for_recall", "status.results.metrics.recall_at_100"),
        "With 60 products to choose from, every one is among the best 100: any model has a recall "
        "of 100%, which tells nothing. No setting changes that. Compare by Recall@50.",
    ),
    "everybody gets one list": (
        finished({"identical_top_10": 0.51}),
        ("same_list", "status.results.metrics.identical_top_10"),
        "51% of the customers get the very same ten products",
    ),
    "few products are shown": (
        finished({"coverage_at_10": 0.02}),
        ("low_coverage", "status.results.metrics.coverage_at_10"),
        "Only 96 of 4,800 products are in anybody's top ten, where 190 customers could show 1,900",
    ),
    "few customers": (
        finished(protocol=protocol(holdout_customers=49)),
        ("few_held_out_customers", "status.results.protocol.holdout_customers"),
        "The metrics come from 49 held-out customers",
    ),
    "an interval wider than the metric": (
        finished(intervals={"recall_at_100": {"low": 0.1, "high": 0.41}}),
        ("wide_interval", "status.results.intervals.recall_at_100"),
        "Recall@100 is 30.0%, but may be anything from 10.0% to 41.0%",
    ),
    "a loss that jumps": (
        finished(losses=[4.0, 2.0, 4.1, 9.0]),
        ("exploding_loss", "status.epochs[2].loss"),
        "The loss rose from 2 in epoch 2 to 4.1 in epoch 3",
    ),
    "overfitted": (
        finished(losses=[3, 2, 1, 0.5], held_out=[3.0, 2.5, 2.6, 2.9]),
        ("validation_loss_rises", "status.epochs[1].validation_loss"),
        "The validation loss has risen since epoch 2, from 2.5000 to 2.9000 in epoch 4: "
        "the model overfits. Train 2 epochs,",
    ),
    "rare values": (
        finished(vocabularies=[{}, {"oov_rate": 0.3, "rare_rate": 0.21, "unseen_rate": 0.09}]),
        ("high_oov_rate", "status.vocabulary[1]"),
        "In 30% of the held-out rows the value of 'customer' is not in the buyer tower's "
        "vocabulary: 21% have too few training rows, 9.0% are in no training row. The model "
        "treats all of them alike. Lower min_frequency.",
    ),
    "a small vocabulary": (
        finished(vocabularies=[{"oov_rate": 0.3, "cut_rate": 0.3}]),
        ("high_oov_rate", "status.vocabulary[0]"),
        "Raise max_size.",
    ),
    "new values": (
        finished(vocabularies=[{"oov_rate": 0.3, "unseen_rate": 0.3}]),
        ("high_oov_rate", "status.vocabulary[0]"),
        "Sample more (data_sample_percent)",
    ),
    "no values": (
        finished(vocabularies=[{"oov_rate": 0.3, "missing_rate": 0.2, "unseen_rate": 0.1}]),
        ("high_oov_rate", "status.vocabulary[0]"),
        "20% have no value, 10% are in no training row. The model treats all of them alike. "
        "Fill the column in, or leave it out.",
    ),
    "no cause known": (
        finished(vocabularies=[{"oov_rate": 0.43}]),
        ("high_oov_rate", "status.vocabulary[0]"),
        "Lower min_frequency, raise max_size, or sample more.",
    ),
    "cut off": (
        finished(vocabularies=[{}, {"truncated": True}]),
        ("vocabulary_truncated", "status.vocabulary[1]"),
        "was cut off at 200 values",
    ),
    "attributes that vary": (
        finished(varying_attributes={"price": 0.051, "brand": 0.05}),
        ("varying_attribute", "status.results.varying_attributes.price"),
        "5.1% of the products have more than one value of 'price'",
    ),
    "a last day too heavy to hold out a tenth": (
        finished(protocol=protocol(train_rows=500, holdout_rows=700)),
        ("other_holdout_share", "status.results.protocol.holdout_share"),
        "58% of the sample's rows are held out, where 10% were asked for. All of them have the "
        "last moment, and a temporal split does not tear the rows of one moment apart. Set "
        "split.ties to 'hash'",
    ),
    "little room before a heavy day": (
        finished(protocol=protocol(train_rows=970, holdout_rows=30)),
        ("other_holdout_share", "status.results.protocol.holdout_share"),
        "3.0% of the sample's rows are held out, where 10% were asked for. The moment before is "
        "larger",
    ),
    "few rows have a time": (
        finished(protocol=protocol(train_rows=970, holdout_rows=30, ties="hash")),
        ("other_holdout_share", "status.results.protocol.holdout_share"),
        "Too few rows have a time",
    ),
    "a random split of few pairs": (
        finished(protocol=protocol(train_rows=8, holdout_rows=2, split="random")),
        ("other_holdout_share", "status.results.protocol.holdout_share"),
        "20% of the sample's rows are held out, where 10% were asked for. A random split keeps",
    ),
    "rows that name nobody": (
        finished(rows={"read": 1200, "without_customer": 400, "without_rating": 1}),
        ("rows_dropped", "status.results.rows"),
        "Of 1,200 rows read, 401 (33.4%) are dropped: 400 without a customer, 1 without a rating.",
    ),
    "purchases of the year 2262": (
        finished(
            rows={"read": 1200, "without_time": 2, "implausible_time": 1, "unreadable_time": 1}
        ),
        ("unknown_times", "status.results.rows.without_time"),
        "Of the 1,200 rows that are used, 1 has a time that cannot be read, 1 has a time that "
        "cannot be right (a placeholder, or in the future). The split trains on them",
    ),
    "many rows without a time": (
        finished(rows={"read": 100, "without_time": 4, "missing_time": 4}),
        ("unknown_times", "status.results.rows.without_time"),
        "Of the 100 rows that are used, 4 have no time.",
    ),
    "another index": (
        finished(index={"algorithm": "brute_force", "wanted": "scann"}),
        ("too_few_products_for_scann", "status.results.index.algorithm"),
        "4,800 products are too few for ScaNN's leaves",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_rule_tells_its_numbers_where_they_are(case):
    given, (code, path), message = CASES[case]
    (found,) = check_results(given)
    assert (found.code, found.path, found.level) == (code, path, "warning")
    assert message in found.message
    assert found.message.endswith(".")


@pytest.mark.parametrize(
    "harmless",
    [
        finished(),
        against("popularity", "recall_at_100", 0.01, 0.03, 0.18, 0.2),
        against("own_history", "recall_at_100", 0.01, 0.03, 0.18, 0.2),
        against("global_mean", "rmse", -0.03, -0.01, 0.8, 0.7),
        against("random", "recall_at_100", 0.01, 0.03, 0.02, 0.04),
        finished(
            {"recall_at_100_new": 0.05},
            baselines={"popularity": {"recall_at_100": 0.1, "recall_at_100_new": 0.06}},
            differences={"popularity": {"recall_at_100_new": {"low": -0.02, "high": 0.01}}},
        ),
        finished({"identical_top_10": 0.5, "coverage_at_10": 0.04}),
        finished({"rmse": 0.7}, baselines={"global_mean": {"rmse": 0.8}}),
        finished({"coverage_at_10": 0.0}, protocol=protocol(candidates=0)),
        finished(protocol=protocol(holdout_customers=50)),
        finished(intervals={"recall_at_100": {"low": 0.2, "high": 0.4}}),
        finished(losses=[4.0, 2.0, 4.0]),
        finished(losses=[2.0, 1.5], held_out=[2.0, 2.01]),
        finished(losses=[2.0], held_out=[2.0]),
        finished(losses=[-3.0, -2.9]),
        finished(vocabularies=[{"oov_rate": 0.2, "unseen_rate": 0.2}]),
        finished(protocol=protocol(train_rows=924, holdout_rows=76)),
        finished(protocol=protocol(train_rows=875, holdout_rows=125)),
        finished(rows={"read": 100, "without_customer": 3, "without_time": None}),
        finished(rows={"read": 100, "without_time": 3, "missing_time": 3}),
        finished(
            rows={"read": 100, "without_time": 9, "implausible_time": 9},
            protocol=protocol(split="random"),
        ),
    ],
)
def test_what_is_at_a_threshold_or_better_is_not_warned_of(harmless):
    assert check_results(harmless) == []


def test_a_model_that_is_its_best_epoch_has_learned_nothing_by_heart():
    risen = finished(losses=[3, 2, 1], held_out=[2.0, 2.5, 3.0])
    assert [problem.code for problem in check_results(risen)] == ["validation_loss_rises"]
    assert check_results(replace(risen, keeps_best=True)) == []


def test_of_many_baselines_that_win_the_strongest_and_the_weakest_are_told():
    plain = {"popularity": 0.3, "own_history": 0.5, "ease": 0.4, "item_knn": 0.35, "random": 0.1}
    lost = {name: {"recall_at_100": {"low": -0.2, "high": -0.1}} for name in plain}
    lost["random"]["recall_at_100"] = {"low": 0.1, "high": 0.2}
    given = finished(
        metrics={"recall_at_100": 0.25},
        baselines={name: {"recall_at_100": value} for name, value in plain.items()},
        differences=lost,
    )
    codes = [problem.code for problem in check_results(given)]
    assert codes == ["not_above_popularity", "not_above_own_history"]


def test_a_rank_that_wins_does_not_hide_a_rating_that_does_not():
    """A multitask model is held against the baselines of both of its tasks."""
    both = finished({"rmse": 0.9}, baselines={"global_mean": {"rmse": 0.8, "recall_at_100": 0.1}})
    (found,) = check_results(both)
    assert (found.code, found.path) == ("not_above_global_mean", "status.results.metrics.rmse")


@pytest.mark.parametrize("alone", [{"holdout_customers": 1}, {"candidates": 10}])
def test_lists_that_cannot_differ_are_not_called_the_same(alone):
    given = finished({"identical_top_10": 1.0}, protocol=protocol(**alone))
    assert "same_list" not in [problem.code for problem in check_results(given)]


def test_of_few_products_recall_is_judged_where_it_tells_something():
    """Any order of 40 products has all of them among the first 50 and 100."""
    values = {"recall_at_100": 1.0, "recall_at_50": 1.0, "recall_at_10": 0.3}

    def codes(recall_at_10: float, candidates: int = 40) -> list[str]:
        given = finished(
            metrics=values,
            baselines={"popularity": {**values, "recall_at_10": recall_at_10}},
            protocol=protocol(candidates=candidates),
        )
        return [problem.code for problem in check_results(given)]

    assert codes(0.2) == ["too_few_products_for_recall"]
    assert codes(0.4) == ["too_few_products_for_recall", "not_above_popularity"]
    assert codes(0.4, 10) == ["too_few_products_for_recall"]
    assert codes(0.4, 101) == ["not_above_popularity"]


def test_metrics_that_are_no_numbers_are_unusable():
    report = MetricsReport.model_validate(metrics(0.2))
    assert unusable(report) is None
    report.metrics["recall_at_10"] = math.nan
    assert unusable(report).startswith(
        "metrics.json says that Recall@10 is nan; training has diverged. Lower the learning rate"
    )
    report.metrics = {"loss": 1.0}
    assert unusable(report) == "metrics.json holds neither Recall@100 nor RMSE; it holds loss"


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("baselines", {"popularity": {"mrr": math.inf}}, "baselines.popularity.mrr is inf"),
        ("intervals", {"mrr": {"low": math.nan, "high": 1}}, "intervals.mrr.low is nan"),
        ("varying_attributes", {"a": math.nan}, "varying_attributes.a is nan"),
    ],
)
def test_nothing_that_a_document_cannot_hold_gets_in(field, value, path):
    report = MetricsReport.model_validate({**metrics(0.2), field: value})
    assert unusable(report) == f"metrics.json says that {path}"
    odd = VocabularyReport.model_validate(vocabulary(oov_rate=math.nan))
    assert unusable_vocabularies([odd]) == "vocabulary.json says that [0].oov_rate is nan"
    assert unusable_vocabularies([]) is None


def test_epochs_end_before_a_loss_that_is_no_number():
    def of(loss, held_out=None):
        return EpochProgress(epoch=1, loss=loss, validation_loss=held_out, seconds=1)

    assert finite_epochs([of(1.0), of(math.nan), of(1.0)]) == [of(1.0)]
    assert finite_epochs([of(1.0, math.inf), of(0.5, 2.0)]) == [of(1.0), of(0.5, 2.0)]


def test_a_training_that_diverged_is_explained():
    said = explained("ValueError: the loss became nan in epoch 2")
    assert said.startswith("Training diverged: the loss became nan in epoch 2, so there is no")
    assert "Lower the learning rate" in said
    assert explained("killed by signal 9") == "killed by signal 9"


def rates(*validation: float | None, newest: bool = False, recall: bool = False) -> Finished:
    """A model's validation losses by epoch, and a pass over the newest rows after them."""
    report = ranking(0.8)
    if recall:
        report["metrics"]["recall_at_100"] = 0.2
    epochs = [
        EpochProgress(epoch=n, loss=1, validation_loss=loss, seconds=1)
        for n, loss in enumerate(validation, 1)
    ]
    if newest:
        epochs.append(EpochProgress(epoch=len(epochs) + 1, loss=9, seconds=1, newest_rows=True))
    return Finished(MetricsReport.model_validate(report), epochs=epochs)


@pytest.mark.parametrize("newest", [False, True])
def test_a_model_that_rates_says_when_more_epochs_would_help(newest: bool) -> None:
    (found,) = [
        one
        for one in check_results(rates(2.0, 1.5, newest=newest))
        if one.code == "more_epochs_would_help"
    ]
    assert found.path == "status.epochs[1].validation_loss"
    assert found.message.startswith(
        "In the last epoch, 2, the validation loss still fell by 25.0%, from 2.0000 to 1.5000: "
        "more epochs would help. Try 4,"
    )


@pytest.mark.parametrize(
    "settled",
    [
        rates(2.0, 1.99),
        rates(2.0, 2.1),
        rates(1.0, 2.0, 1.5),
        rates(2.0),
        rates(2.0, None),
        rates(),
        rates(2.0, 1.5, recall=True),
    ],
)
def test_nothing_promises_that_more_epochs_help(settled: Finished) -> None:
    assert "more_epochs_would_help" not in {one.code for one in check_results(settled)}
