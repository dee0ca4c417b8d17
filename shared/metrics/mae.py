"""Mean absolute error."""

from __future__ import annotations

from shared.arrays import np
from shared.measuring import Ratings
from shared.metrics.base import RatingMetric
from shared.statistics import Statistic


class MeanAbsoluteError(RatingMetric):
    name = "mae"
    label = "MAE"
    term = "MAE"
    help = "Average error"
    unit = "of the rating"
    lower_is_better = True
    brief = "MAE"
    heading = "error"
    position = 70

    def measure(self, ratings: Ratings) -> Statistic:
        return ratings.rows.mean(np.abs(ratings.predicted - ratings.labels))
