"""Follow the regularized leader (McMahan et al., 2013)."""

from __future__ import annotations

from shared.optimizers.base import OptimizerKind


class Ftrl(OptimizerKind):
    key = "ftrl"
    label = "FTRL"
    help = "Made for very many sparse features, such as in click prediction."
    position = 6
    keras = "Ftrl"
    learning_rate = 0.01
