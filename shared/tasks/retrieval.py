"""Retrieval: find a customer's next product among all, by in-batch softmax over two towers."""

from __future__ import annotations

MODEL = '''
class RetrievalModel(tfrs.Model):
    """Two towers trained so that a row's product scores above the other products of its batch."""

    def __init__(
        self, query_tower: QueryTower, candidate_tower: CandidateTower, sampling: tf.Tensor
    ) -> None:
        super().__init__()
        self.query_tower = query_tower
        self.candidate_tower = candidate_tower
        self.sampling = sampling
        self.loss_per_example = tf.keras.metrics.Mean(name="loss_per_example")

    def compute_loss(self, features: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """In-batch softmax cross-entropy, summed over the batch as `tfrs.tasks.Retrieval` does."""
        products = features["candidate_index"]
        logits = tf.matmul(
            self.query_tower(features, training=training),
            self.candidate_tower(features, training=training),
            transpose_b=True,
        )
        logits /= TEMPERATURE
        if LOGQ_CORRECTION:
            logits -= tf.math.log(tf.gather(self.sampling, products + 1))
        if REMOVE_ACCIDENTAL_HITS:
            same = products[:, tf.newaxis] == products
            hits = tf.linalg.set_diag(same, tf.zeros_like(products, tf.bool))
            logits = tf.where(hits, -1e30, logits)
        labels = tf.range(tf.size(products))
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
        self.loss_per_example.update_state(losses)
        return tf.reduce_sum(losses)

    # AutoGraph would rewrite all of Keras before the first step, which takes longer than an epoch.
    @tf.autograph.experimental.do_not_convert
    def train_step(self, inputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        return super().train_step(inputs)

    @tf.autograph.experimental.do_not_convert
    def test_step(self, inputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        return super().test_step(inputs)


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
