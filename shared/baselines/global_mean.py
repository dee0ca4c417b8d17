"""One rating for everything."""

from __future__ import annotations

from shared.arrays import Reals, np
from shared.baselines.base import LEARN_MORE, RatingBaseline
from shared.measuring import HeldOut


class GlobalMean(RatingBaseline):
    """The mean of the training rows' ratings."""

    name = "global_mean"
    label = "The mean for everything"
    help = "The mean of the training rows' ratings."
    term = "global mean"
    doing = "predicting the mean for everything"
    exactly = "predicting the mean rating for everything"
    means = "The model has not learned yet what is rated how."
    helps = LEARN_MORE
    position = 40

    def predict(self, labels: Reals, held_out: HeldOut) -> Reals:
        return np.full(len(held_out.product), labels.mean())
