"""Past purchases: kept once, looked up for each row, pooled by weights that decay with age."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from shared.codegen.fragments.examples import Examples
from shared.codegen.fragments.given import (
    EVENT_KINDS,
    HISTORY,
    HISTORY_LENGTH,
    KIND_WEIGHTS,
    PURCHASE_KINDS,
    RETRIEVES,
)
from shared.codegen.fragments.products import Products


@dataclass(frozen=True)
class Past:
    """What customers bought, the newest first.

    Attributes:
        products: rows of the candidates, ragged, [batch, purchases].
        ages: in days, likewise.
    """

    products: tf.RaggedTensor
    ages: tf.RaggedTensor
    if EVENT_KINDS:
        # What each event counts, and whether it is a purchase.
        weights: tf.RaggedTensor
        bought: tf.RaggedTensor


def bought_of(past: Past) -> Past:
    """The purchases of a past whose events are of several kinds."""
    parts = past.products, past.ages, past.weights, past.bought
    return Past(*(tf.ragged.boolean_mask(values, past.bought) for values in parts))


def with_history(features: dict[str, tf.Tensor], past: Past) -> dict[str, tf.Tensor]:
    """Transformed features, and the newest HISTORY_LENGTH purchases, as `Purchases.newest` has
    them."""
    shape = [None, HISTORY_LENGTH]
    products = past.products[:, :HISTORY_LENGTH].to_tensor(-1, shape=shape)
    ages = past.ages[:, :HISTORY_LENGTH].to_tensor(math.inf, shape=shape)
    if EVENT_KINDS:
        weights = past.weights[:, :HISTORY_LENGTH].to_tensor(0.0, shape=shape)
        features = {**features, "history_weights": weights}
    return {**features, "history": products, "history_ages": ages}


def kind_weights(kinds: tf.Tensor) -> tf.Tensor:
    """What events count by their kinds, in the shape of these: 0 where a kind is not known. An
    event without a kind is a purchase, unless that is a kind."""
    weights = tf.zeros_like(kinds, tf.float32)
    for kind, weight in {"": KIND_WEIGHTS[PURCHASE_KINDS[0]], **KIND_WEIGHTS}.items():
        weights = tf.where(kinds == kind, weight, weights)
    return weights


def are_purchases(kinds: tf.Tensor) -> tf.Tensor:
    """Whether events are purchases by their kinds, in the shape of these."""
    known = PURCHASE_KINDS if "" in KIND_WEIGHTS else ["", *PURCHASE_KINDS]
    return tf.reduce_any(kinds[..., tf.newaxis] == tf.constant(known), axis=-1)


class Purchases(tf.Module):
    """The training purchases in order of customer and time, so that a customer's past at any moment
    is one stretch of them.

    Attributes:
        products: rows of the candidates, [purchases].
        times: seconds since 1970, [purchases].
        keys: customer and time as one number, ascending, [purchases].
        first, end: the first second of all purchases, and the first one after them.
    """

    def __init__(self, *events: np.ndarray) -> None:
        """
        Args:
            events: customers, products and times of the purchases in any order, each [purchases];
                where events have kinds, what each counts and whether it is a purchase besides.
                Those of which the time is not known are left out.
        """
        super().__init__()
        customers, products, times = events[:3]
        known = times > np.iinfo(np.int64).min
        if EVENT_KINDS:
            weights, bought = events[3:]
            # Of whom and what nothing was bought, no row knows; and time ends with the purchases.
            last = times[known & bought].max(initial=np.iinfo(np.int64).min)
            known &= (customers >= 0) & (products >= 0) & (times <= last)
            weights, bought = weights[known], bought[known]
        customers, products, times = customers[known], products[known], times[known]
        if EVENT_KINDS:
            order = np.lexsort((weights, bought, products, times, customers))
            self.weights = tf.Variable(weights[order], trainable=False)
            self.bought = tf.Variable(bought[order], trainable=False)
        else:
            order = np.lexsort((products, times, customers))
        self.first = int(times.min()) if len(times) else 0
        self.end = int(times.max()) + 1 if len(times) else 1
        self.span = self.end - self.first + 1
        self.products = tf.Variable(products[order], trainable=False)
        self.times = tf.Variable(times[order], trainable=False)
        keys = customers * self.span + (times - self.first)
        self.keys = tf.Variable(keys[order], trainable=False)

    def stretch(self, customers: tf.Tensor, moments: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Where the purchases of each customer that were strictly before a moment begin and end.

        Args:
            customers: `customer_index`, [batch]; -1 has no purchases.
            moments: seconds since 1970, [batch]; nothing is before a missing one.
        """
        since = self.until_end(moments) - self.first
        start = tf.searchsorted(self.keys, customers * self.span, out_type=tf.int64)
        end = tf.searchsorted(self.keys, customers * self.span + since, out_type=tf.int64)
        return start, end

    def until_end(self, moments: tf.Tensor) -> tf.Tensor:
        """The moments, but none after the purchases' end. What a customer has bought since is not
        known, and ages that grew all the same would be such as no training row has."""
        return tf.clip_by_value(moments, self.first, self.end)

    if HISTORY:

        def newest(self, customers: tf.Tensor, moments: tf.Tensor) -> tuple[tf.Tensor, ...]:
            """The newest HISTORY_LENGTH purchases strictly before a moment, the newest first.

            Returns:
                rows of the candidates and ages in days, each [batch, HISTORY_LENGTH]; -1 and
                infinity after the oldest. Where events have kinds, what each counts besides.
            """
            start, end = self.stretch(customers, moments)
            places = end[:, tf.newaxis] - 1 - tf.range(HISTORY_LENGTH, dtype=tf.int64)
            known = places >= start[:, tf.newaxis]
            places = tf.maximum(places, 0)
            ages = self.ages(places, self.until_end(moments)[:, tf.newaxis])
            products = tf.gather(self.products, places)
            products, ages = tf.where(known, products, -1), tf.where(known, ages, math.inf)
            if EVENT_KINDS:
                return products, ages, tf.where(known, tf.gather(self.weights, places), 0.0)
            return products, ages

    def past(self, customers: tf.Tensor, moments: tf.Tensor) -> Past:
        """All purchases strictly before a moment."""
        start, end = self.stretch(customers, moments)
        places = tf.ragged.range(end - 1, start - 1, -1)
        flat, rows = places.flat_values, places.value_rowids()
        ages = self.ages(flat, tf.gather(self.until_end(moments), rows))
        products, ages = (
            places.with_flat_values(values) for values in (tf.gather(self.products, flat), ages)
        )
        if EVENT_KINDS:
            weights, bought = (
                places.with_flat_values(tf.gather(values, flat))
                for values in (self.weights, self.bought)
            )
            return Past(products, ages, weights, bought)
        return Past(products, ages)

    def ages(self, places: tf.Tensor, moments: tf.Tensor) -> tf.Tensor:
        """Of purchases by their places, in days."""
        return tf.cast(moments - tf.gather(self.times, places), tf.float32) / 86_400.0


def read_purchases(parts: list[Examples], products: Products) -> Purchases:
    """What transformed examples say of who bought what when."""
    customers, bought, moments = (
        np.concatenate([part.column(key) for part in parts])
        for key in ("customer_index", "candidate_index", "moment")
    )
    rows = tf.gather(products.rows_by_index(), bought + 1)
    if EVENT_KINDS:
        kinds = tf.concat([part.columns("event_kind")["event_kind"] for part in parts], axis=0)
        of_kinds = kind_weights(kinds).numpy(), are_purchases(kinds).numpy()
        return Purchases(customers, rows.numpy(), moments, *of_kinds)
    return Purchases(customers, rows.numpy(), moments)


class HistoryPool(tf.keras.layers.Layer):
    """The embeddings of past purchases, added up by weights that decay with age.

    A weight is a mix of exponential decays, one for each half-life, and the mix is learned. The sum
    is divided by the length of the vector of weights, so that long histories are no larger.
    """

    def __init__(
        self,
        table: tf.keras.layers.Embedding,
        rows: tf.Tensor,
        half_lives: list[float],
        length: int,
    ) -> None:
        """
        Args:
            table: of the values of the products.
            rows: the table's row of each product, [products].
            half_lives: in days.
            length: how many of the newest purchases count.
        """
        super().__init__()
        self.table = table
        self.rows = tf.Variable(rows, trainable=False)
        self.half_lives = half_lives
        self.length = length
        self.mix = self.add_weight("mix", [len(half_lives)], initializer="zeros")

    def build(self, _: Any) -> None:
        if not self.table.built:
            self.table.build(None)

    def call(self, features: dict[str, tf.Tensor]) -> tf.Tensor:
        """Args: features: `history` and `history_ages` as `Purchases.newest` has them.
        Returns: [batch, width]."""
        decays, mix = self.decays(features), tf.math.softplus(self.mix)
        table = tf.convert_to_tensor(self.table.embeddings)
        length = length_of(mixed(decays, mix))
        return weighted_sum(table, self.table_rows(features), decays, mix) / length

    if RETRIEVES:

        def parts(self, features: dict[str, tf.Tensor]) -> tf.Tensor:
            """What `call` adds up, [batch, length, width]."""
            weights = mixed(self.decays(features), tf.math.softplus(self.mix))
            values = tf.gather(self.table.embeddings, self.table_rows(features))
            return (weights / length_of(weights))[:, :, tf.newaxis] * values

    def decays(self, features: dict[str, tf.Tensor]) -> tf.Tensor:
        """[batch, half-lives, length]."""
        ages = features["history_ages"][:, : self.length]
        rates = [math.log(2) / half_life for half_life in self.half_lives]
        if EVENT_KINDS:
            weights = features["history_weights"][:, : self.length]
            return tf.stack([weights * tf.exp(-rate * ages) for rate in rates], axis=1)
        return tf.stack([tf.exp(-rate * ages) for rate in rates], axis=1)

    def table_rows(self, features: dict[str, tf.Tensor]) -> tf.Tensor:
        """[batch, length]."""
        products = features["history"][:, : self.length]
        return tf.gather(self.rows, tf.maximum(products, 0))


@tf.custom_gradient
def weighted_sum(
    table: tf.Tensor, rows: tf.Tensor, decays: tf.Tensor, mix: tf.Tensor
) -> tuple[tf.Tensor, Callable[[tf.Tensor], tuple[tf.Tensor | None, ...]]]:
    """Rows of a table, added up by weights that are a mix of decays.

    Its gradient goes to the table as one product with a sparse matrix: a gradient for each of the
    rows would be as large as all of them, and take most of a training step.

    Args:
        table: [table rows, width].
        rows: of the table, [batch, length].
        decays: [batch, number of decays, length].
        mix: [number of decays].

    Returns:
        [batch, width].
    """
    sums = tf.matmul(decays, tf.gather(table, rows))

    def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor | None, ...]:
        batch = tf.repeat(tf.range(tf.shape(rows, tf.int64)[0]), tf.shape(rows)[1])
        of_table = tf.raw_ops.SparseTensorDenseMatMul(
            a_indices=tf.stack([batch, tf.reshape(rows, [-1])], axis=1),
            a_values=tf.reshape(mixed(decays, mix), [-1]),
            a_shape=[tf.shape(rows, tf.int64)[0], tf.shape(table, tf.int64)[0]],
            b=upstream,
            adjoint_a=True,
        )
        return of_table, None, None, tf.einsum("bdw,bw->d", sums, upstream)

    return mixed(sums, mix), gradient


def length_of(weights: tf.Tensor) -> tf.Tensor:
    """Of the vector that the weights of each history are, [batch, length] to [batch, 1]."""
    return tf.sqrt(tf.reduce_sum(weights**2, axis=1, keepdims=True) + 1e-6)


def mixed(values: tf.Tensor, mix: tf.Tensor) -> tf.Tensor:
    """[batch, number of decays, any] to [batch, any]."""
    return tf.einsum("bdx,d->bx", values, mix)
