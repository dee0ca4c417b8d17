"""The candidates: all products, by their rows."""

from __future__ import annotations

import tensorflow as tf
import tensorflow_transform as tft

from shared.codegen.fragments.examples import find_examples
from shared.codegen.fragments.given import LOOKS_BACK, RETRIEVES


class Products:
    """All products, each in its row of the candidates.

    Attributes:
        batches: their transformed examples.
        ids: [products].
    """

    def __init__(self, files: list[str], transform: tft.TFTransformOutput) -> None:
        self.batches = list(find_examples(files, transform).batches())
        self.ids = self.column("candidate_id")

    def column(self, name: str) -> tf.Tensor:
        """A transformed feature, [products]."""
        return tf.concat([batch[name] for batch in self.batches], axis=0)

    if RETRIEVES:

        def embedded(self, tower: tf.keras.Model) -> tf.Tensor:
            """The embeddings of all products, [products, width]."""
            return tf.concat([tower(batch) for batch in self.batches], axis=0)

    if LOOKS_BACK:

        def rows_by_index(self) -> tf.Tensor:
            """The row of each `candidate_index`, after a first -1 for products without one."""
            index = self.column("candidate_index") + 1
            rows = tf.range(tf.size(index, tf.int64))
            trained = index > 0
            found = tf.fill([tf.reduce_max(index) + 1], tf.constant(-1, tf.int64))
            places = tf.boolean_mask(index, trained)[:, tf.newaxis]
            return tf.tensor_scatter_nd_update(found, places, tf.boolean_mask(rows, trained))
