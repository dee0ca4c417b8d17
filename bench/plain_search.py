"""The same search as a script of a few lines does it: a query's embedding by the saved model, and
ScaNN over the embeddings of all products.

python -m bench.plain_search ARTIFACTS_URI K < queries.json

Queries are raw values by column, as predictions name them. Prints the seconds of each search as
JSON, one query at a time. No rules, no ratings, no names.
"""

from __future__ import annotations

import json
import math
import os
import sys
import time
from typing import Any

from bench.bare import REQUESTS, WARM_UP, asked_apart


def plain_search(artifacts_uri: str, queries: list[dict[str, Any]], k: int) -> list[float]:
    """Seconds of each of REQUESTS searches, by a process of the trainer's environment."""
    return asked_apart("bench.plain_search", queries, artifacts_uri, str(k))


def _measured(artifacts_uri: str, k: int) -> list[float]:
    os.environ["TF_NUM_INTEROP_THREADS"] = "1"  # as it is served
    import numpy as np
    import pyarrow.parquet as pq
    import scann

    from shared.jobs import JobRequest
    from trainer_image.job.locations import Locations, path_of
    from trainer_image.serving.saved_model import SavedModel, complete

    places = Locations(path_of(artifacts_uri))
    with open(places["request.json"], "rb") as file:  # noqa: PTH123
        spec = JobRequest.model_validate_json(file.read()).examples
    model = SavedModel(places.model)
    columns = {feature.key: feature.column for feature in spec.features}
    of_query, of_product = (model.types(f"{side}_embedding") for side in ("query", "candidate"))
    described = pq.read_table(places.candidates)["attributes"].combine_chunks()
    parts = []
    for start in range(0, len(described), 65_536):
        some = described.slice(start, 65_536)
        raw = {key: some.field(key).to_pylist() for key in of_product}
        found = model.call("candidate_embedding", complete(raw, of_product))
        parts.append(found["embedding"])
    products = np.concatenate(parts)
    # As ScaNN's own example builds it.
    builder = scann.scann_ops_pybind.builder(products, k, "dot_product")
    leaves = round(math.sqrt(len(products)))
    if len(products) >= 100_000:
        builder = builder.tree(leaves, max(1, leaves // 20), training_sample_size=250_000)
        builder = builder.score_ah(2, anisotropic_quantization_threshold=0.2).reorder(100)
    else:
        builder = builder.score_brute_force()
    searcher = builder.build()
    seconds = []
    for number in range(WARM_UP + REQUESTS):
        query = queries[number % len(queries)]
        given = complete({key: [query.get(columns[key])] for key in of_query}, of_query)
        began = time.perf_counter()
        searcher.search(model.call("query_embedding", given)["embedding"][0])
        seconds.append(time.perf_counter() - began)
    return seconds[WARM_UP:]


if __name__ == "__main__":
    queries = json.load(sys.stdin)
    print(json.dumps(_measured(sys.argv[1], int(sys.argv[2]))))
