"""Module file of the stock Trainer: TFRS's retrieval task with FactorizedTopK, two towers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import tensorflow as tf
import tensorflow_recommenders as tfrs
import tensorflow_transform as tft
from tfx_bsl.public import tfxio

_QUERY, _CANDIDATE = ("customer", "segment"), ("product", "category")


class Tower(tf.keras.Model):
    def __init__(self, columns: tuple[str, ...], transform: tft.TFTransformOutput) -> None:
        super().__init__()
        self.columns = columns
        self.embeddings = {
            column: tf.keras.layers.Embedding(transform.vocabulary_size_by_name(column) + 10, 32)
            for column in columns
        }
        self.dense = tf.keras.Sequential(
            [
                tf.keras.layers.Dense(128, activation="relu"),
                tf.keras.layers.Dense(64, activation="relu"),
                tf.keras.layers.Dense(32),
            ]
        )

    def call(self, features: dict[str, tf.Tensor]) -> tf.Tensor:
        parts = [self.embeddings[column](features[column]) for column in self.columns]
        return self.dense(tf.concat(parts, axis=1))


class TwoTowers(tfrs.Model):
    def __init__(self, transform: tft.TFTransformOutput, candidates: tf.data.Dataset) -> None:
        super().__init__()
        self.query_tower = Tower(_QUERY, transform)
        self.candidate_tower = Tower(_CANDIDATE, transform)
        self.task = tfrs.tasks.Retrieval(
            metrics=tfrs.metrics.FactorizedTopK(candidates.map(self.candidate_tower))
        )

    def compute_loss(self, features: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        return self.task(self.query_tower(features), self.candidate_tower(features))


def run_fn(fn_args: Any) -> None:
    """Trains, measures the held-out rows, writes `metrics.json` and saves the query tower."""
    config = fn_args.custom_config
    tf.keras.utils.set_random_seed(config["seed"])
    transform = tft.TFTransformOutput(fn_args.transform_output)

    def examples(files: list[str], batch: int, *, shuffle: bool) -> tf.data.Dataset:
        options = tfxio.TensorFlowDatasetOptions(
            batch_size=batch, num_epochs=1, shuffle=shuffle, shuffle_buffer_size=20 * batch
        )
        rows = fn_args.data_accessor.tf_dataset_factory(
            files, options, transform.transformed_metadata.schema
        )
        return rows.map(lambda row: {name: _flat(value) for name, value in row.items()})

    folder = Path(fn_args.eval_files[0]).parent.parent
    candidates = examples([str(folder / "Split-candidates" / "*")], 128, shuffle=False)
    model = TwoTowers(transform, candidates.cache())
    model.compile(optimizer=tf.keras.optimizers.Adam(config["learning_rate"]))
    model.fit(
        examples(fn_args.train_files, config["batch_size"], shuffle=True),
        epochs=config["epochs"],
        verbose=2,
    )
    held_out = examples(fn_args.eval_files, config["batch_size"], shuffle=False)
    found = model.evaluate(held_out, return_dict=True, verbose=2)
    recall = float(found["factorized_top_k/top_100_categorical_accuracy"])
    Path(config["metrics"]).write_text(json.dumps({"recall_at_100": recall}))

    layer = transform.transform_features_layer()
    model.query_tower.transform = layer
    raw = {name: tf.TensorSpec([None, 1], tf.string, name=name) for name in _QUERY}
    others = [name for name in transform.raw_feature_spec() if name not in _QUERY]

    @tf.function(input_signature=[raw])
    def serve(given: dict[str, tf.Tensor]) -> tf.Tensor:
        rows = tf.shape(given["customer"])
        features = layer({**given, **{name: tf.fill(rows, "") for name in others}})
        return model.query_tower({name: _flat(features[name]) for name in _QUERY})

    tf.saved_model.save(model.query_tower, fn_args.serving_model_dir, {"serving_default": serve})


def _flat(value: Any) -> tf.Tensor:
    dense = tf.sparse.to_dense(value) if isinstance(value, tf.SparseTensor) else value
    return tf.reshape(dense, [-1])
