"""Recall at 100 over all candidates: `make bench ONLY=evaluation`.

TFRS ranks fewer queries than Recsmith, for it would take minutes; its time is multiplied.
"""

from __future__ import annotations

import os
import time
from typing import Any

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from bench.report import Report, Row
from bench.report import main as report_main

_CANDIDATES = _QUERIES = 100_000
_WIDTH, _K = 32, 100
_BATCH = 512
# Queries that TFRS ranks, by how it is given the candidates.
_BRUTE_FORCE, _STREAMING = 4096, 512
_REACH = 10.0


def measure() -> Report:
    """Recall at 100 of 100k queries over 100k candidates, against TFRS FactorizedTopK."""
    import tensorflow as tf
    import tensorflow_recommenders as tfrs

    from trainer_image.evaluation.ranking import rank

    random = np.random.default_rng(11)
    candidates = _unit(random.normal(size=(_CANDIDATES, _WIDTH)))
    truth = random.integers(0, _CANDIDATES, _QUERIES)
    # So near their own product that about half of them find it.
    queries = _unit(candidates[truth] + random.normal(0, 0.25, (_QUERIES, _WIDTH)))
    began = time.perf_counter()
    found = rank(queries, candidates, truth, np.zeros(_QUERIES, np.bool_)).ranks <= _K
    ours = time.perf_counter() - began

    ids = tf.range(_CANDIDATES)
    layer = tfrs.layers.factorized_top_k.BruteForce(k=_K)
    layer.index(tf.constant(candidates), ids)
    rows = tf.data.Dataset.from_tensor_slices((ids, candidates)).batch(128).cache()
    report = Report("Evaluation")
    details = []
    for name, count, given in (
        ("FactorizedTopK, BruteForce layer", _BRUTE_FORCE, layer),
        ("FactorizedTopK, candidates in batches of 128", _STREAMING, rows),
    ):
        metric = tfrs.metrics.FactorizedTopK(given, ks=[_K])
        _update(metric, queries[:_BATCH], candidates, truth)
        metric.reset_states()
        began = time.perf_counter()
        for start in range(0, count, _BATCH):
            part = slice(start, start + _BATCH)
            _update(metric, queries[part], candidates, truth[part])
        (value,) = (float(one.numpy()) for one in metric.result())
        seconds = (time.perf_counter() - began) * _QUERIES / count
        mine = float(found[:count].mean())
        same = round(value * count) == int(found[:count].sum())
        report.rows.append(
            Row(
                f"recall@{_K} of {_QUERIES // 1000}k queries, {_CANDIDATES // 1000}k candidates",
                f"{ours:.1f} s",
                f"TFRS {name}: {seconds:.0f} s",
                f"{seconds / ours:.1f}×",
                f"≥ {_REACH:g}×, the same value",
                same and seconds / ours >= _REACH,
            )
        )
        details.append([name, f"{count:,}", f"{value:.6f}", f"{mine:.6f}"])
    report.table(["TFRS", "queries ranked", "its recall", "ours, the same queries"], details)
    return report


def _update(metric: Any, queries: Any, candidates: Any, truth: Any) -> None:
    import tensorflow as tf

    chosen = truth[: len(queries)]
    metric.update_state(
        tf.constant(queries),
        tf.constant(candidates[chosen]),
        true_candidate_ids=tf.constant(chosen, tf.int32),
    )


def _unit(vectors: Any) -> Any:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


if __name__ == "__main__":
    report_main(measure)
