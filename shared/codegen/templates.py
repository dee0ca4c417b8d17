"""The parts of the trainer module that no document changes."""

from __future__ import annotations

TRAINING = '''
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
    query_layers, candidate_layers = tower_layers()
    model = RetrievalModel(
        QueryTower(transform, query_layers),
        CandidateTower(transform, candidate_layers),
        sampling_probabilities(transform),
    )
    model.compile(optimizer=getattr(tf.keras.optimizers, OPTIMIZER)(learning_rate=LEARNING_RATE))
    progress = options.get("progress_file", os.path.join(fn_args.model_run_dir, "progress.json"))
    model.fit(
        read_examples(fn_args.train_files, transform, shuffle=True),
        validation_data=read_examples(fn_args.eval_files, transform),
        epochs=EPOCHS,
        verbose=2,
        callbacks=[WriteProgress(progress)],
    )
    save(model, transform, options["candidate_files"], fn_args.serving_model_dir)


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
    return (
        records.batch(BATCH_SIZE)
        .map(lambda batch: tf.io.parse_example(batch, spec), num_parallel_calls=2)
        .prefetch(2)
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

SERVING = '''
class ServingModel(tf.Module):
    """What is served: raw values in, the best products out.

    It holds the towers' weights and functions, not the towers: saving a Keras object traces it
    several times over.
    """

    def __init__(
        self,
        model: RetrievalModel,
        transform: tft.TFTransformOutput,
        candidate_files: list[str],
    ) -> None:
        super().__init__()
        query_tower, candidate_tower = model.query_tower, model.candidate_tower
        batches = list(read_examples(candidate_files, transform))
        ids = tf.concat([batch["candidate_id"] for batch in batches], axis=0)
        embeddings = tf.concat([candidate_tower(batch) for batch in batches], axis=0)
        top_k = min(TOP_K, len(ids))
        self.transform = tf.saved_model.load(transform.transform_savedmodel_dir)
        self.tower_weights = [*query_tower.variables, *candidate_tower.variables]
        self.candidate_ids = tf.Variable(ids, trainable=False)
        self.candidate_embeddings = tf.Variable(embeddings, trainable=False)

        @tf.function(input_signature=[raw_signature(QUERY_FEATURES)], autograph=False)
        def embed_query(raw: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
            return {"embedding": query_tower(self.features(raw))}

        @tf.function(input_signature=[raw_signature(CANDIDATE_FEATURES)], autograph=False)
        def embed_candidate(raw: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
            return {"embedding": candidate_tower(self.features(raw))}

        @tf.function(input_signature=[raw_signature(QUERY_FEATURES)], autograph=False)
        def recommend(raw: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
            queries = embed_query(raw)["embedding"]
            scores = tf.matmul(queries, self.candidate_embeddings, transpose_b=True)
            best, rows = tf.math.top_k(scores, k=top_k)
            return {"candidate_ids": tf.gather(self.candidate_ids, rows), "scores": best}

        self.functions = {
            "serving_default": recommend,
            "query_embedding": embed_query,
            "candidate_embedding": embed_candidate,
        }

    def features(self, raw: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Transformed features; raw features that are not given count as missing."""
        rows = tf.shape(next(iter(raw.values())))
        given = {
            key: raw[key] if key in raw else tf.fill(rows, tf.constant(missing, dtype))
            for key, (dtype, missing) in RAW_FEATURES.items()
        }
        return self.transform.transform_fn(given)


def raw_signature(keys: list[str]) -> dict[str, tf.TensorSpec]:
    return {key: tf.TensorSpec([None], RAW_FEATURES[key][0], name=key) for key in keys}


def save(
    model: RetrievalModel,
    transform: tft.TFTransformOutput,
    candidate_files: list[str],
    folder: str,
) -> None:
    """Saves towers, product index and preprocessing as one SavedModel."""
    serving = ServingModel(model, transform, candidate_files)
    tf.saved_model.save(serving, folder, signatures=dict(serving.functions))
'''
