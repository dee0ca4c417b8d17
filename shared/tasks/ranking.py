"""Ranking: predict the rating that a customer gives a product."""

from __future__ import annotations

from shared.tasks.common import STEPS

RATING = '''
    def rate(self, queries: tf.Tensor, candidates: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Two embeddings, each [batch, width], to a rating (its logit where the loss is
        binary cross-entropy), [batch]."""
        both = tf.concat([queries, candidates], axis=1)
        return tf.squeeze(self.rating_head(both, training=training), axis=1)
'''.strip("\n")

MODEL = f'''
class TwoTowerModel(tfrs.Model):
    """Two towers and a rating head, trained to predict the label."""

    def __init__(self, transform: tft.TFTransformOutput) -> None:
        super().__init__()
        query_layers, candidate_layers = tower_layers()
        self.query_tower = QueryTower(transform, query_layers)
        self.candidate_tower = CandidateTower(transform, candidate_layers)
        self.rating_head = rating_layers()
        self.loss_per_example = tf.keras.metrics.Mean(name="loss_per_example")

    def compute_loss(self, features: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """Summed over the batch."""
        ratings = self.rate(
            self.query_tower(features, training=training),
            self.candidate_tower(features, training=training),
            training=training,
        )
        losses = rating_loss(features["label"], ratings)
        self.loss_per_example.update_state(losses)
        return tf.reduce_sum(losses)

{RATING}

{STEPS}
'''

# By loss function: expression of the loss of each row, [batch].
LOSSES = {
    "mse": "tf.math.squared_difference(labels, ratings)",
    "binary_crossentropy": "tf.nn.sigmoid_cross_entropy_with_logits(labels, ratings)",
    "huber": "tf.keras.losses.huber(labels[:, tf.newaxis], ratings[:, tf.newaxis])",
}

_LOSS = '''
def rating_loss(labels: tf.Tensor, ratings: tf.Tensor) -> tf.Tensor:
    """Loss of each row, [batch]."""
    return {expression}
'''


def loss(loss_function: str) -> str:
    return _LOSS.format(expression=LOSSES[loss_function])
