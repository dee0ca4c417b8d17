"""What the ranks of a model and of the baselines come to, over all held-out rows and kinds of
them."""

from __future__ import annotations

import numpy as np

from trainer_image.baselines import own_history, popularity, random_coverage
from trainer_image.bootstrap import Metric
from trainer_image.held_out import HeldOut
from trainer_image.ranking import Ranked, list_metrics, metrics_of, values_of
from trainer_image.summary import Measured


def retrieval_metrics(ranked: Ranked, held_out: HeldOut) -> dict[str, Metric | float]:
    """Each metric over all rows, and apart over `_repeat` and `_new` rows where there are such."""
    metrics: dict[str, Metric | float] = {
        name + kind.suffix: kind.rows.mean(values[kind.which])
        for name, values in values_of(ranked.ranks)
        for kind in held_out.kinds
    }
    return metrics | list_metrics(ranked.lists, held_out.candidates)


def retrieval_baselines(held_out: HeldOut) -> dict[str, Measured]:
    """The metrics of what recommends without a model; of a random order, what is expected."""
    expected = metrics_of(np.arange(1, held_out.candidates + 1))
    at_random = {
        name + kind.suffix: value for name, value in expected.items() for kind in held_out.kinds
    }
    return {
        "popularity": retrieval_metrics(popularity(held_out), held_out),
        "own_history": retrieval_metrics(own_history(held_out), held_out),
        "random": {**at_random, "coverage_at_10": random_coverage(held_out)},
    }
