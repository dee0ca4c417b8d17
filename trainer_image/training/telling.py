"""Keras' `Model.fit` that tells how far a training has come."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from trainer_image.job.status import Tell


class TellingFit:
    """The calls of `fit` of one training: the first has the epochs that were asked for, a later one
    passes over the newest rows.

    Args:
        fit: called as Keras' `Model.fit`.
    """

    def __init__(self, fit: Callable[..., None], tell: Tell) -> None:
        self._fit, self._tell = fit, tell
        self._first = True

    def __call__(
        self,
        model: tf.keras.Model,
        batches: tf.data.Dataset,
        *,
        epochs: int,
        callbacks: Sequence[tf.keras.callbacks.Callback],
        **options: Any,
    ) -> None:
        first, self._first = self._first, False
        teller = _Teller(self._tell, int(batches.cardinality()), epochs if first else None)
        self._fit(model, batches, epochs=epochs, callbacks=[*callbacks, teller], **options)
        self._tell("completing the model", 1.0)


class _Teller(tf.keras.callbacks.Callback):  # type: ignore[misc]
    """
    Args:
        batches: of an epoch; below 0 where that is not known before its end.
        epochs: that were asked for; None for a pass over the newest rows.
    """

    _supports_tf_logs = True  # Keras need not wait for a step's numbers

    def __init__(self, tell: Tell, batches: int, epochs: int | None) -> None:
        super().__init__()
        self._tell, self._batches, self._epochs = tell, batches, epochs
        self._epoch = self._batch = 0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._epoch, self._batch = epoch, 0

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._batch = batch + 1
        if self._epochs is None:
            self._tell("training on the newest rows", 1.0)
            return
        share = min(self._batch / self._batches, 1.0) if self._batches > 0 else 0.0
        done = (self._epoch + share) / self._epochs
        self._tell(f"epoch {self._epoch + 1} of {self._epochs}", done)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._batches = max(self._batches, self._batch)
