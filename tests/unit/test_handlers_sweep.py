"""A sweep makes its tests a few at a time, and ends with them, whatever happens."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenario import DATASET_SPEC, MODEL_SPEC, Shop, feature_spec, profile

from shared import editing, handlers
from shared.documents.base import Collection
from shared.handlers import publish_change, reconcile
from shared.jobs import Stage, State
from shared.ports import AlreadyExists, NotFound
from shared.prices import read_prices
from shared.problems import Invalid

SIX = [{"training_seed": seed} for seed in range(3)]
PRODUCT = [
    {"column": "product", "type": "string_embedding"},
    {"column": "department", "type": "string_embedding", "embedding_dim": 8},
    {"column": "price", "type": "numeric"},
]


class Swept(Shop):
    """A shop with two feature configs and a model config, and ways to drive a sweep of six."""

    def __post_init__(self) -> None:
        super().__post_init__()
        dataset_id = self.dataset()
        self.settle()
        self.features = [
            self.feature_config(dataset_id, "Ids"),
            self.feature_config(dataset_id, "Rich", product_model_features=PRODUCT),
        ]
        self.model = self.model_config()
        self.settle()

    def six(self, **spec):
        return self.sweep(self.features, [self.model], overrides=SIX, **spec)

    def under_way(self):
        """Ids of the tests whose jobs run."""
        found = sorted(request.quick_test_id for request in self.pipelines.requests.values())
        return [test_id for test_id in found if self.exists(test_id) and self.runs(test_id)]

    def exists(self, test_id):
        return self.documents.get(f"quick_tests/{test_id}") is not None

    def runs(self, test_id):
        return self.test(test_id).state == "running"

    def fail(self, test_id, message="out of memory"):
        self.pipelines.advance(self.job_id(test_id), Stage.TRAIN, State.FAILED, message)
        self.job_news(test_id)

    def states(self, sweep_id):
        return [test.state.value for test in self.swept(sweep_id).tests]

    def tests(self):
        return [s.id for s in self.documents.query("quick_tests")]


@pytest.fixture
def shop():
    return Swept()


def finish(shop, sweep_id):
    """Lets every job succeed, one after another."""
    for number in range(100):
        running = shop.under_way()
        if not running:
            return
        shop.clock.advance(30)
        shop.succeed(running[0], recall=0.1 + number / 100)
        shop.settle()
    raise AssertionError("the sweep does not come to an end")


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
    handlers.cancel_quick_test(two, shop.ports)
    shop.documents.transact(lambda transaction: transaction.delete(f"quick_tests/{three}"))
    shop.settle()
    assert shop.states(sweep_id) == ["failed", "cancelled", "cancelled", *["running"] * 3]
    for test_id in rest:
        shop.succeed(test_id)
    shop.settle()
    assert shop.swept(sweep_id).state == "completed"
    assert not shop.exists(three)


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
    status = handlers.cancel_sweep(sweep_id, shop.ports)
    assert status.state == "cancelled"
    shop.settle()
    assert sorted(shop.states(sweep_id)) == ["cancelled"] * (6 - ended) + ["completed"] * ended
    assert shop.pipelines.cancelled == [shop.job_id(test_id) for test_id in running]
    before = shop.swept(sweep_id)
    assert handlers.cancel_sweep(sweep_id, shop.ports) == before
    assert len(shop.tests()) == ended + len(running)


def test_a_sweep_is_cancelled_before_it_has_begun(shop):
    sweep_id = shop.six()
    assert handlers.cancel_sweep(sweep_id, shop.ports).state == "cancelled"
    shop.settle()
    assert shop.tests() == []
    assert shop.swept(sweep_id).state == "cancelled"
    with pytest.raises(NotFound):
        handlers.cancel_sweep("sw-none", shop.ports)


def test_a_cancel_that_met_a_fault_is_made_up_for(shop):
    sweep_id = shop.six()
    shop.settle()
    shop.pipelines.fault = ConnectionError("busy")
    with pytest.raises(ConnectionError):
        handlers.cancel_sweep(sweep_id, shop.ports)
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
    sweep_id = shop.six(budget_usd=6 * prices.usd_per_tib_read, in_flight=1)
    spec = shop.documents.data(f"sweeps/{sweep_id}")["spec"]
    shop.data.read.clear()
    forecast = editing.forecast_sweep(shop.ports, spec)
    assert sorted(map(len, shop.data.read)) == [4, 6]  # columns of its two feature configs
    assert forecast.estimate.bytes_read == 3 * (4 + 6) * 2**40
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


def test_a_sweep_written_past_the_api_runs_too(shop):
    spec = {"feature_config_ids": shop.features, "model_config_ids": [shop.model]}
    shop.documents.write("sweeps/von Hand", {"name": "Script", "spec": spec})
    shop.settle()
    assert shop.tests() == ["qt-von Hand-01", "qt-von Hand-02"]
    finish(shop, "von Hand")
    assert shop.swept("von Hand").state == "completed"


@pytest.mark.parametrize(
    ("change", "path", "message"),
    [
        ({"max_tests": 5}, "spec.max_tests", "2 feature configs × 1 model config × 3 sets of "),
        ({"max_tests": 5}, "spec.max_tests", "is 6 tests, more than max_tests, 5"),
        ({"feature_config_ids": ["fc-none"]}, "spec.feature_config_ids[0]", "no feature config"),
        ({"model_config_ids": ["mc-none"]}, "spec.model_config_ids[0]", "no model config"),
        ({"overrides": [{}, {}]}, "spec.overrides[1]", "listed twice"),
        ({"ablation": True}, "spec.overrides", "makes its own"),
        (
            {"overrides": [{"leave_out": [{"tower": "product", "column": "brand"}]}]},
            "spec.overrides[0].leave_out[0].column",
            "no column 'brand' to leave out. It has 'product'",
        ),
        (
            {"overrides": [{}, {"leave_out": [{"tower": "buyer", "column": "customer"}]}]},
            "spec.overrides[1].leave_out",
            "Nothing is left of the buyer tower",
        ),
        ({"data_sample_percent": 1e-4}, "spec.data_sample_percent", "less than one"),
        ({"feature_config_ids": []}, "spec.feature_config_ids", "at least 1 item"),
    ],
)
def test_what_is_wrong_is_said_over_the_api_and_past_it(shop, change, path, message):
    spec = {
        "feature_config_ids": shop.features,
        "model_config_ids": [shop.model],
        "overrides": SIX,
        **change,
    }
    with pytest.raises(Invalid) as refused:
        editing.create(shop.ports, Collection.SWEEPS, name="Bad", spec=spec)
    assert {p.path for p in refused.value.problems if message in p.message} == {path}
    shop.documents.write("sweeps/bad", {"name": "Bad", "spec": spec})
    shop.settle()
    status = shop.swept("bad")
    assert status.state == "failed"
    assert f"{path}: " in status.error
    assert message in status.error
    assert shop.tests() == []


def test_configs_over_unlike_data_are_not_swept_together(shop):
    other = shop.feature_config(shop.dataset(), "Elsewhere")
    with pytest.raises(Invalid, match="same data can be compared"):
        shop.sweep([shop.features[0], other], [shop.model])


def test_a_sweep_over_a_dataset_that_is_being_profiled_waits_for_it():
    shop = Shop()
    shop.documents.write("feature_configs/fc", {"name": "f", "spec": feature_spec("ds")})
    shop.documents.write("model_configs/mc", {"name": "m", "spec": MODEL_SPEC})
    spec = {"feature_config_ids": ["fc"], "model_config_ids": ["mc"]}
    shop.documents.write("datasets/ds", {"name": "d", "spec": DATASET_SPEC})
    shop.documents.write("sweeps/sw", {"name": "s", "spec": spec})
    changes, shop.documents.changes = shop.documents.changes, []
    for change in reversed(changes):
        publish_change(change, shop.ports)
    for event in [*shop.events.published]:
        if event.collection is not Collection.DATASETS:
            shop.events.published.remove(event)
            shop.handle(event)
    assert shop.swept("sw").validation.waiting_for == "datasets/ds"
    shop.settle()
    assert shop.swept("sw").state == "running"


def test_without_each_column_in_turn(shop):
    sweep_id = shop.sweep([shop.features[1]], [shop.model], ablation=True, in_flight=10)
    shop.settle()
    assert [test.label for test in shop.swept(sweep_id).tests] == [
        "all columns",
        "without product (product)",
        "without department (product)",
        "without price (product)",
    ]
    by_test = {r.quick_test_id: r for r in shop.pipelines.requests.values()}
    whole, *_, priceless = (by_test[test_id] for test_id in shop.tests())
    assert "price" in {feature.key for feature in whole.examples.features}
    assert "price" not in {feature.key for feature in priceless.examples.features}
    assert whole.preprocessing != priceless.preprocessing
    assert "product_price" not in shop.artifacts.read(priceless.preprocessing.uri).decode()

    finish(shop, sweep_id)
    assert shop.config(shop.features[1]).best.quick_test_id == whole.quick_test_id


def test_configs_of_a_running_sweep_are_in_use_and_it_is_not_deleted(shop):
    sweep_id = shop.sweep([shop.features[0]], [shop.model])
    for collection, config_id in (
        (Collection.FEATURE_CONFIGS, shop.features[0]),
        (Collection.MODEL_CONFIGS, shop.model),
    ):
        with pytest.raises(editing.InUse, match=sweep_id):
            editing.delete(shop.ports, collection, config_id)
    shop.settle()
    with pytest.raises(editing.Locked, match=r"is running\. Cancel it first"):
        editing.delete(shop.ports, Collection.SWEEPS, sweep_id)
    handlers.cancel_sweep(sweep_id, shop.ports)
    shop.settle()
    editing.delete(shop.ports, Collection.SWEEPS, sweep_id)
    for test_id in shop.tests():
        editing.delete(shop.ports, Collection.QUICK_TESTS, test_id)
    editing.delete(shop.ports, Collection.MODEL_CONFIGS, shop.model)


def test_a_sweep_that_somebody_wrecks_ends_with_what_runs(shop):
    sweep_id = shop.six()
    shop.settle()
    data = shop.documents.data(f"sweeps/{sweep_id}")
    shop.documents.write(f"sweeps/{sweep_id}", {**data, "name": None})
    shop.settle()
    finish(shop, sweep_id)
    assert shop.states(sweep_id) == ["completed"] * 2 + ["cancelled"] * 4
    assert shop.swept(sweep_id).state == "completed"


def test_an_edit_of_a_running_sweep_changes_nothing(shop):
    sweep_id = shop.six()
    shop.settle()
    data = shop.documents.data(f"sweeps/{sweep_id}")
    spec = {**data["spec"], "epochs": 50, "in_flight": 10}
    shop.documents.write(f"sweeps/{sweep_id}", {**data, "spec": spec})
    shop.settle()
    finish(shop, sweep_id)
    assert shop.swept(sweep_id).state == "completed"
    assert {shop.documents.data(f"quick_tests/{t}")["spec"]["epochs"] for t in shop.tests()} == {2}
    with pytest.raises(editing.Locked):
        editing.update(shop.ports, Collection.SWEEPS, sweep_id, spec={**spec, "epochs": 3})


def test_anothers_test_of_the_same_id_is_not_taken_for_the_sweeps(shop):
    spec = {"feature_config_ids": shop.features[:1], "model_config_ids": [shop.model]}
    own = {"feature_config_id": shop.features[0], "model_config_id": shop.model}
    shop.documents.write("quick_tests/qt-mine-01", {"name": "Mine", "spec": own})
    shop.documents.write("sweeps/mine", {"name": "Sweep", "spec": spec})
    shop.settle()
    assert shop.documents.data("quick_tests/qt-mine-01")["name"] == "Mine"
    shop.clock.advance(61)
    reconcile(shop.ports)
    assert shop.swept("mine").state == "cancelled"


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 3))
def test_whatever_is_lost_repeated_or_late_every_test_runs_once_and_the_sweep_ends(seed, in_flight):
    shop, chance = Swept(), random.Random(seed)
    sweep_id = shop.six(in_flight=in_flight)
    delivered = []
    for _ in range(400):
        if shop.swept(sweep_id).state.ended:
            break
        queues = [q for q in (shop.documents.changes, shop.events.published) if q]
        if queues and chance.random() < 0.9:
            queue = chance.choice(queues)
            item = queue.pop(chance.randrange(len(queue)))
            again = [item] * chance.choice([0, 1, 1, 2])  # lost, once, twice
            again += chance.choices(delivered, k=1) if delivered and chance.random() < 0.2 else []
            for each in again:
                if hasattr(each, "path"):
                    publish_change(each, shop.ports)
                else:
                    shop.handle(each)
            delivered.append(item)
        elif running := shop.under_way():
            test_id = chance.choice(running)
            if chance.random() < 0.3:
                shop.fail(test_id)
            else:
                shop.succeed(test_id)
        else:
            shop.clock.advance(61)
            reconcile(shop.ports)
        assert len(shop.under_way()) <= in_flight
    status = shop.swept(sweep_id)
    assert status.state.ended
    assert sorted(shop.tests()) == [test.quick_test_id for test in status.tests]
    assert len(shop.pipelines.requests) == 6
    for test in status.tests:
        assert test.state == shop.test(test.quick_test_id).state


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 60), st.booleans())
def test_a_kill_after_any_step_loses_nothing(steps, cancel):
    """Everything that is under way in memory is gone; the store and the jobs are not."""
    shop = Swept()
    sweep_id = shop.six()
    for _ in range(steps):
        if shop.documents.changes:
            publish_change(shop.documents.changes.pop(0), shop.ports)
        elif shop.events.published:
            shop.handle(shop.events.published.pop(0))
        elif running := shop.under_way():
            shop.succeed(running[0])
    if cancel and not shop.swept(sweep_id).state.ended:
        handlers.cancel_sweep(sweep_id, shop.ports)
    shop.documents.changes.clear()
    shop.events.published.clear()
    for _ in range(30):
        shop.clock.advance(61)
        reconcile(shop.ports)
        shop.settle()
        for test_id in shop.under_way():
            shop.succeed(test_id)
        shop.settle()
    status = shop.swept(sweep_id)
    assert status.state.ended
    assert all(test.state.ended for test in status.tests)
    assert len(shop.pipelines.requests) <= 6
    if not cancel:
        assert (status.state, len(shop.pipelines.requests)) == ("completed", 6)


def test_a_test_that_two_handlers_make_at_once_is_made_once(shop):
    sweep_id = shop.six()
    changes = shop.documents.changes
    while changes:
        publish_change(changes.pop(0), shop.ports)
    for event in [e for e in shop.events.published if e.collection is Collection.SWEEPS]:
        shop.handle(event)
    shop.documents.meanwhile = lambda: handlers.advance_sweep(sweep_id, shop.ports)
    handlers.advance_sweep(sweep_id, shop.ports)
    assert len(shop.tests()) == 2
    with pytest.raises(AlreadyExists):
        shop.documents.transact(
            lambda transaction: transaction.create(f"quick_tests/{shop.tests()[0]}", {})
        )


def test_a_budget_that_will_not_do_is_warned_of(shop):
    sweep_id = shop.six(budget_minutes=0.1, budget_usd=5)
    problems = {p.code: p for p in shop.swept(sweep_id).validation.problems}
    assert problems["beyond_budget"].level == "warning"
    assert "6 tests will take about" in problems["beyond_budget"].message
    assert "bounds nothing" in problems["nothing_costs"].message
    shop.settle()
    assert {w.code for w in shop.swept(sweep_id).warnings} >= {"beyond_budget", "nothing_costs"}


def test_a_dataset_that_changes_does_not_stop_a_sweep(shop):
    sweep_id = shop.six()
    shop.settle()
    shop.data.profiles["/data/purchases.parquet"] = profile(fingerprint="v2")
    finish(shop, sweep_id)
    assert shop.swept(sweep_id).state == "completed"
