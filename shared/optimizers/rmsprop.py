"""RMSprop (Tieleman and Hinton, 2012)."""

from __future__ import annotations

from shared.optimizers.base import OptimizerKind


class RMSprop(OptimizerKind):
    key = "rmsprop"
    label = "RMSprop"
    help = (
        "Divides each step by the recent size of its gradients. Close to Adam, without its "
        "momentum."
    )
    position = 4
    keras = "RMSprop"
    learning_rate = 0.001
    highest_usual_rate = 0.02
