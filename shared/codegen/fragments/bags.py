"""Several values of one column in each row."""

from __future__ import annotations

import tensorflow as tf


def pool_values(table: tf.keras.layers.Embedding, rows: tf.Tensor, combiner: str) -> tf.Tensor:
    """The embeddings of several values as one, [batch, width]; zeros where there are none.

    Args:
        rows: of the table, [batch, values]; -1 after the last.
        combiner: what their sum is divided by: "mean", their number; "sqrtn", its root; "sum",
            nothing.
    """
    known = tf.cast(rows >= 0, tf.float32)[:, :, tf.newaxis]
    added = tf.reduce_sum(table(tf.maximum(rows, 0)) * known, axis=1)
    if combiner == "sum":
        return added
    number = tf.maximum(tf.reduce_sum(known, axis=1), 1.0)
    return added / (number if combiner == "mean" else tf.sqrt(number))
