"""Binary cross-entropy: the head gives a logit, the model serves its probability."""

from __future__ import annotations

from shared.losses.base import Loss


class BinaryCrossentropy(Loss):
    key = "binary_crossentropy"
    label = "Binary cross-entropy"
    help = "How surprised a predicted probability is by the label, which lies between 0 and 1."
    when_to_use = "Yes or no, such as clicked or not. The model is served as a probability."
    position = 2
    expression = "tf.nn.sigmoid_cross_entropy_with_logits(labels, ratings)"
    served = "tf.sigmoid(rating)"
    start = "log_odds(tf.reduce_mean(labels)), tf.constant(1.0)"
    adds = False
    labels = (0, 1)
