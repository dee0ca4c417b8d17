"""Examples a second of ranking training: `make bench ONLY=ranking_training`.

The generated model reads transformed examples from files, as in a quick test. Plain Keras trains
the same layers on tensors in memory, as a notebook would.
"""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from bench.report import Report, Row
from bench.report import main as report_main
from bench.training_step import (
    BATCH,
    CATEGORIES,
    CUSTOMERS,
    PRODUCTS,
    Vocabularies,
    batches,
    interleaved,
    trainer_module,
)
from shared.tasks.rating_head import rating_head

_REPEATS = 12  # of the batches: 196,608 examples
_ROUNDS = 3
_REACH = 0.9
_IDS = {"buyer_customer": CUSTOMERS, "product_product": PRODUCTS, "product_category": CATEGORIES}


def measure() -> Report:
    """Ranking training from files, against plain Keras on tensors in memory."""
    from shared.rules.presets import preset

    head = rating_head(preset("standard").spec.buyer_tower_layers)
    changes = {
        "model_type": "ranking",
        "rating_head_layers": [layer.model_dump(mode="json") for layer in head],
    }
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        module = trainer_module(Path(folder), changes)
        columns = {
            name: np.tile(np.concatenate([b[name].numpy() for b in batches()]), _REPEATS)
            for name in batches()[0]
        }
        examples = len(columns["label"])
        transform = _Examples(Path(folder), columns)
        found = interleaved(
            {"ours": _ours(module, transform), "keras": _keras(module, columns)},
            rounds=_ROUNDS,
            calls=1,
        )
    ours, theirs = (examples / min(seconds) for seconds in found.values())
    report = Report("Ranking training")
    report.rows.append(
        Row(
            f"ranking training, batch {BATCH}, from files",
            f"{ours / 1000:.0f}k examples/s",
            f"plain Keras on tensors in memory {theirs / 1000:.0f}k examples/s",
            f"{ours / theirs:.2f}×",
            f"≥ {_REACH:g}×",
            ours / theirs >= _REACH,
        )
    )
    report.table(
        ["epoch", "seconds of each round"],
        [[name, ", ".join(f"{s:.2f}" for s in seconds)] for name, seconds in found.items()],
    )
    return report


class _Examples(Vocabularies):
    """Transform's output, with transformed examples as the transform stage writes them."""

    def __init__(self, folder: Path, columns: dict[str, Any]) -> None:
        import pyarrow as pa

        from trainer_image.examples.tables import write_records

        super().__init__(folder)
        self.path = str(folder / "part-00000.tfrecord")
        self._columns = columns
        table = pa.table({name: pa.array(values) for name, values in columns.items()})
        write_records(iter(table.to_batches(16_384)), self.path)

    def transformed_feature_spec(self) -> dict[str, Any]:
        import tensorflow as tf

        return {
            name: tf.io.FixedLenFeature([], tf.as_dtype(values.dtype))
            for name, values in self._columns.items()
        }


def _ours(module: Any, transform: _Examples) -> Callable[[], None]:
    model = module.TwoTowerModel(transform)
    model.compile(optimizer=module.OnePassAdam(learning_rate=module.LEARNING_RATE))
    rows = module.find_examples([transform.path], transform).batches(shuffle=True)
    return lambda: _fit(model, rows)


def _keras(module: Any, columns: dict[str, Any]) -> Callable[[], None]:
    """The same layers as a functional model."""
    import tensorflow as tf

    keras = tf.keras
    inputs = {
        name: keras.Input((), name=name, dtype=values.dtype)
        for name, values in columns.items()
        if name not in ("label", "candidate_id", "candidate_index")
    }
    sides = []
    for side, dense in zip(("buyer_", "product_"), module.tower_layers(), strict=True):
        parts = [
            keras.layers.Embedding(_IDS[name] + 10, 32)(value)
            if name in _IDS
            else keras.layers.Reshape((1,))(value)
            for name, value in inputs.items()
            if name.startswith(side)
        ]
        embedding = dense(keras.layers.Concatenate()(parts))
        sides.append(keras.layers.UnitNormalization()(embedding))
    rating = module.rating_layers()(keras.layers.Concatenate()(sides))
    model = keras.Model(inputs, rating)
    model.compile(optimizer=keras.optimizers.Adam(module.LEARNING_RATE), loss="mse")
    given = {name: tf.constant(columns[name]) for name in inputs}
    labels = tf.constant(columns["label"])
    return lambda: _fit(model, given, labels, batch_size=BATCH, shuffle=True)


def _fit(model: Any, *given: Any, **options: Any) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        model.fit(*given, epochs=1, verbose=2, **options)


if __name__ == "__main__":
    report_main(measure)
