"""Trains generated models on purchases with a planted structure, in the trainer's environment.

python -m tests.integration.trainer.models FOLDER

writes `FOLDER/report.json`, which `test_models.py` judges. One process, for importing TensorFlow
takes longer than most of the trainings.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa

from bench.defaults_study import Data, load, shape_data, training_files
from shared.codegen import generate_trainer, make_plan
from shared.documents.model_config import ModelConfig
from shared.examples import ExamplesSpec
from tests.integration.trainer.trainings import (
    BINARY_RATING,
    EARLY_LOSSES,
    PATIENCE,
    RATING,
    SHAPE,
    SPEC,
    STARTS,
    TRAININGS,
)
from trainer_image.evaluation.evaluate import evaluate
from trainer_image.serving.served import load_model
from trainer_image.training.transform import materialize


def main() -> None:
    folder = Path(sys.argv[1])
    data = shape_data(SHAPE, RATING)
    report: dict[str, Any] = {
        "oracle": loss_oracle(data, folder),
        "start": {loss: start(data, loss, folder) for loss in ("mse", "binary_crossentropy")},
    }
    for name, changes in TRAININGS.items():
        report[name] = train(data, name, changes, folder / name.replace(" ", "-"))
    stops = {"epochs": len(EARLY_LOSSES) + 1, "early_stopping_patience": PATIENCE}
    report["early stopping"] = train(data, "early stopping", {}, folder / "early", **stops)
    report["another seed"] = train(data, "another seed", {}, folder / "seed", seed=7)
    mixed = shuffled_labels(data, folder / "shuffled.tfrecord")
    report["shuffled labels"] = train(data, "shuffled labels", {}, folder / "shuffled", mixed)
    liked = shape_data(SHAPE, BINARY_RATING)
    for task in ("ranking", "multitask"):
        changes = TRAININGS[f"{task} binary_crossentropy"]
        found = train(liked, f"binary {task}", changes, folder / f"binary-{task}")
        found["given"] = given(liked, folder / f"binary-{task}" / "model", task)
        report[f"binary {task}"] = found
    (folder / "report.json").write_text(json.dumps(report))


def module_of(
    data: Data, changes: dict[str, Any], folder: Path, **training: Any
) -> tuple[Any, ModelConfig]:
    spec = {**SPEC, "learning_rate": 0.005, **changes}
    model = ModelConfig.model_validate({"id": "mc", "name": "m", "spec": spec})
    folder.mkdir(parents=True, exist_ok=True)
    test = data.test.model_copy(update={"epochs": 4, "seed": 42, **training})
    plan = make_plan(data.features, model, data.dataset, test)
    module = load(generate_trainer(plan), folder / "trainer.py")
    missing = (module.tf.float32, float("nan"))
    module.RAW_FEATURES.setdefault(data.test.rating_column, missing)
    return module, model


def train(
    data: Data,
    name: str,
    changes: dict[str, Any],
    folder: Path,
    train_file: str | None = None,
    **training: Any,
) -> dict[str, Any]:
    """Args:
    train_file: transformed rows to train on, instead of the data's own.
    training: fields of the quick test.
    """
    module, model = module_of(data, changes, folder, **training)
    kept: list[Any] = []
    serving = module.ServingModel

    def serve(trained: Any, *rest: Any) -> Any:
        kept.append(trained)
        return serving(trained, *rest)

    module.ServingModel = serve
    places = data.places
    files = training_files(module, places)
    kept_losses: list[float] = []
    if name == "early stopping":
        follow(module, EARLY_LOSSES, data, kept_losses)
    started = time.monotonic()
    with contextlib.redirect_stdout(io.StringIO()):
        module.run_fn(
            SimpleNamespace(
                train_files=[train_file] if train_file else files["train_files"],
                eval_files=[places.transformed("eval")],
                transform_output=places.transform_graph,
                serving_model_dir=str(folder / "model"),
                model_run_dir=str(folder),
                custom_config=files["custom_config"],
            )
        )
    (trained,) = kept
    spec = spec_of(data, model.spec.rates)
    evaluation = evaluate(load_model(str(folder / "model")), spec, data.examples)
    report = {
        "seconds": time.monotonic() - started,
        "epochs": json.loads((folder / "progress.json").read_text()),
        **evaluation.report.model_dump(mode="json"),
        "replicates": evaluation.replicates.model_dump(mode="json"),
        "parameters": {
            "trainable": int(sum(np.prod(v.shape) for v in trained.trainable_variables)),
            "towers": [
                int(tower.count_params())
                for tower in (trained.query_tower, trained.candidate_tower)
            ],
        },
        "input_widths": [
            int(tower.dense.layers[0].kernel.shape[0])
            for tower in (trained.query_tower, trained.candidate_tower)
        ],
    }
    if name == "early stopping":
        (report["kept_loss"],) = kept_losses
    if name == "retrieval adam":
        report["unknown"] = unknown_customers(data, folder / "model", spec)
    return report


def follow(module: Any, losses: Sequence[float], data: Data, kept: list[float]) -> None:
    """Early stopping goes by these losses, one an epoch, instead of the true ones. The true one of
    the weights that it leaves goes into `kept`."""
    made = module.early_stopping
    transform = module.tft.TFTransformOutput(data.places.transform_graph)
    rows = module.find_examples([data.places.transformed("fitting")], transform).batches()

    def early_stopping() -> Any:
        stopping, given = made(), iter(losses)

        def value(logs: dict[str, float]) -> float:
            assert logs[stopping.monitor] > 0
            return next(given)

        def measure(logs: dict[str, float] | None = None) -> None:
            end(logs)
            found = stopping.model.evaluate(rows, verbose=0, return_dict=True)
            kept.append(float(found["loss_per_example"]))

        end, stopping.on_train_end = stopping.on_train_end, measure
        stopping.get_monitor_value = value
        return stopping

    module.early_stopping = early_stopping


def shuffled_labels(data: Data, path: Path) -> str:
    """A file of training rows whose products are dealt to them at random: nothing to learn but
    what is popular."""
    rows = data.examples.train
    spec = spec_of(data, rates=False)
    dealt = rows.take(np.random.default_rng(5).permutation(len(rows)))
    for key in {spec.product_key, *spec.candidate_keys}:
        rows = rows.set_column(rows.column_names.index(key), key, dealt[key])
    materialize(data.places.transform_graph, {str(path): rows})
    return str(path)


def given(data: Data, model: Path, task: str) -> dict[str, Any]:
    """What a report is made of: the rows, and the ratings by the model's own signature."""
    import tensorflow as tf

    signatures = load_model(str(model)).signatures
    signature = signatures["serving_default" if task == "ranking" else "rating"]
    rows = data.examples.eval
    _, inputs = signature.structured_input_signature
    raw = {key: tf.constant(rows[key].to_numpy(), spec.dtype) for key, spec in inputs.items()}
    ratings = signature(**raw)["rating"].numpy().tolist()
    columns = ("customer", "product", BINARY_RATING)
    return {
        "ratings": ratings,
        "eval": rows.select(columns).to_pydict(),
        "train": data.examples.train.select(columns).to_pydict(),
    }


def spec_of(data: Data, rates: bool) -> ExamplesSpec:
    return data.spec if rates else data.spec.model_copy(update={"label_key": None})


def unknown_customers(data: Data, model: Path, spec: ExamplesSpec) -> dict[str, float]:
    """The same held-out rows, as if nobody had ever seen their customers."""
    held_out = data.examples.eval
    place = held_out.schema.get_field_index("customer")
    strangers = pa.array([f"stranger {row % 50}" for row in range(len(held_out))])
    held_out = held_out.set_column(place, "customer", strangers)
    examples = replace(data.examples, eval=held_out)
    return evaluate(load_model(str(model)), spec, examples).report.metrics


def loss_oracle(data: Data, folder: Path) -> dict[str, Any]:
    """By settings: the generated loss and TFRS's own on the same random embeddings, each with its
    gradients, where rows weigh differently."""
    import tensorflow as tf
    import tensorflow_recommenders as tfrs

    random = np.random.default_rng(3)
    # The last of them are not among the training rows, and share one probability.
    products = random.integers(0, 18, 40)
    ids = tf.constant([f"p{product}" for product in products])
    sampling = random.dirichlet(np.ones(16))
    numbers = np.minimum(products, 15)
    probability = tf.constant(sampling[numbers], tf.float32)
    features = {"candidate_id": ids, "candidate_index": tf.constant(numbers - 1)}
    table = SimpleNamespace(sampling=tf.constant(sampling, tf.float32))
    weights = tf.constant(random.uniform(0.5, 2, 40), tf.float32)
    found = {}
    for number, (logq, hits, temperature, unit) in enumerate(
        product((True, False), (True, False), (0.3, 0.01), (True, False))
    ):
        changes = {"logq_correction": logq, "remove_accidental_hits": hits}
        changes |= {"normalize_embeddings": unit}
        module, _ = module_of(data, changes, folder / f"oracle-{number}")
        module.TEMPERATURE = temperature  # as whoever owns the file may
        sides = [random.normal(size=(40, 8)) for _ in range(2)]
        if unit:
            sides = [side / np.linalg.norm(side, axis=1, keepdims=True) for side in sides]
        sides = [tf.Variable(side, dtype=tf.float32) for side in sides]
        task = tfrs.tasks.Retrieval(
            metrics=None, temperature=temperature, remove_accidental_hits=hits
        )
        with tf.GradientTape(persistent=True) as tape:
            losses = module.TwoTowerModel.retrieval_losses(table, *sides, features)
            ours = tf.reduce_sum(weights * losses)
            theirs = task(
                *sides,
                sample_weight=weights,
                candidate_sampling_probability=probability if logq else None,
                candidate_ids=tf.constant(products) if hits else None,
            )
        found[" ".join(map(str, (logq, hits, temperature, unit)))] = {
            name: [float(loss), [side.numpy().tolist() for side in tape.gradient(loss, sides)]]
            for name, loss in (("ours", ours), ("tfrs", theirs))
        }
    return found


def start(data: Data, loss: str, folder: Path) -> dict[str, list[float]]:
    """Where ratings start from, and their unit, by labels."""
    import tensorflow as tf

    module, _ = module_of(data, TRAININGS[f"ranking {loss}"], folder / f"start-{loss}")
    found = {}
    for name, labels in STARTS.items():
        found[name] = [float(one) for one in module.rating_start(tf.constant(labels, tf.float32))]
    return found


if __name__ == "__main__":
    main()
