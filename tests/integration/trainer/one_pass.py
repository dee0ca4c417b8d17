"""What generated code does in one pass, beside what Keras and TensorFlow make of the same.

python -m tests.integration.trainer.one_pass REPORT
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

os.environ["TF_USE_LEGACY_KERAS"] = "1"

import numpy as np
import tensorflow as tf

from shared.codegen.fragments.history import mixed, weighted_sum
from shared.codegen.fragments.optimizing import OnePassAdam


def trained(kind: Any) -> list[list[float]]:
    """Two variables after some steps, of which one has sparse gradients, with repeated rows."""
    random = np.random.default_rng(1)
    table, dense = (tf.Variable(random.normal(size=(7, 3)), dtype=tf.float32) for _ in range(2))
    optimizer = kind(0.01)
    optimizer.build([table, dense])
    for _ in range(20):
        rows = tf.constant(random.integers(0, 7, 5))
        values = tf.constant(random.normal(size=(5, 3)), tf.float32)
        sparse = tf.IndexedSlices(values, rows, tf.constant([7, 3]))
        optimizer.apply_gradients([(sparse, table), (tf.gather(values, [0] * 7), dense)])
    return [variable.numpy().ravel().tolist() for variable in (table, dense)]


def pooled(own: bool) -> list[list[float]]:
    """A weighted sum of a table's rows, with its gradients for the table and the mix."""
    random = np.random.default_rng(2)
    table, mix = (tf.Variable(random.random(shape), dtype=tf.float32) for shape in ((6, 4), (3,)))
    rows = tf.constant(random.integers(0, 6, (5, 8)))
    decays = tf.constant(random.random((5, 3, 8)), tf.float32)
    with tf.GradientTape() as tape:
        given = tf.convert_to_tensor(table), tf.convert_to_tensor(mix)
        if own:
            found = weighted_sum(given[0], rows, decays, given[1])
        else:
            weights = mixed(decays, given[1])
            found = tf.einsum("bl,blw->bw", weights, tf.gather(given[0], rows))
        loss = tf.reduce_sum(tf.sin(found))
    both = [tf.convert_to_tensor(one) for one in tape.gradient(loss, [table, mix])]
    return [one.numpy().ravel().tolist() for one in (found, *both)]


if __name__ == "__main__":
    report = {
        "optimizer": [trained(OnePassAdam), trained(tf.keras.optimizers.Adam)],
        "history": [pooled(own=True), pooled(own=False)],
    }
    Path(sys.argv[1]).write_text(json.dumps(report))
