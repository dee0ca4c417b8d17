"""What is said of the rules that a test's lists were measured under."""

from __future__ import annotations

from typing import Any

import pytest
from api_client import Client
from lab import Lab, retrieval

from functions.report import page_of
from local.cli.output import out
from local.cli.results import show_measured
from shared.documents.quick_test import QuickTest, RulesVerdict
from shared.jobs import MetricsReport
from shared.rules.measured_rules import judge_rules
from shared.rules.verdict import judge_test

UNDER: dict[str, Any] = {
    "rule_set_id": "rs-1",
    "name": "Front page",
    "revision": 3,
    "told": ["price up to 20", "at most 2 of each department"],
    "rows": 11_528,
    "metrics": {"recall_at_10": 0.08, "recall_at_100": 0.25, "ndcg_at_10": 0.05},
    "without": {"recall_at_10": 0.1, "recall_at_100": 0.3, "ndcg_at_10": 0.05},
    "intervals": {"recall_at_100": {"low": 0.24, "high": 0.26}},
    "differences": {
        "recall_at_10": {"low": -0.03, "high": -0.01},
        "recall_at_100": {"low": -0.056, "high": -0.04},
        "ndcg_at_10": {"low": -0.001, "high": 0.001},
    },
    "lists": [
        {
            "name": "all",
            "rows": 1000,
            "left_out": 123,
            "short": [{"k": 10, "rows": 0}, {"k": 100, "rows": 51}],
        }
    ],
}


def results(**changed: Any) -> MetricsReport:
    report = retrieval(0.3, candidates=5_000, train_rows=100_000, holdout_rows=11_528)
    under = {**UNDER, **changed}
    report["metrics"] |= under["without"]
    return MetricsReport.model_validate({**report, "rules": under})


def judged(**changed: Any) -> RulesVerdict:
    found = judge_rules(results(**changed))
    assert found is not None
    return found


def test_a_test_without_rules_has_no_verdict_on_any() -> None:
    assert judge_rules(MetricsReport.model_validate(retrieval(0.3))) is None
    assert judge_test(MetricsReport.model_validate(retrieval(0.3))).rules is None


def test_what_rules_cost_what_they_leave_out_and_where_lists_come_short_is_said() -> None:
    found = judge_test(results()).rules
    assert found is not None
    assert found.standing == "worse"
    assert found.sentences == [
        "Under the rule set 'Front page' (revision 3), Recall@100 is 25.0% instead of 30.0%, which "
        "is a clear loss (-5.6 to -4.0 points).",
        "The filters leave out the product of 12.3% of the held-out purchases: at most 87.7% can "
        "be found.",
        "For 5.1% of them the rules leave fewer than 100 products to list.",
    ]
    assert [(one.metric, one.verdict) for one in found.metrics] == [
        ("recall_at_10", "worse"),
        ("recall_at_100", "worse"),
        ("ndcg_at_10", "no_clear_difference"),
    ]


@pytest.mark.parametrize(
    ("difference", "standing", "words"),
    [
        ({"low": 0.01, "high": 0.02}, "better", "a clear gain (+1.0 to +2.0 points)."),
        ({"low": -0.01, "high": 0.0}, "no_clear_difference", "no clear difference (-1.0"),
        (None, None, "How sure that is cannot be said of so few customers."),
    ],
)
def test_a_difference_is_one_only_where_its_interval_is_clear_of_zero(
    difference: Any, standing: Any, words: str
) -> None:
    found = judged(differences={"recall_at_100": difference} if difference else {})
    assert found.standing == standing
    assert words in found.sentences[0]


def test_what_costs_nothing_and_what_was_not_measured_is_said_as_such() -> None:
    lists = [{"name": "all", "rows": 10, "left_out": 0}]
    found = judged(lists=lists, rows=5_000)
    assert found.sentences[1:] == [
        "The filters leave out none of the products that were bought.",
        "Measured over 5,000 of 11,528 held-out purchases, chosen by hash.",
    ]
    found = judged(metrics={}, without={}, differences={}, lists=[], skipped="It only rates.")
    assert (found.standing, found.metrics) == (None, [])
    assert found.sentences == [
        "Not measured under the rule set 'Front page' (revision 3). It only rates."
    ]


def test_each_list_that_a_re_ranker_serves_has_a_sentence() -> None:
    name = "recall_at_10_buy_again"
    found = judged(
        metrics={**UNDER["metrics"], name: 0.4},
        without={**UNDER["without"], name: 0.5},
        differences={**UNDER["differences"], name: {"low": -0.2, "high": -0.1}},
        lists=[*UNDER["lists"], {"name": "buy_again", "rows": 40, "left_out": 10}],
    )
    assert found.sentences[3:] == [
        "Buy again: under the rules, Recall@10, buy again is 40.0% instead of 50.0%, which is a "
        "clear loss (-20.0 to -10.0 points).",
        "The filters leave out the product of 25.0% of the held-out purchases: at most 75.0% can "
        "be found.",
    ]
    assert found.metrics[-1].list == "Buy again"


def test_it_is_shown_wherever_results_are() -> None:
    lab = Lab()
    rules = lab.rule_set(lab.dataset_id)
    lab.settle()
    test_id = lab.launched("Ruled", lab.features(), lab.model(), rule_set_id=rules)
    lab.leave_results(test_id, {**retrieval(0.3), "rules": UNDER})
    lab.job_news(test_id)
    answer = Client(lab)("GET", f"/api/quick-tests/{test_id}/").json()["status"]
    assert answer["results"]["rules"]["lists"] == UNDER["lists"]
    assert answer["verdict"]["rules"]["standing"] == "worse"
    path = f"quick_tests/{test_id}"
    test = QuickTest.model_validate({**lab.documents.data(path), "id": test_id})
    with out.capture() as captured:
        show_measured(test)
    terminal = " ".join(captured.get().split())
    page = " ".join(page_of(test_id, lab.ports).decode().split())
    assert "Under the rule set Front page, revision 3" in terminal
    assert "Front page, revision 1" in page, "what was tested"
    for words in ("which is a clear loss", "12.3% of the held-out", "-5.6 to -4.0 points"):
        assert words in terminal
        assert words in page
    for words in ("price up to 20", "at most 2 of each department"):
        assert words in terminal
        assert words in page
    lab.settle()
    (run,) = lab.tracker.runs.values()
    logged = {one.name: one.value for one in run.metrics}
    assert logged["rules/recall_at_100"] == 0.25
    assert logged["rules/difference/recall_at_100/low"] == -0.056


def test_a_model_card_tells_of_them() -> None:
    lab = Lab()
    rules = lab.rule_set(lab.dataset_id)
    lab.settle()
    features, model = lab.features(), lab.model()
    source = lab.completed("Quick", 0.3, features, model)
    test_id = lab.launched(
        "Full", features, model, purpose="full_training", source_test_id=source, rule_set_id=rules
    )
    lab.leave_results(test_id, {**retrieval(0.3), "rules": UNDER})
    lab.job_news(test_id)
    lab.settle()
    version = lab.test(test_id).registered
    assert version is not None
    found = Client(lab)("GET", f"/api/registered-models/{version.model_id}/versions/1/card/")
    assert found.status_code == 200
    assert "## Under rules" in found.text
    assert "- price up to 20" in found.text
    assert "| Recall@100 | 30.0% | 25.0% | -5.6 to -4.0 points |" in found.text
