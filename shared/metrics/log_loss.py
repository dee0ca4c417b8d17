"""Log loss, also called binary cross-entropy."""

from __future__ import annotations

from shared.arrays import np
from shared.measuring import Ratings
from shared.metrics.base import RatingMetric
from shared.statistics import Statistic

# A probability of exactly 0 or 1 is one that was rounded to float32.
_LEAST_PROBABILITY = 1e-7


class LogLoss(RatingMetric):
    """Of labels that are 0 or 1, where all predictions are probabilities."""

    name = "log_loss"
    label = "Log loss"
    term = "log loss"
    help = "Surprise at the true ratings"
    unit = "nats"
    lower_is_better = True
    position = 90

    def measure(self, ratings: Ratings) -> Statistic | None:
        given = ratings.probabilities
        if not ratings.binary or given.min() < 0 or given.max() > 1:
            return None
        p = np.clip(given, _LEAST_PROBABILITY, 1 - _LEAST_PROBABILITY)
        return ratings.rows.mean(-np.where(ratings.positive, np.log(p), np.log1p(-p)))
