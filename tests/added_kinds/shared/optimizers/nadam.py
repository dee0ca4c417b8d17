"""Nadam (Dozat, 2016)."""

from __future__ import annotations

from shared.optimizers.base import OptimizerKind


class Nadam(OptimizerKind):
    key = "nadam"
    label = "Nadam"
    help = "Adam with Nesterov's momentum."
    keras = "Nadam"
    learning_rate = 0.002
    highest_usual_rate = 0.03
