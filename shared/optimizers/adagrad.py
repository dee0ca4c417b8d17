"""Adagrad (Duchi et al., 2011)."""

from __future__ import annotations

from shared.optimizers.base import OptimizerKind


class Adagrad(OptimizerKind):
    key = "adagrad"
    label = "Adagrad"
    help = (
        "Takes ever smaller steps, and larger ones for what is seen rarely: a classic for "
        "embeddings of many products."
    )
    position = 1
    keras = "Adagrad"
    learning_rate = 0.1
