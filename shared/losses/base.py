"""What each loss of a rating knows of itself."""

from __future__ import annotations

from typing import ClassVar

from shared.kinds import Described


class Loss(Described):
    """The loss of a predicted rating.

    Attributes:
        key: its name in documents.
        when_to_use: for which ratings.
        expression: the loss of each row, [batch], from `labels` and `ratings`, both [batch].
        served: what the model answers, from the head's output `rating`.
        start: where ratings start from before anything is learned, and the unit that they are
            learned in: from the training rows' `labels`, [rows].
        adds: whether the head's output is a rating itself, to which biases can be added.
        labels: the lowest and the highest label that it takes; None takes any number.
    """

    key: ClassVar[str]
    when_to_use: ClassVar[str]
    expression: ClassVar[str]
    served: ClassVar[str] = "rating"
    start: ClassVar[str] = "tf.reduce_mean(labels), tf.math.reduce_std(labels)"
    adds: ClassVar[bool] = True
    labels: ClassVar[tuple[float, float] | None] = None
