"""Stochastic gradient descent."""

from __future__ import annotations

from shared.optimizers.base import OptimizerKind


class SGD(OptimizerKind):
    key = "sgd"
    label = "SGD"
    help = (
        "Plain gradient descent. Simple, but sensitive to the rate and to the batch size; "
        "ratings need about a tenth of the rate."
    )
    position = 3
    keras = "SGD"
    learning_rate = 0.001
