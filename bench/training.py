"""Training at the default batch size, with and without history: `make bench ONLY=training`.

An epoch of the generated model, by `fit` over transformed examples that it has parsed, as in a
quick test; and a bare loop over the same model in the same run: one graph for a step, over tensors
in memory, with the same layers' arithmetic, optimizer and loss, and every row's history looked up
before. A second loop has history and Adam as they are usually written.
"""

from __future__ import annotations

import contextlib
import io
import os
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from bench.report import Report, Row
from bench.report import main as report_main
from bench.training_step import CUSTOMERS, PRODUCTS, interleaved, popularity

ROWS, _EVERY = 102_400, 512
_ROUNDS = 5
_REACH = 0.8


def measure() -> Report:
    """Rows a second of training, against bare loops over the same model."""
    report = Report("Training at the default batch size")
    table: list[list[str]] = []
    for what in ("without history", "with history"):
        with tempfile.TemporaryDirectory(prefix="bench-") as name:
            steps = epochs(Path(name), history=what == "with history")
            found = interleaved(steps, rounds=_ROUNDS, calls=1)
        # By pairs of the same round, which a busy machine disturbs alike.
        ours, bare, _ = found.values()
        ratio = statistics.median(b / a for a, b in zip(ours, bare, strict=True))
        speeds = [ROWS / statistics.median(seconds) / 1000 for seconds in (ours, bare)]
        report.rows.append(
            Row(
                f"training, batch {_EVERY}, {what}",
                f"{speeds[0]:.0f}k rows/s",
                f"bare loop {speeds[1]:.0f}k rows/s",
                f"{ratio:.2f}×",
                f"≥ {_REACH:g}×",
                ratio >= _REACH,
            )
        )
        table += [
            [f"{loop}, {what}", *(f"{ROWS / seconds / 1000:.0f}" for seconds in of_rounds)]
            for loop, of_rounds in found.items()
        ]
    report.table(["thousand rows/s", *(f"round {n + 1}" for n in range(_ROUNDS))], table)
    return report


def epochs(folder: Path, *, history: bool) -> dict[str, Callable[[], None]]:
    import tensorflow as tf

    module, transform = _module(folder, history=history), _Transformed(folder)
    rows = module.find_examples([transform.path], transform)
    products = module.Products([transform.candidates], transform)

    def model(optimizer: Any) -> Any:
        past = [products, module.read_purchases([rows], products)] if history else []
        made = module.TwoTowerModel(transform, *past)
        made.compile(optimizer=optimizer(module.LEARNING_RATE))
        module.create_variables(made, rows.batches())
        return made

    own, adam = module.OnePassAdam, tf.keras.optimizers.Adam
    fitted, shuffled = model(own), rows.batches(shuffle=True)

    def ours() -> None:
        with contextlib.redirect_stdout(io.StringIO()):
            fitted.fit(shuffled, epochs=1, verbose=2)

    return {
        "ours": ours,
        "bare": _bare(module, model(own), rows.rows, usual=False),
        "bare, as usual": _bare(module, model(adam), rows.rows, usual=True),
    }


def _module(folder: Path, *, history: bool) -> Any:
    """The generated trainer of the widest preset without a re-ranker, over synthetic purchases."""
    from bench.defaults_study import dataset_of, load
    from bench.shapes import COLUMNS, MAPPING
    from shared.codegen import generate_trainer, make_plan
    from shared.documents.feature_config import FeatureConfig
    from shared.documents.model_config import ModelConfig
    from shared.documents.quick_test import QuickTestSpec
    from shared.rules.presets import preset

    def ids(column: str) -> dict[str, Any]:
        settings = {"min_frequency": 1}
        kind = "string_embedding"
        return {"column": column, "type": kind, "embedding_dim": 64, "vocab_settings": settings}

    past = [{"column": "product", "type": "history", "embedding_dim": 64}] if history else []
    features = {
        "dataset_id": "d",
        "buyer_model_features": [ids("customer"), *past],
        "product_model_features": [ids("product")],
    }
    plan = make_plan(
        FeatureConfig.model_validate({"id": "f", "name": "f", "spec": features}),
        ModelConfig.model_validate({"id": "m", "name": "m", "spec": preset("wide").spec}),
        dataset_of("d", folder / "none.parquet", MAPPING, COLUMNS),
        QuickTestSpec(feature_config_id="f", model_config_id="m", epochs=1),
    )
    return load(generate_trainer(plan), folder / "trainer.py")


class _Transformed:
    """Transform's output, with purchases and candidates as the transform stage writes them."""

    def __init__(self, folder: Path) -> None:
        random = np.random.default_rng(5)
        product = random.choice(PRODUCTS, ROWS, p=popularity())
        customer = random.integers(0, CUSTOMERS // 10, ROWS)
        self._columns: dict[str, Any] = {
            "buyer_customer": customer,
            "customer_index": customer,
            "moment": random.integers(1_600_000_000, 1_630_000_000, ROWS),
        }
        self._counts = folder / "candidate_index"
        counts = np.bincount(product, minlength=PRODUCTS) + 1
        self._counts.write_text("".join(f"{count} p{n}\n" for n, count in enumerate(counts)))
        self.path, self.candidates = str(folder / "rows"), str(folder / "candidates")
        self._write(self.path, product, self._columns)
        nobody = {name: np.zeros(PRODUCTS, np.int64) for name in self._columns}
        self._write(self.candidates, np.arange(PRODUCTS), nobody)

    def _write(self, path: str, product: Any, columns: dict[str, Any]) -> None:
        import pyarrow as pa

        from trainer_image.examples.tables import write_records

        of_products = {
            "product_product": product,
            "candidate_index": product,
            "candidate_id": [f"p{number}" for number in product],
        }
        table = pa.table({**columns, **of_products})
        write_records(iter(table.to_batches(16_384)), path)

    def transformed_feature_spec(self) -> dict[str, Any]:
        import tensorflow as tf

        numbers = [*self._columns, "product_product", "candidate_index"]
        return {
            "candidate_id": tf.io.FixedLenFeature([], tf.string),
            **{name: tf.io.FixedLenFeature([], tf.int64) for name in numbers},
        }

    def vocabulary_size_by_name(self, name: str) -> int:
        return CUSTOMERS // 10 if "customer" in name else PRODUCTS

    def vocabulary_file_by_name(self, name: str) -> str:
        return str(self._counts)


def _bare(module: Any, model: Any, rows: dict[str, Any], *, usual: bool) -> Callable[[], None]:
    """An epoch over the model's own weights, without Keras' loop, data sets and metrics."""
    import tensorflow as tf

    history = hasattr(module, "HistoryPool")
    customers, products = rows["buyer_customer"], rows["product_product"]
    log_q = tf.math.log(tf.gather(model.sampling, products + 1))
    query, candidate = model.query_tower, model.candidate_tower
    (of_customers,) = query.embeddings.values()
    (of_products,) = candidate.embeddings.values()
    if history:
        (pool,) = query.pools.values()
        past = model.with_history(rows)
        past, ages = tf.maximum(past["history"], 0), past["history_ages"]

    def pooled(batch: Any) -> Any:
        ids, age = tf.gather(past, batch), tf.gather(ages, batch)
        mix = tf.math.softplus(pool.mix)
        decays = tf.stack([0.5 ** (age / days) for days in pool.half_lives], axis=1)
        weights = tf.einsum("bdl,d->bl", decays, mix)
        length = tf.sqrt(tf.reduce_sum(weights**2, axis=1, keepdims=True) + 1e-6)
        table = of_products.embeddings
        if usual:
            return tf.einsum("bl,blw->bw", weights, tf.gather(table, ids)) / length
        return module.weighted_sum(tf.convert_to_tensor(table), ids, decays, mix) / length

    def loss_of(batch: Any) -> Any:
        inputs = [of_customers(tf.gather(customers, batch))]
        if history:
            inputs.append(pooled(batch))
        product = tf.gather(products, batch)
        queries = tf.math.l2_normalize(query.dense(tf.concat(inputs, axis=1)), axis=1)
        found = tf.math.l2_normalize(candidate.dense(of_products(product)), axis=1)
        logits = tf.matmul(queries / module.TEMPERATURE, found, transpose_b=True)
        logits -= tf.gather(log_q, batch)
        hits = tf.linalg.set_diag(
            product[:, tf.newaxis] == product, tf.zeros_like(product, tf.bool)
        )
        logits = tf.where(hits, -np.inf, logits)
        own = tf.range(tf.shape(logits)[0])
        return tf.reduce_sum(tf.nn.sparse_softmax_cross_entropy_with_logits(own, logits))

    @tf.function(autograph=False)  # type: ignore[untyped-decorator]
    def step(batch: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = loss_of(batch)
        gradients = tape.gradient(loss, model.trainable_variables)
        model.optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return loss

    random = np.random.default_rng(1)

    def epoch() -> None:
        order = tf.constant(random.permutation(ROWS))
        for start in range(0, ROWS, _EVERY):
            loss = step(order[start : start + _EVERY])
        loss.numpy()

    return epoch


if __name__ == "__main__":
    report_main(measure)
