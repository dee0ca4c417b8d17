"""What is said of the lists that a re-ranker serves beside that of all products."""

from __future__ import annotations

from typing import Any

import pytest
from lab import retrieval

from shared.jobs import MetricsReport
from shared.rules.lists import BUY_AGAIN, DISCOVER, judge_lists
from shared.rules.verdict import judge_test
from shared.rules.warnings import Finished, check_results

CLEAR = {"low": 0.02, "high": 0.04}
LOST = {"low": -0.04, "high": -0.02}


def serving_lists(**parts: Any) -> MetricsReport:
    """Args: parts: `metrics`, `baselines`, `differences`, `index`, over what there is anyway."""
    raw = retrieval(0.3)
    raw["metrics"] |= {
        "recall_at_10_buy_again": 0.5,
        "mrr_buy_again": 0.3,
        "recall_at_100_discover": 0.2,
        "recall_at_50_discover": 0.12,
    }
    plain = {
        "decayed_history": {"recall_at_10_buy_again": 0.47, "mrr_buy_again": 0.25},
        "recent_popularity": {"recall_at_100_discover": 0.17, "recall_at_50_discover": 0.1},
        "random": {"recall_at_10_buy_again": 0.2, "recall_at_100_discover": 0.1},
    }
    differences = {
        "decayed_history": {"recall_at_10_buy_again": CLEAR, "mrr_buy_again": CLEAR},
        "recent_popularity": {"recall_at_100_discover": CLEAR, "recall_at_50_discover": LOST},
    }
    for baseline, metrics in {**plain, **parts.get("baselines", {})}.items():
        raw["baselines"].setdefault(baseline, {}).update(metrics)
    for baseline, metrics in {**differences, **parts.get("differences", {})}.items():
        raw["differences"].setdefault(baseline, {}).update(metrics)
    if "index" in parts:
        raw["index"] = parts["index"]
    return MetricsReport.model_validate(raw)


def codes(results: MetricsReport) -> set[str]:
    return {problem.code for problem in check_results(Finished(results))}


def test_each_list_is_held_against_its_own_baseline() -> None:
    again, discover = judge_test(serving_lists()).lists
    assert (again.list, again.baseline, again.verdict) == ("buy_again", "decayed_history", "better")
    assert again.sentence == (
        "It finds 50.0% of the held-out purchases of products that the customer had bought before "
        "among the first 10, clearly better than recommending what the customer bought before, "
        "recent purchases first (47.0%)."
    )
    assert (discover.metric, discover.baseline) == ("recall_at_100_discover", "recent_popularity")
    assert discover.sentence == (
        "It finds 20.0% of the held-out purchases of products that were new to the customer among "
        "the first 100, clearly better than recommending what was popular in the last 28 days "
        "(17.0%)."
    )
    assert not {"discovers_less_than_popularity", "buys_again_less_than_history"} & codes(
        serving_lists()
    )


def test_what_a_random_order_finds_too_judges_no_list() -> None:
    found = serving_lists(
        baselines={"random": {"recall_at_10_buy_again": 0.95, "recall_at_100_discover": 1.0}}
    )
    again, discover = judge_lists(found)
    assert again.metric == "mrr_buy_again"
    assert again.sentence.startswith("Mean reciprocal rank, buy again is 0.3000, clearly better")
    assert (discover.metric, discover.verdict) == ("recall_at_50_discover", "worse")


@pytest.mark.parametrize(
    ("baseline", "metric", "code", "said"),
    [
        (
            "decayed_history",
            "recall_at_10_buy_again",
            "buys_again_less_than_history",
            "Recall@10, buy again is 50.0%, worse than recommending customers what they bought "
            "before, recent purchases counting for more (47.0%). Fit the re-ranker to more",
        ),
        (
            "recent_popularity",
            "recall_at_100_discover",
            "discovers_less_than_popularity",
            "Recall@100, discover is 20.0%, worse than recommending everybody the most popular "
            "products of the last 28 days (17.0%): the model reminds, but does not discover. Give",
        ),
    ],
)
def test_a_list_below_its_baseline_is_warned_of(baseline, metric, code, said) -> None:
    results = serving_lists(differences={baseline: {metric: LOST}})
    (problem,) = [one for one in check_results(Finished(results)) if one.code == code]
    assert problem.path == f"status.results.metrics.{metric}"
    assert problem.message.startswith(said)
    assert problem.level == "warning"


def test_without_times_the_plainer_baselines_stand_in() -> None:
    raw = serving_lists().model_dump(mode="json")
    for baseline in ("decayed_history", "recent_popularity"):
        del raw["baselines"][baseline]
    raw["baselines"]["own_history"]["recall_at_10_buy_again"] = 0.4
    raw["baselines"]["popularity"]["recall_at_100_discover"] = 0.1
    again, discover = judge_lists(MetricsReport.model_validate(raw))
    assert (again.baseline, again.verdict) == ("own_history", None)
    assert discover.baseline == "popularity"


def test_older_reports_and_models_without_lists_have_none() -> None:
    results = MetricsReport.model_validate(retrieval(0.3))
    assert judge_test(results).lists == []
    assert BUY_AGAIN.metric(results) is DISCOVER.metric(results) is None


@pytest.mark.parametrize(
    ("lists", "said"),
    [(0, "in the fitting slice no customer bought"), (1, "in the fitting slice 1 customer bought")],
)
def test_a_re_ranker_that_could_not_be_fitted_is_warned_of(lists: int, said: str) -> None:
    index = {"algorithm": "brute_force", "wanted": "brute_force", "fitted_lists": lists}
    found = check_results(Finished(serving_lists(index=index)))
    (problem,) = [one for one in found if one.code == "reranker_not_fitted"]
    assert said in problem.message
    assert "serves the towers' order" in problem.message


def test_a_fitted_re_ranker_and_none_at_all_are_not_warned_of() -> None:
    index = {"algorithm": "brute_force", "wanted": "brute_force"}
    for told in (index, {**index, "fitted_lists": 2}):
        assert "reranker_not_fitted" not in codes(serving_lists(index=told))
