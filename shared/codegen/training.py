"""The part of the trainer module that trains."""

from __future__ import annotations

_RUN = '''
def run_fn(fn_args: Any) -> None:
    """Trains the model and saves it.

    Args:
        fn_args: what TFX's Trainer passes, or any object with the attributes
            `train_files`, `eval_files`: glob patterns of TFRecords with transformed examples;
            `transform_output`: folder of Transform's graph and vocabularies;
            `serving_model_dir`: where the SavedModel goes;
            `model_run_dir`: where the log of the epochs goes, as `progress.json`;
            `custom_config`: `{"candidate_files": patterns}`, transformed examples of all products,
            one each; optionally `"progress_file"`, instead of the one in `model_run_dir`.
    """
    tf.keras.utils.set_random_seed(SEED)
    options = fn_args.custom_config or {}
    transform = tft.TFTransformOutput(fn_args.transform_output)
    model = TwoTowerModel(transform)
    model.compile(optimizer=getattr(tf.keras.optimizers, OPTIMIZER)(learning_rate=LEARNING_RATE))
    create_variables(model, read_examples(fn_args.train_files, transform))
    progress = options.get("progress_file", os.path.join(fn_args.model_run_dir, "progress.json"))
    model.fit(
        read_examples(fn_args.train_files, transform, shuffle=True),
        validation_data=read_examples(fn_args.eval_files, transform),
        epochs=EPOCHS,
        verbose=2,
        callbacks=[WriteProgress(progress){stopping}],
    )
    candidate_files = options["candidate_files"]
    save(model, transform, candidate_files, fn_args.train_files, fn_args.serving_model_dir)
'''

_STOPPING = '''
def early_stopping() -> tf.keras.callbacks.Callback:
    """Ends the training after EARLY_STOPPING_PATIENCE epochs in a row without a lower validation
    loss per example than ever before. The weights of the best epoch are kept in any case."""
    return tf.keras.callbacks.EarlyStopping(
        monitor="val_loss_per_example",
        mode="min",
        patience=EARLY_STOPPING_PATIENCE,
        restore_best_weights=True,
    )
'''

_REST = '''
def create_variables(model: TwoTowerModel, examples: tf.data.Dataset) -> None:
    """Creates weights and slots by one row: a first step that creates any is traced twice."""
    for batch in examples.take(1):
        model.compute_loss({name: values[:1] for name, values in batch.items()})
    model.optimizer.build(model.trainable_variables)


def read_examples(
    patterns: list[str], transform: tft.TFTransformOutput, shuffle: bool = False
) -> tf.data.Dataset:
    """Batches of transformed examples, read in a fixed order, then shuffled by the seed."""
    files = sorted(path for pattern in patterns for path in tf.io.gfile.glob(pattern))
    compression = "GZIP" if files and files[0].endswith(".gz") else ""
    records = tf.data.TFRecordDataset(files, compression_type=compression)
    if shuffle:
        records = records.shuffle(20 * BATCH_SIZE, seed=SEED)
    spec = transform.transformed_feature_spec()
    # There is nothing to tune, and the thread that would can take a second to end with each epoch.
    options = tf.data.Options()
    options.autotune.enabled = False
    return (
        records.batch(BATCH_SIZE)
        .map(lambda batch: tf.io.parse_example(batch, spec), num_parallel_calls=2)
        .prefetch(2)
        .with_options(options)
    )


class WriteProgress(tf.keras.callbacks.Callback):
    """Writes the losses of all epochs so far into a JSON file after each."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.epochs: list[dict[str, Any]] = []
        self.started = time.monotonic()

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
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
            }
        )
        tf.io.gfile.makedirs(os.path.dirname(self.path))
        with tf.io.gfile.GFile(self.path + ".part", "w") as file:
            file.write(json.dumps(self.epochs))
        tf.io.gfile.rename(self.path + ".part", self.path, overwrite=True)
'''


def training(*, stops_early: bool) -> str:
    """`run_fn` and what it needs, except for the settings."""
    stopping = ", early_stopping()" if stops_early else ""
    parts = [_RUN.replace("{stopping}", stopping), _STOPPING if stops_early else "", _REST]
    return "\n\n\n".join(part.strip("\n") for part in parts if part)
