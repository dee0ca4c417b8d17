"""What a training tells of itself while it runs.

python -m tests.integration.trainer.told REPORT
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

os.environ["TF_USE_LEGACY_KERAS"] = "1"

import tensorflow as tf

from trainer_image.training.telling import TellingFit


def told(known: bool) -> list[tuple[str, float]]:
    """Two epochs of four batches, then one over the newest rows.

    Args:
        known: how many batches there are is known before they are read.
    """
    rows = tf.data.Dataset.from_tensor_slices((tf.ones([8, 1]), tf.ones([8])))
    batches = rows.batch(2)
    if not known:
        batches = batches.filter(lambda *_: True)
    model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    found: list[tuple[str, float]] = []
    fit = TellingFit(tf.keras.Model.fit, lambda doing, done: found.append((doing, done)))
    options: dict[str, Any] = {"callbacks": [], "verbose": 0}
    fit(model, batches, epochs=2, **options)
    fit(model, batches, epochs=3, initial_epoch=2, **options)
    return found


if __name__ == "__main__":
    report = {"known": told(True), "unknown": told(False)}
    Path(sys.argv[1]).write_text(json.dumps(report))
