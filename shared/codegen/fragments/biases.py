"""How far each customer's and each product's ratings lie from the mean."""

from __future__ import annotations

import numpy as np
import tensorflow as tf


class Biases(tf.Module):
    """How far each customer's and each product's ratings lie from the mean of all: 0 until they are
    fitted, and for whom or what has no training rows.

    Attributes:
        of_customer, of_product: by the row of the id's embedding table, [rows].
    """

    def __init__(self, customers: int, products: int) -> None:
        """Args: customers, products: rows of the ids' embedding tables."""
        super().__init__()
        self.of_customer = tf.Variable(tf.zeros(customers), trainable=False)
        self.of_product = tf.Variable(tf.zeros(products), trainable=False)

    def of(self, customers: tf.Tensor, products: tf.Tensor) -> tf.Tensor:
        """Of each row, [batch], by the rows of its ids, each [batch]."""
        biases = tf.gather(self.of_customer, customers)
        return biases + tf.gather(self.of_product, products)

    def fit(self, customers: np.ndarray, products: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Fits both sides to the training rows together, each bias pulled towards 0 by as much as
        is noise in it: the best linear unbiased predictions of two crossed random effects, whose
        variances are estimated by expectation and maximization, one side given the other (Searle,
        Casella and McCulloch, 1992, "Variance Components", chapter 8).

        Args:
            customers, products, labels: of the training rows, each [rows].

        Returns:
            what the biases leave of the labels, [rows].
        """
        places = customers, products
        sizes = self.of_customer.shape[0], self.of_product.shape[0]
        rows = [np.bincount(at, minlength=size) for at, size in zip(places, sizes, strict=True)]
        biases = [np.zeros(size) for size in sizes]
        penalties = [10.0, 10.0]
        rest = labels - labels.mean()
        for _ in range(20):
            for side, other in ((1, 0), (0, 1)):
                given = rest - biases[other][places[other]]
                sums = np.bincount(places[side], given, minlength=sizes[side])
                biases[side] = sums / (rows[side] + penalties[side])
                noise = np.square(given - biases[side][places[side]]).mean()
                seen = rows[side] > 0
                left = noise / (rows[side][seen] + penalties[side])
                variance = np.mean(np.square(biases[side][seen]) + left)
                penalties[side] = np.clip(noise / max(variance, 1e-12), 0.1, 1e6)
        self.of_customer.assign(biases[0])
        self.of_product.assign(biases[1])
        return labels - biases[0][customers] - biases[1][products]
