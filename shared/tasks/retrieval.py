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
        self.task = tfrs.tasks.Retrieval(
            loss=InBatchSoftmax(reduction=tf.keras.losses.Reduction.SUM),
            metrics=None,
            temperature=TEMPERATURE,
            remove_accidental_hits=REMOVE_ACCIDENTAL_HITS,
        )
        self.loss_per_example = tf.keras.metrics.Mean(name="loss_per_example")

    def compute_loss(self, features: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        products = features["candidate_index"]
        loss = self.task(
            self.query_tower(features, training=training),
            self.candidate_tower(features, training=training),
            candidate_sampling_probability=(
                tf.gather(self.sampling, products + 1) if LOGQ_CORRECTION else None
            ),
            candidate_ids=products if REMOVE_ACCIDENTAL_HITS else None,
            compute_metrics=False,
        )
        rows = tf.cast(tf.size(products), tf.float32)
        self.loss_per_example.update_state(loss / rows, sample_weight=rows)
        return loss


class InBatchSoftmax(tf.keras.losses.Loss):
    """Softmax cross-entropy whose label of each row is the row itself.

    TFRS hands over the labels as a dense identity matrix; leaving it unread saves building it.
    The loss is the sum over the batch, so that a learning rate means the same as in TFRS.
    """

    def call(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        labels = tf.range(tf.shape(y_pred)[0])
        return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=y_pred)


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
