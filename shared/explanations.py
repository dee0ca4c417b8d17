"""Why a product is recommended: its score as a sum of parts, in words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel

from shared.wording import plural

MAX_EXPLAINED = 50  # recommendations that one request has explained
MOST_PARTS = 12  # of a group that are told one by one


class ExplanationMethod(StrEnum):
    """How a score is taken apart."""

    EXACT = "exact"
    INTEGRATED_GRADIENTS = "integrated_gradients"


class GroupKey(StrEnum):
    """What parts are of."""

    START = "start"
    OWN = "own"
    GOES_WITH = "goes_with"
    PURCHASES = "purchases"
    CUSTOMER = "customer"
    PRODUCT = "product"
    SALES = "sales"
    ACTIVITY = "activity"


_NAMES = {
    GroupKey.START: "Starting point",
    GroupKey.OWN: "Bought before",
    GroupKey.GOES_WITH: "Goes with what the customer has",
    GroupKey.PURCHASES: "Like what the customer bought",
    GroupKey.CUSTOMER: "The customer",
    GroupKey.PRODUCT: "The product",
    GroupKey.SALES: "Sales to all customers",
    GroupKey.ACTIVITY: "How much the customer buys",
}
METHODS = {
    ExplanationMethod.EXACT: "Exact: the model is a weighted sum of these parts.",
    ExplanationMethod.INTEGRATED_GRADIENTS: "Integrated gradients from the starting point: the "
    "model is no weighted sum, and other ways of sharing out its score exist.",
}


_BUYERS = {GroupKey.OWN, GroupKey.GOES_WITH, GroupKey.PURCHASES}
_BUYERS |= {GroupKey.CUSTOMER, GroupKey.ACTIVITY}


class ExplainedPart(BaseModel):
    """A part of a score.

    Attributes:
        name: a column, a product, or what the re-ranker looks at.
        detail: its value, or what was done with it; "" where there is nothing to say.
        product_id: of a past purchase.
    """

    name: str
    detail: str = ""
    value: float
    product_id: str | None = None


class ExplainedGroup(BaseModel):
    """Parts of one kind. `value` is their sum; those that are small are told as one.

    Attributes:
        side: what they come of, the buyer or the product; null for the start.
    """

    key: GroupKey
    side: Literal["buyer", "product"] | None
    name: str
    detail: str = ""
    value: float
    parts: list[ExplainedPart] = []


class Explanation(BaseModel):
    """A score as the sum of its groups.

    Attributes:
        method: how it was taken apart; `method_words` say it.
        residual: what an integration had left over, which is shared out among the parts.
    """

    method: ExplanationMethod
    method_words: str
    residual: float
    groups: list[ExplainedGroup]


def group(
    key: GroupKey, parts: Iterable[ExplainedPart], detail: str = "", others: str = "part"
) -> ExplainedGroup:
    """Parts that add something, the largest first.

    Args:
        others: what each is, for those that are told as one.
    """
    found = sorted((part for part in parts if part.value), key=lambda part: -abs(part.value))
    shown, rest = found[:MOST_PARTS], found[MOST_PARTS:]
    if rest:
        name = plural(len(rest), f"other {others}")
        shown.append(ExplainedPart(name=name, value=_sum(rest)))
    return ExplainedGroup(
        key=key,
        side="buyer" if key in _BUYERS else "product",
        name=_NAMES[key],
        detail=detail,
        value=_sum(found),
        parts=shown,
    )


def start(value: float, *, reranks: bool) -> ExplainedGroup:
    """What the score is before anything is known."""
    detail = "A customer and a product of which nothing is known"
    if reranks:
        detail += ", and average sales"
    key = GroupKey.START
    return ExplainedGroup(key=key, side=None, name=_NAMES[key], detail=detail, value=value)


def bought(count: int, days: float | None) -> str:
    """`once, 9 days ago`, `12 times, last 9 days ago`; without the days where no time is known."""
    if count == 1:
        return "once" if days is None else f"once, {days_ago(days)}"
    times = f"{count:,} times"
    return times if days is None else f"{times}, last {days_ago(days)}"


def happened(count: int, days: float | None) -> str:
    """The same of events that need not be purchases: `12 events, last 9 days ago`."""
    if count == 1:
        return "1 event" if days is None else f"1 event, {days_ago(days)}"
    return f"{count:,} events" if days is None else f"{count:,} events, last {days_ago(days)}"


def days_ago(days: float) -> str:
    """`today`, `1 day ago`, `12 days ago`."""
    return "today" if days < 1 else f"{plural(int(days), 'day')} ago"


def every(days: float) -> str:
    """How often something is bought again: `every 14 days`."""
    return "every day" if round(days) <= 1 else f"every {round(days):,} days"


def _sum(parts: Sequence[ExplainedPart]) -> float:
    return math.fsum(part.value for part in parts)
