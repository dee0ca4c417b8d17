"""Transformed examples, and the batches that are trained on."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_transform as tft

from shared.codegen.fragments.given import BATCH_SIZE, FITS, LOOKS_BACK, SEED


class Examples:
    """Transformed examples: parsed once where they fit into memory, else in each epoch.

    Attributes:
        rows: each feature, [rows]; None where they do not fit.
        number: how many rows there are; counted only where they do not fit.
    """

    def __init__(
        self, files: list[str], spec: dict[str, Any], rows: dict[str, tf.Tensor] | None = None
    ) -> None:
        """Args: files: TFRecords of tf.Example. spec: of their features. rows: if they are read."""
        self.files = files
        self.spec = spec
        # As files, where parsed they take a quarter; compressed, a sixth of what they are.
        stored = sum(tf.io.gfile.stat(file).length for file in files)
        stored *= 6 if compression_of(files) else 1
        self.rows = rows
        self.number: int | None = None
        if rows is None and stored <= 4 * 2**30:
            self.rows = self.columns()

    def columns(self, *keys: str) -> dict[str, tf.Tensor]:
        """Features of all rows, each [rows]: all of them, or those of `keys`."""
        if self.rows is not None:
            return {key: self.rows[key] for key in keys or self.rows}
        chosen = {key: self.spec[key] for key in keys or self.spec}
        batches = list(parsed(self.files, chosen, batch_size=8192))
        if not batches:
            return {key: tf.zeros([0, *one.shape], one.dtype) for key, one in chosen.items()}
        # Each feature leaves the batches as it is put together, so that memory holds one twice.
        return {key: tf.concat([batch.pop(key) for batch in batches], axis=0) for key in chosen}

    def batches(self, shuffle: bool = False) -> tf.data.Dataset:
        """Batches of the rows: in their order, or shuffled anew by the seed for each epoch."""
        if self.rows is not None:
            return in_batches(self.rows, shuffle)
        batches = parsed(self.files, self.spec, BATCH_SIZE, shuffle)
        if self.number is None:
            records = tf.data.TFRecordDataset(self.files, compression_of(self.files))
            self.number = sum(batch.shape[0] for batch in records.batch(8192))
        # Else Keras would end an epoch with a step without a batch, which the optimizer counts.
        return batches.apply(
            tf.data.experimental.assert_cardinality(math.ceil(self.number / BATCH_SIZE))
        )

    if LOOKS_BACK:

        def column(self, key: str) -> np.ndarray:
            """A feature of all rows, [rows]."""
            return self.columns(key)[key].numpy()

    if FITS and LOOKS_BACK:

        def since(self, moment: int, others: Examples) -> tf.data.Dataset:
            """Shuffled batches of the rows, and of others, that are not before a moment."""

            def newer(rows: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
                return {key: values[rows["moment"] >= moment] for key, values in rows.items()}

            if self.rows is None or others.rows is None:
                both = parsed(self.files + others.files, self.spec, BATCH_SIZE, shuffle=True)
                return both.map(newer).rebatch(BATCH_SIZE)
            parts = newer(self.rows), newer(others.rows)
            rows = {key: tf.concat([part[key] for part in parts], axis=0) for key in self.spec}
            return in_batches(rows, shuffle=True)


def find_examples(patterns: list[str], transform: tft.TFTransformOutput) -> Examples:
    """The examples of all files that match a pattern."""
    files = sorted(path for pattern in patterns for path in tf.io.gfile.glob(pattern))
    return Examples(files, transform.transformed_feature_spec())


def in_batches(rows: dict[str, tf.Tensor], shuffle: bool) -> tf.data.Dataset:
    """Batches of rows that are in memory."""
    number = len(next(iter(rows.values())))
    random = np.random.default_rng(SEED)

    def places() -> Iterator[np.ndarray]:
        order = random.permutation(number) if shuffle else np.arange(number)
        for start in range(0, number, BATCH_SIZE):
            yield order[start : start + BATCH_SIZE]

    @tf.autograph.experimental.do_not_convert
    def taken(places: tf.Tensor) -> dict[str, tf.Tensor]:
        return {key: tf.gather(values, places) for key, values in rows.items()}

    batches = tf.data.Dataset.from_generator(
        places, output_signature=tf.TensorSpec([None], tf.int64)
    )
    number_of_batches = math.ceil(number / BATCH_SIZE)
    batches = batches.apply(tf.data.experimental.assert_cardinality(number_of_batches))
    return ready(batches.map(taken))


def parsed(
    files: list[str], spec: dict[str, Any], batch_size: int, shuffle: bool = False
) -> tf.data.Dataset:
    """Batches of examples with the features of `spec`, parsed as they are read. With `shuffle`,
    each epoch takes the files in another order, reads several at once, and draws each row from a
    buffer of 100,000."""
    compression = compression_of(files)

    def records(paths: tf.Tensor | list[str]) -> tf.data.Dataset:
        return tf.data.TFRecordDataset(paths, compression_type=compression)

    rows = records(files)
    if shuffle:
        random = np.random.default_rng(SEED)

        def drawn() -> Iterator[tuple[list[str], int]]:
            """The order of an epoch, drawn when its first row is read."""
            seed = int(random.integers(2**62))
            order = np.random.default_rng(seed).permutation(len(files))
            yield [files[place] for place in order], seed

        @tf.autograph.experimental.do_not_convert
        def shuffled(paths: tf.Tensor, seed: tf.Tensor) -> tf.data.Dataset:
            together = tf.data.Dataset.from_tensor_slices(paths).interleave(
                records, cycle_length=min(len(files), 16)
            )
            return together.shuffle(100_000, seed=seed)

        signature = tf.TensorSpec([len(files)], tf.string), tf.TensorSpec([], tf.int64)
        epoch = tf.data.Dataset.from_generator(drawn, output_signature=signature)
        rows = epoch.flat_map(shuffled)

    @tf.autograph.experimental.do_not_convert
    def features(batch: tf.Tensor) -> dict[str, tf.Tensor]:
        return tf.io.parse_example(batch, spec)

    return ready(rows.batch(batch_size).map(features, num_parallel_calls=2))


def compression_of(files: list[str]) -> str:
    return "GZIP" if files and files[0].endswith(".gz") else ""


def ready(batches: tf.data.Dataset) -> tf.data.Dataset:
    """The next batches are made while one is trained on."""
    # There is nothing to tune, and the thread that would can take a second to end with each epoch.
    options = tf.data.Options()
    options.autotune.enabled = False
    return batches.prefetch(2).with_options(options)
