"""Retrieval: find a customer's next product among all, by in-batch softmax over two towers."""

from __future__ import annotations

from shared.tasks.common import STEPS

MODEL = f'''
class TwoTowerModel(tfrs.Model):
    """Two towers trained so that a row's product scores above the other products of its batch."""

    def __init__(self, transform: tft.TFTransformOutput) -> None:
        super().__init__()
        query_layers, candidate_layers = tower_layers()
        self.query_tower = QueryTower(transform, query_layers)
        self.candidate_tower = CandidateTower(transform, candidate_layers)
        self.sampling = sampling_probabilities(transform)
        self.loss_per_example = tf.keras.metrics.Mean(name="loss_per_example")

    def compute_loss(self, features: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """Summed over the batch, as `tfrs.tasks.Retrieval` does."""
        losses = in_batch_softmax(
            self.query_tower(features, training=training),
            self.candidate_tower(features, training=training),
            features["candidate_index"],
            self.sampling,
        )
        self.loss_per_example.update_state(losses)
        return tf.reduce_sum(losses)

{STEPS}
'''

LOSS = '''
def in_batch_softmax(
    queries: tf.Tensor, candidates: tf.Tensor, products: tf.Tensor, sampling: tf.Tensor
) -> tf.Tensor:
    """Cross-entropy of each row's own product among the products of its batch.

    Args:
        queries, candidates: embeddings, [batch, width].
        products: `candidate_index` of each row, [batch].
        sampling: share of the training rows of each product, by `candidate_index` + 1.

    Returns:
        [batch].
    """
    logits = tf.matmul(queries, candidates, transpose_b=True) / TEMPERATURE
    if LOGQ_CORRECTION:
        logits -= tf.math.log(tf.gather(sampling, products + 1))
    if REMOVE_ACCIDENTAL_HITS:
        same = products[:, tf.newaxis] == products
        hits = tf.linalg.set_diag(same, tf.zeros_like(products, tf.bool))
        logits = tf.where(hits, -1e30, logits)
    labels = tf.range(tf.size(products))
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)


def sampling_probabilities(transform: tft.TFTransformOutput) -> tf.Tensor:
    """Share of the training rows that each product has, by `candidate_index` + 1.

    The first entry is for products that Transform did not count.
    """
    counts = [1.0]
    path = transform.vocabulary_file_by_name("candidate_index")
    with tf.io.gfile.GFile(path, "rb") as lines:
        counts += [float(line.split(b" ", 1)[0]) for line in lines]
    return tf.constant(counts, tf.float32) / sum(counts)
'''
