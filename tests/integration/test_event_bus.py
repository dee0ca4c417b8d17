"""The contract of EventBus, for every adapter."""

from __future__ import annotations

import threading
import time

from shared.events import Event, Topic
from tests.integration.conftest import Cloud, event
from tests.waiting import PATIENCE, eventually


def test_every_subscription_of_a_topic_gets_the_event(cloud: Cloud) -> None:
    received: dict[str, list[Event]] = {"first": [], "second": [], "only": []}
    sent = event()
    handlers = {
        Topic.CONFIG_CHANGED: {
            "first": received["first"].append,
            "second": received["second"].append,
        },
        Topic.CONFIG_VALIDATED: {"only": received["only"].append},
    }
    with cloud.running(handlers=handlers) as deliveries:
        cloud.events.publish(sent)
        deliveries.wait_idle(PATIENCE)
    assert received == {"first": [sent], "second": [sent], "only": []}


def test_an_event_published_while_nothing_ran_is_delivered_later(cloud: Cloud) -> None:
    sent = event()
    cloud.events.publish(sent)
    received: list[Event] = []
    with cloud.running(handlers={Topic.CONFIG_CHANGED: {"first": received.append}}) as deliveries:
        deliveries.wait_idle(PATIENCE)
    assert received == [sent]


def test_an_event_whose_handler_failed_comes_again_later(cloud: Cloud) -> None:
    times: list[float] = []

    def fail_twice(_: Event) -> None:
        times.append(time.monotonic())
        if len(times) < 3:
            raise ConnectionError("passing fault")

    with cloud.running(handlers={Topic.CONFIG_CHANGED: {"first": fail_twice}}) as deliveries:
        cloud.events.publish(event())
        deliveries.wait_idle(PATIENCE)
    assert len(times) == 3
    assert times[1] - times[0] >= 0.01  # half of the backoff
    assert times[2] - times[1] >= 0.02
    assert cloud.dead_letters() == []


def test_an_event_that_fails_for_good_becomes_a_dead_letter_with_the_reason(cloud: Cloud) -> None:
    handled: list[Event] = []

    def fail_on_a(received: Event) -> None:
        if received.document_id == "a":
            raise ValueError("no such column")
        handled.append(received)

    with cloud.running(handlers={Topic.CONFIG_CHANGED: {"first": fail_on_a}}) as deliveries:
        cloud.events.publish(event("a"))
        cloud.events.publish(event("b"))
        deliveries.wait_idle(PATIENCE)
    assert cloud.dead_letters() == [("first", "ValueError: no such column")]
    assert [received.document_id for received in handled] == ["b"]


def test_an_event_published_several_times_is_delivered_each_time(cloud: Cloud) -> None:
    sent = event()
    received: list[Event] = []
    with cloud.running(handlers={Topic.CONFIG_CHANGED: {"first": received.append}}) as deliveries:
        for _ in range(5):
            cloud.events.publish(sent)
        deliveries.wait_idle(PATIENCE)
    assert received == [sent] * 5


def test_a_handler_may_publish(cloud: Cloud) -> None:
    received: list[Event] = []

    def pass_on(_: Event) -> None:
        cloud.events.publish(event("b", kind=Topic.CONFIG_VALIDATED))

    handlers = {
        Topic.CONFIG_CHANGED: {"first": pass_on},
        Topic.CONFIG_VALIDATED: {"only": received.append},
    }
    with cloud.running(handlers=handlers) as deliveries:
        cloud.events.publish(event("a"))
        deliveries.wait_idle(PATIENCE)
    assert [found.document_id for found in received] == ["b"]


def test_events_of_different_documents_are_handled_side_by_side(cloud: Cloud) -> None:
    together = threading.Barrier(2)
    met: list[str] = []

    def meet(received: Event) -> None:
        together.wait(timeout=5)
        met.append(received.document_id)

    with cloud.running(handlers={Topic.CONFIG_CHANGED: {"first": meet}}):
        cloud.events.publish(event("a"))
        cloud.events.publish(event("b"))
        eventually(lambda: len(met) == 2)
    assert sorted(met) == ["a", "b"]
