"""Which version may take the place of the one in production."""

from __future__ import annotations

from typing import Any

import pytest
from scenario import metrics

from shared.documents.quick_test import Pinned, QuickTestStatus, TestState
from shared.jobs import MetricsReport, Replicates
from shared.rules.promotion import Contender, check_reason, judge_promotion


def contender(
    version: int, recall: float = 0.2, *, data: str = "v1", rows: str = "rows", **protocol: Any
) -> Contender:
    """A version whose recall was the same in all draws, give or take a hundredth of a point."""
    pinned = Pinned(
        feature_config_revision=1,
        model_config_revision=1,
        dataset_id="ds",
        dataset_fingerprint=data,
    )
    report = MetricsReport.model_validate(metrics(recall, holdout_fingerprint=rows, **protocol))
    draws = [recall + 0.0001 * (draw % 3 - 1) * version for draw in range(300)]
    return Contender(
        version,
        QuickTestStatus(state=TestState.COMPLETED, pinned=pinned, results=report),
        Replicates(holdout_fingerprint=rows, customers=190, metrics={"recall_at_100": draws}),
    )


def test_the_first_version_needs_no_reason() -> None:
    verdict = judge_promotion(contender(1), None)
    assert (verdict.standing, verdict.needs_reason) == ("first", False)


def test_what_is_in_production_stays_there() -> None:
    verdict = judge_promotion(contender(2), contender(2))
    assert (verdict.standing, verdict.needs_reason) == ("unchanged", False)


@pytest.mark.parametrize(
    ("recall", "standing", "needs_reason", "words"),
    [
        (0.25, "better", False, "is clearly better than version 1"),
        (0.2, "no_clear_difference", False, "shows no clear difference from version 1"),
        (0.15, "worse", True, "is clearly worse than version 1"),
    ],
)
def test_a_challenger_is_judged_by_the_paired_interval(
    recall: float, standing: str, needs_reason: bool, words: str
) -> None:
    verdict = judge_promotion(contender(2, recall), contender(1, 0.2))
    assert (verdict.standing, verdict.needs_reason) == (standing, needs_reason)
    assert words in verdict.sentence
    assert f"Recall@100 {100 * recall:.1f}% against 20.0%" in verdict.sentence
    assert verdict.difference is not None
    assert verdict.difference.low <= recall - 0.2 <= verdict.difference.high


@pytest.mark.parametrize(
    ("champion", "reason"),
    [
        (contender(1, data="v2"), "other data"),
        (contender(1, rows="others"), "other rows held out"),
        (contender(1, sample_percent=20.0), "other sample: 10% against 20%"),
        (contender(1, split="random"), "other split"),
        (Contender(1, contender(1).status), "no bootstrap replicates"),
        (Contender(1, None), "the results of version 1 can no longer be read"),
        (Contender(1, QuickTestStatus()), "the results of version 1 can no longer be read"),
    ],
)
def test_what_was_not_measured_alike_cannot_be_compared(champion: Contender, reason: str) -> None:
    verdict = judge_promotion(contender(2, 0.9), champion)
    assert (verdict.standing, verdict.needs_reason) == ("not_comparable", True)
    assert reason in verdict.sentence


def measured(version: int, candidates: int = 4_800, **values: float) -> Contender:
    """A version with these metrics, the same in all draws give or take a little."""
    base = contender(version, candidates=candidates)
    assert base.status is not None
    assert base.status.results is not None
    assert base.replicates is not None
    results = base.status.results.model_copy(update={"metrics": values})
    draws = {
        name: [value + 0.0001 * (draw % 3 - 1) * version for draw in range(300)]
        for name, value in values.items()
    }
    return Contender(
        version,
        base.status.model_copy(update={"results": results}),
        base.replicates.model_copy(update={"metrics": draws}),
    )


@pytest.mark.parametrize(
    ("candidates", "metric"), [(100, "recall_at_50"), (50, "recall_at_10"), (10, "mrr")]
)
def test_among_few_products_a_recall_that_all_reach_is_not_judged_by(
    candidates: int, metric: str
) -> None:
    full = dict.fromkeys(("recall_at_100", "recall_at_50", "recall_at_10", "mrr"), 1.0)
    champion = measured(1, candidates, **full | {metric: 0.5})
    verdict = judge_promotion(measured(2, candidates, **full | {metric: 0.05}), champion)
    assert (verdict.standing, verdict.metric, verdict.needs_reason) == ("worse", metric, True)


def test_every_task_of_the_one_in_production_counts() -> None:
    champion = measured(1, recall_at_100=0.2, rmse=1.0)
    verdict = judge_promotion(measured(2, recall_at_100=0.3, rmse=1.2), champion)
    assert (verdict.standing, verdict.metric) == ("worse", "rmse")
    assert "Recall@100 30.0% against 20.0%" in verdict.sentence
    verdict = judge_promotion(measured(2, recall_at_100=0.2, rmse=0.9), champion)
    assert (verdict.standing, verdict.metric, verdict.needs_reason) == ("better", "rmse", False)


@pytest.mark.parametrize("lacking", ["recall_at_100", "rmse"])
def test_a_challenger_that_cannot_do_what_production_does_needs_a_reason(lacking: str) -> None:
    metrics = {"recall_at_100": 0.2, "rmse": 1.0}
    lesser = {name: value for name, value in metrics.items() if name != lacking}
    verdict = judge_promotion(measured(2, **lesser), measured(1, **metrics))
    assert (verdict.standing, verdict.needs_reason) == ("not_comparable", True)
    assert "it has no R" in verdict.sentence
    back = judge_promotion(measured(2, **metrics), measured(1, **lesser))
    assert back.standing == "no_clear_difference"


def test_one_may_always_go_back() -> None:
    for challenger in (contender(1, 0.1), Contender(1, None)):
        verdict = judge_promotion(challenger, contender(2, 0.2), previous=1)
        assert (verdict.standing, verdict.needs_reason) == ("rollback", False)
    assert judge_promotion(contender(1, 0.1), contender(2, 0.2)).needs_reason


@pytest.mark.parametrize("reason", [None, "", "  \n"])
def test_where_a_reason_is_needed_a_blank_one_is_none(reason: str | None) -> None:
    worse = judge_promotion(contender(2, 0.1), contender(1, 0.2))
    (problem,) = check_reason(worse, reason)
    assert (problem.path, problem.code) == ("spec.production.reason", "reason_needed")
    assert "clearly worse" in problem.message
    assert list(check_reason(worse, "the catalogue has changed")) == []
    better = judge_promotion(contender(2, 0.3), contender(1, 0.2))
    assert list(check_reason(better, reason)) == []
