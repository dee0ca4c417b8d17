"""Rows for customers whom nobody has seen."""

from __future__ import annotations

import tensorflow as tf

from shared.codegen.fragments.given import UNKNOWN_SHARE


def sometimes_unknown(customers: tf.Tensor, known: int, oov_buckets: int) -> tf.Tensor:
    """Sends a share of the rows to the rows for unknown customers, which learn from them.

    Without it, a customer who comes later would be served from weights that nobody has trained.
    """
    random = tf.random.get_global_generator()
    unknown = known + random.uniform(tf.shape(customers), maxval=oov_buckets, dtype=tf.int64)
    chosen = random.uniform(tf.shape(customers)) < UNKNOWN_SHARE
    return tf.where(chosen, unknown, customers)
