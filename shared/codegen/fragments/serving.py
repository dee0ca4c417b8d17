"""What is served."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf
import tensorflow_transform as tft

from shared.codegen.fragments.explaining import explain
from shared.codegen.fragments.given import (
    AVAILABILITY,
    BIASES,
    CANDIDATE_FEATURES,
    EVENT_KINDS,
    EXPLAINED_FEATURES,
    HISTORY,
    HISTORY_INPUTS,
    LOOKS_BACK,
    PRODUCT_ID,
    QUERY_FEATURES,
    RATES,
    RAW_FEATURES,
    RERANKED,
    RERANKS,
    RETRIEVES,
    SCANN,
    SCANN_LEAVES_TO_SEARCH,
    SCANN_NUM_LEAVES,
    SERVED_RATING,
    TOP_K,
)
from shared.codegen.fragments.history import (
    Past,
    Purchases,
    are_purchases,
    kind_weights,
    with_history,
)
from shared.codegen.fragments.index import BruteForceIndex, Found, ScannIndex
from shared.codegen.fragments.item_item import Known
from shared.codegen.fragments.model import TwoTowerModel
from shared.codegen.fragments.products import Products
from shared.codegen.fragments.reranker import (
    Candidates,
    OwnProducts,
    RankedLists,
    Reranker,
    candidates_of,
    own_products,
)


class Scored(NamedTuple):
    """What the re-ranker has to order.

    Attributes:
        candidates: of all queries.
        scores: [candidates].
        found: as the index finds them.
        own: what the customers have.
    """

    candidates: Candidates
    scores: tf.Tensor
    found: Found
    own: OwnProducts


class ServingModel:
    """What is served: the methods of `signatures`, which take raw features, each [batch]. A feature
    that is not given counts as missing.

    It holds the model; what is saved holds only its weights and functions, for saving a Keras
    object traces it several times over.
    """

    def __init__(self, model: TwoTowerModel, transform: tft.TFTransformOutput) -> None:
        self.model = model
        self.transform = tf.saved_model.load(transform.transform_savedmodel_dir)

    if RETRIEVES:

        def index_products(self, products: Products) -> None:
            """Embeds all products, of which the index finds the best."""
            ids = products.ids
            embeddings = products.embedded(self.model.candidate_tower)
            top_k = min(RERANKED if RERANKS else TOP_K, len(ids))
            self.candidate_ids = tf.Variable(ids, trainable=False)
            if SCANN:
                leaves = SCANN_NUM_LEAVES or round(math.sqrt(len(ids)))
                # Fewer products than this are found faster one by one.
                self.index: ScannIndex | BruteForceIndex
                if len(ids) >= max(1_000, 4 * leaves):
                    self.index = ScannIndex(embeddings, top_k, leaves)
                else:
                    self.index = BruteForceIndex(embeddings, top_k)
            else:
                self.index = BruteForceIndex(embeddings, top_k)

    if RERANKS and not SCANN:

        def embed_again(self, products: Products) -> None:
            """Has the index find products by what the model has learned since it was made."""
            self.index.embeddings.assign(products.embedded(self.model.candidate_tower))

    if SCANN:

        def tune_index(self, examples: tf.data.Dataset) -> None:
            """Has ScaNN search as few leaves as these examples need, unless
            SCANN_LEAVES_TO_SEARCH says how many."""
            if isinstance(self.index, ScannIndex) and SCANN_LEAVES_TO_SEARCH is None:
                self.index.tune(self.model.query_tower(next(iter(examples)))[:256])

    if RETRIEVES:

        def retrieve(self, raw: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
            """The best products of each query by the towers, each [batch, the index's top k], the
            best first."""
            found = self.index.search(self.query_embedding(raw)["embedding"])
            ids = tf.gather(self.candidate_ids, found.rows)
            return {"candidate_ids": ids, "scores": found.scores}

    if AVAILABILITY:

        def offer_all_but(self, unavailable: tf.Tensor, products: Products) -> None:
            """Keeps the products of some ids out of all that is recommended."""
            offered = ~np.isin(products.ids.numpy(), unavailable.numpy())
            self.offered = tf.Variable(offered, trainable=False)

    if AVAILABILITY and not RERANKS:

        def recommend(self, raw: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
            """The same without products that may not be recommended; "" after them."""
            found = self.index.search(self.query_embedding(raw)["embedding"])
            offered = tf.gather(self.offered, found.rows)
            order = tf.argsort(tf.where(offered, 0, 1), axis=1, stable=True)
            ids = tf.where(offered, tf.gather(self.candidate_ids, found.rows), "")
            scores = tf.where(offered, found.scores, -math.inf)
            ids, scores = (tf.gather(of, order, batch_dims=1) for of in (ids, scores))
            return {"candidate_ids": ids, "scores": scores}

    if RERANKS:

        def rerank_by(self, reranker: Reranker, lists: int, known: Known) -> None:
            """
            Args:
                lists: how many the re-ranker was fitted to.
                known: by all purchases.
            """
            self.reranker = reranker
            self.fitted_lists = lists
            self.product_facts, self.item_item = known.facts, known.item_item

        def rerank(self, raw: dict[str, tf.Tensor]) -> RankedLists:
            """All candidates of each query with the re-ranker's scores."""
            scored = self.scored(raw)
            return RankedLists(scored.candidates, scored.scores, tf.shape(raw["history_ids"])[0])

        # A graph of its own: five signatures have it, and it takes a second to make.
        @tf.function(autograph=False)
        def scored(self, raw: dict[str, tf.Tensor]) -> Scored:
            """All candidates, with the re-ranker's scores."""
            features = self.features(raw)
            past = self.past(raw, features)
            queries = self.model.query_tower(with_history(features, past) if HISTORY else features)
            found = self.index.search(queries)
            embeddings, facts = self.index.embeddings, self.product_facts
            products, batch = embeddings.shape[0], tf.shape(queries, tf.int64)[0]
            own = own_products(past, products)
            item_item = self.item_item.scores(own, products, batch)
            candidates = candidates_of(queries, found, own, item_item, embeddings, facts)
            scores = self.reranker(candidates.features)
            return Scored(candidates, scores, found._replace(every=None), own)

        def recommend(self, raw: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
            """The best products of each query, [batch, TOP_K], the best first; "" after them."""
            return self.named(self.best(raw))

        def buy_again(self, raw: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
            """The same of products that the customer has had before."""
            return self.named(self.best(raw, own=True))

        def discover(self, raw: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
            """The same of products that the customer has never had."""
            return self.named(self.best(raw, own=False))

        def best(
            self, raw: dict[str, tf.Tensor], own: bool | None = None
        ) -> tuple[tf.Tensor, tf.Tensor]:
            """As `RankedLists.best` has them."""
            ranked = self.rerank(raw)
            if AVAILABILITY:
                ranked.keep(self.offered)
            return ranked.best(own)

        def candidates(self, raw: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
            """Rows of all candidates in their order, -1 after the last, and whether the customer
            has had them before, each [batch, candidates]."""
            products, own = self.rerank(raw).in_order()
            return {"products": products, "own": own}

        def named(self, best: tuple[tf.Tensor, tf.Tensor]) -> dict[str, tf.Tensor]:
            products, scores = best
            ids = tf.gather(self.candidate_ids, tf.maximum(products, 0))
            return {"candidate_ids": tf.where(products >= 0, ids, ""), "scores": scores}

    if LOOKS_BACK:

        def know_past(self, purchases: Purchases, products: Products) -> None:
            self.purchases = purchases
            self.rows_by_index = tf.Variable(products.rows_by_index(), trainable=False)

        def past(self, raw: dict[str, tf.Tensor], features: dict[str, tf.Tensor]) -> Past:
            """What each customer bought before: the purchases given by `history_ids` and
            `history_ages`, or else the training rows that were before the query's moment, or before
            their end where it is not given."""
            given = self.given_past(*(raw[name] for name in HISTORY_INPUTS))
            told = tf.reduce_any(raw["history_ids"] != "", axis=1)
            customers = tf.where(told, tf.constant(-1, tf.int64), features["customer_index"])
            moments = features["moment"]
            end = tf.constant(self.purchases.end, tf.int64)
            stored = self.purchases.past(customers, tf.where(moments == tf.int64.min, end, moments))
            products = tf.concat([given.products, stored.products], axis=1)
            ages = tf.concat([given.ages, stored.ages], axis=1)
            if EVENT_KINDS:
                weights = tf.concat([given.weights, stored.weights], axis=1)
                bought = tf.concat([given.bought, stored.bought], axis=1)
                return Past(products, ages, weights, bought)
            return Past(products, ages)

        def given_past(self, *told: tf.Tensor) -> Past:
            """Purchases that a caller tells of, as HISTORY_INPUTS has them; products that nobody
            knows are left out, and ages below 0, or that are no number, count as 0. Where events
            have kinds, those of a kind that nobody knows are left out too."""
            ids, ages = told[:2]
            ages = tf.where(ages > 0, ages, 0)
            order = tf.argsort(ages, axis=1, stable=True)
            ids, ages = (tf.gather(values, order, batch_dims=1) for values in (ids, ages))
            index = self.features({PRODUCT_ID: tf.reshape(ids, [-1])})["candidate_index"]
            rows = tf.reshape(tf.gather(self.rows_by_index, index + 1), tf.shape(ids))
            known = (rows >= 0) & (ids != "")
            events = [rows, ages]
            if EVENT_KINDS:
                kinds = tf.gather(told[2], order, batch_dims=1)
                events += [kind_weights(kinds), are_purchases(kinds)]
                known &= events[2] > 0
            return Past(*(tf.ragged.boolean_mask(values, known) for values in events))

    if RATES:

        def rate(self, raw: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
            """The rating of each pair of a query and a product, [batch]."""
            features = self.query_features(raw) if HISTORY else self.features(raw)
            queries = self.model.query_tower(features)
            rating = self.model.rate(queries, self.model.candidate_tower(features), features)
            return {"rating": SERVED_RATING}

    def query_embedding(self, raw: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        features = self.query_features(raw) if HISTORY else self.features(raw)
        return {"embedding": self.model.query_tower(features)}

    def candidate_embedding(self, raw: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        return {"embedding": self.model.candidate_tower(self.features(raw))}

    def query_tensor(self, raw: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """What goes into the query tower's layers."""
        features = self.query_features(raw) if HISTORY else self.features(raw)
        return {"tensor": self.model.query_tower.tensor(features)}

    def candidate_tensor(self, raw: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """What goes into the candidate tower's layers."""
        return {"tensor": self.model.candidate_tower.tensor(self.features(raw))}

    if HISTORY:

        @tf.function(autograph=False)
        def query_features(self, raw: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
            """What the query tower reads."""
            features = self.features(raw)
            return with_history(features, self.past(raw, features))

    def features(self, raw: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Transformed features."""
        rows = tf.shape(next(iter(raw.values())))[:1]
        given = {
            key: raw[key] if key in raw else tf.fill(rows, tf.constant(missing, dtype))
            for key, (dtype, missing) in RAW_FEATURES.items()
        }
        return self.transform.transform_fn(given)

    def signatures(self) -> dict[str, Any]:
        """The methods that are served, as graphs, by the name that they are asked by."""
        query = raw_inputs(QUERY_FEATURES)
        if LOOKS_BACK:
            query |= HISTORY_INPUTS
        product = raw_inputs(CANDIDATE_FEATURES)
        signatures = {
            "query_embedding": concrete(self.query_embedding, query),
            "candidate_embedding": concrete(self.candidate_embedding, product),
            "query_tensor": concrete(self.query_tensor, query),
            "candidate_tensor": concrete(self.candidate_tensor, product),
        }
        if RERANKS:
            signatures["serving_default"] = concrete(self.recommend, query)
            signatures["buy_again"] = concrete(self.buy_again, query)
            signatures["discover"] = concrete(self.discover, query)
            signatures["candidates"] = concrete(self.candidates, query)
            signatures["retrieve"] = concrete(self.retrieve, query)
        elif RETRIEVES and AVAILABILITY:
            signatures["serving_default"] = concrete(self.recommend, query)
            signatures["retrieve"] = concrete(self.retrieve, query)
        elif RETRIEVES:
            signatures["serving_default"] = concrete(self.retrieve, query)
        if RETRIEVES:
            explained = {
                name: tf.TensorSpec([None], RAW_FEATURES[key][0], name)
                for name, key in EXPLAINED_FEATURES.items()
            }
            signatures["explain"] = concrete(lambda raw: explain(self, raw), query | explained)
        if RATES:
            pair = query | product
            signatures["rating" if RETRIEVES else "serving_default"] = concrete(self.rate, pair)
        return signatures

    def save(self, folder: str, signatures: dict[str, Any]) -> None:
        """Saves model and preprocessing as one SavedModel, with these signatures."""
        saved = tf.Module()
        # A SavedModel has what hangs on the object that is saved.
        saved.transform = self.transform
        saved.model_weights = self.model.variables
        if RETRIEVES:
            saved.candidate_ids, saved.index = self.candidate_ids, self.index
            if AVAILABILITY:
                saved.offered = self.offered
        if LOOKS_BACK:
            saved.purchases, saved.rows_by_index = self.purchases, self.rows_by_index
        if BIASES:
            saved.biases = self.model.biases
        if RERANKS:
            saved.reranker, saved.product_facts = self.reranker.variables, self.product_facts
            saved.item_item = self.item_item
        # What is derived in a signature is in its graph; nobody derives by what is served.
        options = tf.saved_model.SaveOptions(experimental_custom_gradients=False)
        tf.saved_model.save(saved, folder, signatures=signatures, options=options)
        if RETRIEVES:
            facts = {"wanted": "scann" if SCANN else "brute_force", **self.index.facts()}
            if RERANKS:
                facts["fitted_lists"] = self.fitted_lists
            assets = os.path.join(folder, "assets.extra")
            tf.io.gfile.makedirs(assets)
            with tf.io.gfile.GFile(os.path.join(assets, "index.json"), "w") as file:
                file.write(json.dumps(facts))


def raw_inputs(keys: list[str]) -> dict[str, tf.TensorSpec]:
    return {key: tf.TensorSpec([None], RAW_FEATURES[key][0], name=key) for key in keys}


def concrete(method: Callable[..., Any], inputs: dict[str, tf.TensorSpec]) -> Any:
    """A method of `ServingModel` as a graph."""
    return tf.function(method, autograph=False).get_concrete_function(inputs)
