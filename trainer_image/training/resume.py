"""Keras' `Model.fit` for a training that may be killed: it goes on from its last checkpoint, and
comes to the same weights to the last bit. Where several workers train one model, it is theirs."""

from __future__ import annotations

import hashlib
import json
import os
import posixpath
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import tensorflow as tf

from shared import code_version
from shared.jobs import WarmStart
from trainer_image.job.locations import open_file
from trainer_image.job.status import JobFailedError
from trainer_image.training.checkpoints import (
    Checkpoint,
    Checkpoints,
    Position,
    limit_from_environment,
)
from trainer_image.training.together import Settled, Together

# Seconds between checkpoints, at least; 0: one after each batch, "never": none.
EVERY = "RECSMITH_CHECKPOINT_SECONDS"
_DEFAULT_SECONDS = 60.0
# A checkpoint may take so much of the time that has gone by since the last one, at most.
_LARGEST_SHARE = 0.015
# What callbacks know of the epochs so far: EarlyStopping, and the log of generated trainers.
_REMEMBERED = ("epochs", "wait", "best", "best_epoch", "stopped_epoch")
_BEST_WEIGHTS = "best_weights"


class ResumableFit:
    """The calls of `fit` of one training, in their order.

    Args:
        checkpoints: None for a training without.
        seconds: between two of them, at least.
        progress_file: where the log of the epochs belongs.
        together: with the other workers; None: alone. The chief of several keeps checkpoints, and
            at the ends of epochs only: within one, they do not stand alike.
    """

    def __init__(
        self,
        checkpoints: Checkpoints | None,
        seconds: float,
        progress_file: str,
        together: Together | None = None,
    ) -> None:
        self._checkpoints = checkpoints
        self._pace = _Pace(seconds)
        self._progress_file = progress_file
        self._together = together
        self._fits = 0
        if checkpoints is not None and self._leads:
            checkpoints.find()

    @property
    def _leads(self) -> bool:
        return self._together is None or self._together.is_chief

    @staticmethod
    def from_environment(
        folder: str,
        module: Path,
        arguments: Any,
        start: WarmStart | None = None,
        together: Together | None = None,
    ) -> ResumableFit:
        """As RECSMITH_CHECKPOINT_SECONDS says. Raises JobFailedError where it is no number.

        Args:
            folder: for the checkpoints.
            module: the trainer's.
            arguments: that its `run_fn` is called with.
            start: what the training begins with.
            together: with the other workers, if there are any.
        """
        seconds = _seconds(os.environ.get(EVERY))
        progress_file = arguments.custom_config["progress_file"]
        if seconds is None:
            return ResumableFit(None, 0.0, progress_file, together)
        workers = 1 if together is None else together.workers
        checkpoints = Checkpoints(
            folder, lambda: made_of(module, arguments, start, workers), limit_from_environment()
        )
        return ResumableFit(checkpoints, seconds, progress_file, together)

    def __call__(
        self,
        model: tf.keras.Model,
        batches: tf.data.Dataset,
        *,
        epochs: int,
        callbacks: Sequence[tf.keras.callbacks.Callback],
        initial_epoch: int = 0,
        verbose: int = 2,
        **options: Any,
    ) -> None:
        """As `model.fit(batches, …)`. Each epoch must draw its order when it begins to be read, and
        what is random in a step come from `tf.random.Generator`s."""
        self._fits += 1
        before: list[tf.keras.callbacks.Callback] = []
        if self._together is not None:
            draws = [tf.random.get_global_generator(), *_generators(model)]
            batches = self._together.join(model, batches, draws)
            self._together.settle(model)
            before = [Settled(self._together, self._fits)]
            verbose = verbose if self._leads else 0
        checkpoints = self._checkpoints
        if checkpoints is None:
            model.fit(
                batches,
                epochs=epochs,
                callbacks=[*before, *callbacks],
                initial_epoch=initial_epoch,
                verbose=verbose,
                **options,
            )
            return
        keeper = _Keeper(checkpoints, self._pace, callbacks, within=self._together is None)
        told = _ToldOnce(
            [*before, *callbacks, *([keeper] if self._leads else [])],
            add_history=True,
            add_progbar=verbose != 0,
            model=model,
            verbose=verbose,
            epochs=epochs,
        )
        told.begin()
        at = Position(self._fits, initial_epoch)
        found = checkpoints.newest(self._fits)
        if self._together is not None:
            found = self._together.number_of_chief(found)
        if found:
            checkpoint = checkpoints.read(found)
            at = checkpoint.position
            _restore(checkpoint, model, callbacks, self._progress_file)
            if at.ended:
                return
            for _ in range(initial_epoch, at.epoch):  # each has drawn its order
                next(iter(batches), None)
        keeper.stand(at, initial_epoch)
        rest = {"callbacks": told, "verbose": verbose, **options}
        if at.step:
            keeper.keep_metrics()
            left = batches.skip(at.step)
            model.fit(left, initial_epoch=at.epoch, epochs=at.epoch + 1, **rest)
            at = Position(self._fits, at.epoch + 1, stopped=model.stop_training)
        if at.epoch < epochs and not at.stopped:
            model.fit(batches, initial_epoch=at.epoch, epochs=epochs, **rest)
        told.end()
        if self._leads:
            keeper.end()

    def clear(self) -> None:
        """Removes the checkpoints of a training that has ended."""
        if self._checkpoints is not None and self._leads:
            self._checkpoints.clear()


def made_of(module: Path, arguments: Any, start: WarmStart | None = None, workers: int = 1) -> str:
    """Names the code and the data of a training, what it begins with and how many workers it has: a
    checkpoint of another is of no use."""
    digest = hashlib.sha256(code_version.LOADED.encode())
    if workers > 1:
        digest.update(f"{workers} workers\n".encode())
    if start is not None:
        digest.update(start.model_dump_json().encode())
    digest.update(module.read_bytes())
    config = arguments.custom_config
    patterns = [
        *arguments.train_files,
        *arguments.eval_files,
        *(one for key in sorted(config) if key.endswith("_files") for one in config[key]),
        f"{arguments.transform_graph_path}/transform_fn/assets/*",
    ]
    for pattern in patterns:
        for path in sorted(tf.io.gfile.glob(pattern)):
            digest.update(f"{posixpath.basename(path)}\n".encode())
            with tf.io.gfile.GFile(path, "rb") as file:
                while chunk := file.read(1 << 20):
                    digest.update(chunk)
    return digest.hexdigest()


class _Pace:
    """When the next checkpoint is due."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._since = time.monotonic()
        self._took = 0.0

    @property
    def due(self) -> bool:
        wait = max(self._seconds, self._took / _LARGEST_SHARE) if self._seconds else 0.0
        return time.monotonic() - self._since >= wait

    def measure(self, write: Callable[[], None]) -> None:
        began = time.monotonic()
        write()
        self._since = time.monotonic()
        self._took = self._since - began


class _ToldOnce(tf.keras.callbacks.CallbackList):  # type: ignore[misc]
    """Callbacks that several calls of Keras' `fit` tell of one training."""

    def begin(self) -> None:
        super().on_train_begin()

    def end(self) -> None:
        super().on_train_end()

    def on_train_begin(self, logs: Any = None) -> None:
        """It has begun."""

    def on_train_end(self, logs: Any = None) -> None:
        """It has not."""


class _Keeper(tf.keras.callbacks.Callback):  # type: ignore[misc]
    """Writes checkpoints when they are due. It is the last callback: the others have their say of
    an epoch before it is kept.

    One that is written within an epoch counts once the next batch has been trained on, so that
    there is always something left of the epoch.

    Args:
        others: the other callbacks that are to be gone on with.
        within: whether to write any within an epoch.
    """

    _supports_tf_logs = True  # Keras need not wait for a step's numbers

    def __init__(
        self,
        checkpoints: Checkpoints,
        pace: _Pace,
        others: Sequence[tf.keras.callbacks.Callback],
        *,
        within: bool,
    ) -> None:
        super().__init__()
        self._within = within
        self._checkpoints = checkpoints
        self._pace = pace
        self._others = others
        self._at = Position(0, 0)
        self._done = 0
        self._metrics: list[Any] | None = None

    def stand(self, at: Position, initial_epoch: int) -> None:
        """Where the training begins, or goes on."""
        self._at = at
        self._done = at.step

    def keep_metrics(self) -> None:
        """Has the epoch that is gone on with count what it has counted before."""
        self._metrics = [variable.numpy() for variable in self._metric_variables()]

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._at = replace(self._at, epoch=epoch, step=0)
        if self._metrics is not None:
            for variable, value in zip(self._metric_variables(), self._metrics, strict=True):
                variable.assign(value)
            self._metrics = None

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._checkpoints.commit()
        self._done += 1
        if self._within and self._pace.due:
            self._write(replace(self._at, step=self._done))

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._checkpoints.drop()
        self._done = 0
        self._at = replace(
            self._at, epoch=epoch + 1, step=0, stopped=bool(self.model.stop_training)
        )
        if self._pace.due:
            self._write(self._at)
            self._checkpoints.commit()

    def end(self) -> None:
        """The call of `fit` is over, the best weights are in place."""
        if self._pace.due:
            self._write(replace(self._at, ended=True))
            self._checkpoints.commit()

    def _write(self, at: Position) -> None:
        best = _best_weights(self._others)
        state = _state(self.model, best)
        sizes = [
            variable.shape.num_elements() * variable.dtype.size
            for variable in (*self.model.variables, *self.model.optimizer.variables, *best)
        ]
        more = [
            {name: vars(one)[name] for name in _REMEMBERED if name in vars(one)}
            for one in self._others
        ]
        more_of = {"callbacks": more, _BEST_WEIGHTS: bool(best)}
        self._pace.measure(lambda: self._checkpoints.write(state, sum(sizes), at, more_of))

    def _metric_variables(self) -> list[tf.Variable]:
        return [variable for metric in self.model.metrics for variable in metric.variables]


def _state(model: tf.keras.Model, best: Sequence[tf.Variable]) -> tf.train.Checkpoint:
    """All that a training changes: weights, slots, metrics, random generators."""
    return tf.train.Checkpoint(
        model=model,
        random=tf.random.get_global_generator(),
        layers=_generators(model),
        best=[*best],
    )


def _generators(model: tf.keras.Model) -> list[tf.random.Generator]:
    """Of the layers that draw, such as dropout. Keras leaves them out of its own checkpoints, and
    makes them when a layer is built, which after a kill would be too late."""
    found = [
        layer._random_generator
        for layer in model._flatten_layers()
        if isinstance(layer, tf.keras.__internal__.layers.BaseRandomLayer)
    ]
    for one in found:
        one._maybe_init()
    return [one._generator for one in found if one._generator is not None]


def _best_weights(callbacks: Sequence[tf.keras.callbacks.Callback]) -> list[tf.Variable]:
    """The weights of the best epoch so far, where they are kept."""
    kept = next(filter(None, (getattr(one, _BEST_WEIGHTS, None) for one in callbacks)), None)
    return [tf.Variable(weights, trainable=False) for weights in kept or ()]


def _restore(
    found: Checkpoint,
    model: tf.keras.Model,
    callbacks: Sequence[tf.keras.callbacks.Callback],
    progress_file: str,
) -> None:
    best: list[tf.Variable] = []
    if found.state[_BEST_WEIGHTS]:
        best = [tf.Variable(weights, trainable=False) for weights in model.get_weights()]
    _state(model, best).read(found.files).assert_existing_objects_matched()
    for callback, known in zip(callbacks, found.state["callbacks"], strict=True):
        vars(callback).update(known)
        if best and hasattr(callback, _BEST_WEIGHTS):
            callback.best_weights = [weights.numpy() for weights in best]
        if known.get("epochs"):
            with open_file(progress_file, "w") as file:
                file.write(json.dumps(known["epochs"]))


def _seconds(given: str | None) -> float | None:
    if given == "never":
        return None
    try:
        seconds = float(given or _DEFAULT_SECONDS)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise JobFailedError(
            f'{EVERY} is {given!r}; expected seconds, 0 for each batch, or "never".'
        )
    return seconds
