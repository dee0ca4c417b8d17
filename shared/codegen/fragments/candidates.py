"""What the trainer is told of products and customers."""

from __future__ import annotations

import tensorflow as tf
import tensorflow_transform as tft

from shared.transforms.vocabulary import vocabulary_keys


def candidate_index(products: tf.Tensor) -> tf.Tensor:
    """Number of each row's product, [batch], the most frequent first; -1 for products without
    training rows. The vocabulary's file has the number of each product's training rows too."""
    # Transform would write spaces as __SPACE__, which may be in another id.
    keys = tf.strings.regex_replace(vocabulary_keys(products), " ", r"\\s")
    return tft.compute_and_apply_vocabulary(
        keys, vocab_filename="candidate_index", store_frequency=True
    )


def customer_index(customers: tf.Tensor) -> tf.Tensor:
    """Number of each row's customer, [batch]; -1 for customers without training rows."""
    return tft.compute_and_apply_vocabulary(
        vocabulary_keys(customers), vocab_filename="customer_index"
    )
