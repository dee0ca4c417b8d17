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
    queries = queries / TEMPERATURE
    if LOGQ_CORRECTION:
        # As one more dimension of the embeddings, log Q costs no pass over all logits.
        log_q = tf.math.log(tf.gather(sampling, products + 1))[:, tf.newaxis]
        queries = tf.concat([queries, tf.ones_like(log_q)], axis=1)
        candidates = tf.concat([candidates, -log_q], axis=1)
    return softmax_loss(queries, candidates, tf.cast(products, tf.int32))


@tf.custom_gradient
def softmax_loss(queries: tf.Tensor, candidates: tf.Tensor, products: tf.Tensor) -> Any:
    """Cross-entropy of the logits `queries` · `candidates`, and its gradient.

    A step's time goes into passes over [batch, batch]. Here the gradient makes none but two matrix
    products with the exponentials that the loss has left.
    """
    own = tf.reduce_sum(queries * candidates, axis=1)
    logits = tf.matmul(queries, candidates, transpose_b=True)
    if REMOVE_ACCIDENTAL_HITS:
        logits = tf.where(products[:, tf.newaxis] == products, -math.inf, logits)
    else:
        logits = tf.linalg.set_diag(logits, tf.fill(tf.shape(own), -math.inf))
    if not SMALL_LOGITS:
        highest = tf.maximum(own, tf.reduce_max(logits, axis=1))
        own, logits = own - highest, logits - highest[:, tf.newaxis]
    others = tf.exp(logits)
    total = tf.exp(own) + tf.reduce_sum(others, axis=1)

    def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, None]:
        weight = (upstream / total)[:, tf.newaxis]
        # The softmax of a row's own product, less one.
        missing = (tf.exp(own) / total - 1)[:, tf.newaxis] * upstream[:, tf.newaxis]
        of_queries = weight * tf.matmul(others, candidates) + missing * candidates
        weighted = tf.matmul(others, weight * queries, transpose_a=True)
        return of_queries, weighted + missing * queries, None

    return tf.math.log(total) - own, gradient


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
