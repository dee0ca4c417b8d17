"""Batches of a real model beside what the model answers to single requests.

python -m tests.integration.trainer.filled FOLDER JOB

JOB is what a job has left. `FOLDER/single.json` has the answers to single requests, `exact.json`
the vectors of customers by the model itself, `avro.json` what is read back of Avro files.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

from shared.batches import BatchError, Manifest
from shared.predictions import ListName, PredictionRequest
from trainer_image import batch
from trainer_image.job.leave import leave
from trainer_image.job.locations import Locations, path_of
from trainer_image.serving.batches.folder import RemoteFolder, folder_of
from trainer_image.serving.batches.models import request_of
from trainer_image.serving.batches.subjects import known_customers
from trainer_image.serving.predictor import Predictor
from trainer_image.serving.saved_model import SavedModel, complete

K = 5
ASKED = 40


def main(folder: Path, job: str) -> None:
    os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
    model = SavedModel(f"{job}/model")
    uri = Path(job).as_uri()

    def fill(name: str, *options: str) -> Manifest:
        # Of an option that is given twice, the later one counts.
        arguments = ["--artifacts", uri, "--out", str(folder / name), *options]
        return batch.batch(batch.parsed(arguments), lambda _: None, lambda _: model)

    for one in ListName:
        fill(one.value, "--list", one.value, "--k", str(K), "--shards", "3")
    fill("bucket", "--k", "1")
    # Over TensorFlow's files of this machine, for those in memory are never replaced.
    bucket = RemoteFolder(f"file://{folder}/remote")
    batch.folder_of = lambda _: bucket
    remote = fill(
        *("remote", "--k", "1", "--shards", "2", "--artifacts", in_a_bucket(job)),
        *("--customers", listed_in_a_bucket(uri)),
    )
    batch.folder_of = folder_of
    fill("products", "--write", "products", "--format", "parquet", "--shards", "2")
    fill("customers", "--write", "customers", "--format", "parquet", "--shards", "2")
    fill("jsonl", "--write", "products")
    fill("avro", "--write", "products", "--format", "avro")

    predictor = Predictor(uri, lambda _: model)
    known = [one.customer_id for one in predictor.describe(None, ASKED).customers]
    single = {
        one.value: {
            customer: [
                found.model_dump()
                for found in predictor.predict(
                    PredictionRequest(customer_id=customer, k=K, list=one)
                ).recommendations
            ]
            for customer in known
        }
        for one in ListName
    }
    write(folder / "single.json", single)
    write(folder / "exact.json", {one: in_order(predictor, model, one) for one in known})
    write(folder / "avro.json", read_avro(folder / "avro" / "data"))
    write(folder / "remote.json", read_remote(bucket, remote))


def in_a_bucket(job: str) -> str:
    """The URI of a copy of what a job has left, but for the model."""
    import tensorflow as tf

    uri = "ram://shop/jobs/job"
    for path in Path(job).rglob("*"):
        name = path.relative_to(job)
        if path.is_file() and name.parts[0] != "model":
            tf.io.gfile.makedirs(f"{uri}/{name.parent.as_posix()}")
            tf.io.gfile.copy(str(path), f"{uri}/{name.as_posix()}")
    return uri


def listed_in_a_bucket(uri: str) -> str:
    """The URI of a list of all customers that a job's model knows."""
    import tensorflow as tf

    places = Locations(path_of(uri))
    spec = request_of(uri).examples
    ids = known_customers(places, spec).to_pylist()
    with tf.io.gfile.GFile("ram://shop/lists/all.txt", "w") as file:
        file.write("\n".join(ids))
    return "ram://shop/lists/all.txt"


def in_order(predictor: Predictor, model: SavedModel, customer: str) -> list[float]:
    """The model's own vector of a customer, asked for by what a single request is asked with."""
    reader: Any = predictor._reader
    query = reader.read(PredictionRequest(customer_id=customer, k=1)).query
    types = model.types("query_embedding")
    rows = complete({key: [query.get(key)] for key in types}, types)
    vector: list[float] = np.asarray(model.call("query_embedding", rows)["embedding"])[0].tolist()
    return vector


def read_avro(data: Path) -> list[Any]:
    import fastavro  # type: ignore[import-not-found]

    records = []
    for path in sorted(data.iterdir()):
        with path.open("rb") as file:
            records += list(fastavro.reader(file))
    return records


def read_remote(bucket: RemoteFolder, manifest: Manifest) -> dict[str, Any]:
    """Whether files in a bucket are what the manifest says, and what is refused there."""
    try:
        bucket.claim()
        refused = ""
    except BatchError as error:
        refused = str(error)
    shards = manifest.shards.values()
    return {
        "files": {one.file: bucket.sha256(one.file) == one.sha256 for one in shards},
        "rows": manifest.rows,
        "refused": refused,
    }


def write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
    leave(0)
