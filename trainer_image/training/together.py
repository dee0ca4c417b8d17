"""One training by several workers: processes with a GPU each that take their part of each batch.

Every worker has the whole model as plain variables, and draws the same batches in the same order.
Of each it takes every so-manieth row, and the collectives of `MultiWorkerMirroredStrategy` bring
together what one worker alone would have had in one place: the embeddings of the whole batch, which
every row is held against, and the sum of the gradients. So the loss, its gradient and the number of
steps are those of one worker, up to rounding and to what is random in a step.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

Rows = dict[str, tf.Tensor]


class Together:
    """This worker among all that train one model, as TF_CONFIG names them. To be made before
    TensorFlow does anything else; waits until all are there.

    Attributes:
        worker: its number; the chief, which alone leaves files, is 0.
        workers: how many there are.
    """

    def __init__(self) -> None:
        config = json.loads(os.environ["TF_CONFIG"])
        self.worker: int = config["task"]["index"]
        self.workers = len(config["cluster"]["worker"])
        self._strategy = tf.distribute.MultiWorkerMirroredStrategy()
        self._random: list[tuple[tf.random.Generator, list[int]]] | None = None

    @property
    def is_chief(self) -> bool:
        return self.worker == 0

    def summed(self, values: Sequence[Any]) -> list[Any]:
        """Sums of tensors, dense or IndexedSlices, over the workers; the same bits on each."""

        @tf.autograph.experimental.do_not_convert
        def add(*values: Any) -> Any:
            # A collective goes by the device of what it is given, and a copy made here has one.
            here = [
                tf.nest.map_structure(tf.identity, one, expand_composites=True) for one in values
            ]
            return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, here)

        given = [
            value if isinstance(value, tf.IndexedSlices) else tf.convert_to_tensor(value)
            for value in values
        ]
        return list(self._strategy.run(add, args=given))

    def of_chief(self, values: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        """What the chief has, on every worker."""
        if self.is_chief:
            return self.summed(values)
        return self.summed([tf.zeros_like(value) for value in values])

    def number_of_chief(self, number: int) -> int:
        """A whole number that the chief knows, below 2^53."""
        return int(self.of_chief([tf.constant(number, tf.float64)])[0].numpy())

    def own(self, values: tf.Tensor) -> tf.Tensor:
        """This worker's part of the rows of a batch."""
        return values[self.worker :: self.workers]

    def whole(self, own: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
        """The whole batch, [rows, width], of which each worker has its part. It has a gradient: all
        that becomes of a row, on whichever worker."""

        @tf.custom_gradient
        def summed(values: tf.Tensor) -> tuple[tf.Tensor, Callable[[tf.Tensor], tf.Tensor]]:
            return self.summed([values])[0], lambda upstream: self.summed([upstream])[0]

        places = self.own(tf.range(rows))[:, tf.newaxis]
        return summed(tf.scatter_nd(places, own, [rows, own.shape[1]]))

    def join(
        self,
        model: tf.keras.Model,
        batches: tf.data.Dataset,
        generators: Sequence[tf.random.Generator],
    ) -> tf.data.Dataset:
        """Has a model's steps be those of all workers, and gives the batches to train on.

        A last batch with fewer rows than workers is left out: batch normalization has no mean of
        nothing. Its rows are in other batches of the next epoch.

        Args:
            generators: of what is random in a step.
        """
        if self._random is None:
            steps = _Steps(self, model)
            model.train_step, model.test_step = steps.train, steps.test
            self._random = [
                (one, one.state.numpy().astype("uint64").tolist()) for one in generators
            ]

        @tf.autograph.experimental.do_not_convert
        def enough(rows: Rows) -> tf.Tensor:
            return _number(rows) >= self.workers

        return batches.filter(enough)

    def draw(self, fit: int, epoch: int) -> None:
        """Has what is random in the steps of an epoch go by the training's seed, the epoch and the
        worker: each draws for rows of its own, and no state has to be kept for a later process."""
        for generator, seed in self._random or ():
            drawn = np.random.SeedSequence([*seed, fit, epoch, self.worker])
            generator.reset_from_seed(int(drawn.generate_state(1)[0]))

    def settle(self, model: tf.keras.Model) -> None:
        """Has every worker go on with the same numbers: weights and the optimizer's slots of the
        chief, from which rounding on GPUs may have led away, and the mean of what layers remember
        of their rows, such as batch normalization."""
        variables = _floating([*model.trainable_variables, *model.optimizer.variables])
        for variable, value in zip(variables, self.of_chief(variables), strict=True):
            variable.assign(value)
        remembered = _floating(model.non_trainable_variables)
        if remembered:
            for variable, value in zip(remembered, self.summed(remembered), strict=True):
                variable.assign(value / self.workers)


class _Steps:
    """The steps of a model for whole batches, of which this worker takes its part."""

    def __init__(self, together: Together, model: tf.keras.Model) -> None:
        self._together = together
        self._model = model
        self._rows: Rows = {}
        if hasattr(model, "retrieval_losses"):
            self._retrieval_losses = model.retrieval_losses
            model.retrieval_losses = self._losses_of_own

    # AutoGraph would rewrite all of Keras before the first step, as in generated models.
    @tf.autograph.experimental.do_not_convert
    def train(self, rows: Rows) -> dict[str, tf.Tensor]:
        """As TensorFlow Recommenders' `Model.train_step`."""
        model = self._model
        with tf.GradientTape() as tape:
            loss = self._loss(rows, training=True)
            penalty = tf.cast(sum(model.losses), tf.float32)
            # Each worker has the whole penalty, and their gradients are summed.
            total = loss + penalty / self._together.workers
        found = zip(
            tape.gradient(total, model.trainable_variables), model.trainable_variables, strict=True
        )
        known = [(gradient, variable) for gradient, variable in found if gradient is not None]
        told, gradients = self._told(loss, penalty, [gradient for gradient, _ in known])
        variables = [variable for _, variable in known]
        model.optimizer.apply_gradients(zip(gradients, variables, strict=True))
        return told

    @tf.autograph.experimental.do_not_convert
    def test(self, rows: Rows) -> dict[str, tf.Tensor]:
        """As TensorFlow Recommenders' `Model.test_step`."""
        loss = self._loss(rows, training=False)
        return self._told(loss, tf.cast(sum(self._model.losses), tf.float32))[0]

    def _loss(self, rows: Rows, training: bool) -> tf.Tensor:
        self._rows = rows
        own = {name: self._together.own(values) for name, values in rows.items()}
        return self._model.compute_loss(own, training=training)

    def _losses_of_own(self, queries: tf.Tensor, candidates: tf.Tensor, _: Rows) -> tf.Tensor:
        """The model's `retrieval_losses` of this worker's rows, each held against the products of
        the whole batch."""
        both = tf.concat([queries, candidates], axis=1)
        whole = tf.split(self._together.whole(both, _number(self._rows)), 2, axis=1)
        return self._together.own(self._retrieval_losses(*whole, self._rows))

    def _told(
        self, loss: tf.Tensor, penalty: tf.Tensor, gradients: Sequence[Any] = ()
    ) -> tuple[dict[str, tf.Tensor], list[Any]]:
        """What is told of all rows so far, by all workers alike, and the sums of gradients."""
        means = self._model.metrics
        parts = [part for mean in means for part in (mean.total, mean.count)]
        loss, *sums = self._together.summed([loss, *parts, *gradients])
        told = {
            mean.name: tf.math.divide_no_nan(*sums[2 * place : 2 * place + 2])
            for place, mean in enumerate(means)
        }
        told |= {"loss": loss, "regularization_loss": penalty, "total_loss": loss + penalty}
        return told, sums[len(parts) :]


class Settled(tf.keras.callbacks.Callback):
    """Has the workers begin and end each epoch alike. It is the first callback: the others see what
    all have agreed on.

    Args:
        fit: which call of `fit` it is.
    """

    def __init__(self, together: Together, fit: int) -> None:
        super().__init__()
        self._together = together
        self._fit = fit

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._together.draw(self._fit, epoch)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._together.settle(self.model)


def _floating(variables: Sequence[tf.Variable]) -> list[tf.Variable]:
    return [variable for variable in variables if variable.dtype.is_floating]


def _number(rows: Rows) -> tf.Tensor:
    return tf.shape(next(iter(rows.values())))[0]
