"""A sweep ends whatever is lost, repeated, late, wrecked or edited."""

from __future__ import annotations

import copy
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from remembered import remembered_code
from scenario import profile
from swept import Swept, finish

from shared import editing, services
from shared.documents.base import Collection
from shared.errors import AlreadyExistsError
from shared.events import Topic
from shared.handlers import publish_change, reconcile
from shared.services.sweeps import advance_sweep


@pytest.fixture(scope="module", autouse=True)
def code():
    with remembered_code():
        yield


@pytest.fixture
def shop():
    return Swept()


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
    with pytest.raises(editing.LockedError):
        editing.update(shop.ports, Collection.SWEEPS, sweep_id, spec={**spec, "epochs": 3})


def test_word_of_a_sweep_that_an_older_version_sent_as_news_of_a_job_does_no_harm(shop):
    sweep_id = shop.six()
    shop.handle_until(Topic.SWEEP_STATUS)
    shop.events.published.clear()
    shop.handle(shop.event(Topic.PIPELINE_STATUS, Collection.SWEEPS, sweep_id, 0))
    shop.settle()
    assert shop.tests() == []
    shop.clock.advance(61)
    reconcile(shop.ports)
    shop.settle()
    finish(shop, sweep_id)
    assert shop.swept(sweep_id).state == "completed"


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


@pytest.fixture(scope="module")
def opened():
    """A shop that is ready for a sweep; each example gets a copy."""
    return Swept()


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), in_flight=st.integers(1, 3))
def test_whatever_is_lost_repeated_or_late_every_test_runs_once_and_the_sweep_ends(
    opened, seed, in_flight
):
    shop, chance = copy.deepcopy(opened), random.Random(seed)
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
@given(steps=st.integers(0, 60), cancel=st.booleans())
def test_a_kill_after_any_step_loses_nothing(opened, steps, cancel):
    """Everything that is under way in memory is gone; the store and the jobs are not."""
    shop = copy.deepcopy(opened)
    sweep_id = shop.six()
    for _ in range(steps):
        if shop.documents.changes:
            publish_change(shop.documents.changes.pop(0), shop.ports)
        elif shop.events.published:
            shop.handle(shop.events.published.pop(0))
        elif running := shop.under_way():
            shop.succeed(running[0])
    if cancel and not shop.swept(sweep_id).state.ended:
        services.cancel_sweep(sweep_id, shop.ports)
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
    shop.documents.meanwhile = lambda: advance_sweep(sweep_id, shop.ports)
    advance_sweep(sweep_id, shop.ports)
    assert len(shop.tests()) == 2
    with pytest.raises(AlreadyExistsError):
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
