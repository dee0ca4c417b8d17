"""What is served now, and the thread that asks the model."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime

from shared.online.exposures import Exposure
from shared.predictions import PredictionRequest
from trainer_image.serving.http.metrics import Metrics
from trainer_image.serving.http.trial import Answers, Served, Trial
from trainer_image.serving.http.versions import Loaded, Version

_log = logging.getLogger(__name__)

_BATCH = 512  # instances of several requests that are asked together

Load = Callable[[Version], Loaded]


class Serving:
    """What is served now.

    Attributes:
        now: answers; None until the first version has.
        fault: why it is not what should be served; None while it is.
    """

    def __init__(self, metrics: Metrics) -> None:
        self.now: Served | None = None
        self.fault: str | None = None
        self._metrics = metrics

    @property
    def current(self) -> Loaded | None:
        """The version that is served; of an experiment, its control."""
        return self.now.control if self.now else None

    def swap(self, loaded: Loaded, trial: Trial | None = None) -> None:
        """From the next batch on this version answers, with those of an experiment; what is being
        answered ends as it began."""
        # In this order: who sees the one that is served sees no fault of one before.
        before, self.fault, self.now = self.now, None, Served(loaded, trial)
        self._metrics.serves(loaded.version, before.control.version if before else None)
        self._metrics.tries(trial)
        if before is None or before.control != loaded:
            _log.info("Now serves %s.", loaded.version)
        if trial is not None:
            _log.info("Experiment %s is served.", trial.experiment.id)
        elif before is not None and before.trial is not None:
            _log.info("Experiment %s is no longer served.", before.trial.experiment.id)

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


class BusyError(Exception):
    """More requests wait than may."""


@dataclass(frozen=True)
class Answered:
    """What was said to a request's instances, in their order.

    Attributes:
        version: that is served; of an experiment, its control.
        exposures: by which version of an experiment each was answered; None where none runs.
    """

    version: Version
    answers: Answers
    exposures: list[Exposure | None]

    @property
    def experiment_id(self) -> str | None:
        return next((one.experiment_id for one in self.exposures if one is not None), None)


@dataclass
class _Waiting:
    requests: Sequence[PredictionRequest]
    quick_test_id: str | None
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

    def ask(
        self, requests: Sequence[PredictionRequest], quick_test_id: str | None = None
    ) -> Future[Answered]:
        """Nothing may be asked before a version is served.

        Args:
            quick_test_id: the training whose version alone may answer; the future has a
                NotServedError where it is not served at that moment.

        Raises:
            BusyError
        """
        if not self._places.acquire(blocking=False):
            raise BusyError
        waiting = _Waiting(requests, quick_test_id)
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
        wanted = {one.quick_test_id for one in batch}
        if len(wanted) > 1:
            for quick_test_id in wanted:
                self._answer([one for one in batch if one.quick_test_id == quick_test_id])
            return
        served = self._serving.now
        assert served is not None
        requests = [request for one in batch for request in one.requests]
        try:
            if batch and (only := batch[0].quick_test_id) is not None:
                served = served.only(only)
            self._metrics.batch_instances.observe(len(requests))
            answers, exposures = served.predict(requests, datetime.now(UTC))
        except Exception as error:
            if len(batch) == 1:
                batch[0].answered.set_exception(error)
            else:  # the others have nothing to do with it
                for one in batch:
                    self._answer([one])
            return
        end = 0
        for one in batch:
            start, end = end, end + len(one.requests)
            found = Answered(served.control.version, answers[start:end], exposures[start:end])
            one.answered.set_result(found)
