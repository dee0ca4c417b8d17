"""The re-ranker: the second stage, which orders the towers' best products anew, together with the
customer's own and recently popular ones."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from shared.codegen.fragments.given import (
    AVAILABILITY,
    COUNT_HALF_LIVES,
    EVENT_KINDS,
    ITEM_HALF_LIFE,
    ITEM_ITEM,
    POPULAR,
    RECENT_DAYS,
    RERANKER_UNITS,
    TEMPERATURE,
    TOP_K,
)
from shared.codegen.fragments.history import Past, Purchases, bought_of
from shared.codegen.fragments.index import Found


class OwnProducts(NamedTuple):
    """What customers did with the products that they have, one entry for each pair of the two.

    Attributes:
        keys: row of the batch times the number of products, plus the product, [pairs].
        features: [pairs, features]; the first is 1.
        days: on how many days it was bought, [pairs].
        gap: mean days between two of them, 0 where there was one day only, [pairs].
        recent: how often it was bought within RECENT_DAYS, [pairs].
        count: how often at all, [pairs].
        weight: log2(1 + purchases), which halve every ITEM_HALF_LIFE days, [pairs].
    """

    keys: tf.Tensor
    features: tf.Tensor
    days: tf.Tensor
    gap: tf.Tensor
    recent: tf.Tensor
    count: tf.Tensor
    weight: tf.Tensor


def own_products(past: Past, number_of_products: int) -> OwnProducts:
    """What the customers of a batch did with each product that they have."""
    if EVENT_KINDS:
        past = bought_of(past)
    rows, products, ages = (
        past.products.value_rowids(),
        past.products.flat_values,
        past.ages.flat_values,
    )
    keys, place = tf.unique(rows * number_of_products + products, out_idx=tf.int64)
    pairs = tf.size(keys, tf.int64)

    def total(values: tf.Tensor) -> tf.Tensor:
        return tf.math.unsorted_segment_sum(values, place, pairs)

    count = total(tf.ones_like(ages))
    decayed = [total(2.0 ** (-ages / half_life)) for half_life in COUNT_HALF_LIVES]
    newest = tf.math.unsorted_segment_min(ages, place, pairs)
    oldest = tf.math.unsorted_segment_max(ages, place, pairs)
    day = tf.cast(ages, tf.int64)
    longest = tf.maximum(tf.reduce_max(day), 0) + 1
    shopped = tf.unique(place * longest + day).y // longest
    days = tf.math.unsorted_segment_sum(tf.ones_like(shopped, tf.float32), shopped, pairs)
    again = tf.cast(days > 1, tf.float32)
    gap = again * (oldest - newest) / tf.maximum(days - 1, 1)
    overdue = tf.where(days > 1, tf.minimum(newest / tf.maximum(gap, 0.5), 6.0), -1.0)
    features = [
        tf.ones_like(count),
        tf.math.log1p(count),
        tf.math.log1p(days),
        *map(tf.math.log1p, decayed),
        tf.math.log1p(newest),
        tf.math.log1p(oldest),
        again,
        again * tf.math.log(gap + 0.5),
        overdue,
        newest / (newest + 30.0),
    ]
    recent = total(tf.cast(ages <= RECENT_DAYS, tf.float32))
    weight = tf.math.log1p(total(2.0 ** (-ages / ITEM_HALF_LIFE))) / math.log(2)
    return OwnProducts(keys, tf.stack(features, axis=1), days, gap, recent, count, weight)


def everybodys_products(
    purchases: Purchases, moment: int, products: int
) -> tuple[Past, OwnProducts]:
    """What all customers bought before a moment."""
    customers = tf.unique(purchases.keys // purchases.span).y
    past = purchases.past(customers, tf.fill(tf.shape(customers), tf.cast(moment, tf.int64)))
    if EVENT_KINDS:
        past = bought_of(past)
    return past, own_products(past, products)


class ProductFacts(tf.Module):
    """What all customers did with each product before a moment.

    Attributes:
        features: log odds of buying it again, log purchases within RECENT_DAYS, their trend, log
            days between purchases, log buyers: [products, 5].
        popular: the products bought most within RECENT_DAYS, [POPULAR].
    """

    def __init__(self, purchases: Purchases, moment: int, products: int) -> None:
        super().__init__()
        past, own = everybodys_products(purchases, moment, products)
        of = own.keys % products

        def total(values: tf.Tensor) -> tf.Tensor:
            return tf.math.unsorted_segment_sum(values, of, products)

        buyers = total(tf.ones_like(own.days))
        repeaters = total(tf.cast(own.days > 1, tf.float32))
        recent, count = total(own.recent), total(own.count)
        span = tf.maximum(tf.reduce_max(past.ages.flat_values), 1.0)
        features = [
            tf.math.log((repeaters + 1) / (buyers - repeaters + 4)),
            tf.math.log1p(recent),
            tf.math.log((recent + 1) / RECENT_DAYS) - tf.math.log((count + 1) / span),
            tf.math.log1p(total(own.gap) / tf.maximum(repeaters, 1)),
            tf.math.log1p(buyers),
        ]
        self.features = tf.Variable(tf.stack(features, axis=1), trainable=False)
        best = tf.math.top_k(recent, min(POPULAR, products)).indices
        self.popular = tf.Variable(tf.cast(best, tf.int64), trainable=False)


class Candidates(NamedTuple):
    """What the re-ranker orders, list after list, in each the customer's own products first.

    Attributes:
        rows: of the batch, [candidates].
        products: rows of the candidates, [candidates].
        own: whether the customer has the product, [candidates].
        features: what the re-ranker knows of each, [candidates, features].
    """

    rows: tf.Tensor
    products: tf.Tensor
    own: tf.Tensor
    features: tf.Tensor


def candidates_of(
    queries: tf.Tensor,
    found: Found,
    own: OwnProducts,
    item_item: tf.Tensor,
    embeddings: tf.Tensor,
    facts: ProductFacts,
) -> Candidates:
    """Own products, the towers' best, recently popular ones, and those that go with own ones.

    Args:
        queries: embeddings of the queries, [batch, width].
        found: what the index finds for them.
        own: of the customers.
        item_item: as `ItemItem.scores` has them.
        embeddings: of all products, [products, width].
    """
    products = tf.shape(embeddings, tf.int64)[0]
    batch = tf.shape(queries, tf.int64)[0]
    starts = tf.range(batch)[:, tf.newaxis] * products
    complete = tf.math.is_finite(found.scores)
    retrieved = tf.ragged.boolean_mask(starts + tf.cast(found.rows, tf.int64), complete)
    popular = tf.RaggedTensor.from_tensor(starts + facts.popular, row_splits_dtype=tf.int64)
    customers = own.keys // products
    having = tf.RaggedTensor.from_value_rowids(own.keys, customers, batch, validate=False)
    # List by list, the own products first.
    joined = tf.concat([having, retrieved, popular, best_others(item_item, own, products)], axis=1)
    keys = tf.unique(joined.flat_values).y
    rows = keys // products
    product = keys - rows * products
    lists = tf.RaggedTensor.from_value_rowids(keys, rows, batch, validate=False)
    later = tf.gather(lists.row_starts() - having.row_starts(), customers)
    place = (tf.range(tf.size(customers, tf.int64)) + later)[:, tf.newaxis]
    shape = [tf.size(keys, tf.int64), own.features.shape[1]]
    own_features = tf.scatter_nd(place, own.features, tf.stack(shape))
    is_own = own_features[:, :1]
    pairs = tf.stack([rows, product], axis=1)
    if found.every is not None:
        score = tf.gather_nd(found.every, pairs)
    else:
        score = tf.reduce_sum(tf.gather(queries, rows) * tf.gather(embeddings, product), axis=1)
    # Among the best alone: all products are not at hand where an index searches some leaves only.
    of_best = tf.where(complete, found.scores / TEMPERATURE, -math.inf)
    normalizer = tf.reduce_logsumexp(of_best, axis=1)
    log_probability = (score / TEMPERATURE - tf.gather(normalizer, rows))[:, tf.newaxis]
    active = tf.math.unsorted_segment_sum(own.recent, customers, batch)
    variety = tf.math.unsorted_segment_sum(tf.ones_like(own.recent), customers, batch)
    of_customer = tf.gather(tf.math.log1p(tf.stack([active, variety], axis=1)), rows)
    general = tf.gather(facts.features, product)
    # Where products are too many to pair, all have the column that is added.
    padded = tf.pad(item_item, [[0, 0], [0, 1]])
    column = tf.minimum(product, tf.shape(item_item, tf.int64)[1])
    goes = tf.gather_nd(padded, tf.stack([rows, column], axis=1))[:, tf.newaxis]
    features = [
        log_probability,
        log_probability * is_own,
        own_features,
        general,
        of_customer,
        goes,
        goes * is_own,
    ]
    return Candidates(rows, product, is_own[:, 0] > 0, tf.concat(features, axis=1))


def best_others(item_item: tf.Tensor, own: OwnProducts, products: tf.Tensor) -> tf.RaggedTensor:
    """The ITEM_ITEM products that go best with each customer's own, none of which is among them, as
    `OwnProducts.keys`, [batch, products]."""
    width, batch = item_item.shape[1], tf.shape(item_item, tf.int64)[0]
    if not width:
        nothing = tf.zeros([batch, 0], tf.int64)
        return tf.RaggedTensor.from_tensor(nothing, row_splits_dtype=tf.int64)
    others = tf.reshape(item_item, [-1])
    owned = tf.zeros_like(own.keys, tf.float32)
    others = tf.tensor_scatter_nd_update(others, own.keys[:, tf.newaxis], owned)
    best, product = tf.math.top_k(tf.reshape(others, [-1, width]), min(ITEM_ITEM, width))
    starts = tf.range(batch)[:, tf.newaxis] * products
    return tf.ragged.boolean_mask(starts + tf.cast(product, tf.int64), best > 0)


class RankedLists:
    """Candidates with their scores, a list in each row.

    Attributes:
        products: rows of the candidates, [batch, longest]; -1 after a list's last.
        own: whether the customer has each, likewise.
        scores: likewise, -∞ after the last.
    """

    def __init__(self, candidates: Candidates, scores: tf.Tensor, batch: tf.Tensor) -> None:
        """Args: batch: the number of lists."""
        lists = tf.cast(batch, tf.int64)

        def padded(values: tf.Tensor, default: Any) -> tf.Tensor:
            ragged = tf.RaggedTensor.from_value_rowids(
                values, candidates.rows, lists, validate=False
            )
            return ragged.to_tensor(default)

        self.products = padded(candidates.products, -1)
        self.own = padded(candidates.own, False)
        self.scores = padded(scores, -math.inf)

    if AVAILABILITY:

        def keep(self, offered: tf.Tensor) -> None:
            """Leaves out the products that may not be recommended. Args: offered: [products]."""
            kept = tf.gather(offered, tf.maximum(self.products, 0))
            self.scores = tf.where(kept, self.scores, -math.inf)

    def in_order(self) -> tuple[tf.Tensor, tf.Tensor]:
        """All products, the best first, and whether the customer has each, as attributes."""
        order = tf.math.top_k(self.scores, tf.shape(self.scores)[1]).indices
        return tf.gather(self.products, order, batch_dims=1), tf.gather(
            self.own, order, batch_dims=1
        )

    def best(self, own: bool | None = None) -> tuple[tf.Tensor, tf.Tensor]:
        """Products and scores of the best TOP_K, each [batch, TOP_K]; -1 and -∞ after the last.

        Args:
            own: only products that the customer has had before, or only others.
        """
        scores = self.scores if own is None else tf.where(self.own == own, self.scores, -math.inf)
        missing = [[0, 0], [0, tf.maximum(TOP_K - tf.shape(scores)[1], 0)]]
        best, place = tf.math.top_k(tf.pad(scores, missing, constant_values=-math.inf), TOP_K)
        products = tf.gather(tf.pad(self.products, missing), place, batch_dims=1)
        return tf.where(best > -math.inf, products, -1), best


class Reranker(tf.keras.Model):
    """Scores candidates by their features: a line, and what a small network adds to it.

    Before it is fitted, it keeps the order of the towers.
    """

    def __init__(self) -> None:
        super().__init__()
        self.line = tf.keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")
        self.network = tf.keras.Sequential(
            [tf.keras.layers.Dense(units, activation="relu") for units in RERANKER_UNITS]
        )
        self.last = tf.keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")

    def build(self, shape: tuple[int | None, int]) -> None:
        width = shape[-1]
        self.mean = self.add_weight("mean", [width], initializer="zeros", trainable=False)
        self.scale = self.add_weight("scale", [width], initializer="ones", trainable=False)
        self.line.build(shape)
        self.line.kernel.assign(tf.one_hot([0], width, axis=0))
        super().build(shape)

    def call(self, features: tf.Tensor) -> tf.Tensor:
        """[candidates, features] to scores, [candidates]."""
        x = (features - self.mean) * self.scale
        return tf.squeeze(self.line(x) + self.last(self.network(x)), axis=1)

    def standardize(self, features: np.ndarray) -> None:
        """Takes these features for typical; the order of the towers is kept. A feature that is the
        same everywhere tells nothing, and counts for nothing later either."""
        mean = features.mean(axis=0, dtype=np.float64)
        # A tenth of the time that `std` takes, which makes float64 of all of them first.
        square = np.einsum("cf,cf->f", features, features, dtype=np.float64) / len(features)
        deviation = np.sqrt(np.maximum(square - mean**2, 0))
        self.mean.assign(mean)
        self.scale.assign(np.where(deviation > 1e-4, 1 / np.maximum(deviation, 1e-4), 0))


def listwise_loss(
    scores: tf.Tensor, bought: tf.Tensor, lists: tf.Tensor, own: tf.Tensor
) -> tf.Tensor:
    """Cross-entropy of what was bought among all candidates of the same list, per purchase
    (ListNet's top-one form: Cao et al., 2007, "Learning to Rank: From Pairwise Approach to
    Listwise Approach"), and the same among those that the customer has or those that are new to
    them: in the one of a list's two halves that the product is in.

    Args:
        scores: [candidates].
        bought: how often each was bought in the fitting slice, [candidates].
        lists: the list of each, from 0, [candidates].
        own: whether the customer has it, 0 or 1, [candidates].
    """
    halves, number = 2 * lists + own, 2 * (tf.reduce_max(lists) + 1)

    def total(values: tf.Tensor) -> tf.Tensor:
        return tf.math.unsorted_segment_sum(values, halves, number)

    highest = tf.stop_gradient(tf.math.unsorted_segment_max(scores, halves, number))
    shifted = total(tf.exp(scores - tf.gather(highest, halves)))
    # An empty half has the lowest of all numbers, and adds nothing to its list.
    normalizer = tf.reshape(tf.math.log(tf.maximum(shifted, 1e-30)) + highest, [-1, 2])
    of_halves = tf.reshape(total(bought), [-1, 2])
    of_list = tf.reduce_sum(of_halves, axis=1) * tf.reduce_logsumexp(normalizer, axis=1)
    normalizers = tf.reduce_sum(of_halves * normalizer) + tf.reduce_sum(of_list)
    return (normalizers - 2 * tf.reduce_sum(bought * scores)) / tf.reduce_sum(bought)
