"""Rows of several files that are read in each epoch, in the trainer's environment.

python -m tests.integration.trainer.reading FOLDER

writes FOLDER/rows.json: the numbers of the rows of some epochs, from one file and from many, and
how many steps the optimizer of a training over them has counted.
"""

from __future__ import annotations

import json
import math
import os
import sys
from pathlib import Path

os.environ["TF_USE_LEGACY_KERAS"] = "1"

import tensorflow as tf

from shared.codegen.fragments.examples import Examples, parsed
from shared.codegen.fragments.given import BATCH_SIZE
from shared.codegen.fragments.optimizing import OnePassAdam

ROWS, FILES, EPOCHS = 1_000, 20, 3  # as in test_reading.py
SPEC = {"number": tf.io.FixedLenFeature([], tf.int64)}


def write(path: Path, numbers: range) -> str:
    with tf.io.TFRecordWriter(str(path)) as writer:
        for number in numbers:
            value = tf.train.Feature(int64_list=tf.train.Int64List(value=[number]))
            features = tf.train.Features(feature={"number": value})
            writer.write(tf.train.Example(features=features).SerializeToString())
    return str(path)


def epochs(files: list[str], shuffle: bool = True) -> list[list[int]]:
    batches = parsed(files, SPEC, 64, shuffle)
    return [
        [number for batch in batches for number in batch["number"].numpy().tolist()]
        for _ in range(EPOCHS)
    ]


class Mean(tf.keras.Model):  # type: ignore[misc]
    """Learns the mean of all numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.mean = tf.Variable(0.0)

    def train_step(self, rows: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((tf.cast(rows["number"], tf.float32) - self.mean) ** 2)
        gradient = tape.gradient(loss, self.mean)
        self.optimizer.apply_gradients([(gradient, self.mean)])
        return {"loss": loss}


def steps(files: list[str]) -> int:
    """Of a training whose rows do not fit into memory, as its optimizer counts them."""
    examples = Examples(files, SPEC)
    examples.rows = None
    model, optimizer = Mean(), OnePassAdam(0.1)
    optimizer.build([model.mean])
    model.compile(optimizer=optimizer)
    model.fit(examples.batches(shuffle=True), epochs=EPOCHS, verbose=0)
    return int(optimizer.iterations)


def main(folder: Path) -> None:
    size = ROWS // FILES
    many = [
        write(folder / f"part-{place:05}", range(place * size, place * size + size))
        for place in range(FILES)
    ]
    one = [write(folder / "all", range(ROWS))]
    found = {"one": epochs(one), "many": epochs(many), "in order": epochs(many, shuffle=False)}
    counted = {"steps": steps(many), "batches": EPOCHS * math.ceil(ROWS / BATCH_SIZE)}
    (folder / "rows.json").write_text(json.dumps({**found, **counted}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
