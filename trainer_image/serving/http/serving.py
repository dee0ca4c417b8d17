"""What is served now, and the threads that see to it: one that follows the registry's pointer, one
that asks the model."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from shared.predictions import Prediction, PredictionRequest
from shared.problems import InvalidError
from shared.registry import Alias
from trainer_image.job.status import describe
from trainer_image.serving.http.metrics import Metrics
from trainer_image.serving.http.versions import (
    Loaded,
    UnservableError,
    Version,
    read_pointer,
    version_of,
)

_log = logging.getLogger(__name__)

_LONGEST_PAUSE = 300.0
_BATCH = 512  # instances of several requests that are asked together

Load = Callable[[Version], Loaded]
Answers = list[Prediction | InvalidError]


class Serving:
    """What is served now.

    Attributes:
        current: answers; None until the first version has.
        fault: why it is not what should be served; None while it is.
    """

    def __init__(self, metrics: Metrics) -> None:
        self.current: Loaded | None = None
        self.fault: str | None = None
        self._metrics = metrics

    def swap(self, loaded: Loaded) -> None:
        """From the next batch on this version answers; what is being answered ends as it began."""
        before, self.current, self.fault = self.current, loaded, None
        self._metrics.serves(loaded.version, before.version if before else None)
        _log.info("Now serves %s.", loaded.version)

    def fails(self, fault: str) -> None:
        """Whatever is served goes on, and is not what should be."""
        self._metrics.stale.set(1)
        if fault != self.fault:
            kept = f" Still serves {self.current.version}." if self.current else ""
            _log.error("%s%s", fault, kept)
        self.fault = fault

    def is_right(self) -> None:
        """What is served is what should be."""
        self._metrics.stale.set(0)
        if self.fault is not None:
            _log.info("Serves what it should again.")
        self.fault = None


class Follower:
    """Loads whatever version an alias means.

    A version that cannot be loaded is tried again after a pause that doubles, from `seconds` to
    five minutes; another one is tried at once.
    """

    def __init__(
        self,
        serving: Serving,
        load: Load,
        metrics: Metrics,
        *,
        store: str,
        model_id: str,
        alias: Alias,
        seconds: float,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._serving, self._load, self._metrics = serving, load, metrics
        self._store, self._model_id, self._alias = store, model_id, alias
        self._seconds, self._now = seconds, now
        self._revision = 0
        self._failed: Version | None = None
        self._pause, self._again = seconds, 0.0

    def run(self) -> None:
        """Follows the alias for ever."""
        while True:
            try:
                self.look()
            except Exception as error:  # whatever it is, the next look may find it mended
                self._serving.fails(f"The alias is not followed: {describe(error)}")
            time.sleep(self._seconds)

    def look(self) -> None:
        """Serves what the alias means now, or says why not."""
        try:
            wanted = self._wanted()
        except UnservableError as error:
            self._serving.fails(str(error))
            return
        current = self._serving.current
        if current is not None and wanted == current.version:
            self._failed = None
            self._serving.is_right()
        elif wanted != self._failed or self._now() >= self._again:
            self._change(wanted)

    def _wanted(self) -> Version:
        """Raises UnservableError."""
        pointer = read_pointer(self._store, self._model_id)
        if pointer.revision < self._revision:
            raise UnservableError(
                f"The pointer of model {self._model_id!r} is older than what was read before: "
                f"revision {pointer.revision} after {self._revision}."
            )
        self._revision = pointer.revision
        return version_of(pointer, self._alias, self._store)

    def _change(self, wanted: Version) -> None:
        try:
            loaded = self._load(wanted)
        except UnservableError as error:
            self._pause = (
                min(self._pause * 2, _LONGEST_PAUSE) if wanted == self._failed else self._seconds
            )
            self._failed, self._again = wanted, self._now() + self._pause
            self._metrics.reload_failures.inc()
            self._serving.fails(str(error))
        else:
            self._failed = None
            if self._serving.current is not None:
                self._metrics.reloads.inc()
            self._serving.swap(loaded)


class BusyError(Exception):
    """More requests wait than may."""


@dataclass(frozen=True)
class Answered:
    """What a version said to a request's instances, in their order."""

    version: Version
    answers: Answers


@dataclass
class _Waiting:
    requests: Sequence[PredictionRequest]
    answered: Future[Answered] = field(default_factory=Future)


class ModelThread:
    """Asks the model, in one thread: whatever waits together is asked together.

    Args:
        most_waiting: requests that wait or are being answered; further ones are refused.
    """

    def __init__(self, serving: Serving, metrics: Metrics, most_waiting: int) -> None:
        self._serving, self._metrics = serving, metrics
        self._places = threading.BoundedSemaphore(most_waiting)
        self._waiting: queue.SimpleQueue[_Waiting] = queue.SimpleQueue()
        threading.Thread(target=self._run, name="model", daemon=True).start()

    def ask(self, requests: Sequence[PredictionRequest]) -> Future[Answered]:
        """Raises BusyError. Nothing may be asked before a version is served."""
        if not self._places.acquire(blocking=False):
            raise BusyError
        waiting = _Waiting(requests)
        waiting.answered.add_done_callback(lambda _: self._places.release())
        self._waiting.put(waiting)
        return waiting.answered

    def _run(self) -> None:
        left: _Waiting | None = None
        while True:
            batch = [left or self._waiting.get()]
            left, count = None, len(batch[0].requests)
            while left is None and not self._waiting.empty():
                one = self._waiting.get()
                count += len(one.requests)
                if count <= _BATCH:
                    batch.append(one)
                else:
                    left = one
            self._answer([one for one in batch if one.answered.set_running_or_notify_cancel()])

    def _answer(self, batch: Sequence[_Waiting]) -> None:
        loaded = self._serving.current
        assert loaded is not None
        requests = [request for one in batch for request in one.requests]
        self._metrics.batch_instances.observe(len(requests))
        try:
            answers = iter(loaded.predictor.predict_many(requests))
            found = [[next(answers) for _ in one.requests] for one in batch]
        except Exception as error:
            if len(batch) == 1:
                batch[0].answered.set_exception(error)
            else:  # the others have nothing to do with it
                for one in batch:
                    self._answer([one])
            return
        for one, its in zip(batch, found, strict=True):
            one.answered.set_result(Answered(loaded.version, its))
