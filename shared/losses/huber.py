"""Huber's loss (Huber, 1964, "Robust Estimation of a Location Parameter")."""

from __future__ import annotations

from shared.losses.base import Loss


class Huber(Loss):
    key = "huber"
    label = "Huber"
    help = "Squared for differences up to 1, linear beyond: single large mistakes count less."
    when_to_use = "Ratings with outliers, such as quantities or revenue."
    position = 3
    expression = "tf.keras.losses.huber(labels[:, tf.newaxis], ratings[:, tf.newaxis])"
