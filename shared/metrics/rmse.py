"""Root mean squared error."""

from __future__ import annotations

from shared.measuring import Ratings
from shared.metrics.base import RatingMetric
from shared.statistics import Statistic


class RootMeanSquaredError(RatingMetric):
    name = "rmse"
    label = "RMSE"
    term = "RMSE"
    help = "Typical error, large ones count more"
    unit = "of the rating"
    lower_is_better = True
    brief = "RMSE"
    heading = "error"
    position = 60

    def measure(self, ratings: Ratings) -> Statistic:
        return ratings.rows.mean((ratings.predicted - ratings.labels) ** 2, root=True)
