"""The thread that follows the registry's pointer: it loads what an alias means, and the versions of
an experiment beside it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from shared.registry import Alias, ServedExperiment
from trainer_image.job.status import describe
from trainer_image.serving.http.metrics import Metrics
from trainer_image.serving.http.serving import Load, Serving
from trainer_image.serving.http.trial import Trial
from trainer_image.serving.http.versions import (
    Loaded,
    UnservableError,
    Version,
    check_inside,
    read_pointer,
    version_of,
    versions_of,
)

_LONGEST_PAUSE = 300.0


@dataclass
class _Failed:
    """A version that could not be loaded, and when it is tried again."""

    fault: str
    pause: float
    again: float


class Follower:
    """Loads whatever version an alias means, and what an experiment tries beside it.

    A version that cannot be loaded is tried again after a pause that doubles, from `seconds` to
    five minutes; another one is tried at once. Where it is one of an experiment, the control
    answers its customers.
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
        self._failed: dict[Version, _Failed] = {}

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
            wanted, experiment, others = self._wanted()
        except UnservableError as error:
            self._serving.fails(str(error))
            return
        self._failed = {
            version: one
            for version, one in self._failed.items()
            if version in (wanted, *others.values())
        }
        now = self._serving.now
        ready = {one.version: one for one in (now.loaded() if now else ())}
        try:
            control = self._loaded(wanted, ready)
        except UnservableError as error:
            if now is not None and now.trial is not None and now.trial.experiment != experiment:
                self._serving.swap(now.control)  # it has ended, whatever else cannot be had
            self._serving.fails(str(error))
            return
        if now is not None and now.control != control:
            self._metrics.reloads.inc()
            self._serving.swap(control)  # others, which may take minutes, are not waited for
        trial = self._trial(experiment, others, ready) if experiment is not None else None
        now = self._serving.now
        if now is None or (now.control, now.trial) != (control, trial):
            self._serving.swap(control, trial)
        if trial is not None and trial.missing:
            told = [
                *trial.missing.values(),
                f"Experiment {trial.experiment.id} lacks it: the "
                f"control, {control.version}, answers its customers.",
            ]
            self._serving.fails(" ".join(told))
        else:
            self._serving.is_right()

    def _wanted(self) -> tuple[Version, ServedExperiment | None, dict[int, Version]]:
        """The version that the alias means, and what is tried beside it. Raises UnservableError."""
        pointer = read_pointer(self._store, self._model_id)
        if pointer.revision < self._revision:
            raise UnservableError(
                f"The pointer of model {self._model_id!r} is older than what was read before: "
                f"revision {pointer.revision} after {self._revision}."
            )
        self._revision = pointer.revision
        version = version_of(pointer, self._alias, self._store)
        experiment = pointer.experiment_of(self._alias)
        others = versions_of(pointer, experiment) if experiment is not None else {}
        return version, experiment, others

    def _trial(
        self,
        experiment: ServedExperiment,
        others: dict[int, Version],
        ready: dict[Version, Loaded],
    ) -> Trial:
        loaded, missing = {}, {}
        for number, version in others.items():
            try:
                loaded[number] = self._loaded(version, ready)
            except UnservableError as error:
                missing[number] = str(error)
        return Trial(experiment, loaded, missing)

    def _loaded(self, version: Version, ready: dict[Version, Loaded]) -> Loaded:
        """Raises UnservableError, at once where it is not yet time to try again."""
        if version in ready:
            return ready[version]
        failed = self._failed.get(version)
        if failed is not None and self._now() < failed.again:
            raise UnservableError(failed.fault)
        try:
            check_inside(version, self._store)
            loaded = self._load(version)
        except UnservableError as error:
            pause = min(failed.pause * 2, _LONGEST_PAUSE) if failed else self._seconds
            self._failed[version] = _Failed(str(error), pause, self._now() + pause)
            self._metrics.reload_failures.inc()
            raise
        self._failed.pop(version, None)
        return loaded
