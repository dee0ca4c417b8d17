"""What a cron expression means, for people."""

from __future__ import annotations

import calendar
from collections.abc import Collection
from itertools import pairwise

from shared.cron import Cron, parse_cron
from shared.wording import listed

_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_MOST_TIMES = 4
_WORKING_DAYS = {1, 2, 3, 4, 5}


def cron_words(text: str, zone: str) -> str:
    """A sentence: `Every Monday at 03:00, Europe/Berlin.` Raises CronError."""
    cron = parse_cron(text)
    found = f"{_days(cron)}{_months(cron)} {_times(cron)}, {zone}."
    return found[0].upper() + found[1:]


def _times(cron: Cron) -> str:
    told = [f"{one:%H:%M}" for one in cron.times]
    if len(told) <= _MOST_TIMES:
        return f"at {listed(told)}"
    minutes = [60 * one.hour + one.minute for one in cron.times]
    gaps = {later - one for one, later in pairwise(minutes)}
    if len(gaps) > 1 or min(gaps) % 60:
        return f"{len(told)} times, from {told[0]} to {told[-1]}"
    hours = min(gaps) // 60
    every = "every hour" if hours == 1 else f"every {hours} hours"
    return f"{every}, from {told[0]} to {told[-1]}"


def _days(cron: Cron) -> str:
    of_month, of_week = len(cron.days) < 31, len(cron.weekdays) < 7
    if not of_month and not of_week:
        return "every day"
    if not of_month:
        return _weekdays(cron.weekdays)
    month = "day" if len(cron.days) == 1 else "days"
    numbers = f"{month} {listed([str(day) for day in sorted(cron.days)])} of the month"
    if not of_week:
        return f"on {numbers}"
    if cron.any_day or cron.any_weekday:
        return f"{_weekdays(cron.weekdays)} that is on {numbers}"
    return f"on {numbers} and {_weekdays(cron.weekdays)}"


def _weekdays(days: Collection[int]) -> str:
    if set(days) == _WORKING_DAYS:
        return "every day from Monday to Friday"
    # A week begins on Monday.
    return f"every {listed([_DAYS[day] for day in sorted(days, key=lambda day: (day - 1) % 7)])}"


def _months(cron: Cron) -> str:
    if len(cron.months) == 12:
        return ""
    return f" in {listed([calendar.month_name[month] for month in sorted(cron.months)])}"
