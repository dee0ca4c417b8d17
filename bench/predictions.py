"""A warm prediction over HTTP, against the model call alone: `make bench ONLY=predictions`.

The model call alone is the saved model's signatures called with complete raw values, for the same
customers, in a process that does nothing else. Both are measured once the spare trainer has loaded
what it does; how long requests take while it does so is told beside.
"""

from __future__ import annotations

import http.client
import json
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import shapes
from bench.api import Request, answer_of, recsmith
from bench.bare import REQUESTS, WARM_UP, bare
from bench.report import Report, Row
from bench.report import main as report_main
from bench.shop import children, processor_seconds

K, CUSTOMERS = 10, 100
_REACH = 3.0
_SHAPE = shapes.Shape("bench", customers=500, products=2_000, rows=10_000)
_POLL_SECONDS = 0.2
_STILL_FOR = 15  # looks at a process that does nothing


def measure() -> Report:
    """A warm prediction over HTTP, against the model call alone."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, recsmith(Path(folder)) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port)

        def send(path: str, body: Any = None) -> Any:
            method = "POST" if body else "GET"
            return json.loads(answer_of(connection, Request(method, path, body)))

        def ask(body: Any) -> Any:
            return send(f"{path}/predictions/", body)

        test = trained(send, Path(folder))
        path = f"/api/quick-tests/{test['id']}"
        began = time.perf_counter()
        inputs = send(f"{path}/prediction-inputs/?limit={CUSTOMERS}")
        cold = time.perf_counter() - began
        bodies = [{"customer_id": one["customer_id"], "k": K} for one in inputs["customers"]]
        beside = _timed(ask, bodies)
        connection.close()  # the server would, meanwhile
        _at_rest(Path(folder) / "home")
        requests = _timed(ask, bodies)
        queries = [ask(body)["query"] for body in bodies]
        calls = bare(test["status"]["artifacts_uri"], queries, K)
    report = Report("Predictions")
    for percent in (50, 95):
        ours, theirs = _at(requests, percent), _at(calls, percent)
        report.rows.append(
            Row(
                f"prediction and its {K} ratings, warm, p{percent}",
                f"{ours:.1f} ms",
                f"model call alone {theirs:.1f} ms",
                f"{ours - theirs:+.1f} ms",
                f"within {_REACH:g} ms",
                ours - theirs <= _REACH,
            )
        )
    report.details.append(
        f"The first answer of a fresh process took {cold:.1f} s; those right after it, while the"
        f" spare trainer may still load, {_at(beside, 50):.1f} ms (p50) and"
        f" {_at(beside, 95):.1f} ms (p95)."
    )
    return report


def trained(
    send: Any, folder: Path, shape: shapes.Shape = _SHAPE, products: Path | None = None
) -> dict[str, Any]:
    """A completed quick test of a multitask model.

    Args:
        products: a table of products, of which the model knows the ids alone.
    """
    purchases = folder / "purchases.parquet"
    shapes.write(shape, purchases)
    spec: dict[str, Any] = {
        "source": {"kind": "parquet", "uri": str(purchases)},
        "column_mapping": shapes.MAPPING,
    }
    if products is not None:
        source = {"kind": "parquet", "uri": str(products)}
        spec["products"] = {"source": source, "key": "product"}
    dataset = send("/api/datasets/", {"name": "Shop", "spec": spec})["id"]
    spec = {
        "dataset_id": dataset,
        "buyer_model_features": [{"column": "customer", "type": "string_embedding"}],
        "product_model_features": [{"column": "product", "type": "string_embedding"}],
    }
    features = send("/api/feature-configs/", {"name": "Ids", "spec": spec})["id"]
    hidden = {"type": "dense", "units": 32, "activation": "relu"}
    last = {"type": "dense", "units": 32, "activation": None}
    spec = {"buyer_tower_layers": [last], "product_tower_layers": [last]}
    spec |= {
        "model_type": "multitask",
        "rating_head_layers": [hidden, {**last, "units": 1}],
    }
    model = send("/api/model-configs/", {"name": "Small", "spec": spec})["id"]
    while not send(f"/api/feature-configs/{features}/")["status"]["preprocessing"]:
        time.sleep(_POLL_SECONDS)
    spec = {"feature_config_id": features, "model_config_id": model, "epochs": 1}
    spec |= {"data_sample_percent": 100, "rating_column": "rating"}
    made = send("/api/quick-tests/", {"spec": spec})["id"]
    while True:
        test: dict[str, Any] = send(f"/api/quick-tests/{made}/")
        if test["status"]["state"] == "completed":
            return test
        assert test["status"]["state"] not in ("failed", "cancelled"), test["status"]
        time.sleep(_POLL_SECONDS)


def _at_rest(home: Path) -> None:
    """Returns once no process that the system has started uses the processor."""
    system = json.loads((home / "server.json").read_text())["pid"]
    used: list[float] = []
    while len(used) < _STILL_FOR or used[-1] != used[-_STILL_FOR]:
        time.sleep(_POLL_SECONDS)
        used.append(sum(map(processor_seconds, children(system))))


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
    report_main(measure)
