"""Chance."""

from __future__ import annotations

from shared.baselines.base import LEARN_MORE, ExpectedBaseline
from shared.measuring import HeldOut
from shared.metrics import of_random_ranking
from shared.statistics import Measured


class Random(ExpectedBaseline):
    """A random order for each customer; its metrics are expected values, and are not drawn."""

    name = "random"
    label = "At random"
    help = "A random order of all products for each customer."
    term = "random"
    doing = "recommending at random"
    means = "The model knows nothing of what customers want."
    helps = LEARN_MORE
    obvious = True
    position = 30

    def measure(self, held_out: HeldOut) -> Measured:
        return of_random_ranking(held_out)
