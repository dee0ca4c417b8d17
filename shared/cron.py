"""Cron expressions of five fields in a time zone: when they fire.

The fields are those of POSIX `crontab` with the usual extensions of Vixie cron: lists, ranges,
steps (`*/15`, `8-18/2`), names of months and of days of the week, and 7 for Sunday. Where both the
day of the month and the day of the week are restricted, a day that fits either fires
(https://pubs.opengroup.org/onlinepubs/9799919799/utilities/crontab.html, crontab(5)); as in Vixie
cron, a field that begins with `*` is not restricted.

Daylight saving: a time that does not exist on a day fires once, at the next moment that does; a
time that happens twice fires the first time.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo

_MONTHS = {name.lower(): place for place, name in enumerate(calendar.month_abbr) if name}
_DAYS = {
    name: place for place, name in enumerate(("sun", "mon", "tue", "wed", "thu", "fri", "sat"))
}
_DAY = timedelta(days=1)
_MINUTES_A_DAY = 24 * 60
LONGEST = 200  # characters of an expression


class CronError(ValueError):
    """An expression that is none, or that never fires; the message says what would be right."""


@dataclass(frozen=True)
class _Part:
    """A field: what it is called and the values that it takes."""

    name: str
    low: int
    high: int
    names: dict[str, int]


_PARTS = (
    _Part("minute", 0, 59, {}),
    _Part("hour", 0, 23, {}),
    _Part("day of the month", 1, 31, {}),
    _Part("month", 1, 12, _MONTHS),
    _Part("day of the week", 0, 7, _DAYS),
)
_FORM = "minute, hour, day of the month, month and day of the week"


@dataclass(frozen=True)
class Cron:
    """A parsed expression. Days of the week are counted from Sunday, which is 0.

    Attributes:
        any_day, any_weekday: whether that field begins with `*`, and restricts nothing by itself.
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    any_day: bool
    any_weekday: bool

    @cached_property
    def times(self) -> list[time]:
        """The times of a day that fires."""
        return [
            time(hour, minute) for hour in sorted(self.hours) for minute in sorted(self.minutes)
        ]

    def on(self, day: date) -> bool:
        """Whether a day fires."""
        if day.month not in self.months:
            return False
        by_month, by_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        if self.any_day or self.any_weekday:
            return by_month and by_week
        return by_month or by_week

    def closest(self) -> int:
        """How many minutes lie at least between two of its times, were all days to fire. 1440 of
        one that has a single time."""
        times = [one.hour * 60 + one.minute for one in self.times]
        times.append(times[0] + _MINUTES_A_DAY)
        return min(later - earlier for earlier, later in pairwise(times))

    def after(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """The first time after a moment at which it fires, both with a time zone; the result in
        UTC. Raises OverflowError after the year 9999."""
        return next(self.all_after(moment, zone))

    def all_after(self, moment: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        """All such times, in their order, each once."""
        last = moment.astimezone(UTC)
        # Where clocks were put forward, what a day asks for may fire on the next one.
        day = moment.astimezone(zone).date() - _DAY
        while True:
            if self.on(day):
                for at in self.times:
                    found = _moment(datetime.combine(day, at), zone)
                    if found > last:
                        yield found
                        last = found
            day += _DAY


def parse_cron(text: str) -> Cron:
    """An expression such as `0 3 * * mon`. Raises CronError."""
    if len(text) > LONGEST:
        raise CronError(f"A cron expression has at most {LONGEST} characters.")
    given = text.split()
    if len(given) != len(_PARTS):
        raise CronError(
            f"A cron expression has five fields: {_FORM}, such as '0 3 * * mon' for Mondays at "
            f"3:00. This one has {len(given)}."
        )
    minutes, hours, days, months, weekdays = map(_values, given, _PARTS)
    found = Cron(
        minutes,
        hours,
        days,
        months,
        frozenset(day % 7 for day in weekdays),
        any_day=given[2].startswith("*"),
        any_weekday=given[4].startswith("*"),
    )
    if not _fires(found):
        day = f"a day {min(found.days)}" if len(found.days) == 1 else "one of its days"
        raise CronError(f"It never fires: no month that it names has {day}.")
    return found


def _fires(cron: Cron) -> bool:
    """Whether any day fires: in leap years February has 29 days."""
    if not cron.any_day and not cron.any_weekday:
        return True  # every week has all of its days
    return any(min(cron.days) <= calendar.monthrange(2000, month)[1] for month in cron.months)


def _values(text: str, part: _Part) -> frozenset[int]:
    """The values of a field. Raises CronError."""
    found: set[int] = set()
    for item in text.split(","):
        match = re.fullmatch(r"(\*|(\w+)(?:-(\w+))?)(?:/(\d+))?", item, re.ASCII)
        if match is None:
            raise _wrong(part, item)
        whole, first, last, step = match.groups()
        low, high = part.low, part.high
        if part.name == "day of the week" and whole == "*":
            high = 6  # 7 is Sunday once more
        if first is not None:
            low = _value(first, part, item)
            if last is not None:
                high = _value(last, part, item)
            elif step is None:
                high = low
        stride = 1 if step is None else int(step)
        if low > high or not 1 <= stride <= part.high:
            raise _wrong(part, item)
        found.update(range(low, high + 1, stride))
    return frozenset(found)


def _value(text: str, part: _Part, item: str) -> int:
    value = part.names.get(text.lower())
    if value is None and text.isdecimal() and len(text) <= 2:
        value = int(text)
    if value is None or not part.low <= value <= part.high:
        raise _wrong(part, item)
    return value


def _wrong(part: _Part, item: str) -> CronError:
    names = f", or {'/'.join(part.names)}" if part.names else ""
    return CronError(
        f"The {part.name} is {item!r}; expected {part.low} to {part.high}{names}, as *, 5, 1-5, "
        "*/2 or a list of such, the smaller number of a range first."
    )


def _moment(local: datetime, zone: ZoneInfo) -> datetime:
    """When it is a local time somewhere, in UTC: the first time of two; of a time that does not
    exist, the moment at which clocks are put forward."""
    first = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == local:
        return first
    # In a gap, fold 0 counts by the offset from before it, fold 1 by that from after it (PEP 495).
    before, after = local.replace(tzinfo=zone, fold=1).astimezone(UTC), first
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if middle <= before:
            break
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after
