"""Ranks and metrics by the plainest means: a full sort, and sums over its places."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


def sorted_ranks(queries: Floats, candidates: Floats, truth: npt.NDArray[np.integer]) -> list[int]:
    """Place of the true candidate in a full sort that puts it behind all that score the same."""
    found = []
    for query, true in zip(queries, truth, strict=True):
        scores = [float(np.dot(query, candidate)) for candidate in candidates]
        order = sorted(range(len(scores)), key=lambda row: (-scores[row], row == true))
        found.append(order.index(true) + 1)
    return found


def metrics_by_hand(found: Sequence[int]) -> dict[str, float]:
    totals = {f"recall_at_{k}": float(sum(rank <= k for rank in found)) for k in (10, 50, 100)}
    totals["mrr"] = sum(1 / rank for rank in found)
    totals["ndcg_at_10"] = sum(1 / np.log2(1 + rank) for rank in found if rank <= 10)
    return {name: total / len(found) for name, total in totals.items()}
