"""Results on the terminal: numbers beside their baselines, and only what may be said of them."""

from __future__ import annotations

import re

import pytest
from lab import Lab, ranking, replicates, retrieval
from scenario import metrics

from local.cli.client import UserError
from local.cli.demo import _check
from local.cli.output import out
from local.cli.results import show_comparison, show_measured
from shared.comparing.table import compare
from shared.documents.quick_test import QuickTest
from shared.rules.verdict import verdict_sentences

HEAD = [{"type": "dense", "units": 1, "activation": None}]


@pytest.fixture
def lab():
    return Lab()


def document(lab, test_id) -> QuickTest:
    return QuickTest.model_validate({**lab.documents.data(f"quick_tests/{test_id}"), "id": test_id})


def said(show, *arguments) -> list[str]:
    with out.capture() as capture:
        show(*arguments)
    return [" ".join(line.split()) for line in capture.get().splitlines() if line.strip()]


def test_recall_has_its_interval_its_baselines_and_a_verdict_against_each(lab):
    features, model = lab.features(), lab.model()
    lab.completed("[bold]Before[/]", 0.2, features, model)
    lines = said(
        show_measured,
        document(lab, lab.completed("Now", 0.25, features, model, seed=2, beats=False)),
    )
    assert "recall this model popularity own history 95% interval" in lines
    assert "@100 0.2500 0.1750 0.2375 0.2300 – 0.2675" in lines
    assert "@100, bought before 0.4000 0.2800 0.3800 0.3680 – 0.4280" in lines
    assert any(line.startswith("@100, new to them 0.1250 0.0875 ") for line in lines)
    assert "✓ Clearly better than recommending what is popular: +6.2 to +8.8 points" in lines
    assert (
        "· No clear difference from recommending what the customer bought before: "
        "-0.5 to +2.8 points" in lines
    )
    (improved,) = [line for line in lines if line.startswith("This is an improvement")]
    assert "[bold]Before[/] (Recall@100 20.0%)" in improved


def test_ratings_have_both_baselines(lab):
    rates = lab.model("Rates", model_type="ranking", rating_head_layers=HEAD)
    test_id = lab.launched("Rates", lab.features(), rates, rating_column="price")
    lab.leave_results(test_id, ranking(0.7))
    lab.job_news(test_id)
    lines = said(show_measured, document(lab, test_id))
    assert "error this model global mean customer, product means 95% interval" in lines
    assert "RMSE 0.7000 1.0000 0.9000 0.6650 – 0.7350" in lines
    assert any(line.startswith("✓ Clearly better than predicting the mean") for line in lines)


def test_a_model_with_two_tasks_is_judged_by_both(lab):
    head = {"model_type": "multitask", "rating_head_layers": HEAD}
    test_id = lab.launched("Both", lab.features(), lab.model(**head), rating_column="price")
    both, rates = retrieval(0.25, rating_column="price"), ranking(1.2)
    rates["differences"]["global_mean"] = {"rmse": {"low": 0.1, "high": 0.3}}
    for part in ("metrics", "intervals", "baselines", "differences"):
        both[part] |= rates[part]
    lab.leave_results(test_id, both, replicates(0.25))
    lab.job_news(test_id)
    test = document(lab, test_id)
    lines = said(show_measured, test)
    assert "✓ Clearly better than recommending what is popular: +6.2 to +8.8 points" in lines
    assert "✗ Clearly worse than predicting the mean for everything: +0.1000 to +0.3000" in lines
    told = verdict_sentences("The model", test.status.results, "price")
    assert "in 25.0% of the held-out purchases" in told
    assert "It predicts the price with an error (RMSE) of 1.2000" in told
    assert "clearly worse than predicting the mean for everything (1.0000)" in told
    assert "not_above_global_mean" in [warning.code for warning in test.status.warnings]


def test_the_share_held_out_and_lost_rows_are_said(lab):
    test_id = lab.running_test()
    rows = {"read": 1200, "without_customer": 400, "without_time": 1, "implausible_time": 1}
    report = metrics(0.3, train_rows=500, holdout_rows=700, ties="hash") | {"rows": rows}
    lab.succeed(test_id, report=report)
    text = " ".join(said(show_measured, document(lab, test_id)))
    assert "(temporal split, 58.3% (asked: 10%) held out, cut within a moment)" in text
    assert "Of 1,200 rows read, 400 (33.3%) are dropped: 400 without a customer." in text
    assert "Of the 800 that are used, 1 has a time that cannot be right" in text


def test_an_older_test_shows_what_it_has(lab):
    test_id = lab.running_test()
    lab.succeed(test_id, recall=0.3)
    lines = said(show_measured, document(lab, test_id))
    assert "@100 0.3000 0.1000" in lines
    assert not [line for line in lines if "interval" in line or "lear" in line]


def test_a_comparison_shows_groups_verdicts_and_what_differs(lab):
    features, model = lab.features(), lab.model()
    tests = [
        lab.completed("Low", 0.2, features, model),
        lab.completed("High", 0.25, features, model, seed=2, epochs=5),
        lab.completed("Other", 0.3, features, model, data_sample_percent=25.0),
        lab.launched("Runs", features, model),
    ]
    lines = said(show_comparison, compare(tests, None, lab.ports))
    text = "\n".join(lines)
    assert "Group 1: 10% of the customers (seed 42), the latest 10% of the rows held out" in text
    assert "★ best" in text
    assert text.count("★") == 1
    assert "worse, -5." in text
    assert "High is clearly the best: Recall@100 25.0%." in lines
    assert "Not ranked with group 1: other sample: 10% against 25%." in lines
    assert "what differs High Low Other" in lines
    assert "Epochs 5 2 2" in lines
    assert "Left out: Runs. It is running; only completed tests have results." in lines


def test_a_comparison_holds_tests_against_a_base_too(lab):
    features, model = lab.features(), lab.model()
    low = lab.completed("Low", 0.2, features, model)
    base = lab.completed("Base [1]", 0.25, features, model, seed=2)
    high = lab.completed("High", 0.3, features, model, seed=3)
    other = lab.completed("Other", 0.4, features, model, data_sample_percent=25.0)
    found = compare([low, base, high, other], None, lab.ports, base)
    text = "\n".join(said(show_comparison, found, base))
    assert text.count("against Base [1]") == 1
    rows = {line.split()[0]: line for line in text.splitlines() if " – " in line}
    assert re.search(r"★ best better, \+4\.\d to \+5\.\d", rows["High"])
    assert re.search(r"worse, -5\.\d to -4\.\d base$", rows["Base"])
    assert re.search(r"worse, -1\d\.\d to -9\.\d worse, -5\.\d to -4\.\d$", rows["Low"])
    assert "against Base" not in "\n".join(said(show_comparison, found))


def test_many_tests_stand_below_each_other(lab):
    features, model = lab.features(), lab.model()
    tests = [
        lab.completed(f"t{n}", 0.2 + n / 100, features, model, seed=n, epochs=n)
        for n in range(1, 7)
    ]
    lines = said(show_comparison, compare(tests, None, lab.ports))
    assert "quick test Epochs" in lines
    assert "t6 6" in lines


def test_tests_that_do_not_differ_are_said_not_to(lab):
    features, model = lab.features(), lab.model()
    tests = [lab.completed("t", 0.2, features, model, seed=n) for n in range(2)]
    lines = said(show_comparison, compare(tests, None, lab.ports))
    assert "They do not differ in any setting." in lines


@pytest.mark.parametrize(
    ("low", "high", "fine"), [(0.01, 0.05, True), (-0.01, 0.05, False), (-0.05, -0.01, False)]
)
def test_the_demo_ends_well_only_where_the_model_clearly_beats_popularity(lab, low, high, fine):
    test_id = lab.launched("Demo", lab.features(), lab.model())
    report = retrieval(0.25)
    report["differences"]["popularity"]["recall_at_100"] = {"low": low, "high": high}
    lab.leave_results(test_id, report, replicates(0.25))
    lab.job_news(test_id)
    test = document(lab, test_id)
    if fine:
        _check(test)
    else:
        with pytest.raises(UserError, match="not clearly better than recommending what is popular"):
            _check(test)
