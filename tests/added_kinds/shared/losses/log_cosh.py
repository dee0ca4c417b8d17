"""The logarithm of the hyperbolic cosine of the error, for labels up to 100."""

from __future__ import annotations

from shared.losses.base import Loss


class LogCosh(Loss):
    key = "log_cosh"
    label = "Log-cosh"
    help = "Like Huber, and smooth everywhere."
    when_to_use = "Ratings with outliers."
    expression = "tf.keras.losses.log_cosh(labels[:, tf.newaxis], ratings[:, tf.newaxis])"
    served = "tf.clip_by_value(rating, 0.0, 100.0)"
    labels = (0, 100)
