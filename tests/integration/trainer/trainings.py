"""What `models.py` trains, on which purchases."""

from __future__ import annotations

from typing import Any

from bench.shapes import Shape
from shared.rules.presets import presets

SHAPE = Shape("test", customers=400, products=1_200, rows=16_000, groups=8, affinity=0.9)
RATING = "score"
BINARY_RATING = "liked"
# Validation losses that early stopping is told: the third is the lowest, and the fifth the second
# in a row that is not.
EARLY_LOSSES, PATIENCE = (5.0, 5.5, 4.0, 4.5, 4.1), 2


def dense(units: int, activation: str | None = "relu") -> dict[str, Any]:
    return {"type": "dense", "units": units, "activation": activation}


SPEC: dict[str, Any] = {
    "buyer_tower_layers": [dense(32), {"type": "batch_norm"}, dense(16, None)],
    "product_tower_layers": [dense(24), {"type": "layer_norm"}, dense(16, None)],
    "rating_head_layers": [dense(16), dense(1, None)],
    "output_embedding_dim": 16,
    "batch_size": 128,
}
# Each optimizer, loss and algorithm at least once, not each with each.
TRAININGS: dict[str, dict[str, Any]] = {
    "retrieval adam": {},
    "retrieval ftrl": {"optimizer": "ftrl", "learning_rate": 0.1},
    "retrieval sgd": {"optimizer": "sgd", "learning_rate": 0.01},
    "retrieval scann": {"retrieval_algorithm": "scann"},
    "retrieval scann, too many leaves": {
        "retrieval_algorithm": "scann",
        "scann_num_leaves": 1_000,
    },
    "ranking mse": {"model_type": "ranking"},
    "ranking huber": {"model_type": "ranking", "loss_function": "huber", "optimizer": "rmsprop"},
    "ranking binary_crossentropy": {
        "model_type": "ranking",
        "loss_function": "binary_crossentropy",
        "optimizer": "adamw",
    },
    "multitask mse": {"model_type": "multitask", "retrieval_algorithm": "scann"},
    "multitask huber": {"model_type": "multitask", "loss_function": "huber"},
    "multitask binary_crossentropy": {
        "model_type": "multitask",
        "loss_function": "binary_crossentropy",
        "optimizer": "adagrad",
        "learning_rate": 0.1,
    },
    "no logq": {"logq_correction": False},
}
# The other presets differ from these in their towers' sizes alone.
PRESETS = ("recommended", "deep", "regularized")
TRAININGS |= {
    f"preset {preset.key}": {**preset.spec.model_dump(mode="json"), "batch_size": 128}
    for preset in presets()
    if preset.key in PRESETS
}
# Labels of training rows, from which ratings start.
STARTS = {
    "shares": [0.0, 0.25, 1.0, 0.75, 0.25],
    "all the same": [1.0, 1.0, 1.0],
}
