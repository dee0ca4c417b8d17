"""Mean squared error."""

from __future__ import annotations

from shared.losses.base import Loss


class MeanSquaredError(Loss):
    key = "mse"
    label = "Mean squared error"
    help = "The squared difference between prediction and rating. Large mistakes count most."
    when_to_use = "Ratings on a scale, such as 1 to 5 stars, or amounts without outliers."
    position = 1
    expression = "tf.math.squared_difference(labels, ratings)"
