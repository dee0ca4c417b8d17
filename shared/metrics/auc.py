"""Area under the ROC curve."""

from __future__ import annotations

from shared.measuring import Ratings
from shared.metrics.base import RatingMetric
from shared.statistics import Statistic, area_under_curve


class AreaUnderRocCurve(RatingMetric):
    """Of labels that are 0 or 1, where there are both."""

    name = "auc"
    label = "AUC"
    term = "AUC"
    help = "Higher ratings predicted higher"
    position = 80

    def measure(self, ratings: Ratings) -> Statistic | None:
        positive = ratings.positive
        if not ratings.binary or not positive.any() or positive.all():
            return None
        return area_under_curve(ratings.predicted, positive, ratings.rows.customer)
