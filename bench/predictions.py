"""What a warm prediction takes over HTTP, against the model call alone.

PYTHONPATH=. .venv/bin/python bench/predictions.py QUICK_TEST --home .recsmith

The model call alone is the saved model's signatures called with complete raw values, for the same
customers, in a process that does nothing else.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

REQUESTS, WARM_UP = 300, 20
K = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("quick_test")
    parser.add_argument("--home", type=Path, default=Path(".recsmith"))
    options = parser.parse_args()

    from local.bootstrap import trainer_python
    from local.cli.system import connected, find

    with connected(options.home) as api:
        test = find(api, "/api/quick-tests/", "quick test", options.quick_test)
        path = f"/api/quick-tests/{test['id']}"
        began = time.perf_counter()
        inputs = api.get(f"{path}/prediction-inputs/", limit=100)
        cold = time.perf_counter() - began
        customers = [one["customer_id"] for one in inputs["customers"]]
        bodies = [{"customer_id": customer, "k": K} for customer in customers]
        requests = _timed(lambda body: api.post(f"{path}/predictions/", body), bodies)
        queries = [api.post(f"{path}/predictions/", body)["query"] for body in bodies]
    uri = test["status"]["artifacts_uri"]
    alone = subprocess.run(
        [trainer_python(), __file__, "--alone", uri],
        input=json.dumps(queries),
        capture_output=True,
        text=True,
        check=True,
    )
    calls: list[float] = json.loads(alone.stdout.splitlines()[-1])
    what = "recommendations and ratings" if inputs["rates"] else "recommendations"
    print(f"{what}, k = {K}, {len(customers)} customers, {REQUESTS} requests one after another")
    print(f"first answer of a fresh process: {cold:.1f} s")
    print(f"{'milliseconds':<34}{'p50':>8}{'p95':>8}")
    rows = {"request through the API": requests, "model call alone": calls}
    for name, seconds in rows.items():
        print(f"{name:<34}{_at(seconds, 50):>8.2f}{_at(seconds, 95):>8.2f}")
    ratios = [_at(requests, share) / _at(calls, share) for share in (50, 95)]
    print(f"{'ratio':<34}{ratios[0]:>7.2f}×{ratios[1]:>7.2f}×")


def alone(artifacts_uri: str) -> list[float]:
    """Seconds of each call of the model, by a process of the trainer's environment."""
    from trainer_image.predictor import MAIN, RATING, Predictor
    from trainer_image.saved_model import complete

    predictor: Any = Predictor(artifacts_uri)
    model, keys = predictor._model, {f.column: f.key for f in predictor._query}
    given = []
    for query in json.load(sys.stdin):
        raw = {keys[column]: value for column, value in query.items()}
        best, _ = predictor._best(raw)
        rows = {MAIN: complete({key: [raw[key]] for key in model.types(MAIN)}, model.types(MAIN))}
        if predictor._rates:
            places = [predictor._rows[product] for product in best[:K]]
            types = model.types(RATING)
            described = predictor._attributes
            pairs = {
                key: [described[key][place] if key in described else raw[key] for place in places]
                for key in types
            }
            rows[RATING] = complete(pairs, types)
        given.append(rows)
    return _timed(lambda rows: [model.call(name, values) for name, values in rows.items()], given)


def _timed(call: Any, arguments: list[Any]) -> list[float]:
    """Seconds that each of REQUESTS calls takes, after some that do not count."""
    seconds = []
    for number in range(WARM_UP + REQUESTS):
        argument = arguments[number % len(arguments)]
        began = time.perf_counter()
        call(argument)
        seconds.append(time.perf_counter() - began)
    return seconds[WARM_UP:]


def _at(seconds: list[float], percent: int) -> float:
    """A percentile, in milliseconds."""
    return sorted(seconds)[len(seconds) * percent // 100] * 1000


if __name__ == "__main__":
    if sys.argv[1:2] == ["--alone"]:
        print(json.dumps(alone(sys.argv[2])))
    else:
        main()
