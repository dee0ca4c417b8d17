"""Rows that do without a value, so that other features learn to stand for it."""

from __future__ import annotations

import tensorflow as tf


def sometimes_dropped(values: tf.Tensor, known: int, oov_buckets: int, share: float) -> tf.Tensor:
    """Sends a share of the values to the rows for those that are not in the vocabulary.

    Args:
        values: row numbers of an embedding table, [batch].
        known: how many rows the vocabulary has.
    """
    random = tf.random.get_global_generator()
    unknown = known + random.uniform(tf.shape(values), maxval=oov_buckets, dtype=tf.int64)
    return tf.where(random.uniform(tf.shape(values)) < share, unknown, values)
