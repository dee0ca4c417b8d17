"""Ranking metrics over all candidates, in numpy.

A rank is the number of candidates that score at least as high as the true one, itself included:
ties count against the model, so that one which scores everything alike earns nothing.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]

CUTOFFS = (10, 50, 100)
_BLOCK_SCORES = 16_000_000  # 64 MB of float32
_EPSILON = float(np.finfo(np.float32).eps)


def ranks(queries: Floats, candidates: Floats, truth: Integers) -> Integers:
    """The rank of each query's true candidate by dot product, never by an approximate top k.

    Scores that differ by no more than the rounding error of their own dot product are tied.

    Args:
        queries: [queries, width].
        candidates: [candidates, width].
        truth: [queries], row numbers of `candidates`.

    Returns:
        [queries], from 1 to the number of candidates.

    Raises:
        ValueError: an embedding is not finite, or so large that a score is not.
    """
    for name, embeddings in (("query", queries), ("candidate", candidates)):
        if bad := int(np.sum(~np.isfinite(embeddings).all(axis=1))):
            raise ValueError(
                f"{bad} of {len(embeddings)} {name} embeddings are not finite: the model diverged. "
                "Lower the learning rate."
            )
    longest = float(np.linalg.norm(candidates, axis=1).max())
    tolerance = _EPSILON * math.sqrt(candidates.shape[1]) * longest
    result = np.empty(len(queries), np.int64)
    block = max(1, _BLOCK_SCORES // len(candidates))
    for start in range(0, len(queries), block):
        part = slice(start, start + block)
        scores = queries[part] @ candidates.T
        true_scores = scores[np.arange(len(scores)), truth[part]]
        lengths = np.linalg.norm(queries[part], axis=1)
        threshold = true_scores - (tolerance * lengths).astype(np.float32)
        if not np.isfinite(threshold).all():
            raise ValueError("Scores are not finite: the model diverged. Lower the learning rate.")
        result[part] = np.count_nonzero(scores >= threshold[:, np.newaxis], axis=1)
    return result


def popularity_ranks(
    train_products: npt.NDArray[np.object_],
    candidate_ids: npt.NDArray[np.object_],
    truth: Integers,
) -> Integers:
    """Ranks where everyone is recommended the products with the most training rows.

    Args:
        train_products: product id of each training row.
        candidate_ids: [candidates], unique; equally popular ones are ordered by id.
        truth: [queries], row numbers of `candidate_ids`.
    """
    products, counts = np.unique(train_products, return_counts=True)
    count_of = dict(zip(products, counts, strict=True))
    order = sorted(
        range(len(candidate_ids)),
        key=lambda row: (-count_of.get(candidate_ids[row], 0), candidate_ids[row]),
    )
    rank_of = np.empty(len(candidate_ids), np.int64)
    rank_of[order] = np.arange(1, len(candidate_ids) + 1)
    return rank_of[truth]


def metrics_of(found: Integers) -> dict[str, float]:
    """Recall at each cutoff, mean reciprocal rank, and NDCG at 10, of one true product each."""
    metrics = {f"recall_at_{k}": float(np.mean(found <= k)) for k in CUTOFFS}
    metrics["mrr"] = float(np.mean(1 / found))
    metrics["ndcg_at_10"] = float(np.mean(np.where(found <= 10, 1 / np.log2(found + 1), 0)))
    return metrics


def random_metrics(candidates: int) -> dict[str, float]:
    """What `metrics_of` expects of a random order of so many candidates."""
    return metrics_of(np.arange(1, candidates + 1))
