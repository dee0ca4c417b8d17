"""A dataset is profiled by one process at a time, and not for ever."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from scenario import Shop, profile

from shared import editing
from shared.documents.base import Collection
from shared.documents.dataset import DatasetStatus
from shared.errors import StillWorkingError
from shared.events import Topic
from shared.handlers import reconcile
from shared.ports import Profile
from shared.services.profiling import LEASE, TRIES, release_turns
from shared.services.stale import profile_again

TABLE = {"kind": "bigquery", "table": "shop.sales.purchases"}


class KilledError(BaseException):
    """The process is gone: nothing that stands behind it happens."""


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def dataset_id(shop: Shop) -> str:
    return shop.dataset()


def profiling(shop: Shop, do: Callable[[Any], Profile]) -> list[Any]:
    """Has the data read so; the sources that are asked for."""
    asked: list[Any] = []

    def read(source: Any, *_: Any) -> Profile:
        asked.append(source)
        return do(source)

    shop.data.profile = read  # type: ignore[method-assign]
    return asked


def status(shop: Shop, dataset_id: str) -> DatasetStatus:
    return DatasetStatus.model_validate(shop.documents.data(f"datasets/{dataset_id}")["status"])


def mend(shop: Shop) -> None:
    shop.clock.advance(61)
    reconcile(shop.ports)
    shop.settle()


def test_the_clock_begins_nothing_that_is_going_on(shop: Shop, dataset_id: str) -> None:
    seen: list[bool] = []

    def slow(_: Any) -> Profile:
        shop.clock.advance(LEASE.total_seconds() - 1)
        if not seen:
            seen.append(True)
            reconcile(shop.ports)
            shop.settle()
        return profile()

    asked = profiling(shop, slow)
    shop.settle()
    mend(shop)
    assert len(asked) == 1
    assert status(shop, dataset_id).validated(1)
    assert status(shop, dataset_id).profiling is None


def test_what_was_killed_is_begun_anew_but_not_for_ever(shop: Shop, dataset_id: str) -> None:
    def killed(_: Any) -> Profile:
        raise KilledError

    asked = profiling(shop, killed)
    for _ in range(TRIES):
        with pytest.raises(KilledError):
            mend(shop)
    mend(shop)
    assert len(asked) == TRIES
    (problem,) = status(shop, dataset_id).validation.problems
    assert (problem.path, problem.code) == ("spec.source", "never_profiled")

    asked = profiling(shop, lambda _: profile())
    profile_again(dataset_id, shop.ports)
    shop.settle()
    assert status(shop, dataset_id).validated(1)


def test_tries_read_the_same_moment_until_the_work_is_done(shop: Shop) -> None:
    shop.data.profiles[TABLE["table"]] = profile()
    made = editing.create(
        shop.ports,
        Collection.DATASETS,
        name="Table",
        spec={
            "source": TABLE,
            "column_mapping": {"customer": "customer_id", "product": "product_id"},
        },
    )
    left = [3]

    def long(source: Any) -> Profile:
        left[0] -= 1
        if left[0]:
            raise StillWorkingError("the query goes on")
        return profile()

    asked = profiling(shop, long)
    shop.settle()
    mend(shop)
    mend(shop)
    assert len(asked) == 3
    assert len({source.as_of for source in asked}) == 1
    assert status(shop, made.id).validated(1)
    assert status(shop, made.id).profiled_at == asked[0].as_of


def test_a_fault_that_passes_is_no_try(shop: Shop, dataset_id: str) -> None:
    def broken(_: Any) -> Profile:
        raise ConnectionError("busy")

    asked = profiling(shop, broken)
    for _ in range(TRIES + 2):
        with pytest.raises(ConnectionError):
            mend(shop)
    assert len(asked) == TRIES + 2
    profiling(shop, lambda _: profile())
    mend(shop)
    assert status(shop, dataset_id).validated(1)


def test_a_system_that_starts_alone_waits_for_nobody(shop: Shop, dataset_id: str) -> None:
    def killed(_: Any) -> Profile:
        raise KilledError

    profiling(shop, killed)
    for _ in range(TRIES + 1):
        with pytest.raises(KilledError):
            mend(shop)
        release_turns(shop.ports)
    profiling(shop, lambda _: profile())
    shop.handle(shop.event(Topic.CONFIG_CHANGED, Collection.DATASETS, dataset_id))
    assert status(shop, dataset_id).validated(1)
