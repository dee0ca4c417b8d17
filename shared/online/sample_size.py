"""How many customers an experiment takes, and how many days."""

from __future__ import annotations

import math

from pydantic import BaseModel, ConfigDict, Field

from shared.jobs import Interval
from shared.online.statistics import POWER, customers_for_rates
from shared.problems import InvalidError, Problem
from shared.wording import percent, percentage, plural


class SizeQuestion(BaseModel):
    """What is to be found.

    Attributes:
        rate_percent: of the control's customers who convert, as it is known or measured.
        change_percent: of that rate, up or down, that is to be found: 10 finds 5.5% beside 5%.
        share_percent: of customers who get the other version; the control has the rest.
        power_percent: how likely a change of this size is then found.
        customers_per_day: who come for the first time; None where days are not asked for.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    rate_percent: float = Field(gt=0, lt=100)
    change_percent: float = Field(ge=-99.9, le=10_000)
    share_percent: float = Field(default=50.0, gt=0, lt=100)
    power_percent: float = Field(default=100 * POWER, ge=50, le=99.9)
    customers_per_day: float | None = Field(default=None, gt=0)


class SampleSize(BaseModel):
    """Attributes:
    customers: of both versions together.
    days: None where customers per day are not known.
    sentence: all of this, for people.
    """

    customers: int
    days: int | None
    sentence: str


def sample_size(question: SizeQuestion) -> SampleSize:
    """The customers whom an experiment of two versions takes.

    Raises:
        InvalidError: the change leaves no rate between 0% and 100%.
    """
    rate = question.rate_percent / 100
    other = rate * (1 + question.change_percent / 100)
    if other == rate or not 0 < other < 1:
        message = (
            "Give a change, up or down, that leaves a rate between 0% and 100%. "
            f"{percentage(question.change_percent)} of {percentage(question.rate_percent)} makes "
            f"it {percent(other, 2)}."
        )
        problem = Problem(
            path="change_percent",
            code="no_such_rate",
            message=message,
            received=question.change_percent,
        )
        raise InvalidError([problem])
    power = question.power_percent / 100
    customers = customers_for_rates(rate, other, question.share_percent / 100, power=power)
    days = None
    per_day = question.customers_per_day
    if per_day is not None:
        days = math.ceil(customers / per_day)
    at = f", {plural(days, 'day')} at {per_day:,.0f} new ones a day," if days is not None else ""
    return SampleSize(
        customers=customers,
        days=days,
        sentence=f"It takes {plural(customers, 'customer')}{at} to find a change from "
        f"{percent(rate, 2)} to {percent(other, 2)} in {percentage(question.power_percent)} of "
        f"experiments, with {percentage(question.share_percent)} of customers on the other "
        "version.",
    )


def change_words(interval: Interval, is_rate: bool) -> str:
    """`+0.3 to +2.1 points`; points are hundredths of a share."""
    if is_rate:
        return f"{100 * interval.low:+.2f} to {100 * interval.high:+.2f} points"
    return f"{interval.low:+.4g} to {interval.high:+.4g}"
