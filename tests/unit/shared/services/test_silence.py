"""No test stays open for ever."""

from __future__ import annotations

from datetime import timedelta

import pytest
from scenario import Shop

from shared.handlers import Patience, reconcile
from shared.jobs import Stage, State

PATIENCE = Patience(pending=timedelta(minutes=30), running=timedelta(hours=6))


@pytest.fixture
def shop():
    return Shop()


def pending(shop):
    """A test that no event of is ever handled."""
    dataset_id = shop.dataset()
    shop.settle()
    test_id = shop.quick_test(shop.feature_config(dataset_id), shop.model_config())
    tick(shop)
    return test_id


def tick(shop, **time):
    """The reconciler looks after so much time, and all that it says is lost."""
    shop.clock.advance(timedelta(**time).total_seconds())
    reconcile(shop.ports, PATIENCE)
    shop.documents.changes.clear()
    shop.events.published.clear()


def told(shop, test_id):
    return [entry.what for entry in shop.test(test_id).timeline]


def test_a_test_that_nothing_becomes_of_is_asked_after_and_then_fails(shop):
    test_id = pending(shop)
    tick(shop, minutes=29)
    assert told(shop, test_id) == []
    tick(shop, minutes=1)
    assert told(shop, test_id) == ["no news for 30 min; asked again"]
    tick(shop, minutes=29)
    assert shop.test(test_id).state == "pending"
    tick(shop, minutes=1)
    assert shop.test(test_id).error.message == "No news for 1 h."


def test_a_system_that_was_off_goes_on_with_its_tests(shop):
    test_id = pending(shop)
    shop.clock.advance(86_400)
    reconcile(shop.ports, PATIENCE)
    assert told(shop, test_id) == ["no news for 30 min; asked again"]
    shop.settle()
    assert (shop.test(test_id).state, shop.test(test_id).asked_at) == ("running", None)


def test_a_job_that_says_nothing_more_is_stopped_and_its_test_fails(shop):
    test_id = shop.running_test()
    shop.pipelines.advance(shop.job_id(test_id), Stage.TRAIN, State.RUNNING)
    tick(shop)
    tick(shop, hours=6)
    assert told(shop, test_id)[-1] == "no news for 6 h; asked again"
    tick(shop, hours=6)
    status = shop.test(test_id)
    assert status.error.message == "No news for 12 h. The last was: stage train began."
    assert shop.pipelines.cancelled == [status.job.job_id]


def test_news_after_the_question_are_news(shop):
    test_id = shop.running_test()
    job_id = shop.job_id(test_id)
    shop.pipelines.advance(job_id, Stage.TRANSFORM, State.RUNNING)
    tick(shop)
    tick(shop, hours=7)
    shop.pipelines.advance(job_id, Stage.TRAIN, State.RUNNING)
    tick(shop, hours=5)
    assert shop.test(test_id).asked_at is None
    tick(shop, hours=5)
    assert shop.test(test_id).state == "running"


def test_a_job_in_the_queue_is_not_silent(shop):
    test_id = shop.running_test()
    for _ in range(5):
        tick(shop, days=1)
    assert shop.test(test_id).state == "running"


def test_a_service_that_is_away_for_long_fails_the_test_and_says_that_the_job_may_go_on(shop):
    test_id = shop.running_test()

    class Away:
        def __getattr__(self, name):
            def call(*_):
                raise ConnectionError("no route")

            return call

    shop.ports = type(shop.ports)(**{**vars(shop.ports), "pipelines": Away()})
    for hours in (0, 6, 6):
        with pytest.raises(ExceptionGroup):
            tick(shop, hours=hours)
    message = shop.test(test_id).error.message
    assert message.startswith("No news for 12 h. The last was: launched as quick-test-")
    assert message.endswith("could not be stopped: no route.")


def test_a_clock_that_is_set_back_ends_nothing_and_holds_nothing_up(shop):
    test_id = pending(shop)
    tick(shop, days=-2)
    assert told(shop, test_id) == []
    for minutes in (30, 30):
        tick(shop, minutes=minutes)
    assert shop.test(test_id).state == "failed"


def test_what_was_lost_before_the_clock_was_set_back_is_mended(shop):
    test_id = pending(shop)
    shop.clock.advance(-86_400)
    reconcile(shop.ports, PATIENCE)
    shop.settle()
    shop.clock.advance(61)
    reconcile(shop.ports, PATIENCE)
    shop.settle()
    assert shop.test(test_id).state == "running"
