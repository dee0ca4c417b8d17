"""The best 100 of many products: `make bench ONLY=retrieval`.

What a generated model serves, ScaNN and brute force, against the bare operations on the same index
and embeddings. Queries come as the number of a row, so that the towers cost nothing.
"""

from __future__ import annotations

import os
import statistics
import tempfile
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from bench.report import Report, Row
from bench.report import main as report_main
from bench.training_step import interleaved, trainer_module

_WIDTH, _QUERIES, _K = 32, 256, 100
_REACH, _RECALL = 1.3, 0.95
_CASES = (("Gaussian", 100_000), ("clustered", 100_000), ("clustered", 1_000_000))
_TIMED = {("clustered", 100_000): 20, ("clustered", 1_000_000): 3}  # rounds


def measure() -> Report:
    """The best 100 of 100k and 1M products, by ScaNN and brute force, against the bare ones."""
    report = Report("Retrieval")
    times: list[list[str]] = []
    recalls: list[list[str]] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        modules = {
            name: trainer_module(Path(folder), {"retrieval_algorithm": name})
            for name in ("scann", "brute_force")
        }
        for kind, count in _CASES:
            case = f"{kind}, {count:,} products"
            candidates, queries = _embeddings(kind, count)
            served = {
                name: _served(module, candidates, queries, Path(folder))
                for name, module in modules.items()
            }
            recall = _recall(served)
            report.rows.append(
                Row(
                    f"ScaNN with automatic settings, {case}",
                    f"recall@{_K} {recall:.3f}",
                    "brute force 1",
                    f"{recall:.3f}",
                    f"≥ {_RECALL:g}",
                    recall >= _RECALL,
                )
            )
            said = served["scann"].index.facts()
            settings = (str(said["num_leaves"]), str(said["leaves_to_search"]))
            recalls.append([case, *settings, f"{recall:.4f}"])
            if (kind, count) in _TIMED:
                _time(report, times, case, served, queries, _TIMED[kind, count])
    report.table(["products", "leaves", "searched", f"recall@{_K}"], recalls)
    report.table(
        ["products", "queries", "ScaNN, ms", "bare, ms", "brute force, ms", "bare, ms"], times
    )
    return report


def _time(
    report: Report,
    times: list[list[str]],
    case: str,
    served: dict[str, Any],
    queries: Any,
    rounds: int,
) -> None:
    import tensorflow as tf

    for batch in (1, 128):
        rows, given = tf.range(batch, dtype=tf.int64), tf.constant(queries[:batch])
        bare = {"scann": _bare_scann(served["scann"]), "brute_force": _bare(served["brute_force"])}
        calls: dict[str, Any] = {}
        for name, model in served.items():
            calls[name] = partial(_retrieving(model), {"row": rows})
            calls[f"bare {name}"] = partial(bare[name], given)
        # Short calls are many, for a few of them would only show whose data the caches hold.
        found = interleaved(calls, rounds=rounds, calls=50 if batch == 1 else 3)
        middle = {name: statistics.median(seconds) for name, seconds in found.items()}
        times.append([case, str(batch), *(f"{s * 1000:.2f}" for s in middle.values())])
        for name, title in (("scann", "ScaNN"), ("brute_force", "brute force")):
            ratio = middle[name] / middle[f"bare {name}"]
            report.rows.append(
                Row(
                    f"{title}, {case}, {batch} {'queries' if batch > 1 else 'query'}",
                    f"{middle[name] * 1000:.2f} ms",
                    f"bare {middle[f'bare {name}'] * 1000:.2f} ms",
                    f"{ratio:.2f}×",
                    f"≤ {_REACH:g}×",
                    ratio <= _REACH,
                )
            )


def _embeddings(kind: str, count: int) -> tuple[Any, Any]:
    """Candidates and queries, of length 1; clustered ones lie around 1 in 200 of them."""
    random = np.random.default_rng(13)
    centres = (
        np.zeros((1, _WIDTH)) if kind == "Gaussian" else random.normal(size=(count // 200, 32))
    )
    spread = 1.0 if kind == "Gaussian" else 0.4
    sides = []
    for rows in (count, 2 * _QUERIES):
        around = centres[random.integers(0, len(centres), rows)]
        vectors = around + random.normal(0, spread, (rows, _WIDTH))
        sides.append((vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32))
    return sides[0], sides[1]


def _served(module: Any, candidates: Any, queries: Any, folder: Path) -> Any:
    """The generated serving model, with towers that look embeddings up."""
    import tensorflow as tf

    class Rows(tf.Module):  # type: ignore[misc]
        @tf.function(input_signature=[{"row": tf.TensorSpec([None], tf.int64)}], autograph=False)
        def transform_fn(self, raw: dict[str, Any]) -> dict[str, Any]:
            return {"row": tf.identity(raw["row"])}

    class Query:
        table = tf.constant(queries)

        def __call__(self, features: dict[str, Any]) -> Any:
            return tf.gather(self.table, features["row"])

        tensor = __call__

    tf.saved_model.save(Rows(), str(folder / "transform"))
    module.RAW_FEATURES = {"row": (tf.int64, 0)}
    module.QUERY_FEATURES = module.CANDIDATE_FEATURES = ["row"]
    ids = tf.strings.as_string(tf.range(len(candidates)))
    batch = {"candidate_id": ids, "row": tf.constant(candidates)}
    # Others than those that recall and times are measured by.
    rows = {"row": tf.range(_QUERIES, len(queries), dtype=tf.int64)}
    module.find_examples = lambda files, transform: SimpleNamespace(batches=lambda: [batch])
    candidate = lambda features: features["row"]  # noqa: E731
    candidate.tensor = candidate  # type: ignore[attr-defined]
    model = SimpleNamespace(query_tower=Query(), candidate_tower=candidate, variables=[])
    transform = SimpleNamespace(transform_savedmodel_dir=str(folder / "transform"))
    served = module.ServingModel(model, transform)
    served.index_products(module.Products([], transform))
    if hasattr(served, "tune_index"):
        served.tune_index([rows])
    return served


def _retrieving(served: Any) -> Any:
    """What `serving_default` is made of, as a graph."""
    import tensorflow as tf

    rows = tf.TensorSpec([None], tf.int64, "row")
    return tf.function(served.retrieve, autograph=False).get_concrete_function({"row": rows})


def _bare_scann(served: Any) -> Any:
    import scann
    import tensorflow as tf

    index = served.index

    @tf.function(autograph=False)  # type: ignore[untyped-decorator]
    def search(queries: Any) -> Any:
        return scann.scann_ops.searcher_from_module(index.searcher).search_batched(
            queries, leaves_to_search=index.leaves_to_search
        )

    return search


def _bare(served: Any) -> Any:
    import tensorflow as tf

    @tf.function(autograph=False)  # type: ignore[untyped-decorator]
    def search(queries: Any) -> Any:
        scores = tf.matmul(queries, served.index.embeddings, transpose_b=True)
        return tf.math.top_k(scores, k=_K)

    return search


def _recall(served: dict[str, Any]) -> float:
    """How many of the exact best ScaNN finds."""
    import tensorflow as tf

    given = {"row": tf.range(_QUERIES, dtype=tf.int64)}
    exact, found = (
        served[name].retrieve(given)["candidate_ids"].numpy() for name in ("brute_force", "scann")
    )
    shares = [len(set(a) & set(b)) / _K for a, b in zip(exact, found, strict=True)]
    return float(np.mean(shares))


if __name__ == "__main__":
    report_main(measure)
