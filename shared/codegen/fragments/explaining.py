"""Why a product has its score: parts that add up to it.

They are told from a start at which nothing is known: a customer of whom all columns are missing and
who bought nothing, and a product of which all columns are missing and whose sales are average. On
the way from there, what the product's columns add comes first, for a customer of whom nothing is
known, and then what the customer adds for this product. The length of a vector that is normalized
is taken as given all the way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import tensorflow as tf

from shared.codegen.fragments.given import (
    CANDIDATE_PARTS,
    COUNT_HALF_LIVES,
    EXPLAIN_STEPS,
    EXPLAINED_FEATURES,
    HISTORY,
    HISTORY_INPUTS,
    HISTORY_PARTS,
    NORMALIZES,
    QUERY_FEATURES,
    QUERY_PARTS,
    RAW_FEATURES,
    RERANKS,
    TEMPERATURE,
)

if TYPE_CHECKING:
    from shared.codegen.fragments.reranker import Reranker
    from shared.codegen.fragments.serving import ServingModel


def explain(served: ServingModel, given: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    """Why products have the scores that they have for one customer: parts that add up to them.

    They are told from a start at which nothing is known: a customer of whom all columns are missing
    and who bought nothing, and a product of which all columns are missing and whose sales are
    average. From there, what the product's columns add comes first, for a customer of whom nothing
    is known, and then what the customer adds for this product. The length of a vector that is
    normalized is taken as given all the way.

    Args:
        given: raw columns of the query, [1], and of products, [products], which are called as
            EXPLAINED_FEATURES has them.

    Returns:
        `scores` and `start`, [products]; the parts of `product`, `customer`, `purchases` of the
        history, and `goes_with` and `reranker` where there is one, each [products, any]; beside
        them, what they are of; `residual`, [products], which `Explained.complete` tells of; and
        `steps`, of the integration, where one is exact.
    """
    raw = {key: of for key, of in given.items() if key not in EXPLAINED_FEATURES}
    customers = tf.shape(next(iter(raw.values())))[0]
    tf.debugging.assert_equal(customers, 1, "One customer is explained at a time.")
    products = served.features({key: given[name] for name, key in EXPLAINED_FEATURES.items()})
    missing = {key: tf.constant([of], dtype) for key, (dtype, of) in RAW_FEATURES.items()}
    nothing = served.features(missing)
    if HISTORY:
        stranger = {key: missing[key] for key in QUERY_FEATURES}
        stranger |= {key: tf.zeros([1, 0], of.dtype) for key, of in HISTORY_INPUTS.items()}
        unknown, customer = served.query_features(stranger), served.query_features(raw)
    else:
        unknown, customer = nothing, served.features(raw)
    query = Way(served.model.query_tower, unknown, customer)
    product = Way(served.model.candidate_tower, nothing, products)
    told = {
        "customer_columns": names_of(QUERY_PARTS),
        "product_columns": names_of(CANDIDATE_PARTS),
    }
    if HISTORY:
        bought = customer["history"][0]
        ids = tf.gather(served.candidate_ids, tf.maximum(bought, 0))
        told["purchase_ids"] = tf.where(bought >= 0, ids, "")
        told["purchase_ages"] = customer["history_ages"][0]
    if RERANKS:
        scored = served.scored(raw)
        best = tf.boolean_mask(scored.found.rows, tf.math.is_finite(scored.found.scores))
        others = tf.gather(served.index.embeddings, best)
        towers = explained_match(query, product, log_probability(others))
        ids = tf.gather(served.candidate_ids, scored.candidates.products)
        same = products["candidate_id"][:, tf.newaxis] == ids
        ordered = tf.reduce_all(tf.reduce_any(same, axis=1))
        said = "Only products that the re-ranker orders for the customer are explained."
        tf.debugging.assert_equal(ordered, True, said)
        place = tf.argmax(tf.cast(same, tf.int32), axis=1)
        features = tf.gather(scored.candidates.features, place)
        rows = tf.gather(scored.candidates.products, place)
        pairs = served.item_item.parts(scored.own, rows)
        explained = explained_again(towers, served.reranker, features, pairs)
        told["goes_with_ids"] = tf.gather(served.candidate_ids, scored.own.keys)
        told["reranker_features"] = tf.constant(reranker_features()[2:-2])
        told["reranker_values"] = features[:, 2:-2]
    else:
        explained = explained_match(query, product, dot_product)
    return {**explained.complete(), **told, "steps": tf.constant(EXPLAIN_STEPS)}


class Way:
    """A tower's way from an input in which everything is missing to the given ones.

    Attributes:
        given: transformed features.
        start: [1, width of the input].
        end: [rows, width of the input].
    """

    def __init__(
        self, tower: Any, missing: dict[str, tf.Tensor], given: dict[str, tf.Tensor]
    ) -> None:
        """Args: missing, given: transformed features."""
        self.tower, self.given = tower, given
        self.start, self.end = tower.tensor(missing), tower.tensor(given)
        if NORMALIZES:
            self.length = tf.norm(tower.dense(self.end, training=False), axis=1, keepdims=True)

    def embedded(self, inputs: tf.Tensor) -> tf.Tensor:
        """Inputs on the way, [..., rows, width of the input], as embeddings."""
        flat = self.tower.dense(tf.reshape(inputs, [-1, inputs.shape[-1]]), training=False)
        shape = tf.concat([tf.shape(inputs)[:-1], tf.shape(flat)[1:]], axis=0)
        if NORMALIZES:
            return tf.reshape(flat, shape) / tf.maximum(self.length, 1e-6)
        else:  # noqa: RET505
            return tf.reshape(flat, shape)


class Explained(NamedTuple):
    """Scores of products, [products], and their parts: the start, and what others add to it, each
    [products, any]."""

    scores: tf.Tensor
    start: tf.Tensor
    parts: dict[str, tf.Tensor]

    def complete(self) -> dict[str, tf.Tensor]:
        """All of it, so that it adds up. What the parts lack after an integration, `residual`, is
        shared out to them by their sizes."""
        parts = self.parts.values()
        residual = self.scores - self.start - tf.add_n([tf.reduce_sum(of, axis=1) for of in parts])
        sizes = tf.add_n([tf.reduce_sum(tf.abs(of), axis=1) for of in parts])
        share = tf.math.divide_no_nan(residual, sizes)[:, tf.newaxis]
        shared = {name: of + tf.abs(of) * share for name, of in self.parts.items()}
        return {"scores": self.scores, "start": self.start, **shared, "residual": residual}


def explained_match(query: Way, product: Way, match: Callable[..., tf.Tensor]) -> Explained:
    """What the towers say of products, taken apart.

    Args:
        query: of one customer.
        match: what they say of embeddings, [..., width] to [...].
    """
    nobody, products = query.embedded(query.start), product.embedded(product.end)
    of_product = slopes(
        lambda points: match(nobody, product.embedded(points)),
        product.start,
        product.end,
        EXPLAIN_STEPS,
    )
    of_query = slopes(
        lambda points: match(query.embedded(points), products),
        query.start,
        tf.repeat(query.end, tf.shape(products)[0], axis=0),
        EXPLAIN_STEPS,
    )
    parts = {
        "product": by_column(of_product * (product.end - product.start), CANDIDATE_PARTS),
        "customer": by_column(of_query * (query.end - query.start), QUERY_PARTS),
    }
    if HISTORY:
        parts["purchases"] = by_purchase(of_query, query)
    scores = match(query.embedded(query.end), products)
    start = match(nobody, product.embedded(product.start))
    return Explained(scores, tf.broadcast_to(start, tf.shape(scores)), parts)


def dot_product(queries: tf.Tensor, products: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(queries * products, axis=-1)


def log_probability(others: tf.Tensor) -> Callable[..., tf.Tensor]:
    """What the re-ranker reads of the towers, among other products, [others, width]."""

    def match(queries: tf.Tensor, products: tf.Tensor) -> tf.Tensor:
        of_others = tf.einsum("...w,ow->...o", queries, others) / TEMPERATURE
        score = tf.reduce_sum(queries * products, axis=-1) / TEMPERATURE
        return score - tf.reduce_logsumexp(of_others, axis=-1)

    return match


def slopes(
    function: Callable[[tf.Tensor], tf.Tensor], start: tf.Tensor, end: tf.Tensor, steps: int
) -> tf.Tensor:
    """How much a function rises by each column, on average over the straight way between two
    points. Times the way, that is what the column adds (integrated gradients: Sundararajan et al.,
    2017, "Axiomatic Attribution for Deep Networks"); of a linear function it is exact in one step.

    Args:
        function: of points, [steps, rows, width], to [steps, rows].
        start: [1 or rows, width].
        end: [rows, width].

    Returns:
        [rows, width].
    """
    middles = (tf.range(steps, dtype=tf.float32) + 0.5) / steps
    points = start + middles[:, tf.newaxis, tf.newaxis] * (end - start)
    with tf.GradientTape() as tape:
        tape.watch(points)
        values = function(points)
    return tf.reduce_mean(tape.gradient(values, points), axis=0)


def by_column(parts: tf.Tensor, columns: list[tuple[str, int, int]]) -> tf.Tensor:
    """The parts of a tower's input, [rows, width], to those of its columns, [rows, columns]."""
    sums = [tf.reduce_sum(parts[:, first:end], axis=1, keepdims=True) for _, first, end in columns]
    return tf.concat([parts[:, :0], *sums], axis=1)


def names_of(columns: list[tuple[str, int, int]]) -> tf.Tensor:
    return tf.constant([name for name, _, _ in columns], tf.string)


def by_purchase(rises: tf.Tensor, query: Way) -> tf.Tensor:
    """What each purchase of the one customer adds, [products, HISTORY_LENGTH]: a history is the
    weighted sum of their embeddings.

    Args:
        rises: as `slopes` has them, of the query tower's input.
    """
    length = tf.shape(query.given["history"])[1]
    added = []
    for key, (first, end) in HISTORY_PARTS.items():
        values = query.tower.pools[key].parts(query.given)[0]
        of = tf.matmul(rises[:, first:end], values, transpose_b=True)
        added.append(tf.pad(of, [[0, 0], [0, length - tf.shape(of)[1]]]))
    return tf.add_n(added)


def explained_again(
    towers: Explained,
    reranker: Reranker,
    features: tf.Tensor,
    going_with: tf.Tensor,
) -> Explained:
    """The re-ranker's scores of products, taken apart, of which the towers' match is one feature.

    Args:
        towers: the match.
        features: of the products, [products, features].
        going_with: what each product of the one customer adds to the item-item scores,
            [products, own].
    """
    names = reranker_features()
    everybody = ["repeat_odds", "sales", "trend", "repeat_gap", "buyers"]
    average = tf.where([name in everybody for name in names], reranker.mean, 0.0)
    start = tf.repeat([average], tf.shape(features)[0], axis=0)
    start = tf.concat([towers.start[:, tf.newaxis], start[:, 1:]], axis=1)

    def scores(points: tf.Tensor) -> tf.Tensor:
        flat = reranker(tf.reshape(points, [-1, len(names)]))
        return tf.reshape(flat, tf.shape(points)[:-1])

    # The network is small, and has many corners.
    rises = slopes(scores, start, features, 16 * EXPLAIN_STEPS)
    rise = dict(zip(names, tf.unstack(rises, axis=1), strict=True))
    added = dict(zip(names, tf.unstack(rises * (features - start), axis=1), strict=True))
    has = features[:, names.index("own")]
    # The match counts once more for products that the customer has; as far as it was there at the
    # start, that is because they have them.
    added["own"] += has * rise["own_log_probability"] * towers.start
    of_match = rise["log_probability"] + has * rise["own_log_probability"]
    of_pairs = rise["goes_with"] + has * rise["own_goes_with"]
    parts = {name: of * of_match[:, tf.newaxis] for name, of in towers.parts.items()}
    parts["goes_with"] = going_with * of_pairs[:, tf.newaxis]
    parts["reranker"] = tf.stack([added[name] for name in names[2:-2]], axis=1)
    return Explained(scores(features), scores(start), parts)


def reranker_features() -> list[str]:
    """What `candidates_of` tells the re-ranker of each."""
    return [
        "log_probability",
        "own_log_probability",
        "own",
        "purchases",
        "days",
        *(f"decayed_{half_life:g}" for half_life in COUNT_HALF_LIVES),
        "newest",
        "oldest",
        "again",
        "gap",
        "overdue",
        "recency",
        "repeat_odds",
        "sales",
        "trend",
        "repeat_gap",
        "buyers",
        "active",
        "variety",
        "goes_with",
        "own_goes_with",
    ]
