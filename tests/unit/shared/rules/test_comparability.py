"""Which tests may be ranked against each other, rule by rule."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenario import metrics

from shared.documents.quick_test import QuickTestStatus
from shared.jobs import EvaluationProtocol
from shared.rules.comparability import (
    RULES,
    RULES_OF_RANKINGS,
    RULES_OF_RATINGS,
    Measurement,
    comparable,
    grouped,
    measurement,
    reasons_against,
)

RECALL, RMSE = "recall_at_100", "rmse"


def measured(dataset="ds", data="v1", **protocol) -> Measurement:
    whole = {**metrics(0.2)["protocol"], **protocol}
    return Measurement(dataset, data, EvaluationProtocol.model_validate(whole))


REASONS = [
    ({"dataset": "other"}, "other dataset: 'ds' against 'other'", None),
    ({"data": "v2"}, "other data: the dataset's rows have changed between the two", None),
    (
        {"source_fingerprint": "v2"},
        "other data: the dataset's rows have changed between the two",
        None,
    ),
    ({"sample_percent": 25}, "other sample: 10% against 25%", None),
    ({"sample_by": "row"}, "sampled otherwise: by customer against by row", None),
    ({"seed": 7}, "other seed of the sample: 42 against 7", None),
    ({"split": "random"}, "other split: temporal against random", None),
    ({"holdout_fraction": 0.2}, "other share held out: 10% against 20%", None),
    (
        {"judged_on": "validation"},
        "judged on other rows: the test slice against the validation slice",
        None,
    ),
    ({"ties": "hash"}, "rows of one moment: kept together against cut by hash", None),
    (
        {"holdout_fingerprint": "b", "holdout_rows": 9_000},
        "other rows held out: 10,000 against 9,000, not the same ones",
        None,
    ),
    (
        {"candidates_fingerprint": "b", "candidates": 5_000},
        "other products to choose from: 4,800 against 5,000, not the same ones",
        RECALL,
    ),
    (
        {"seen_items_included": False},
        "products already bought: included against left out",
        RECALL,
    ),
    ({"rating_column": "stars"}, "other rating: 'quantity' against 'stars'", RMSE),
    ({"rating_column": None}, "other rating: 'quantity' against none", RMSE),
]
HERE = measured(
    holdout_fingerprint="a",
    candidates_fingerprint="a",
    rating_column="quantity",
    source_fingerprint="v1",
).protocol.model_dump()


@pytest.mark.parametrize(("changed", "reason", "only_by"), REASONS)
@pytest.mark.parametrize("metric", [RECALL, RMSE])
def test_each_rule_says_what_differs_where_it_matters(changed, reason, only_by, metric):
    one, other = measured(**HERE), measured(**{**HERE, **changed})
    applies = only_by is None or only_by == metric
    assert reasons_against(one, other, metric) == ([reason] if applies else [])


def test_all_rules_speak_at_once():
    everything: dict = {}
    for changed, _, _ in REASONS:
        everything |= changed
    one, other = measured(**HERE), measured(**{**HERE, **everything})
    assert len(reasons_against(one, other, RECALL)) == len(RULES) + len(RULES_OF_RANKINGS)
    assert len(reasons_against(one, other, RMSE)) == len(RULES) + len(RULES_OF_RATINGS)


def test_what_an_older_test_does_not_say_is_not_held_against_it():
    older = measured(**{**HERE, "holdout_fingerprint": "", "candidates_fingerprint": ""})
    assert reasons_against(older, measured(**HERE), RECALL) == []


def test_counts_that_follow_from_the_data_are_no_reason():
    assert reasons_against(measured(), measured(train_rows=1, holdout_customers=3), RECALL) == []


def status(**changed) -> QuickTestStatus:
    pinned = {
        "feature_config_revision": 1,
        "model_config_revision": 1,
        "dataset_id": "ds",
        "dataset_fingerprint": "v1",
    }
    return QuickTestStatus.model_validate(
        {"pinned": pinned, "results": {**metrics(0.2), **changed}}
    )


def test_only_tests_that_have_the_metric_are_comparable_by_it():
    rates = status(metrics={"rmse": 0.7})
    both = status(metrics={"rmse": 0.7, "recall_at_100": 0.3})
    assert comparable(status(), both, RECALL)
    assert comparable(rates, both, RMSE)
    assert not comparable(status(), rates, RECALL)
    assert not comparable(status(), rates, RMSE)
    assert not comparable(status(), QuickTestStatus(), RECALL)
    assert measurement(QuickTestStatus()) is None


some = st.builds(
    measured,
    sample_percent=st.sampled_from([10.0, 25.0]),
    seed=st.sampled_from([1, 2]),
    holdout_fingerprint=st.sampled_from(["", "a", "b"]),
    candidates_fingerprint=st.sampled_from(["", "a"]),
    rating_column=st.sampled_from([None, "stars"]),
)


@given(some, some, st.sampled_from([RECALL, RMSE]))
def test_being_comparable_is_mutual_and_a_test_is_comparable_with_itself(one, other, metric):
    assert reasons_against(one, one, metric) == []
    assert bool(reasons_against(one, other, metric)) == bool(reasons_against(other, one, metric))


@given(st.lists(some, max_size=12), st.sampled_from([RECALL, RMSE]))
def test_groups_hold_everything_once_and_nothing_that_may_not_be_ranked(items, metric):
    numbered = list(enumerate(items))
    groups = grouped(numbered, lambda item: item[1], metric)
    assert sorted(number for group in groups for number, _ in group) == list(range(len(items)))
    for group in groups:
        for _, one in group:
            assert all(not reasons_against(one, other, metric) for _, other in group)
    firsts = [group[0][0] for group in groups]
    assert firsts == sorted(firsts)
