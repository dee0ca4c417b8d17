"""A document that is named and deleted at the same time, over every document store."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, cast

import pytest

from shared import editing
from shared.clock import SystemClock
from shared.documents.base import Collection
from shared.documents.source import Source
from shared.errors import NotFoundError
from shared.ports import Ports
from shared.problems import InvalidError
from tests.integration.conftest import Cloud
from tests.torture import shop

_NOBODY: Any = None
ROUNDS = 12
DATASETS, FEATURES = Collection.DATASETS, Collection.FEATURE_CONFIGS


class Data:
    """A table of two columns."""

    def inspect(self, source: Source) -> list[Any]:
        from shared.columns import Column, ColumnType

        kinds = {"customer": ColumnType.STRING, "product": ColumnType.STRING}
        return [Column(name=name, type=kind) for name, kind in kinds.items()]


@pytest.fixture
def ports(cloud: Cloud) -> Ports:
    return Ports(
        documents=cloud.documents,
        events=cloud.events,
        artifacts=cloud.artifacts,
        pipelines=cast(Any, _NOBODY),
        data=cast(Any, Data()),
        clock=SystemClock(),
    )


def dataset(ports: Ports) -> str:
    spec = {
        "source": {"kind": "csv", "uri": "/purchases.csv"},
        "column_mapping": {"customer": "customer_id", "product": "product_id"},
    }
    return editing.create(ports, DATASETS, name="Shop", spec=spec).id


def config(ports: Ports, dataset_id: str) -> str:
    spec = shop.feature_spec(dataset_id, 8)
    return editing.create(ports, FEATURES, name="Ids", spec=spec).id


def test_of_a_name_and_a_deletion_at_once_one_is_refused(ports: Ports) -> None:
    outcomes = set()
    with ThreadPoolExecutor(2) as pool:
        for _ in range(ROUNDS):
            dataset_id = dataset(ports)
            barrier = threading.Barrier(2)

            def create(dataset_id: str = dataset_id, barrier: Any = barrier) -> bool:
                barrier.wait()
                try:
                    config(ports, dataset_id)
                except InvalidError:
                    return False
                return True

            def delete(dataset_id: str = dataset_id, barrier: Any = barrier) -> bool:
                barrier.wait()
                try:
                    editing.delete(ports, DATASETS, dataset_id)
                except editing.InUseError:
                    return False
                return True

            created, deleted = pool.submit(create), pool.submit(delete)
            outcomes.add((created.result(), deleted.result()))
    # Both may be refused, where each has seen the other.
    assert (True, True) not in outcomes
    left = {one.id for one in ports.documents.query(DATASETS)}
    named = {one.data["spec"]["dataset_id"] for one in ports.documents.query(FEATURES)}
    assert named <= left
    assert ports.documents.query("api/deletions/marks") == []


def test_what_is_deleted_after_it_was_judged_is_not_named(ports: Ports) -> None:
    """The worst moment: between the judgement and the transaction that writes."""
    dataset_id = dataset(ports)

    class Between(type(ports.documents)):  # type: ignore[misc]
        done = False

        def transact(self, change: Any) -> Any:
            if not Between.done:
                Between.done = True
                editing.delete(ports, DATASETS, dataset_id)
            return ports.documents.transact(change)

    between = Between.__new__(Between)
    between.__dict__.update(vars(ports.documents))
    with pytest.raises(InvalidError, match="has been deleted"):
        config(replace(ports, documents=between), dataset_id)
    assert ports.documents.query(FEATURES) == []


def test_what_is_named_after_it_was_found_unnamed_is_not_deleted(ports: Ports) -> None:
    """The same of a deletion that took so long that its mark is over."""
    dataset_id = dataset(ports)

    class Between(type(ports.documents)):  # type: ignore[misc]
        writes = 0

        def transact(self, change: Any) -> Any:
            Between.writes += 1
            if Between.writes == 2:  # the mark is up, and nobody was found
                (mark,) = ports.documents.query("api/deletions/marks")
                over = {**mark.data, "until": "2020-01-01T00:00:00Z"}
                ports.documents.transact(lambda transaction: transaction.set(mark.path, over))
                config(ports, dataset_id)
            return ports.documents.transact(change)

    between = Between.__new__(Between)
    between.__dict__.update(vars(ports.documents))
    with pytest.raises(editing.InUseError, match="'Ids'"):
        editing.delete(replace(ports, documents=between), DATASETS, dataset_id)
    assert ports.documents.query("api/deletions/marks") == []
    editing.delete(ports, FEATURES, ports.documents.query(FEATURES)[0].id)
    editing.delete(ports, DATASETS, dataset_id)
    with pytest.raises(NotFoundError):
        editing.delete(ports, DATASETS, dataset_id)
