"""Two towers and the loss that trains them."""

from __future__ import annotations

import tensorflow as tf
import tensorflow_recommenders as tfrs
import tensorflow_transform as tft

from shared.codegen.fragments.biases import Biases
from shared.codegen.fragments.given import (
    BIASES,
    CUSTOMER_ROW,
    EVENT_KINDS,
    HISTORY,
    LOGQ_CORRECTION,
    PRODUCT_ROW,
    RANKING_WEIGHT,
    RATES,
    REMOVE_ACCIDENTAL_HITS,
    RETRIEVAL_WEIGHT,
    RETRIEVES,
    TEMPERATURE,
    CandidateTower,
    QueryTower,
    rating_layers,
    tower_layers,
)
from shared.codegen.fragments.history import Purchases
from shared.codegen.fragments.losses import (
    correct_sampling,
    in_batch_softmax,
    rating_loss,
    rating_start,
    remove_accidental_hits,
    sampling_probabilities,
)
from shared.codegen.fragments.products import Products


class TwoTowerModel(tfrs.Model):
    """The two towers and the loss that trains them."""

    if HISTORY:

        def __init__(
            self, transform: tft.TFTransformOutput, products: Products, purchases: Purchases
        ) -> None:
            super().__init__()
            query_layers, candidate_layers = tower_layers()
            candidate_tower = CandidateTower(transform, candidate_layers)
            tables = candidate_tower.embeddings
            self.query_tower = QueryTower(transform, query_layers, products, tables)
            self.candidate_tower = candidate_tower
            self.purchases = purchases
            if RETRIEVES and LOGQ_CORRECTION:
                self.sampling = sampling_probabilities(transform)
            self.add_losses()

        def with_history(self, features: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
            """Transformed features, and of each row's customer what was bought before."""
            newest = self.purchases.newest(features["customer_index"], features["moment"])
            if EVENT_KINDS:
                features = {**features, "history_weights": newest[2]}
            return {**features, "history": newest[0], "history_ages": newest[1]}

    else:

        def __init__(self, transform: tft.TFTransformOutput) -> None:
            super().__init__()
            query_layers, candidate_layers = tower_layers()
            self.query_tower = QueryTower(transform, query_layers)
            self.candidate_tower = CandidateTower(transform, candidate_layers)
            if RETRIEVES and LOGQ_CORRECTION:
                self.sampling = sampling_probabilities(transform)
            self.add_losses()

    def add_losses(self) -> None:
        """The rating head, if there is one, and what is told of each epoch."""
        if RATES:
            self.rating_head = rating_layers()
            self.start, self.unit = 0.0, 1.0
        if BIASES:
            self.biases = Biases(
                self.query_tower.embeddings[CUSTOMER_ROW].input_dim,
                self.candidate_tower.embeddings[PRODUCT_ROW].input_dim,
            )
        self.loss_per_example = tf.keras.metrics.Mean(name="loss_per_example")
        if RETRIEVES and RATES:
            self.retrieval_loss = tf.keras.metrics.Mean(name="retrieval_loss")
            self.ranking_loss = tf.keras.metrics.Mean(name="ranking_loss")

    def compute_loss(self, features: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """The loss of all rows, summed over the batch."""
        if HISTORY:
            features = self.with_history(features)
        queries = self.query_tower(features, training=training)
        candidates = self.candidate_tower(features, training=training)
        if RETRIEVES and RATES:
            retrieval = self.retrieval_losses(queries, candidates, features)
            ratings = self.rate(queries, candidates, features, training=training)
            ranking = rating_loss(features["label"], ratings)
            losses = RETRIEVAL_WEIGHT * retrieval + RANKING_WEIGHT * ranking
            self.retrieval_loss.update_state(retrieval)
            self.ranking_loss.update_state(ranking)
        elif RETRIEVES:
            losses = self.retrieval_losses(queries, candidates, features)
        else:
            ratings = self.rate(queries, candidates, features, training=training)
            losses = rating_loss(features["label"], ratings)
        self.loss_per_example.update_state(losses)
        return tf.reduce_sum(losses)

    if RETRIEVES:

        def retrieval_losses(
            self, queries: tf.Tensor, candidates: tf.Tensor, features: dict[str, tf.Tensor]
        ) -> tf.Tensor:
            """How hard each row's product is to tell from the others of the batch, [batch]."""
            logits = tf.matmul(queries / TEMPERATURE, candidates, transpose_b=True)
            if LOGQ_CORRECTION:
                sampling = tf.gather(self.sampling, features["candidate_index"] + 1)
                logits = correct_sampling(logits, sampling)
            if REMOVE_ACCIDENTAL_HITS:
                logits = remove_accidental_hits(logits, features["candidate_id"])
            return in_batch_softmax(logits)

    if RATES:

        def rate(
            self,
            queries: tf.Tensor,
            candidates: tf.Tensor,
            features: dict[str, tf.Tensor],
            training: bool = False,
        ) -> tf.Tensor:
            """Two embeddings, each [batch, width], of rows of transformed features, to ratings,
            [batch]: where they start from, and how many units the rating head moves them."""
            both = tf.concat([queries, candidates], axis=1)
            moved = tf.squeeze(self.rating_head(both, training=training), axis=1)
            start = self.start
            if BIASES:
                start += self.biases.of(features[CUSTOMER_ROW], features[PRODUCT_ROW])
            return start + self.unit * moved

        def start_from(self, rows: dict[str, tf.Tensor]) -> None:
            """Ratings begin where these training rows' lie, and the head adds nothing yet."""
            labels = rows["label"]
            if BIASES:
                ids = rows[CUSTOMER_ROW].numpy(), rows[PRODUCT_ROW].numpy()
                labels = tf.constant(self.biases.fit(*ids, labels.numpy()), tf.float32)
            self.start, self.unit = rating_start(labels)
            last = self.rating_head.layers[-1].kernel
            last.assign(tf.zeros_like(last))

    # AutoGraph would rewrite all of Keras before the first step, which takes longer than an epoch.
    @tf.autograph.experimental.do_not_convert
    def train_step(self, inputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        return super().train_step(inputs)

    @tf.autograph.experimental.do_not_convert
    def test_step(self, inputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        return super().test_step(inputs)
