"""AdamW (Loshchilov and Hutter, 2017)."""

from __future__ import annotations

from shared.optimizers.base import OptimizerKind


class AdamW(OptimizerKind):
    key = "adamw"
    label = "AdamW"
    help = "Adam that also pulls weights towards zero. Helps where a large model overfits."
    position = 5
    keras = "AdamW"
    learning_rate = 0.001
    highest_usual_rate = 0.02
