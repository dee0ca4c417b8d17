"""The index that finds the best products."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import scann
import tensorflow as tf

from shared.codegen.fragments.given import RERANKS, SCANN_LEAVES_TO_SEARCH


class Found(NamedTuple):
    """What an index finds.

    Attributes:
        rows, scores: of the best products, each [batch, top_k], the best first. One that searches
            some leaves only may find fewer; scores of the rest are no numbers.
        every: scores of all products, [batch, products], of an index that has them.
    """

    rows: tf.Tensor
    scores: tf.Tensor
    every: tf.Tensor | None = None


class BruteForceIndex(tf.Module):
    """Finds the best products by scoring them all."""

    def __init__(self, embeddings: tf.Tensor, top_k: int) -> None:
        super().__init__()
        self.embeddings = tf.Variable(embeddings, trainable=False)
        self.top_k = top_k

    def search(self, queries: tf.Tensor) -> Found:
        scores = tf.matmul(queries, self.embeddings, transpose_b=True)
        best, rows = tf.math.top_k(scores, k=self.top_k)
        return Found(rows, best, scores)

    def facts(self) -> dict[str, Any]:
        """How it searches, as `save` writes it."""
        return {"algorithm": "brute_force", "num_leaves": 0, "leaves_to_search": 0}


class ScannIndex(tf.Module):
    """Finds the best products by ScaNN: a tree with asymmetric hashing, whose best finds are scored
    again exactly."""

    def __init__(self, embeddings: tf.Tensor, top_k: int, leaves: int) -> None:
        super().__init__()
        builder = scann.scann_ops.builder(embeddings, top_k, "dot_product")
        builder = builder.tree(leaves, leaves, training_sample_size=250_000)
        builder = builder.score_ah(2, anisotropic_quantization_threshold=0.2)
        searcher = builder.reorder(max(200, 10 * top_k)).build()
        self.searcher = searcher.serialize_to_module()
        self.embeddings = tf.Variable(embeddings, trainable=False) if RERANKS else embeddings
        self.top_k = top_k
        self.leaves = leaves
        self.leaves_to_search = min(SCANN_LEAVES_TO_SEARCH or leaves, leaves)

    def search(self, queries: tf.Tensor) -> Found:
        searcher = scann.scann_ops.searcher_from_module(self.searcher)
        found = searcher.search_batched(queries, leaves_to_search=self.leaves_to_search)
        return Found(*found)

    def tune(self, queries: tf.Tensor) -> None:
        """Searches as few leaves as find 97 % of the best products of these queries."""
        scores = tf.matmul(queries, self.embeddings, transpose_b=True)
        exact = tf.math.top_k(scores, k=self.top_k).values
        least = exact[:, -1:] - 1e-5  # products of equal score stand in for each other
        searcher = scann.scann_ops.searcher_from_module(self.searcher)
        products = len(self.embeddings)
        searched = max(self.leaves // 64, math.ceil(2 * self.top_k * self.leaves / products))
        while searched < self.leaves:
            _, scores = searcher.search_batched(queries, leaves_to_search=searched)
            if tf.reduce_mean(tf.cast(scores >= least, tf.float32)) >= 0.97:
                break
            searched = math.ceil(1.5 * searched)
        self.leaves_to_search = min(searched, self.leaves)

    def facts(self) -> dict[str, Any]:
        """How it searches, as `save` writes it."""
        return {
            "algorithm": "scann",
            "num_leaves": self.leaves,
            "leaves_to_search": self.leaves_to_search,
        }
