"""A retrieval training step: `make bench ONLY=training_step`.

Against TFRS as its tutorials use it, over the same towers, and against the floor: the gathers and
matrix products that the step cannot do without, forward and for the gradient.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from bench.report import Report, Row
from bench.report import main as report_main

CUSTOMERS, PRODUCTS, CATEGORIES, BATCH = 20_000, 10_000, 100, 4096
_BATCHES, _ROUNDS, _STEPS = 4, 7, 5
_REACH, _FLOOR_REACH = 2.0, 2.0


def measure() -> Report:
    """A retrieval training step, against TFRS defaults and the bare gathers and matrix products."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        module = trainer_module(Path(folder), {})
        transform = Vocabularies(Path(folder))
        rows = batches()
        steps = {
            "Recsmith": _keras_step(_compiled(module, module.TwoTowerModel(transform)), rows),
            "TFRS defaults": _keras_step(_compiled(module, _tutorial(module, transform)), rows),
            "bare gathers and matrix products": _bare_step(module, transform, rows),
        }
        found = interleaved(steps, rounds=_ROUNDS, calls=_STEPS)
    ours, theirs, floor = (statistics.median(seconds) for seconds in found.values())
    report = Report("A retrieval training step")
    told = f"{ours * 1000:.0f} ms ({BATCH / ours / 1000:.0f}k examples/s)"
    for name, other, ratio, reach, reached in (
        ("TFRS defaults", theirs, theirs / ours, f"≥ {_REACH:g}×", theirs / ours >= _REACH),
        ("floor", floor, ours / floor, f"≤ {_FLOOR_REACH:g}×", ours / floor <= _FLOOR_REACH),
    ):
        report.rows.append(
            Row(
                f"retrieval training step, batch {BATCH}",
                told,
                f"{name} {other * 1000:.0f} ms",
                f"{ratio:.1f}×",
                reach,
                reached,
            )
        )
    report.table(
        ["step", "fastest, ms", "median, ms", "slowest, ms"],
        [
            [name, *(f"{f(seconds) * 1000:.0f}" for f in (min, statistics.median, max))]
            for name, seconds in found.items()
        ],
    )
    return report


def interleaved(
    steps: dict[str, Callable[[], None]], *, rounds: int, calls: int
) -> dict[str, list[float]]:
    """Seconds of a call, in each round over all of them, which shares out a busy machine's moods;
    the first call of each round does not count."""
    found: dict[str, list[float]] = {name: [] for name in steps}
    for step in steps.values():
        step()
    for _ in range(rounds):
        for name, step in steps.items():
            step()  # what the others have left in the caches is theirs
            began = time.perf_counter()
            for _ in range(calls):
                step()
            found[name].append((time.perf_counter() - began) / calls)
    return found


def trainer_module(folder: Path, changes: dict[str, Any]) -> Any:
    """The generated trainer of the standard preset, over synthetic purchases."""
    from bench.defaults_study import Setting, dataset_of, feature_config, load, model_config
    from bench.shapes import COLUMNS, MAPPING
    from shared.codegen import generate_trainer

    dataset = dataset_of("bench", folder / "none.parquet", MAPPING, COLUMNS)
    source = generate_trainer(
        feature_config(["customer"], "bought_at", ["product", "category"]),
        model_config(Setting("standard", changes)),
        dataset,
        epochs=1,
        batch_size=BATCH,
        learning_rate=0.001,
        seed=42,
        rating_column="rating",
    )
    return load(source, folder / "trainer.py")


class Vocabularies:
    """What a trainer asks of Transform's output."""

    def __init__(self, folder: Path) -> None:
        self._counts = folder / "candidate_index"
        counts = (1e6 * popularity()).astype(int) + 1
        self._counts.write_text("".join(f"{count} p{n}\n" for n, count in enumerate(counts)))

    def vocabulary_size_by_name(self, name: str) -> int:
        sizes = {"customer": CUSTOMERS, "category": CATEGORIES}
        return next((size for part, size in sizes.items() if part in name), PRODUCTS)

    def vocabulary_file_by_name(self, name: str) -> str:
        return str(self._counts)


def popularity() -> Any:
    """Share of the purchases, by product."""
    weights = 1 / np.arange(1, PRODUCTS + 1) ** 0.8
    return weights / weights.sum()


def batches() -> list[dict[str, Any]]:
    """Transformed examples, as a trainer reads them."""
    import tensorflow as tf

    random = np.random.default_rng(5)
    made = []
    for _ in range(_BATCHES):
        product = random.choice(PRODUCTS, BATCH, p=popularity())
        columns: dict[str, Any] = {
            "buyer_customer": random.integers(0, CUSTOMERS, BATCH),
            "product_product": product,
            "product_category": product % CATEGORIES,
            "candidate_index": product,
            "label": random.random(BATCH).astype(np.float32),
        }
        for cycle in ("monthly", "weekly"):
            for wave in ("sin", "cos"):
                name = f"buyer_bought_at_{cycle}_{wave}"
                columns[name] = random.uniform(-1, 1, BATCH).astype(np.float32)
        made.append({name: tf.constant(values) for name, values in columns.items()})
    return made


def _compiled(module: Any, model: Any) -> Any:
    optimizer = getattr(module.tf.keras.optimizers, module.OPTIMIZER)(module.LEARNING_RATE)
    model.compile(optimizer=optimizer)
    return model


def _keras_step(model: Any, rows: list[dict[str, Any]]) -> Callable[[], None]:
    """What `fit` calls for each batch."""
    import tensorflow as tf

    columns = {name: tf.stack([batch[name] for batch in rows]) for name in rows[0]}
    examples = iter(tf.data.Dataset.from_tensor_slices(columns).cache().repeat().prefetch(2))
    train = model.make_train_function()

    def step() -> None:
        for value in train(examples).values():
            value.numpy()

    return step


def _tutorial(module: Any, transform: Vocabularies) -> Any:
    """A model as TFRS's tutorials write it, over the towers of the generated module."""
    import tensorflow_recommenders as tfrs

    class Tutorial(tfrs.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            query, candidate = module.tower_layers()
            self.query_tower = module.QueryTower(transform, query)
            self.candidate_tower = module.CandidateTower(transform, candidate)
            # Without FactorizedTopK, which would take far longer than the step.
            self.task = tfrs.tasks.Retrieval(metrics=None)

        def compute_loss(self, features: dict[str, Any], training: bool = False) -> Any:
            queries = self.query_tower(features, training=training)
            candidates = self.candidate_tower(features, training=training)
            return self.task(queries, candidates, compute_metrics=not training)

    return Tutorial()


def _bare_step(
    module: Any, transform: Vocabularies, rows: list[dict[str, Any]]
) -> Callable[[], None]:
    """The gathers and matrix products of a step: no biases, activations, softmax or optimizer."""
    import tensorflow as tf

    random = np.random.default_rng(1)

    def normal(*shape: int) -> Any:
        return tf.Variable(random.normal(0, 0.1, shape), dtype=tf.float32)

    sides = []
    for names, others in ((["buyer_customer"], 4), (["product_product", "product_category"], 0)):
        tables = {name: normal(transform.vocabulary_size_by_name(name) + 10, 32) for name in names}
        widths = [others + sum(table.shape[1] for table in tables.values()), 128, 64, 32]
        kernels = [normal(*pair) for pair in pairwise(widths)]
        sides.append((tables, kernels))

    def embed(tables: dict[str, Any], kernels: list[Any], batch: dict[str, Any]) -> Any:
        parts = [tf.gather(table, batch[name]) for name, table in tables.items()]
        parts += [v[:, tf.newaxis] for k, v in sorted(batch.items()) if "_bought_at_" in k]
        found = tf.concat(parts, axis=1)[:, : kernels[0].shape[0]]
        for kernel in kernels:
            found = tf.matmul(found, kernel)
        return found

    @tf.function(autograph=False)  # type: ignore[untyped-decorator]
    def bare(batch: dict[str, Any]) -> Any:
        with tf.GradientTape() as tape:
            queries, candidates = (embed(*side, batch) for side in sides)
        logits = tf.matmul(queries, candidates, transpose_b=True)
        upstream = [
            tf.matmul(logits, candidates),
            tf.matmul(logits, queries, transpose_a=True),
        ]
        weights = [[*tables.values(), *kernels] for tables, kernels in sides]
        gradients = tape.gradient([queries, candidates], weights, output_gradients=upstream)
        # All of them, for what nobody needs TensorFlow leaves out.
        flat = tf.nest.flatten(gradients)
        return [found.values if isinstance(found, tf.IndexedSlices) else found for found in flat]

    place = iter(range(10**9))

    def step() -> None:
        for gradient in bare(rows[next(place) % len(rows)]):
            gradient.numpy()

    return step


if __name__ == "__main__":
    report_main(measure)
