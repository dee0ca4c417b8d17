"""A retrieval training step: `make bench ONLY=training_step`.

Against TFRS as its tutorials use it, over the same towers; against the floor: the gathers and
matrix products that the step cannot do without, forward and for the gradient; and against the same
loss with a gradient of its own, which would have to be much faster to be worth its derivation.
"""

from __future__ import annotations

import math
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
_DEFAULT_BATCH = 512  # of the model configs
_BATCHES, _ROUNDS = 4, 7
_STEPS = {_DEFAULT_BATCH: 20, BATCH: 5}  # of a round
_REACH, _FLOOR_REACH = 2.5, 1.25
_WORTH = 1.3  # how much faster a gradient of its own has to make a step


def measure() -> Report:
    """A retrieval training step, against TFRS defaults, the bare gathers and matrix products, and a
    loss with a gradient of its own."""
    report = Report("A retrieval training step")
    table: list[list[str]] = []
    for batch, calls in _STEPS.items():
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            module = trainer_module(Path(folder), {})
            transform = Vocabularies(Path(folder))
            rows = batches(batch)
            steps = {
                "Recsmith": _keras_step(_compiled(module, module.TwoTowerModel(transform)), rows),
                "TFRS defaults": _keras_step(_compiled(module, _tutorial(module, transform)), rows),
                "bare gathers and matrix products": _bare_step(module, transform, rows),
                "a gradient of its own": _keras_step(
                    _compiled(module, _own_gradient(module, transform)), rows
                ),
            }
            found = interleaved(steps, rounds=_ROUNDS, calls=calls)
        ours, theirs, floor, own = (statistics.median(seconds) for seconds in found.values())
        told = f"{ours * 1000:.1f} ms ({batch / ours / 1000:.0f}k examples/s)"
        gain = ours / own
        compared = {
            BATCH: [
                ("TFRS defaults", theirs, theirs / ours, f"≥ {_REACH:g}×", theirs / ours >= _REACH),
                (
                    "floor",
                    floor,
                    ours / floor,
                    f"≤ {_FLOOR_REACH:g}×",
                    ours / floor <= _FLOOR_REACH,
                ),
            ],
            _DEFAULT_BATCH: [("own gradient", own, gain, f"< {_WORTH:g}×", gain < _WORTH)],
        }
        for name, other, ratio, reach, reached in compared[batch]:
            report.rows.append(
                Row(
                    f"retrieval training step, batch {batch}",
                    told,
                    f"{name} {other * 1000:.1f} ms",
                    f"{ratio:.2f}×",
                    reach,
                    reached,
                )
            )
        table += [
            [f"{name}, batch {batch}"]
            + [f"{f(seconds) * 1000:.1f}" for f in (min, statistics.median, max)]
            for name, seconds in found.items()
        ]
    report.table(["step", "fastest, ms", "median, ms", "slowest, ms"], table)
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
    from shared.codegen import generate_trainer, make_plan
    from shared.documents.quick_test import QuickTestSpec

    dataset = dataset_of("bench", folder / "none.parquet", MAPPING, COLUMNS)
    test = QuickTestSpec(
        feature_config_id="f",
        model_config_id="m",
        epochs=1,
        batch_size_override=BATCH,
        learning_rate_override=0.001,
        rating_column="rating",
    )
    plan = make_plan(
        feature_config(["customer"], "bought_at", ["product", "category"]),
        model_config(Setting("standard", changes)),
        dataset,
        test,
    )
    return load(generate_trainer(plan), folder / "trainer.py")


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


def batches(batch: int = BATCH) -> list[dict[str, Any]]:
    """Transformed examples, as a trainer reads them."""
    import tensorflow as tf

    random = np.random.default_rng(5)
    made = []
    for _ in range(_BATCHES):
        product = random.choice(PRODUCTS, batch, p=popularity())
        columns: dict[str, Any] = {
            "buyer_customer": random.integers(0, CUSTOMERS, batch),
            "product_product": product,
            "product_category": product % CATEGORIES,
            "candidate_id": [f"p{number}" for number in product],
            "candidate_index": product,
            "label": random.random(batch).astype(np.float32),
        }
        for cycle in ("monthly", "weekly"):
            for wave in ("sin", "cos"):
                name = f"buyer_bought_at_{cycle}_{wave}"
                columns[name] = random.uniform(-1, 1, batch).astype(np.float32)
        made.append({name: tf.constant(values) for name, values in columns.items()})
    return made


def _compiled(module: Any, model: Any) -> Any:
    model.compile(optimizer=module.tf.keras.optimizers.Adam(module.LEARNING_RATE))
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


def _own_gradient(module: Any, transform: Vocabularies) -> Any:
    """The generated model with a loss whose gradient makes no pass over [batch, batch] but two
    matrix products with the exponentials that the loss has left."""
    import tensorflow as tf

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def softmax_loss(queries: Any, candidates: Any, products: Any) -> Any:
        own = tf.reduce_sum(queries * candidates, axis=1)
        logits = tf.matmul(queries, candidates, transpose_b=True)
        logits = tf.where(products[:, tf.newaxis] == products, -math.inf, logits)
        highest = tf.maximum(own, tf.reduce_max(logits, axis=1))
        own, logits = own - highest, logits - highest[:, tf.newaxis]
        others = tf.exp(logits)
        total = tf.exp(own) + tf.reduce_sum(others, axis=1)

        def gradient(upstream: Any) -> Any:
            weight = (upstream / total)[:, tf.newaxis]
            # The softmax of a row's own product, less one.
            missing = (tf.exp(own) / total - 1)[:, tf.newaxis] * upstream[:, tf.newaxis]
            of_queries = weight * tf.matmul(others, candidates) + missing * candidates
            weighted = tf.matmul(others, weight * queries, transpose_a=True)
            return of_queries, weighted + missing * queries, None

        return tf.math.log(total) - own, gradient

    class OwnGradient(module.TwoTowerModel):  # type: ignore[misc,name-defined]
        def retrieval_losses(self, queries: Any, candidates: Any, features: Any) -> Any:
            # As one more dimension of the embeddings, log Q costs no pass over all logits.
            sampling = tf.gather(self.sampling, features["candidate_index"] + 1)
            log_q = tf.math.log(sampling)[:, tf.newaxis]
            queries = tf.concat([queries / module.TEMPERATURE, tf.ones_like(log_q)], axis=1)
            candidates = tf.concat([candidates, -log_q], axis=1)
            return softmax_loss(queries, candidates, tf.unique(features["candidate_id"]).idx)

    return OwnGradient(transform)


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
