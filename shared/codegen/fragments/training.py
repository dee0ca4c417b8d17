"""`run_fn` and what it needs."""

from __future__ import annotations

import json
import math
import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_transform as tft

from shared.codegen.fragments.examples import find_examples
from shared.codegen.fragments.fitting import first_moment, fit_reranker, lists_of, reranker_of
from shared.codegen.fragments.given import (
    AVAILABILITY,
    BIASES,
    CUSTOMER_ROW,
    DRAWS,
    DROPS_OUT,
    EARLY_STOPPING_PATIENCE,
    EPOCHS,
    EVENT_KINDS,
    FITS,
    HISTORY,
    LEARNING_RATE,
    LOOKS_BACK,
    OPTIMIZER,
    PRODUCT_ROW,
    RATES,
    RERANKS,
    RETRIEVES,
    SCANN,
    SEED,
    STOPS_EARLY,
)
from shared.codegen.fragments.history import read_purchases
from shared.codegen.fragments.item_item import known_before
from shared.codegen.fragments.model import TwoTowerModel
from shared.codegen.fragments.products import Products
from shared.codegen.fragments.serving import ServingModel


def run_fn(fn_args: Any) -> None:
    """Trains the model and saves it.

    Args:
        fn_args: what TFX's Trainer passes, or any object with the attributes
            `train_files`, `eval_files`: glob patterns of TFRecords with transformed examples;
            `transform_output`: folder of Transform's graph and vocabularies;
            `serving_model_dir`: where the SavedModel goes;
            `model_run_dir`: where the log of the epochs goes, as `progress.json`;
            `custom_config`: `{"candidate_files": patterns}`, transformed examples of all products,
            one each; `"fitting_files"`, those of the training rows that are kept from the first
            training, if any; `"history_files"`, those of events that are history alone, where
            events have kinds; `"unavailable_files"`, those of products that are never recommended,
            where that is known; optionally `"progress_file"`, instead of the one in
            `model_run_dir`, and `"fit"`, called as `fit(model, batches, …)` instead of Keras'
            `Model.fit`, such as one that keeps checkpoints and goes on from them.
    """
    tf.keras.utils.set_random_seed(SEED)
    if DRAWS:
        # Of what is random in a step; generators have a state that can be kept.
        tf.random.set_global_generator(tf.random.Generator.from_seed(SEED))
    if DROPS_OUT:
        tf.keras.backend.experimental.enable_tf_random_generator()
    options = fn_args.custom_config or {}
    fit = options.get("fit", tf.keras.Model.fit)
    transform = tft.TFTransformOutput(fn_args.transform_output)
    training = find_examples(fn_args.train_files, transform)
    if FITS:
        fitting = find_examples(options["fitting_files"], transform)
    if RETRIEVES or LOOKS_BACK:
        products = Products(options["candidate_files"], transform)
    if LOOKS_BACK:
        purchases_in = [training, fitting] if FITS else [training]
        if EVENT_KINDS:
            others = find_examples(options["history_files"], transform)
            purchases_in.append(others)
        purchases = read_purchases(purchases_in, products)
    model = TwoTowerModel(transform, products, purchases) if HISTORY else TwoTowerModel(transform)
    model.compile(optimizer=OPTIMIZER(learning_rate=LEARNING_RATE))
    create_variables(model, training.batches())
    if BIASES:
        model.start_from(training.columns("label", CUSTOMER_ROW, PRODUCT_ROW))
    elif RATES:
        model.start_from(training.columns("label"))
    progress = options.get("progress_file", os.path.join(fn_args.model_run_dir, "progress.json"))
    callbacks: list[tf.keras.callbacks.Callback] = [WriteProgress(progress)]
    if STOPS_EARLY:
        callbacks.append(early_stopping())
    if RERANKS:
        earlier = read_purchases([training, others] if EVENT_KINDS else [training], products)
        # Needs no towers, and the epochs leave a core to it.
        beside = ThreadPoolExecutor(1)
        first = first_moment(earlier, fitting.columns("customer_index", "moment"))
        known_earlier, known = (
            beside.submit(known_before, of, moment, len(products.ids))
            for of, moment in ((earlier, first), (purchases, purchases.end))
        )
    validation = fitting if FITS else find_examples(fn_args.eval_files, transform)
    fit(
        model,
        training.batches(shuffle=True),
        validation_data=validation.batches(),
        epochs=EPOCHS,
        verbose=2,
        callbacks=callbacks,
    )
    serving = ServingModel(model, transform)
    if LOOKS_BACK:
        serving.know_past(purchases, products)
    if AVAILABILITY:
        unavailable = find_examples(options["unavailable_files"], transform)
        serving.offer_all_but(unavailable.columns("candidate_id")["candidate_id"], products)
    if RERANKS:
        lists = lists_of(model, products, earlier, fitting.columns(), known_earlier.result())
        reranker = reranker_of(lists)
        serving.rerank_by(reranker, lists.number, known.result())
        if not SCANN:
            # What follows changes nothing but weights, and making graphs takes another core.
            serving.index_products(products)
            graphs = beside.submit(serving.signatures)
        beside.shutdown(wait=False)
        fit_reranker(reranker, lists)
    if FITS:
        # What the slice was kept for is settled: the towers learn from it too.
        if LOOKS_BACK:
            newest = training.since(newest_since(fitting.column("moment")), fitting)
        else:
            newest = fitting.batches(shuffle=True)
        callbacks[0].newest_rows = True
        fit(
            model,
            newest,
            initial_epoch=len(callbacks[0].epochs),
            epochs=len(callbacks[0].epochs) + 1,
            verbose=2,
            callbacks=callbacks[:1],
        )
    if RERANKS and not SCANN:
        serving.embed_again(products)
        signatures = graphs.result()
    else:
        if RETRIEVES:
            serving.index_products(products)
        if SCANN:
            serving.tune_index(training.batches(shuffle=True))
        signatures = serving.signatures()
    serving.save(fn_args.serving_model_dir, signatures)


def early_stopping() -> tf.keras.callbacks.Callback:
    """Ends the training after EARLY_STOPPING_PATIENCE epochs in a row without a lower validation
    loss per example than ever before. The weights of the best epoch are kept in any case."""
    return tf.keras.callbacks.EarlyStopping(
        monitor="val_loss_per_example",
        mode="min",
        patience=EARLY_STOPPING_PATIENCE,
        restore_best_weights=True,
    )


def create_variables(model: TwoTowerModel, examples: tf.data.Dataset) -> None:
    """Creates weights and slots by one row: a first step that creates any is traced twice."""
    for batch in examples.take(1):
        model.compute_loss({name: values[:1] for name, values in batch.items()})
    model.optimizer.build(model.trainable_variables)


def newest_since(fitting_slice: np.ndarray) -> int:
    """The moment from which rows are trained on once more: as long before the fitting slice as the
    slice lasts; before all rows, if the slice is random and some of its moments are not known.

    Args:
        fitting_slice: its moments, [rows].
    """
    unknown = np.iinfo(np.int64).min
    if not len(fitting_slice) or fitting_slice.min() == unknown:
        return unknown
    return int(2 * fitting_slice.min() - fitting_slice.max())


class WriteProgress(tf.keras.callbacks.Callback):
    """Writes the losses of all epochs so far into a JSON file after each."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.epochs: list[dict[str, Any]] = []
        self.newest_rows = False
        self.started = time.monotonic()

    def on_epoch_begin(self, *_: Any) -> None:
        self.started = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        logs = logs or {}
        loss = float(logs["loss_per_example"])
        if not math.isfinite(loss):
            raise ValueError(f"the loss became {loss} in epoch {epoch + 1}")
        self.epochs.append(
            {
                "epoch": epoch + 1,
                "loss": loss,
                "validation_loss": logs.get("val_loss_per_example"),
                "seconds": round(time.monotonic() - self.started, 3),
                "newest_rows": self.newest_rows,
            }
        )
        tf.io.gfile.makedirs(os.path.dirname(self.path))
        with tf.io.gfile.GFile(self.path + ".part", "w") as file:
            file.write(json.dumps(self.epochs))
        tf.io.gfile.rename(self.path + ".part", self.path, overwrite=True)
