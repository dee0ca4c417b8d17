"""The losses of a rating: when to take which."""

from __future__ import annotations

from dataclasses import dataclass

from shared.documents.model_config import LossFunction


@dataclass(frozen=True)
class LossInfo:
    key: LossFunction
    name: str
    description: str
    when_to_use: str


LOSSES = (
    LossInfo(
        LossFunction.MSE,
        "Mean squared error",
        "The squared difference between prediction and rating. Large mistakes count most.",
        "Ratings on a scale, such as 1 to 5 stars, or amounts without outliers.",
    ),
    LossInfo(
        LossFunction.BINARY_CROSSENTROPY,
        "Binary cross-entropy",
        "How surprised a predicted probability is by the label, which lies between 0 and 1.",
        "Yes or no, such as clicked or not. The model is served as a probability.",
    ),
    LossInfo(
        LossFunction.HUBER,
        "Huber",
        "Squared for differences up to 1, linear beyond: single large mistakes count less.",
        "Ratings with outliers, such as quantities or revenue.",
    ),
)
