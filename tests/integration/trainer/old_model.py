"""Saves a model as earlier versions did, and reads it, in the trainer's environment.

python -m tests.integration.trainer.old_model FOLDER

writes what was read into `FOLDER/read.json`.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

os.environ["TF_USE_LEGACY_KERAS"] = "1"

import tensorflow as tf

from trainer_image.serving.saved_model import SavedModel
from trainer_image.serving.served import load_model

_RAW = {"customer": tf.TensorSpec([None], tf.string, name="customer")}


def main() -> None:
    folder = Path(sys.argv[1])
    save(str(folder / "model"))
    model = load_model(str(folder / "model"))
    customers = {"customer": tf.constant(["one", "three"])}
    saved = SavedModel(str(folder / "model"))
    answer = saved.call("serving_default", {"customer": ["one"]})
    read = {
        "index": dict(model.index or {}),
        "tensor": model.tensor_signature("query")(**customers)["tensor"].numpy().tolist(),
        "signatures": saved.signatures,
        "looks_back": saved.looks_back,
        "answer": answer["candidate_ids"].astype(str).tolist(),
    }
    (folder / "read.json").write_text(json.dumps(read))


def save(folder: str) -> None:
    """Its signatures of queries: products, embeddings with tensors, and facts of the index."""

    @tf.function(input_signature=[_RAW])  # type: ignore[untyped-decorator]
    def recommend(raw: dict[str, Any]) -> dict[str, Any]:
        scores = tf.zeros([tf.size(raw["customer"]), 1])
        return {"candidate_ids": tf.strings.as_string(scores), "scores": scores}

    @tf.function(input_signature=[_RAW])  # type: ignore[untyped-decorator]
    def embed_query(raw: dict[str, Any]) -> dict[str, Any]:
        tensor = tf.cast(tf.strings.length(raw["customer"]), tf.float32)[:, tf.newaxis]
        return {"embedding": -tensor, "tensor": tensor}

    @tf.function(input_signature=[])  # type: ignore[untyped-decorator]
    def describe_index() -> dict[str, Any]:
        return {
            "algorithm": tf.constant("scann"),
            "wanted": tf.constant("scann"),
            "num_leaves": tf.constant(40),
            "leaves_to_search": tf.constant(7),
        }

    signatures = {
        "serving_default": recommend,
        "query_embedding": embed_query,
        "index": describe_index,
    }
    tf.saved_model.save(tf.Module(), folder, signatures=signatures)


if __name__ == "__main__":
    main()
