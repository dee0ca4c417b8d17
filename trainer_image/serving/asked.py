"""What a model is asked with, of a request that it can answer, and what it lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shared.predictions import Applied, PredictionRequest
from shared.rules_of_lists.base import LastBought
from shared.rules_of_lists.ruling import Ruling
from trainer_image.serving.purchases import Had
from trainer_image.serving.saved_model import Told


@dataclass(frozen=True)
class Past:
    """What a customer bought before.

    Attributes:
        had: by product, those bought most first.
        told: what the model is told of it.
        unknown: products that were told of and are left out.
    """

    had: dict[str, Had]
    told: Told = None
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Selection:
    """The rules of a request.

    Attributes:
        bought: as filters read it.
    """

    ruling: Ruling
    bought: LastBought


@dataclass(frozen=True)
class Asked:
    """A request that the model can answer.

    Attributes:
        request: with ids as the training rows have them.
        known: whether the customer is among the training rows.
        query: raw values by key.
        selection: None where there are no rules.
        customer: by the request's id, or by the values of its query.
    """

    request: PredictionRequest
    known: bool
    query: dict[str, Any]
    past: Past
    selection: Selection | None = None
    customer: str | None = None


@dataclass(frozen=True)
class Ranked:
    """Products, best first, and their scores.

    Attributes:
        pinned: those at their places by rules.
        applied: what the rules did, where there are any.
        unordered: those that a re-ranker did not order, and does not explain.
    """

    products: list[str]
    scores: list[float]
    pinned: frozenset[str] = frozenset()
    applied: Applied | None = None
    unordered: frozenset[str] = frozenset()
