"""How the re-ranker is fitted."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from shared.codegen.fragments.given import (
    FITTING_LISTS,
    FITTING_RATE,
    FITTING_STEPS,
    HISTORY,
    RERANKED,
    SEED,
)
from shared.codegen.fragments.history import Purchases, with_history
from shared.codegen.fragments.index import BruteForceIndex
from shared.codegen.fragments.item_item import ItemItem, Known
from shared.codegen.fragments.model import TwoTowerModel
from shared.codegen.fragments.optimizing import OnePassAdam
from shared.codegen.fragments.products import Products
from shared.codegen.fragments.reranker import (
    ProductFacts,
    Reranker,
    candidates_of,
    listwise_loss,
    own_products,
)


class Lists(NamedTuple):
    """What the re-ranker is fitted to.

    Attributes:
        features: [candidates, features].
        own: whether the customer has each, [candidates].
        bought: how often each was bought in the fitting slice, [candidates].
        starts: where each list begins, with the end of the last, [lists + 1].
    """

    features: np.ndarray
    own: np.ndarray
    bought: np.ndarray
    starts: np.ndarray

    @property
    def number(self) -> int:
        return len(self.starts) - 1


def reranker_of(lists: Lists) -> Reranker:
    """One that keeps the order of the towers until it is fitted."""
    reranker = Reranker()
    reranker.build((None, lists.features.shape[1]))
    if lists.number >= 2:
        reranker.standardize(lists.features)
    reranker(lists.features[:1])
    return reranker


def fit_reranker(reranker: Reranker, lists: Lists) -> None:
    """Fits it to what customers bought in the fitting slice, by what they did before it, unless
    there are fewer than two lists. Each of the three lists that it orders counts: all candidates,
    and by themselves those that the customer has had and those that are new to them."""
    features, own, bought, starts = lists
    if lists.number < 2:
        return
    decay = tf.keras.optimizers.schedules.CosineDecay(FITTING_RATE, FITTING_STEPS)
    optimizer = OnePassAdam(decay)
    optimizer.build(reranker.trainable_variables)

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, features.shape[1]], tf.float32),
            tf.TensorSpec([None], tf.int64),
            tf.TensorSpec([None], tf.float32),
            tf.TensorSpec([None], tf.int64),
        ],
        autograph=False,
    )
    def step(features: tf.Tensor, own: tf.Tensor, bought: tf.Tensor, of: tf.Tensor) -> None:
        with tf.GradientTape() as tape:
            scores = reranker(features)
            loss = listwise_loss(scores, bought, of, own)
        gradients = tape.gradient(loss, reranker.trainable_variables)
        optimizer.apply_gradients(zip(gradients, reranker.trainable_variables, strict=True))

    random = np.random.default_rng(SEED)
    for _ in range(FITTING_STEPS):
        drawn = random.choice(lists.number, min(FITTING_LISTS, lists.number), replace=False)
        places = np.concatenate([np.arange(starts[one], starts[one + 1]) for one in drawn])
        of = np.repeat(np.arange(len(drawn)), starts[drawn + 1] - starts[drawn])
        step(*map(tf.constant, (features[places], own[places], bought[places], of)))


def lists_of(
    model: TwoTowerModel,
    products: Products,
    earlier: Purchases,
    fitting_slice: dict[str, tf.Tensor],
    known: Known,
) -> Lists:
    """The candidates of customers who bought something in the fitting slice, as of before it, in
    lists that have something that was bought.

    Args:
        earlier: the training purchases without those of the slice.
        fitting_slice: its transformed examples, each [rows].
        known: by the earlier purchases before `first_moment`.
    """
    customers = fitting_slice["customer_index"].numpy()
    number = len(products.ids)
    bought_rows = tf.gather(products.rows_by_index(), fitting_slice["candidate_index"] + 1)
    pairs, times = np.unique(customers * number + bought_rows.numpy(), return_counts=True)
    chosen, moments = chosen_customers(earlier, fitting_slice)
    index = BruteForceIndex(products.embedded(model.candidate_tower), min(RERANKED, number))
    features, own, bought, sizes = [], [], [], []
    facts_moment, facts, item_item = known
    pairs_moment = facts_moment
    scores_of = graph_of_scores(item_item)
    for start in range(0, max(len(chosen), 1), 256):
        rows, past_of = chosen[start : start + 256], moments[start : start + 256]
        first = int(past_of.min(initial=earlier.end))
        if first != facts_moment:
            facts, facts_moment = ProductFacts(earlier, first, number), first
        if is_twice(earlier, first, pairs_moment):
            item_item, pairs_moment = ItemItem(earlier, first, number), first
            scores_of = graph_of_scores(item_item)
        queries = {name: tf.gather(values, rows) for name, values in fitting_slice.items()}
        past = earlier.past(queries["customer_index"], tf.constant(past_of))
        embedded = model.query_tower(with_history(queries, past) if HISTORY else queries)
        having = own_products(past, number)
        goes = scores_of(having, number, tf.constant(len(rows), tf.int64))
        best = index.search(embedded)
        found = candidates_of(embedded, best, having, goes, index.embeddings, facts)
        of = found.rows.numpy()
        keys = customers[rows][of] * number + found.products.numpy()
        places = np.minimum(np.searchsorted(pairs, keys), len(pairs) - 1)
        counts = np.where(pairs[places] == keys, times[places], 0).astype(np.float32)
        useful = np.bincount(of, weights=counts, minlength=len(rows)) > 0
        kept = useful[of]
        features.append(found.features.numpy()[kept])
        own.append(found.own.numpy().astype(np.int64)[kept])
        bought.append(counts[kept])
        sizes.append(np.bincount(of, minlength=len(rows))[useful])
    starts = np.concatenate([[0], np.cumsum(np.concatenate(sizes))])
    return Lists(np.concatenate(features), np.concatenate(own), np.concatenate(bought), starts)


def graph_of_scores(item_item: ItemItem) -> tf.types.experimental.PolymorphicFunction:
    return tf.function(item_item.scores, reduce_retracing=True, autograph=False)


def chosen_customers(
    earlier: Purchases, fitting_slice: dict[str, tf.Tensor]
) -> tuple[np.ndarray, np.ndarray]:
    """Whose lists the re-ranker is fitted to: at most 5,000 customers, drawn by the seed, which is
    more than it needs. Customers of whose rows no moment is known are left out.

    Returns:
        a row of the slice of each, and the moments before which their pasts are looked at,
        ascending, each [customers].
    """
    customers = fitting_slice["customer_index"].numpy()
    moments = as_of(earlier, fitting_slice["moment"].numpy())
    known = np.flatnonzero(moments > np.iinfo(np.int64).min)
    one_of_each = known[np.unique(customers[known], return_index=True)[1]]
    chosen = np.random.default_rng(SEED).permutation(one_of_each)[:5000]
    chosen = chosen[np.argsort(moments[chosen], kind="stable")]
    return chosen, moments[chosen]


def first_moment(earlier: Purchases, fitting_slice: dict[str, tf.Tensor]) -> int:
    """The first moment before which a past is looked at; the end of the earlier purchases where
    there is none."""
    return int(chosen_customers(earlier, fitting_slice)[1].min(initial=earlier.end))


def is_twice(purchases: Purchases, moment: int, before: int) -> bool:
    """Whether more than twice as much was bought before a moment as before an earlier one: in a
    random split, what goes with what is computed anew then, and never knows what comes after."""
    times = purchases.times.numpy()
    return bool((times < moment).sum() > 2 * (times < before).sum())


def as_of(earlier: Purchases, moments: np.ndarray) -> np.ndarray:
    """The moments before which customers' pasts are looked at, [rows]: the slice's first one where
    no earlier purchase is later, else, in a random split, each row's own."""
    first = moments.min(initial=earlier.end)
    return np.full_like(moments, first) if earlier.end - 1 <= first else moments
