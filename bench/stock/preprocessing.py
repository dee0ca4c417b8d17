"""Module file of the stock Transform: a vocabulary for each text column."""

from __future__ import annotations

import tensorflow as tf
import tensorflow_transform as tft

COLUMNS = ("customer", "segment", "product", "category")


def preprocessing_fn(inputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    return {
        column: tft.compute_and_apply_vocabulary(
            tf.squeeze(inputs[column], axis=1), num_oov_buckets=10, vocab_filename=column
        )
        for column in COLUMNS
    }
