"""Multitask: retrieval and ranking over the same two towers."""

from __future__ import annotations

from shared.tasks.common import STEPS
from shared.tasks.ranking import RATING

MODEL = f'''
class TwoTowerModel(tfrs.Model):
    """Two towers that learn to find products and, with a rating head, to rate them."""

    def __init__(self, transform: tft.TFTransformOutput) -> None:
        super().__init__()
        query_layers, candidate_layers = tower_layers()
        self.query_tower = QueryTower(transform, query_layers)
        self.candidate_tower = CandidateTower(transform, candidate_layers)
        self.rating_head = rating_layers()
        self.sampling = sampling_probabilities(transform)
        self.loss_per_example = tf.keras.metrics.Mean(name="loss_per_example")
        self.retrieval_loss = tf.keras.metrics.Mean(name="retrieval_loss")
        self.ranking_loss = tf.keras.metrics.Mean(name="ranking_loss")

    def compute_loss(self, features: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """The weighted sum of both losses, summed over the batch."""
        queries = self.query_tower(features, training=training)
        candidates = self.candidate_tower(features, training=training)
        retrieval = in_batch_softmax(
            queries, candidates, features["candidate_index"], self.sampling
        )
        ratings = self.rate(queries, candidates, training=training)
        ranking = rating_loss(features["label"], ratings)
        losses = RETRIEVAL_WEIGHT * retrieval + RANKING_WEIGHT * ranking
        self.retrieval_loss.update_state(retrieval)
        self.ranking_loss.update_state(ranking)
        self.loss_per_example.update_state(losses)
        return tf.reduce_sum(losses)

{RATING}

{STEPS}
'''
