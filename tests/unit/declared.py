"""Ports that hold a step to what it declares, and to the rights of its function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from granted import granted

from shared.documents.base import Collection
from shared.events import Event
from shared.handlers import STEPS, Step
from shared.ports import DocumentStore, EventBus, Ports, Snapshot, Transaction

T = TypeVar("T")


def within(name: str, ports: Ports) -> Ports:
    """The same ports; what the step does beyond its declaration is an AssertionError."""
    (step,) = (step for step in STEPS if step.name == name)
    return replace(
        granted(name.replace("_", "-"), ports),
        documents=_Documents(step, ports.documents),
        events=_Events(step, ports.events),
    )


def _check(step: Step, what: str, path: str) -> None:
    declared = step.reads if what == "reads" else step.writes
    first = path.split("/", 1)[0]
    if first in {collection.value for collection in Collection}:
        assert first in declared, f"{step.name} {what} {path}, which it does not declare"


class _Documents:
    def __init__(self, step: Step, documents: DocumentStore) -> None:
        self._step = step
        self._documents = documents

    def get(self, path: str) -> Snapshot | None:
        _check(self._step, "reads", path)
        return self._documents.get(path)

    def query(self, collection: str, *wanted: Any, **more: Any) -> list[Snapshot]:
        _check(self._step, "reads", collection)
        return list(self._documents.query(collection, *wanted, **more))

    def without(self, collection: str, field: str) -> list[Snapshot]:
        _check(self._step, "reads", collection)
        return list(self._documents.without(collection, field))

    def transact(self, change: Callable[[Transaction], T]) -> T:
        return self._documents.transact(
            lambda transaction: change(_Transaction(self._step, transaction))
        )


class _Transaction:
    def __init__(self, step: Step, transaction: Transaction) -> None:
        self._step = step
        self._transaction = transaction

    def get(self, path: str) -> Snapshot | None:
        _check(self._step, "reads", path)
        return self._transaction.get(path)

    def __getattr__(self, name: str) -> Callable[..., None]:
        """One of the writes."""

        def write(path: str, *data: Any) -> None:
            _check(self._step, "writes", path)
            getattr(self._transaction, name)(path, *data)

        return write


class _Events:
    def __init__(self, step: Step, events: EventBus) -> None:
        self._step = step
        self._events = events

    def publish(self, event: Event) -> None:
        assert event.kind in self._step.publishes, f"{self._step.name} publishes {event.kind}"
        self._events.publish(event)
