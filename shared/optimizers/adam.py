"""Adam (Kingma and Ba, 2014)."""

from __future__ import annotations

from shared.optimizers.base import OptimizerKind


class Adam(OptimizerKind):
    key = "adam"
    label = "Adam"
    help = "Adapts the step of every weight. Learns fast and forgives a poor rate; a good start."
    position = 2
    keras = "Adam"
    learning_rate = 0.002
    highest_usual_rate = 0.02
    own = "OnePassAdam"
