"""Whoever wants to know is told once that a run has ended, whatever becomes of the message."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from fakes import FakeMessenger
from scenario import Shop
from swept import Swept, finish

from shared import editing
from shared.channels import FORMS, Message, read_channels
from shared.documents.base import Collection
from shared.errors import RefusedError, UnavailableError
from shared.events import Event, Topic
from shared.jobs import Stage, State
from shared.ports import DocumentChange, Messages
from shared.services import cancel_quick_test

HOOK = "https://chat.example.com/hooks/secret"


def channel(**said: Any) -> dict[str, Any]:
    return {"name": "team", "form": "webhook", "url": HOOK, **said}


def telling(shop: Shop, *channels: dict[str, Any]) -> FakeMessenger:
    """Has the shop tell these channels."""
    messenger = FakeMessenger()
    told = read_channels(json.dumps(channels or [channel()]))
    shop.ports = replace(
        shop.ports, messages=Messages(told, messenger, "https://recsmith.example.com")
    )
    return messenger


def ended(shop: Shop, test_id: str) -> Event:
    return shop.event(Topic.RUN_ENDED, Collection.QUICK_TESTS, test_id, 0)


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_a_completed_test_is_told_with_its_verdict_and_its_page(shop: Shop) -> None:
    messenger = telling(shop, channel(token="t0ken"))
    test_id = shop.running_test()
    shop.succeed(test_id)
    shop.settle()
    ((url, headers, body),) = messenger.sent
    assert url == HOOK
    assert headers["Authorization"] == "Bearer t0ken"
    assert headers["Idempotency-Key"] == body["id"]
    assert body == {
        "id": body["id"],
        "kind": "quick_test",
        "run_id": test_id,
        "name": "Try",
        "outcome": "completed",
        "summary": body["summary"],
        "ended_at": "2025-01-01T00:00:00+00:00",
        "started_by": None,
        "url": f"https://recsmith.example.com/tests/{test_id}",
    }
    assert "better than recommending what is popular (10.0%)" in body["summary"]


def test_a_failed_test_names_its_stage_and_nothing_of_the_data(shop: Shop) -> None:
    messenger = telling(shop)
    test_id = shop.running_test()
    fault = "customer 2375 has the e-mail address ada@home.example"
    shop.pipelines.advance(shop.job_id(test_id), Stage.TRAIN, State.FAILED, fault)
    shop.job_news(test_id)
    shop.settle()
    ((_, _, body),) = messenger.sent
    assert shop.test(test_id).error.message == fault
    assert body["summary"] == "It failed in stage train. Its page says why."
    assert "2375" not in json.dumps(body)


def test_the_same_end_is_told_once_however_often_it_is_delivered(shop: Shop) -> None:
    messenger = telling(shop)
    test_id = shop.running_test()
    shop.succeed(test_id)
    shop.settle()
    for _ in range(3):
        shop.handle(ended(shop, test_id))
    assert len(messenger.sent) == 1


def test_a_receiver_that_is_down_is_tried_again_and_then_not(shop: Shop) -> None:
    messenger = telling(shop)
    test_id = shop.running_test()
    messenger.faults = [UnavailableError("chat.example.com answered 503")]
    shop.succeed(test_id)
    with pytest.raises(UnavailableError, match=r"could not be told yet: team\."):
        shop.settle()
    assert shop.test(test_id).state == "completed"
    shop.handle(ended(shop, test_id))
    assert len(messenger.sent) == 1

    messenger = telling(shop, channel(name="down"))
    messenger.faults = [UnavailableError("chat.example.com answered 503")] * 100
    for _ in range(5):
        with pytest.raises(UnavailableError):
            shop.handle(ended(shop, test_id))
    shop.handle(ended(shop, test_id))  # it is given up: no dead letter comes of it
    shop.handle(ended(shop, test_id))
    assert len(messenger.faults) == 94


def test_a_receiver_that_refuses_is_asked_once_and_keeps_nobody_else_from_it(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    messenger = telling(shop, channel(), channel(name="other", url=f"{HOOK}2"))
    messenger.faults = [RefusedError("chat.example.com answered 404")]
    test_id = shop.running_test()
    shop.succeed(test_id)
    shop.settle()
    shop.handle(ended(shop, test_id))
    assert [url for url, _, _ in messenger.sent] == [f"{HOOK}2"]
    assert f"Channel team was not told of quick_test {test_id}" in caplog.text
    assert "secret" not in caplog.text


def test_two_that_have_the_same_event_at_once_send_one_message(shop: Shop) -> None:
    messenger = telling(shop)
    test_id = shop.running_test()
    inner = messenger.post

    def post(*message: Any) -> None:
        messenger.post = inner  # type: ignore[method-assign]
        with pytest.raises(UnavailableError):  # another, while this one is at it, comes again
            shop.handle(ended(shop, test_id))
        inner(*message)

    messenger.post = post  # type: ignore[method-assign]
    shop.succeed(test_id)
    shop.settle()
    assert len(messenger.sent) == 1


def test_a_process_that_dies_of_a_message_leaves_it_to_the_next_try(shop: Shop) -> None:
    messenger = telling(shop)
    test_id = shop.running_test()
    messenger.faults = [KeyboardInterrupt()]
    shop.succeed(test_id)
    with pytest.raises(KeyboardInterrupt):
        shop.settle()
    with pytest.raises(UnavailableError):
        shop.handle(ended(shop, test_id))
    shop.clock.advance(180)
    shop.handle(ended(shop, test_id))
    assert len(messenger.sent) == 1


def test_a_sweep_is_told_of_and_its_tests_are_not() -> None:
    shop = Swept()
    messenger = telling(shop, channel(about=["sweep", "quick_test"]))
    sweep_id = shop.six(in_flight=10)
    shop.settle()
    shop.fail(shop.under_way()[0])
    finish(shop, sweep_id)
    shop.settle()
    ((_, _, body),) = messenger.sent
    assert (body["kind"], body["run_id"], body["outcome"]) == ("sweep", sweep_id, "completed")
    assert body["summary"] == "6 tests: 5 completed, 1 failed."


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({}, False),
        ({"ends": ["cancelled"]}, True),
        ({"ends": ["cancelled"], "about": ["tuning"]}, False),
        ({"ends": ["cancelled"], "people": ["ada@shop.example"]}, True),
        ({"ends": ["cancelled"], "people": ["grace@shop.example"]}, False),
    ],
)
def test_a_channel_hears_what_it_asks_for(shop: Shop, said: dict[str, Any], told: bool) -> None:
    messenger = telling(shop, channel(**said))
    dataset = shop.dataset()
    shop.settle()
    spec = {
        "feature_config_id": shop.feature_config(dataset),
        "model_config_id": shop.model_config(),
    }
    test_id = editing.create(
        shop.ports,
        Collection.QUICK_TESTS,
        name="Try",
        spec=spec,
        created_by="Ada@shop.example",
    ).id
    shop.settle()
    cancel_quick_test(test_id, shop.ports)
    shop.settle()
    assert bool(messenger.sent) is told


def test_what_was_restored_from_a_backup_is_no_news(shop: Shop) -> None:
    messenger = telling(shop)
    test_id = shop.running_test()
    shop.succeed(test_id)
    whole = shop.documents.data(f"quick_tests/{test_id}")
    shop.documents.changes[:] = [DocumentChange(f"quick_tests/{test_id}", None, whole)]
    shop.clock.advance(7200)
    shop.settle()
    assert not messenger.sent


def test_names_are_text_and_call_nobody() -> None:
    message = Message(
        id="1",
        kind="sweep",
        run_id="sw-1",
        name="<!channel> & <users/all>",
        outcome="failed",
        summary="a < b",
        ended_at=Shop().clock.now(),
        url="https://recsmith.example.com/sweeps/sw-1",
    )
    assert FORMS["slack"].body(message)["text"] == (
        "*Sweep “&lt;!channel&gt; &amp; &lt;users/all&gt;” failed*\na &lt; b\n"
        "https://recsmith.example.com/sweeps/sw-1"
    )
    assert "<" not in FORMS["google_chat"].body(message)["text"]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"form": "pager"}, "form: one of webhook, slack, google_chat"),
        ({"url": "http://chat.example.com/secret"}, "begins with https://"),
        ({"url": "secret"}, "an address such as"),
        ({"url": "https://ada:secret@chat.example.com"}, "an address such as"),
        ({"ends": ["won"]}, "0.ends.0: Input should be 'completed', 'failed' or 'cancelled'"),
        ({"name": "The team"}, "0.name: String should match pattern"),
        ({"secret": "secret"}, "0.secret: Extra inputs are not permitted"),
    ],
)
def test_what_is_wrong_with_a_channel_is_said_without_its_secrets(
    said: dict[str, Any], why: str
) -> None:
    with pytest.raises(ValueError, match=why) as wrong:
        read_channels(json.dumps([channel(**said)]))
    assert "hooks/secret" not in str(wrong.value)
    with pytest.raises(ValueError, match="two channels are called 'team'"):
        read_channels(json.dumps([channel(), channel()]))
    with pytest.raises(ValueError, match="JSON"):
        read_channels("[")
    assert "secret" not in repr(read_channels(json.dumps([channel()])))
