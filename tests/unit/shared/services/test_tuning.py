"""A tuning searches, gives up what falls behind, and ends with a verdict."""

from __future__ import annotations

from dataclasses import replace

import pytest
from remembered import remembered_code
from tuned import Tuned, finish, noise, planted

from shared import services
from shared.jobs import Stage, State
from shared.prices import read_prices


@pytest.fixture(scope="module", autouse=True)
def code():
    with remembered_code():
        yield


@pytest.fixture
def shop():
    return Tuned()


def test_a_planted_problem_is_solved_within_thirty_trials_and_the_best_is_called_better(shop):
    tuning_id = shop.tune(trials=30)
    shop.settle()
    finish(shop, tuning_id)
    status = shop.tuned(tuning_id)
    assert (status.state, status.progress, len(status.trials)) == ("completed", 100, 30)
    best = status.best_trial()
    assert best.settings["output_width"] == 128
    assert 10 < best.settings["half_life"] < 40
    assert set(list(status.importance)[:2]) == {"half_life", "output_width"}
    assert status.verdict.verdict == "better"
    assert status.verdict.difference.low > 0
    assert "is clearly better than the default" in status.verdict.sentence


def test_of_pure_noise_nothing_is_better_than_the_default(shop):
    tuning_id = shop.tune(trials=30)
    shop.settle()
    finish(shop, tuning_id, noise)
    status = shop.tuned(tuning_id)
    assert status.state == "completed"
    assert status.best_trial().value > status.trials[0].value + 0.005, "the luckiest of thirty"
    assert status.verdict.verdict == "default_as_good", status.verdict.sentence
    assert status.verdict.sentence.startswith("The default is as good")


def test_trials_see_the_validation_slice_and_only_the_comparison_sees_the_test_slice(shop):
    tuning_id = shop.tune(trials=3)
    shop.settle()
    finish(shop, tuning_id)
    status = shop.tuned(tuning_id)
    trials = [shop.spec_of(trial.quick_test_id) for trial in status.trials]
    assert {spec.split.judged_on for spec in trials} == {"validation"}
    assert {spec.training_seed for spec in trials} == {None}
    assert (trials[0].settings, trials[0].leave_out) == ({}, [])
    compared = [shop.spec_of(test.quick_test_id) for test in status.confirming]
    assert {spec.split.judged_on for spec in compared} == {"test"}
    best = status.best_trial().settings
    assert [spec.settings for spec in compared] == [best, {}] * 3
    assert [spec.training_seed for spec in compared] == [43, 43, 44, 44, 45, 45]
    requests = shop.pipelines.requests.values()
    assert [r.examples.judged_on for r in requests] == ["validation"] * 3 + ["test"] * 6


def test_where_the_default_is_the_best_trial_nothing_need_be_compared(shop):
    tuning_id = shop.tune(trials=3)
    shop.settle()
    finish(shop, tuning_id, lambda spec: 0.1 if spec.settings else 0.2)
    status = shop.tuned(tuning_id)
    assert (status.state, status.best, status.confirming) == ("completed", 1, [])
    assert status.verdict.verdict == "default_as_good"
    assert len(shop.pipelines.requests) == 3


def test_a_trial_above_the_median_loss_is_given_up_and_its_job_ends(shop):
    tuning_id = shop.tune(trials=8)
    shop.settle()
    for _ in range(4):
        shop.come_to(shop.under_way()[0], planted, [3.0, 2.0, 1.0])
        shop.settle()
    (fifth,) = shop.under_way()
    shop.epochs(fifth, [2.9])
    assert shop.under_way() == [fifth]
    shop.epochs(fifth, [2.9, 2.5])
    status = shop.tuned(tuning_id)
    assert status.trials[4].pruned
    assert status.trials[4].losses == [2.9, 2.5]
    assert shop.test(fifth).state == "cancelled"
    assert shop.pipelines.cancelled == [shop.job_id(fifth)]
    assert len(status.trials) == 6
    # One that ended before it could be told comes to the same.
    (sixth,) = shop.under_way()
    shop.come_to(sixth, lambda _: 0.9, [9.0, 0.1, 0.1])
    shop.settle()
    trial = shop.tuned(tuning_id).trials[5]
    assert (trial.pruned, trial.losses, trial.value) == (True, [9.0], None)
    finish(shop, tuning_id)
    assert shop.tuned(tuning_id).best != 6


def test_locally_trials_run_one_at_a_time_and_on_rented_machines_under_a_limit(shop):
    shop.tune(trials=6, in_flight=3)
    shop.settle()
    assert len(shop.under_way()) == 1
    rented = Tuned()
    rented.ports = replace(rented.ports, prices=read_prices())
    tuning_id = rented.tune(trials=6, in_flight=3)
    rented.settle()
    assert len(rented.under_way()) == 3
    finish(rented, tuning_id)
    assert rented.tuned(tuning_id).state == "completed"


def test_the_order_in_which_parallel_trials_end_makes_no_difference():
    ended = []
    for last_first in (False, True):
        shop = Tuned()
        shop.ports = replace(shop.ports, prices=read_prices())
        tuning_id = shop.tune(trials=9, in_flight=3)
        shop.settle()
        while running := shop.under_way():
            shop.come_to(running[-1 if last_first else 0], planted)
            shop.settle()
        status = shop.tuned(tuning_id)
        ended.append([(t.settings, t.state, t.value, t.pruned) for t in status.trials])
    assert ended[0] == ended[1]


def test_settings_that_are_not_valid_cost_nothing_and_are_counted(shop):
    """The towers share weights, and leaving a column out makes their inputs unlike."""
    features = [{"column": c, "type": "string_embedding"} for c in ("customer", "city")]
    products = [{"column": c, "type": "string_embedding"} for c in ("product", "department")]
    dataset_id = shop.documents.data(f"feature_configs/{shop.features}")["spec"]["dataset_id"]
    shop.features = shop.feature_config(
        dataset_id, "Even", buyer_model_features=features, product_model_features=products
    )
    shop.model = shop.model_config("Shared", share_tower_weights=True)
    shop.settle()
    space = [
        {"setting": "included", "tower": "buyer", "column": "city"},
        {"setting": "included", "tower": "product", "column": "department"},
        {"setting": "temperature", "values": [0.05, 0.1]},
    ]
    tuning_id = shop.tune(trials=30, space=space)
    shop.settle()
    finish(shop, tuning_id, noise)
    status = shop.tuned(tuning_id)
    assert status.state == "completed"
    assert len(status.trials) == 4  # of eight, half are refused
    assert status.refused > 0
    assert "wide" in status.refusals[0].reason
    assert "brought nothing new" in status.why_no_more
    made = len(status.trials) + len(status.confirming)
    assert len(shop.pipelines.requests) == made


def test_settings_that_make_no_difference_beside_others_are_not_tried_twice(shop):
    space = [
        {"setting": "hidden_layers", "values": [0, 1]},
        {"setting": "hidden_width", "values": [64, 128]},
    ]
    tuning_id = shop.tune(trials=30, space=space)
    shop.settle()
    finish(shop, tuning_id, noise)
    assert len(shop.tuned(tuning_id).trials) == 3


def test_a_stop_keeps_what_was_found_and_compares_it(shop):
    tuning_id = shop.tune(trials=30)
    shop.settle()
    for _ in range(8):
        shop.come_to(shop.under_way()[0], planted)
        shop.settle()
    (running,) = shop.under_way()
    services.stop_tuning(tuning_id, shop.ports)
    shop.settle()
    assert shop.test(running).state == "cancelled"
    finish(shop, tuning_id)
    status = shop.tuned(tuning_id)
    assert (status.state, status.why_no_more, len(status.trials)) == (
        "completed",
        "it was stopped",
        9,
    )
    assert status.best_trial().value > status.trials[0].value
    assert len(status.confirming) == 6
    assert status.verdict.verdict == "better"


@pytest.mark.parametrize("ended", [0, 1, 4])
def test_a_cancel_keeps_the_trials_and_the_best_of_them(shop, ended):
    tuning_id = shop.tune(trials=30)
    shop.settle()
    for _ in range(ended):
        shop.come_to(shop.under_way()[0], planted)
        shop.settle()
    services.cancel_tuning(tuning_id, shop.ports)
    shop.settle()
    status = shop.tuned(tuning_id)
    assert (status.state, status.verdict) == ("cancelled", None)
    assert shop.under_way() == []
    assert (status.best is not None) == (ended > 0)
    assert [trial.state for trial in status.trials] == ["completed"] * ended + ["cancelled"]
    before = shop.tuned(tuning_id)
    services.cancel_tuning(tuning_id, shop.ports)
    services.stop_tuning(tuning_id, shop.ports)
    assert shop.tuned(tuning_id) == before


def test_a_tuning_is_cancelled_before_it_has_begun_and_while_it_compares(shop):
    tuning_id = shop.tune()
    assert services.cancel_tuning(tuning_id, shop.ports).state == "cancelled"
    shop.settle()
    assert shop.pipelines.requests == {}
    tuning_id = shop.tune(trials=8)
    shop.settle()
    while not shop.tuned(tuning_id).confirming:
        shop.come_to(shop.under_way()[0], planted)
        shop.settle()
    services.cancel_tuning(tuning_id, shop.ports)
    shop.settle()
    assert shop.tuned(tuning_id).state == "cancelled"
    assert shop.under_way() == []


def test_once_the_minutes_are_spent_the_best_so_far_is_compared_within_them(shop):
    """Each test takes half a minute; six are kept for the comparison."""
    tuning_id = shop.tune(trials=30, budget_minutes=8)
    shop.settle()
    finish(shop, tuning_id)
    status = shop.tuned(tuning_id)
    assert (status.state, status.budget_spent) == ("completed", True)
    assert 9 <= len(status.trials) <= 11
    assert [test.state for test in status.confirming] == ["completed"] * 6
    assert status.verdict.verdict != "unknown"


def test_a_default_that_cannot_be_trained_ends_a_tuning_soon(shop):
    tuning_id = shop.tune(trials=30)
    shop.settle()
    while running := shop.under_way():
        shop.pipelines.advance(shop.job_id(running[0]), Stage.TRAIN, State.FAILED, "out of memory")
        shop.job_news(running[0])
        shop.settle()
    status = shop.tuned(tuning_id)
    assert (status.state, len(status.trials)) == ("failed", 3)
    assert status.error == "None of 3 trials has completed. the default: out of memory"


def test_a_comparison_whose_tests_fail_is_no_verdict(shop):
    tuning_id = shop.tune(trials=5)
    shop.settle()
    while not shop.tuned(tuning_id).confirming:
        shop.come_to(shop.under_way()[0], planted)
        shop.settle()
    while running := shop.under_way():
        shop.pipelines.advance(shop.job_id(running[0]), Stage.TRAIN, State.FAILED, "out of memory")
        shop.job_news(running[0])
        shop.settle()
    status = shop.tuned(tuning_id)
    assert (status.state, status.verdict.verdict) == ("completed", "unknown")
    assert "is not known" in status.verdict.sentence
