"""How well ratings are predicted, and what predicts them without a model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shared.arrays import Reals
from shared.baselines import RatingBaseline, baselines
from shared.measuring import HeldOut, Ratings
from shared.metrics import of_ratings
from shared.statistics import Statistic


@dataclass(frozen=True)
class RatingResults:
    """Ratings, and what they measure; of the model, and by baseline."""

    model: Ratings
    baselines: dict[str, Ratings]

    @property
    def of_model(self) -> dict[str, Statistic]:
        return of_ratings(self.model)

    @property
    def of_baselines(self) -> dict[str, dict[str, Statistic]]:
        return {name: of_ratings(ratings) for name, ratings in self.baselines.items()}


def rating_results(
    predicted: Reals, train_labels: Reals, labels: Reals, held_out: HeldOut
) -> RatingResults:
    """What was predicted, beside what every baseline predicts.

    Args:
        predicted, labels: [held-out rows].
        train_labels: [training rows].
    """
    binary = all(bool(np.isin(part, (0, 1)).all()) for part in (train_labels, labels))

    def rated(ratings: Reals, probabilities: Reals) -> Ratings:
        return Ratings(ratings, probabilities, labels, binary, held_out.rows)

    found = {
        baseline: baseline.predict(train_labels, held_out)
        for baseline in baselines().values()
        if isinstance(baseline, RatingBaseline)
    }
    return RatingResults(
        model=rated(predicted, predicted),
        baselines={
            baseline.name: rated(ratings, baseline.probabilities(ratings))
            for baseline, ratings in found.items()
        },
    )
