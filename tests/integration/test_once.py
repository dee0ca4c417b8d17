"""Requests that are sent again, over every document store."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from shared import editing
from shared.documents.base import Collection
from shared.documents.request_key import REQUEST_KEYS
from shared.ports import Ports
from shared.rules.presets import preset
from shared.services.forget_requests import forget_requests
from tests.integration.conftest import Cloud

_NOBODY: Any = None


class Clock:
    def __init__(self) -> None:
        self.time = datetime(2025, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ports(cloud: Cloud, clock: Clock) -> Ports:
    """What making a model config takes."""
    return Ports(
        documents=cloud.documents,
        events=cloud.events,
        artifacts=cloud.artifacts,
        pipelines=cast(Any, _NOBODY),
        data=cast(Any, _NOBODY),
        clock=clock,
    )


def _create(ports: Ports, once: editing.Once) -> dict[str, Any]:
    spec = preset("standard").spec.model_dump(mode="json")
    try:
        editing.refuse_repeated(once, ports)
        made = editing.create(ports, Collection.MODEL_CONFIGS, name="M", spec=spec, once=once)
    except editing.RepeatedRequestError as repeated:
        return repeated.answer
    return {"id": made.id, **made.data()}


def test_of_many_at_once_one_creates_and_all_get_its_answer(ports: Ports) -> None:
    barrier = threading.Barrier(6)
    once = editing.Once("key", "somebody@example.com", "asked")

    def send(_: int) -> dict[str, Any]:
        barrier.wait()
        return _create(ports, once)

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(send, range(6)))
    assert all(answer == answers[0] for answer in answers)
    assert len(ports.documents.query("model_configs")) == 1
    with pytest.raises(editing.KeyReusedError):
        _create(ports, editing.Once("key", "somebody@example.com", "asked otherwise"))


def test_expired_keys_are_deleted_and_others_kept(ports: Ports, clock: Clock) -> None:
    _create(ports, editing.Once("old", None, "asked"))
    clock.time += timedelta(hours=20)
    _create(ports, editing.Once("new", None, "asked"))
    forget_requests(ports)
    assert len(ports.documents.query(REQUEST_KEYS)) == 2
    clock.time += timedelta(hours=5)
    forget_requests(ports)
    assert len(ports.documents.query(REQUEST_KEYS)) == 1
    assert len(ports.documents.query("model_configs")) == 2
