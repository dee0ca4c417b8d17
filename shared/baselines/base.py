"""What each baseline knows of itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Literal

from shared.arrays import Reals, np
from shared.kinds import Described
from shared.measuring import HeldOut, Ranked
from shared.statistics import Measured

# Where the setting is that would help: what the console leads to.
Remedy = Literal["settings", "features", "model", "data"]

_LEAST_SUMMED_PROBABILITY = 0.01

LEARN_MORE = "Train more epochs, sample more customers, or try another learning rate."


class Baseline(Described, ABC):
    """One file of this package: what does without a model, its words and its computation.

    Attributes:
        name: its key in a MetricsReport.
        label: in tables, in plain words: "What is popular".
        help: what it does, in one line.
        term: in a few words: "popularity".
        short: the same where there is less room; "" takes `term`.
        doing: after "better than": "recommending what is popular".
        exactly: the same where a warning tells it in full; "" takes `doing`.
        means: what it says of a model that it is not clearly worse than.
        helps: what to try then.
        remedy: where that is set.
        rating: whether it predicts ratings, or recommends.
        obvious: to be better goes without saying.
        position: what is measured, and listed, first.
    """

    name: ClassVar[str]
    term: ClassVar[str]
    short: ClassVar[str] = ""
    doing: ClassVar[str]
    exactly: ClassVar[str] = ""
    means: ClassVar[str]
    helps: ClassVar[str]
    remedy: ClassVar[Remedy] = "settings"
    rating: ClassVar[bool] = False
    obvious: ClassVar[bool] = False

    @property
    def column(self) -> str:
        return self.short or self.term

    @property
    def in_full(self) -> str:
        return self.exactly or self.doing


class RecommendingBaseline(Baseline):
    """Recommends products, measured over the same rows and candidates as the model."""

    def skipped(self, held_out: HeldOut) -> str | None:
        """Why it is not measured over these rows, as half a sentence: "120,000 products, at most
        20,000"; None where it is."""
        return None


class ExpectedBaseline(RecommendingBaseline):
    """Whose metrics are expected values, the same over any rows of one kind."""

    @abstractmethod
    def measure(self, held_out: HeldOut) -> Measured:
        """The model's metrics, those that it has."""


class RankingBaseline(RecommendingBaseline):
    """Gives every customer one order of all products."""

    @abstractmethod
    def ranked(self, held_out: HeldOut) -> Ranked:
        """Ranks of the held-out rows' products, and each customer's list."""


class RatingBaseline(Baseline):
    """Predicts the rating of each held-out row."""

    rating: ClassVar[bool] = True

    @abstractmethod
    def predict(self, labels: Reals, held_out: HeldOut) -> Reals:
        """Args: labels: [training rows]. Returns: [held-out rows]."""

    def probabilities(self, predicted: Reals) -> Reals:
        """What was predicted of labels that are 0 or 1, as probabilities of a 1; [rows]."""
        return predicted


class SummedBaseline(RatingBaseline):
    """Adds up deviations, which are no probabilities and leave no doubt where there is some."""

    def probabilities(self, predicted: Reals) -> Reals:
        return np.clip(predicted, _LEAST_SUMMED_PROBABILITY, 1 - _LEAST_SUMMED_PROBABILITY)
