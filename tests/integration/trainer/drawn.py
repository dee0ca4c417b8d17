"""Builds and trains drawn models for one step, in the trainer's environment.

python -m tests.integration.trainer.drawn FOLDER

reads `<n>.json` (what the towers read) beside `<n>.py` (a generated trainer module), and writes
`report.json` with what Keras says of each.
"""

from __future__ import annotations

import json
import os
import re
import sys
from operator import attrgetter
from pathlib import Path
from types import SimpleNamespace
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
        source = path.with_suffix(".py").read_text()
        module = load(source, path.with_suffix(".copy.py"))
        (optimizer,) = re.findall(r"optimizer=([\w.]+)\(", source)
        report[path.stem] = look(module, json.loads(path.read_text()), transform, optimizer)
        tf.keras.backend.clear_session()
    (folder / "report.json").write_text(json.dumps(report))


def look(
    module: Any, outputs: list[dict[str, Any]], transform: Transform, optimizer: str
) -> dict[str, Any]:
    tf.keras.utils.set_random_seed(1)
    random = np.random.default_rng(1)
    products = random.integers(0, VOCABULARY, ROWS)
    features = {
        "candidate_id": tf.constant([f"p{product}" for product in products]),
        "candidate_index": tf.constant(products),
        "label": tf.constant(random.random(ROWS), tf.float32),
    }
    for output in outputs:
        if output["dtype"] == "int64":
            rows = output["rows"] or VOCABULARY + output["oov_buckets"]
            shape = (ROWS, bag["length"]) if (bag := output["bag"]) else ROWS
            features[output["key"]] = tf.constant(random.integers(-1 if bag else 0, rows, shape))
        elif not output["pool"]:
            size = (ROWS, array["length"]) if (array := output["array"]) else ROWS
            features[output["key"]] = tf.constant(random.normal(size=size), tf.float32)
    looks_back = any(output["pool"] for output in outputs)
    if looks_back:
        features["customer_index"] = tf.constant(random.integers(0, VOCABULARY, ROWS))
        features["moment"] = tf.constant(random.integers(0, 9 * 86_400, ROWS))
        model = module.TwoTowerModel(transform, *stored(module, features))
    else:
        model = module.TwoTowerModel(transform)
    kind = attrgetter(optimizer)(module)
    model.compile(optimizer=kind(learning_rate=1e-4))
    logs = model.train_step(features)
    pools = list(model.query_tower.pools.values()) if looks_back else []
    # What is measured and stored is no parameter; a table that a history shares is the product's.
    others = [weight for metric in model.metrics for weight in metric.weights]
    others += [pool.rows for pool in pools]
    others += model.purchases.variables if looks_back else []
    others += model.biases.variables if hasattr(model, "biases") else []
    apart = {weight.ref() for weight in others}
    weights = [weight for weight in model.weights if weight.ref() not in apart]
    tables = [id(table) for table in model.candidate_tower.embeddings.values()]
    shared = {
        weight.ref() for pool in pools if id(pool.table) in tables for weight in pool.table.weights
    }
    towers = [
        [one for one in model.query_tower.weights if one.ref() not in apart | shared],
        model.candidate_tower.weights,
    ]
    told = model.with_history(features) if looks_back else features
    return {
        "loss": float(logs["loss_per_example"]),
        "widths": [
            int(tower.tensor(told).shape[1]) for tower in (model.query_tower, model.candidate_tower)
        ],
        "towers": [int(sum(np.prod(weight.shape) for weight in tower)) for tower in towers],
        "total": int(sum(np.prod(weight.shape) for weight in weights)),
        "trainable": int(sum(np.prod(weight.shape) for weight in model.trainable_weights)),
    }


def stored(module: Any, features: dict[str, tf.Tensor]) -> tuple[Any, Any]:
    """Products and purchases, of which the rows of a batch are the only ones."""
    products = SimpleNamespace(column=lambda key: features[key])
    random = np.random.default_rng(2)
    times = random.integers(0, 9 * 86_400, 5 * ROWS)
    who, what = (random.integers(0, most, 5 * ROWS) for most in (VOCABULARY, ROWS))
    return products, module.Purchases(who, what, times)


if __name__ == "__main__":
    main()
