"""Ranks among all candidates, in numpy.

A rank is the number of candidates that score at least as high as the true one, itself included:
ties count against the model, so that one which scores everything alike earns nothing.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from threadpoolctl import threadpool_limits

from shared.arrays import Booleans, Floats, Integers
from shared.measuring import LISTED, Ranked

_BLOCK_SCORES = 16_000_000  # 64 MB of float32
_TILE = (512, 1020)  # queries, and candidates, whose scores fit a processor's cache
_BYTE = 255
_EPSILON = float(np.finfo(np.float32).eps)


def rank(queries: Floats, candidates: Floats, truth: Integers, listed: Booleans) -> Ranked:
    """Ranks each query's true candidate by dot product, never by an approximate top k.

    Scores that differ by no more than the rounding error of their own dot product are tied. Where
    ties leave more candidates than a list has places, those of the lower rows are in it, as served.

    Args:
        queries: [queries, width].
        candidates: [candidates, width].
        truth: [queries], row numbers of `candidates`.
        listed: [queries], the queries whose best candidates are listed too.

    Raises:
        ValueError: an embedding is not finite, or so large that a score is not.
    """
    tolerance = rounding(queries, candidates)
    with np.errstate(over="ignore"):
        own = np.einsum("qw,qw->q", queries, candidates[truth], dtype=np.float64)
        threshold = own.astype(np.float32) - tolerance
    if not np.isfinite(threshold).all():
        raise ValueError("Scores are not finite: the model diverged. Lower the learning rate.")
    ranks = _at_least(queries, candidates, threshold)
    lists: list[Integers] = [np.empty((0, min(LISTED, len(candidates))), np.int64)]
    of_listed = tolerance[listed]
    for part, scores in _scores(queries[listed], candidates):
        lists.append(_best(scores, of_listed[part], LISTED))
    return Ranked(ranks, np.concatenate(lists))


def _at_least(queries: Floats, candidates: Floats, thresholds: Floats) -> Integers:
    """How many candidates score at least as high as each query's threshold, [queries]."""
    threads = os.cpu_count() or 1
    block = min(_TILE[0], math.ceil(len(queries) / threads) or 1)

    def counted(start: int) -> Integers:
        part = slice(start, start + block)
        turned, wanted = np.ascontiguousarray(queries[part].T), thresholds[part]
        counts = np.zeros(turned.shape[1], np.int64)
        for first in range(0, len(candidates), _TILE[1]):
            reached = (candidates[first : first + _TILE[1]] @ turned >= wanted).view(np.uint8)
            for low in range(0, len(reached), _BYTE):
                counts += reached[low : low + _BYTE].sum(axis=0, dtype=np.uint8)
        return counts

    # A thread for each part, instead of several for each product: comparing and counting take as
    # many threads then.
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(threads) as pool:
        parts = list(pool.map(counted, range(0, len(queries), block)))
    return np.concatenate([np.empty(0, np.int64), *parts])


def share_of_best(queries: Floats, candidates: Floats, chosen: Integers) -> float:
    """How many of each query's k best candidates are among k chosen ones, as a share. Candidates
    that tie, as in `rank`, stand in for each other.

    Args:
        chosen: [queries, k], row numbers of `candidates`; one that comes twice counts once.
    """
    k = chosen.shape[1]
    chosen = np.sort(chosen, axis=1)
    once = np.ones(chosen.shape, np.bool_)
    once[:, 1:] = chosen[:, 1:] != chosen[:, :-1]
    found = 0
    tolerance = rounding(queries, candidates)
    for part, scores in _scores(queries, candidates):
        last = np.partition(scores, -k, axis=1)[:, -k] - tolerance[part]
        good = np.take_along_axis(scores, chosen[part], axis=1) >= last[:, np.newaxis]
        found += int(np.count_nonzero(good & once[part]))
    return found / chosen.size


def rounding(queries: Floats, candidates: Floats) -> Floats:
    """The rounding error of each query's scores, [queries]. Raises ValueError."""
    for name, embeddings in (("query", queries), ("candidate", candidates)):
        if bad := int(np.sum(~np.isfinite(embeddings).all(axis=1))):
            raise ValueError(
                f"{bad} of {len(embeddings)} {name} embeddings are not finite: the model diverged. "
                "Lower the learning rate."
            )
    longest = float(np.linalg.norm(candidates, axis=1).max())
    scale = _EPSILON * math.sqrt(candidates.shape[1]) * longest
    tolerance: Floats = (scale * np.linalg.norm(queries, axis=1)).astype(np.float32)
    return tolerance


def _scores(queries: Floats, candidates: Floats) -> Iterator[tuple[slice, Floats]]:
    """Blocks of queries, and their scores [block, candidates]."""
    block = max(1, _BLOCK_SCORES // len(candidates))
    for start in range(0, len(queries), block):
        part = slice(start, start + block)
        yield part, queries[part] @ candidates.T


def _best(scores: Floats, tolerance: Floats, k: int) -> Integers:
    if k >= scores.shape[1]:
        return np.tile(np.arange(scores.shape[1]), (len(scores), 1))
    found = np.argpartition(scores, -k, axis=1)[:, -k:]
    last = np.take_along_axis(scores, found, axis=1).min(axis=1)
    tied = np.count_nonzero(scores >= (last - tolerance)[:, np.newaxis], axis=1) > k
    for row in np.flatnonzero(tied):
        surely = scores[row] > last[row] + tolerance[row]
        close = np.flatnonzero(~surely & (scores[row] >= last[row] - tolerance[row]))
        sure = np.flatnonzero(surely)
        found[row] = np.concatenate([sure, close[: k - len(sure)]])
    return found
