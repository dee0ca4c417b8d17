"""Builds and trains drawn models for one step, in the trainer's environment.

python -m tests.integration.trainer.drawn FOLDER

reads `<n>.json` (what the towers read) beside `<n>.py` (a generated trainer module), and writes
`report.json` with what Keras says of each.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

os.environ["TF_USE_LEGACY_KERAS"] = "1"

import numpy as np
import tensorflow as tf

from bench.defaults_study import load

ROWS = 64
VOCABULARY = 37


class Transform:
    """Transform's output, as far as a model's shape depends on it."""

    def __init__(self, folder: Path) -> None:
        self.counts = folder / "counts"
        self.counts.write_text("".join(f"{VOCABULARY - n} p{n}\n" for n in range(VOCABULARY)))

    def vocabulary_size_by_name(self, name: str) -> int:
        return VOCABULARY

    def vocabulary_file_by_name(self, name: str) -> str:
        return str(self.counts)


def main() -> None:
    folder = Path(sys.argv[1])
    transform = Transform(folder)
    report: dict[str, Any] = {}
    for path in sorted(folder.glob("[0-9]*.json")):
        module = load(path.with_suffix(".py").read_text(), path.with_suffix(".copy.py"))
        report[path.stem] = look(module, json.loads(path.read_text()), transform)
        tf.keras.backend.clear_session()
    (folder / "report.json").write_text(json.dumps(report))


def look(module: Any, outputs: list[dict[str, Any]], transform: Transform) -> dict[str, Any]:
    tf.keras.utils.set_random_seed(1)
    random = np.random.default_rng(1)
    features = {
        "candidate_index": tf.constant(random.integers(0, VOCABULARY, ROWS)),
        "label": tf.constant(random.random(ROWS), tf.float32),
    }
    for output in outputs:
        if output["dtype"] == "int64":
            rows = output["rows"] or VOCABULARY + output["oov_buckets"]
            features[output["key"]] = tf.constant(random.integers(0, rows, ROWS))
        else:
            features[output["key"]] = tf.constant(random.normal(size=ROWS), tf.float32)
    model = module.TwoTowerModel(transform)
    optimizer = getattr(tf.keras.optimizers, module.OPTIMIZER)(learning_rate=1e-4)
    model.compile(optimizer=optimizer)
    logs = model.train_step(features)
    metrics = [weight.ref() for metric in model.metrics for weight in metric.weights]
    weights = [weight for weight in model.weights if weight.ref() not in metrics]
    return {
        "loss": float(logs["loss_per_example"]),
        "widths": [
            int(tower.tensor(features).shape[1])
            for tower in (model.query_tower, model.candidate_tower)
        ],
        "towers": [
            int(tower.count_params()) for tower in (model.query_tower, model.candidate_tower)
        ],
        "total": int(sum(np.prod(weight.shape) for weight in weights)),
        "trainable": int(sum(np.prod(weight.shape) for weight in model.trainable_weights)),
    }


if __name__ == "__main__":
    main()
