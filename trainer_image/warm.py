"""Imports what every job needs and trains a toy with it, so that a process which waits for a job
has loaded and compiled what a first training would: a second of each test."""

from __future__ import annotations

import os
import tempfile
from typing import Any

# TensorFlow Recommenders is written for Keras 2; both are read when TensorFlow is imported.
os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import scann  # noqa: F401
import tensorflow as tf
import tensorflow_recommenders as tfrs

import trainer_image.evaluation.evaluate
import trainer_image.runners.direct
import trainer_image.training.transform  # noqa: F401
from shared import garbage


class _Toy(tfrs.Model):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = tf.keras.layers.Embedding(2, 1)
        self.dense = tf.keras.layers.Dense(1)
        self.loss_per_example = tf.keras.metrics.Mean()

    def compute_loss(self, features: dict[str, Any], training: bool = False) -> Any:
        loss = self.dense(self.embedding(features["id"]))
        self.loss_per_example.update_state(loss)
        return tf.reduce_sum(loss)

    @tf.autograph.experimental.do_not_convert
    def train_step(self, inputs: dict[str, Any]) -> dict[str, Any]:
        return dict(super().train_step(inputs))

    @tf.autograph.experimental.do_not_convert
    def test_step(self, inputs: dict[str, Any]) -> dict[str, Any]:
        return dict(super().test_step(inputs))


def _rehearse() -> None:
    """Trains, saves and loads, as generated trainers do."""
    rows = tf.data.Dataset.from_tensor_slices({"id": tf.constant([0, 1], tf.int64)}).batch(1)
    model = _Toy()
    model.compile(optimizer=tf.keras.optimizers.Adam())
    model.compute_loss(next(iter(rows)))  # what Keras converts by AutoGraph, once for all
    model.fit(rows, validation_data=rows, verbose=0)
    served = tf.Module()
    served.weights = model.variables
    served.embed = tf.function(
        lambda ids: model.dense(model.embedding(ids)),
        input_signature=[tf.TensorSpec([None], tf.int64)],
        autograph=False,
    )
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(served, folder, signatures=served.embed)
        tf.saved_model.load(folder)
    tf.keras.backend.clear_session()


_rehearse()
garbage.freeze()
