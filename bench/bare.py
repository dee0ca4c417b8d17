"""A saved model called by its signatures alone, in a process that does nothing else: what servers
are measured against.

python -m bench.bare ARTIFACTS_URI K BATCH < queries.json

Queries are raw values by column, as predictions name them. Prints the seconds of each call as JSON:
of BATCH queries at once, whose best K products are found and rated, where the model rates.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import time
from typing import Any

REQUESTS, WARM_UP = 300, 20


def bare(artifacts_uri: str, queries: list[dict[str, Any]], k: int, batch: int = 1) -> list[float]:
    """Seconds of each of REQUESTS calls, by a process of the trainer's environment."""
    return asked_apart("bench.bare", queries, artifacts_uri, str(k), str(batch))


def asked_apart(module: str, queries: list[dict[str, Any]], *arguments: str) -> list[float]:
    """The seconds that a module prints, run in a process of the trainer's environment."""
    from local.jobs.environment import trainer_python

    command = [trainer_python(), "-m", module, *arguments]
    ended = subprocess.run(
        command, input=json.dumps(queries), stdout=subprocess.PIPE, text=True, check=True
    )
    seconds: list[float] = json.loads(ended.stdout.splitlines()[-1])
    return seconds


def _measured(artifacts_uri: str, k: int, batch: int) -> list[float]:
    os.environ["TF_NUM_INTEROP_THREADS"] = "1"  # as it is served
    import pyarrow.parquet as pq

    from shared.jobs import JobRequest
    from trainer_image.job.locations import Locations, path_of
    from trainer_image.serving.recommender import MAIN, RATING
    from trainer_image.serving.saved_model import SavedModel, complete

    places = Locations(path_of(artifacts_uri))
    with open(places["request.json"], "rb") as file:  # noqa: PTH123
        spec = JobRequest.model_validate_json(file.read()).examples
    model = SavedModel(places.model)
    products = pq.read_table(places.candidates)
    described = products["attributes"].combine_chunks()
    attributes = {key: described.field(key).to_pylist() for key in spec.candidate_keys}
    rows = {one: row for row, one in enumerate(products["product_id"].to_pylist())}
    columns = {feature.key: feature.column for feature in spec.features}
    types = {name: model.types(name) for name in (MAIN, RATING) if name in model.signatures}

    def raw(key: str, query: dict[str, Any]) -> Any:
        return query.get(columns[key])

    def call(asked: list[dict[str, Any]]) -> None:
        found = model.call(MAIN, given[id(asked)])
        if RATING in types:
            best = found["candidate_ids"][:, :k]
            pairs = {
                key: [
                    attributes[key][rows[product.decode()]] if key in attributes else raw(key, one)
                    for one, its in zip(asked, best, strict=True)
                    for product in its
                ]
                for key in types[RATING]
            }
            model.call(RATING, complete(pairs, types[RATING]))

    queries = itertools.cycle(json.load(sys.stdin))
    batches = [list(itertools.islice(queries, batch)) for _ in range(100)]
    given = {
        id(asked): complete(
            {key: [raw(key, one) for one in asked] for key in types[MAIN]}, types[MAIN]
        )
        for asked in batches
    }
    seconds = []
    for number in range(WARM_UP + REQUESTS):
        asked = batches[number % len(batches)]
        began = time.perf_counter()
        call(asked)
        seconds.append(time.perf_counter() - began)
    return seconds[WARM_UP:]


if __name__ == "__main__":
    print(json.dumps(_measured(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
