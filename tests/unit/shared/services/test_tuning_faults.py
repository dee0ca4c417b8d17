"""A tuning comes to the same trials whatever is lost, repeated, late or wrecked."""

from __future__ import annotations

import copy
import random

import pytest
from remembered import remembered_code
from scenario import Shop
from tuned import Tuned, finish, planted

from shared.events import Topic
from shared.handlers import publish_change, reconcile
from shared.services.tunings import advance_tuning

TRIALS = 8


@pytest.fixture(scope="module", autouse=True)
def code():
    with remembered_code():
        yield


@pytest.fixture(scope="module")
def started() -> tuple[Tuned, str]:
    """A shop and a tuning that is stored; each test gets a copy."""
    shop = Tuned()
    return shop, shop.tune(trials=TRIALS)


@pytest.fixture(scope="module")
def undisturbed(started):
    shop, tuning_id = copy.deepcopy(started)
    shop.settle()
    finish(shop, tuning_id)
    return outcome(shop, tuning_id)


def outcome(shop, tuning_id):
    status = shop.tuned(tuning_id)
    trials = [(t.quick_test_id, t.settings, t.state, t.pruned, t.value) for t in status.trials]
    return trials, status.best, status.importance, status.verdict, status.state, status.refused


@pytest.mark.parametrize("seed", range(4))
def test_killed_at_ten_random_moments_it_ends_with_the_same_trials(started, undisturbed, seed):
    """Everything that is under way in memory is gone each time; the store and the jobs are not."""
    shop, tuning_id = copy.deepcopy(started)
    chance = random.Random(seed)
    for _ in range(10):
        for _ in range(chance.randrange(25)):
            if shop.documents.changes:
                publish_change(shop.documents.changes.pop(0), shop.ports)
            elif shop.events.published:
                shop.handle(shop.events.published.pop(0))
            elif running := shop.under_way():
                shop.come_to(running[0], planted)
        shop.documents.changes.clear()
        shop.events.published.clear()
        shop.clock.advance(61)
        reconcile(shop.ports)
    shop.settle()
    finish(shop, tuning_id)
    assert outcome(shop, tuning_id) == undisturbed
    assert len(shop.pipelines.requests) == TRIALS + 6


def test_an_event_that_comes_again_makes_no_second_trial(started):
    shop, tuning_id = copy.deepcopy(started)
    shop.settle()
    for _ in range(3):
        event = shop.event(Topic.TUNING_STATUS, "tunings", tuning_id, 0)
        shop.handle(event)
        shop.handle(event)
    shop.settle()
    assert len(shop.tuned(tuning_id).trials) == 1
    # Nor do two handlers at once.
    shop.come_to(shop.under_way()[0], planted)
    shop.documents.meanwhile = lambda: advance_tuning(tuning_id, shop.ports)
    advance_tuning(tuning_id, shop.ports)
    shop.settle()
    assert len(shop.tuned(tuning_id).trials) == 2
    assert len(shop.pipelines.requests) == 2


def test_a_trial_whose_test_is_deleted_does_not_hold_the_tuning_up(started):
    shop, tuning_id = copy.deepcopy(started)
    shop.settle()
    (first,) = shop.under_way()
    shop.documents.transact(lambda transaction: transaction.delete(f"quick_tests/{first}"))
    shop.settle()
    finish(shop, tuning_id)
    status = shop.tuned(tuning_id)
    assert (status.state, status.trials[0].state) == ("completed", "cancelled")


@pytest.mark.parametrize(
    "written",
    [
        {"trials": [{"number": 1, "quick_test_id": "qt-victim", "label": "mine"}]},
        {"space": [{"setting": "magic", "low": 0, "high": 1}]},
        {"space": [{"setting": "dropout", "low": 0, "high": 50}]},
        {"confirming": [{"quick_test_id": "qt-victim", "of": "best", "training_seed": 1}]},
    ],
)
def test_what_somebody_writes_into_its_status_is_no_instruction(started, written):
    shop, tuning_id = copy.deepcopy(started)
    shop.settle()
    data = shop.documents.data(f"tunings/{tuning_id}")
    data["status"] |= written
    shop.documents.write(f"tunings/{tuning_id}", data)
    shop.documents.write("quick_tests/qt-victim", {"name": "Mine", "spec": {}})
    advance_tuning(tuning_id, shop.ports)
    status = shop.tuned(tuning_id)
    assert status.state == "failed"
    assert "in its status" in status.error
    assert shop.documents.data("quick_tests/qt-victim")["name"] == "Mine"


def test_a_tuning_that_somebody_wrecks_fails(started):
    shop, tuning_id = copy.deepcopy(started)
    shop.settle()
    data = shop.documents.data(f"tunings/{tuning_id}")
    shop.documents.write(f"tunings/{tuning_id}", {**data, "name": None})
    advance_tuning(tuning_id, shop.ports)
    assert shop.tuned(tuning_id).state == "failed"


def test_a_tuning_waits_for_its_dataset():
    shop = Shop()
    dataset_id = shop.dataset()
    tuning_id = shop.tuning(shop.feature_config(dataset_id), shop.model_config(), trials=2)
    shop.settle()
    assert len(shop.tuned(tuning_id).trials) == 1
