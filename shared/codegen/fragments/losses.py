"""The losses, in small parts."""

from __future__ import annotations

import math

import tensorflow as tf
import tensorflow_transform as tft

from shared.codegen.fragments.given import RATING_LOSS, RATING_START


def correct_sampling(logits: tf.Tensor, sampling: tf.Tensor) -> tf.Tensor:
    """The logQ correction: popular products are in more batches, and this takes that advantage out
    of their logits.

    Args:
        logits: of each row for each product of the batch, [batch, batch].
        sampling: share of the training rows that each product of the batch has, [batch].
    """
    return logits - tf.math.log(sampling)


def remove_accidental_hits(logits: tf.Tensor, ids: tf.Tensor) -> tf.Tensor:
    """Other rows with a row's own product are no negatives: their logits become -∞.

    Args:
        logits: of each row for each product of the batch, [batch, batch].
        ids: the product of each row, [batch]. Products that are not among the training rows have
            no number that would tell them apart.
    """
    products = tf.unique(ids).idx
    hits = products[:, tf.newaxis] == products
    hits = tf.linalg.set_diag(hits, tf.zeros_like(products, tf.bool))
    return tf.where(hits, -math.inf, logits)


def in_batch_softmax(logits: tf.Tensor) -> tf.Tensor:
    """Cross-entropy of each row's own product, which is on the diagonal: [batch, batch] to
    [batch]."""
    own = tf.range(tf.shape(logits)[0])
    return tf.nn.sparse_softmax_cross_entropy_with_logits(own, logits)


def sampling_probabilities(transform: tft.TFTransformOutput) -> tf.Tensor:
    """Share of the training rows that each product has, by `candidate_index` + 1.

    The first entry is for products without any: they count as if they had one.
    """
    counts = [1.0]
    path = transform.vocabulary_file_by_name("candidate_index")
    with tf.io.gfile.GFile(path, "rb") as lines:
        counts += [float(line.split(b" ", 1)[0]) for line in lines]
    return tf.constant(counts, tf.float32) / sum(counts)


def rating_loss(labels: tf.Tensor, ratings: tf.Tensor) -> tf.Tensor:
    """Loss of each row, [batch], from labels and what the rating head gives, both [batch]."""
    return RATING_LOSS


def rating_start(labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Where ratings start from before anything is learned, and the unit that they are learned in:
    from the labels of the training rows, [rows]. A head that had to learn these as well would spend
    its first epochs on them."""
    start, unit = RATING_START
    return start, tf.where(unit > 0.0, unit, 1.0)


def log_odds(share: tf.Tensor) -> tf.Tensor:
    """The logit of a share; of none or all, that of 1 in 1,000 or 999."""
    share = tf.clip_by_value(share, 0.001, 0.999)
    return tf.math.log(share / (1.0 - share))
