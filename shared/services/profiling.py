"""Whose turn it is to profile a dataset: one process's at a time, and not for ever.

Profiling may take longer than whoever does it lives. So it is a lease on the dataset's status,
renewed while the work goes on: the clock and repeated events begin nothing twice, and what was
killed is begun anew once its lease is over.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from shared.documents.dataset import (
    BigQuerySource,
    DatasetSpec,
    DatasetStatus,
    Profiling,
    Source,
)
from shared.errors import StillWorkingError
from shared.ports import JsonObject, Ports
from shared.problems import InvalidError, Problem
from shared.services.document_kind import is_current
from shared.services.store import DATASET, change_status

LEASE = timedelta(seconds=60)
RENEWED_SECONDS = 20.0
TRIES = 6

_log = logging.getLogger(__name__)


def as_of(spec: DatasetSpec, begun: datetime) -> DatasetSpec:
    """A dataset's sources as they were when its profile was begun, or earlier where the spec says
    so: what all tries read, and what tests read after them."""
    pinned = {
        name: side.model_copy(update={"source": _as_of(side.source, begun)})
        for name, side in spec.sides.items()
    }
    return spec.model_copy(update={"source": _as_of(spec.source, begun), **pinned})


def _as_of(source: Source, begun: datetime) -> Source:
    if isinstance(source, BigQuerySource) and source.as_of is None:
        # In whole seconds: never after the clock of whoever reads it.
        return source.model_copy(update={"as_of": begun.replace(microsecond=0)})
    return source


@contextmanager
def turn(dataset_id: str, revision: int, ports: Ports) -> Iterator[Profiling | None]:
    """Takes the lease and gives it back; None where another holds it, or the spec is another.

    A `StillWorkingError` within ends the try: it is counted, and left to the next. A process that
    is killed counts too; other exceptions pass and do not.

    Raises:
        InvalidError: there have been TRIES tries.
    """
    taken = _take(dataset_id, revision, ports)
    if taken is None:
        yield None
        return
    try:
        with _renewed(dataset_id, taken, ports):
            yield taken
    except StillWorkingError as still:
        _log.info("Profiling %s goes on: %s", dataset_id, still)
        _give_back(dataset_id, taken, 0, ports)
    except InvalidError:
        raise
    except Exception:
        _give_back(dataset_id, taken, 1, ports)
        raise


def is_being_profiled(status: DatasetStatus, now: datetime) -> bool:
    """Whether somebody is at it; what was profiled has no lease any more."""
    at = status.profiling
    return at is not None and at.until > now


def release_turns(ports: Ports) -> None:
    """Forgets all leases and tries, for whoever knows that nobody holds any more."""

    def forget(_: JsonObject, status: DatasetStatus) -> None:
        status.profiling = None

    held = "status.profiling.until"
    for found in ports.documents.query(DATASET.collection, order_by=held, fields=[held]):
        change_status(DATASET, found.id, forget, ports)


def _take(dataset_id: str, revision: int, ports: Ports) -> Profiling | None:
    now = ports.clock.now()
    taken: list[Profiling] = []
    given_up: list[Profiling] = []

    def take(data: JsonObject, status: DatasetStatus) -> None:
        taken.clear()
        given_up.clear()
        if not is_current(data, status, revision):
            return
        before = status.profiling if status.profiling is not None else Profiling(as_of=now)
        if before.revision != revision:
            before = Profiling(as_of=now)
        elif before.until > now:
            return
        if before.tries >= TRIES:
            given_up.append(before)
            return
        status.profiling = Profiling(
            revision=revision, as_of=before.as_of, tries=before.tries + 1, until=now + LEASE
        )
        taken.append(status.profiling)

    change_status(DATASET, dataset_id, take, ports)
    if given_up:
        raise InvalidError(
            [
                Problem(
                    path="spec.source",
                    code="never_profiled",
                    message=f"It was read {TRIES} times, and no time to the end. Give fewer rows"
                    " or columns, such as a view of those that you need, and profile it again.",
                )
            ]
        )
    return taken[0] if taken else None


def _give_back(dataset_id: str, taken: Profiling, uncounted: int, ports: Ports) -> None:
    def give(_: JsonObject, status: DatasetStatus) -> None:
        if (at := _own(status, taken)) is not None:
            at.until = at.as_of
            at.tries -= uncounted

    change_status(DATASET, dataset_id, give, ports)


@contextmanager
def _renewed(dataset_id: str, taken: Profiling, ports: Ports) -> Iterator[None]:
    """Renews the lease now and then until the end."""

    def renew(_: JsonObject, status: DatasetStatus) -> None:
        if (at := _own(status, taken)) is not None:
            at.until = ports.clock.now() + LEASE

    with _every(RENEWED_SECONDS, lambda: change_status(DATASET, dataset_id, renew, ports)):
        yield


@contextmanager
def _every(seconds: float, do: Callable[[], object]) -> Iterator[None]:
    over = threading.Event()

    def repeat() -> None:
        while not over.wait(seconds):
            try:
                do()
            except Exception:  # the next time may do
                _log.warning("A lease could not be renewed", exc_info=True)

    thread = threading.Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _own(status: DatasetStatus, taken: Profiling) -> Profiling | None:
    """The lease where it is still this one."""
    at = status.profiling
    if at is None or (at.revision, at.as_of, at.tries) != (
        taken.revision,
        taken.as_of,
        taken.tries,
    ):
        return None
    return at
