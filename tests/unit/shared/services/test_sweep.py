"""A sweep makes its tests a few at a time, and ends with them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from remembered import remembered_code
from scenario import feature_spec
from swept import Swept, finish

from shared import editing, services
from shared.documents.base import Collection
from shared.errors import NotFoundError
from shared.handlers import reconcile
from shared.jobs import Stage, State
from shared.prices import read_prices


@pytest.fixture(scope="module", autouse=True)
def code():
    with remembered_code():
        yield


@pytest.fixture
def shop():
    return Swept()


def test_six_tests_run_two_at_a_time_and_end_with_their_metrics(shop):
    sweep_id = shop.six()
    shop.settle()
    status = shop.swept(sweep_id)
    part = sweep_id.removeprefix("sw-")
    assert [test.quick_test_id for test in status.tests] == [
        f"qt-{part}-{number:02}" for number in range(1, 7)
    ]
    assert [test.label for test in status.tests] == [
        f"{name}, seed {seed}" for name in ("Ids", "Rich") for seed in range(3)
    ]
    assert (status.state, status.progress) == ("running", 0)
    assert shop.tests() == [f"qt-{part}-01", f"qt-{part}-02"]

    shop.succeed(f"qt-{part}-02", recall=0.3)
    shop.settle()
    assert shop.tests() == [f"qt-{part}-{number:02}" for number in (1, 2, 3)]
    assert shop.swept(sweep_id).progress == 16
    assert shop.swept(sweep_id).tests[1].metrics["recall_at_100"] == 0.3

    shop.clock.advance(60)
    finish(shop, sweep_id)
    status = shop.swept(sweep_id)
    assert (status.state, status.progress) == ("completed", 100)
    assert {test.state for test in status.tests} == {"completed"}
    assert all(test.metrics for test in status.tests)
    assert status.duration_seconds == (status.ended_at - status.started_at).total_seconds() > 0
    assert len(shop.pipelines.requests) == 6
    third = shop.documents.data(f"quick_tests/qt-{part}-03")
    assert third["name"] == "Sweep: Ids, seed 2"
    assert (third["spec"]["sweep_id"], third["spec"]["training_seed"]) == (sweep_id, 2)
    assert third["revision"] == 1


def test_a_tests_progress_is_the_sweeps(shop):
    sweep_id = shop.six()
    shop.settle()
    first = shop.under_way()[0]
    shop.pipelines.advance(shop.job_id(first), Stage.EVALUATE, State.RUNNING)
    shop.job_news(first)
    shop.settle()
    assert shop.swept(sweep_id).tests[0].progress == shop.test(first).progress > 0
    assert shop.swept(sweep_id).progress == shop.test(first).progress // 6


def test_failed_cancelled_and_deleted_tests_do_not_hold_a_sweep_up(shop):
    sweep_id = shop.six(in_flight=6)
    shop.settle()
    one, two, three, *rest = shop.under_way()
    shop.fail(one)
    services.cancel_quick_test(two, shop.ports)
    shop.documents.transact(lambda transaction: transaction.delete(f"quick_tests/{three}"))
    shop.settle()
    assert shop.states(sweep_id) == ["failed", "cancelled", "cancelled", *["running"] * 3]
    for test_id in rest:
        shop.succeed(test_id)
    shop.settle()
    assert shop.swept(sweep_id).state == "completed"
    assert shop.documents.get(f"quick_tests/{three}") is None


def test_a_sweep_of_failures_has_failed_and_says_why(shop):
    sweep_id = shop.six()
    shop.settle()
    while running := shop.under_way():
        shop.fail(running[0])
        shop.settle()
    status = shop.swept(sweep_id)
    assert status.state == "failed"
    assert status.error == "None of 6 tests has completed. Ids, seed 0: out of memory"


@pytest.mark.parametrize("ended", [0, 1, 3, 5])
def test_a_sweep_is_cancelled_at_any_time_with_all_that_runs(shop, ended):
    sweep_id = shop.six()
    shop.settle()
    for _ in range(ended):
        shop.succeed(shop.under_way()[0])
        shop.settle()
    running = shop.under_way()
    status = services.cancel_sweep(sweep_id, shop.ports)
    assert status.state == "cancelled"
    shop.settle()
    assert sorted(shop.states(sweep_id)) == ["cancelled"] * (6 - ended) + ["completed"] * ended
    assert shop.pipelines.cancelled == [shop.job_id(test_id) for test_id in running]
    before = shop.swept(sweep_id)
    assert services.cancel_sweep(sweep_id, shop.ports) == before
    assert len(shop.tests()) == ended + len(running)


def test_a_sweep_is_cancelled_before_it_has_begun(shop):
    sweep_id = shop.six()
    assert services.cancel_sweep(sweep_id, shop.ports).state == "cancelled"
    shop.settle()
    assert shop.tests() == []
    assert shop.swept(sweep_id).state == "cancelled"
    with pytest.raises(NotFoundError):
        services.cancel_sweep("sw-none", shop.ports)


def test_a_cancel_that_met_a_fault_is_made_up_for(shop):
    sweep_id = shop.six()
    shop.settle()
    shop.pipelines.fault = ConnectionError("busy")
    with pytest.raises(ConnectionError):
        services.cancel_sweep(sweep_id, shop.ports)
    assert shop.swept(sweep_id).state == "running"
    shop.documents.changes.clear()
    shop.clock.advance(61)
    reconcile(shop.ports)
    assert shop.swept(sweep_id).state == "cancelled"
    assert shop.under_way() == []


def test_once_the_minutes_are_spent_no_further_test_is_made(shop):
    sweep_id = shop.six(budget_minutes=1.5, in_flight=1)
    shop.settle()
    for _ in range(2):
        (running,) = shop.under_way()
        shop.clock.advance(50)
        shop.succeed(running)
        shop.settle()
    status = shop.swept(sweep_id)
    assert shop.states(sweep_id) == ["completed"] * 2 + ["cancelled"] * 4
    assert (status.state, status.budget_spent) == ("completed", True)
    assert "4 tests left out: the budget is spent" in [e.what for e in status.timeline]
    assert len(shop.tests()) == 2


def test_tests_under_way_count_towards_the_budget(shop):
    sweep_id = shop.six(budget_minutes=1, in_flight=2)
    shop.settle()
    first, second = shop.under_way()
    shop.pipelines.advance(shop.job_id(second), Stage.TRAIN, State.RUNNING)
    shop.job_news(second)
    shop.clock.advance(61)
    shop.documents.changes.clear()
    reconcile(shop.ports)
    assert shop.states(sweep_id) == ["running"] * 2 + ["cancelled"] * 4
    shop.succeed(first)
    shop.succeed(second)
    shop.settle()
    assert (shop.swept(sweep_id).state, len(shop.tests())) == ("completed", 2)


def test_a_budget_in_dollars_holds_where_runs_cost_something(shop):
    prices = read_prices()
    shop.ports = replace(shop.ports, prices=prices)
    cost = prices.usd("quick_test", 600)
    sweep_id = shop.six(budget_usd=1.5 * cost, in_flight=1)
    shop.settle()
    for _ in range(2):
        shop.clock.advance(600)
        shop.succeed(shop.under_way()[0])
        shop.settle()
    status = shop.swept(sweep_id)
    assert (status.state, status.budget_spent) == ("completed", True)
    assert status.cost_usd == pytest.approx(2 * cost)
    assert shop.states(sweep_id).count("completed") == 2


def test_what_a_sweep_reads_is_asked_for_once_and_counts_towards_its_budget(shop):
    prices = read_prices()
    shop.ports = replace(shop.ports, prices=prices)
    shop.data.price = 2**40
    sweep_id = shop.six(budget_usd=12 * prices.usd_per_tib_read, in_flight=1)
    spec = shop.documents.data(f"sweeps/{sweep_id}")["spec"]
    shop.data.read.clear()
    forecast = editing.forecast_sweep(shop.ports, spec)
    # Columns of its two feature configs with those that rules read, which come to the same, and
    # those by which rows are counted.
    assert sorted(map(len, shop.data.read)) == [3, 7]
    assert forecast.estimate.bytes_read == 6 * (7 + 3) * 2**40
    shop.settle()
    for _ in range(2):
        shop.clock.advance(10)
        shop.succeed(shop.under_way()[0])
        shop.settle()
    assert shop.swept(sweep_id).budget_spent
    assert shop.states(sweep_id).count("completed") == 2


def test_a_config_edited_meanwhile_is_tested_as_it_was(shop):
    sweep_id = shop.six()
    shop.settle()
    dataset_id = shop.documents.data(f"feature_configs/{shop.features[1]}")["spec"]["dataset_id"]
    editing.update(
        shop.ports, Collection.FEATURE_CONFIGS, shop.features[1], spec=feature_spec(dataset_id, 64)
    )
    shop.settle()
    finish(shop, sweep_id)
    pinned = [shop.test(test_id).pinned.feature_config_revision for test_id in shop.tests()]
    assert pinned == [1] * 6
    codes = {shop.test(test_id).code.preprocessing.sha256 for test_id in shop.tests()[3:]}
    assert len(codes) == 1
