"""The patterns by which a text is a time, as of `strptime`; which of them a column has."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Order = Literal["day", "month"]

_MONTHS = (
    "jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sep(tember)?|oct(ober)?|"
    "nov(ember)?|dec(ember)?"
)
_DAYS = "(mon|tue|wed|thu|fri|sat|sun)"
_DATES = (
    # Day, month and year as numbers, in one of two orders.
    re.compile(
        r"(?P<a>\d{1,2})(?P<s1>[./-]|\. ?| )(?P<b>\d{1,2})(?P<s2>[./-]|\. ?| )(?P<y>\d{4}|\d{2})"
    ),
    re.compile(r"(?P<y>\d{4})(?P<s1>[./-]|\. ?| )(?P<m>\d{1,2})(?P<s2>[./-]|\. ?| )(?P<d>\d{1,2})"),
    re.compile(r"(?P<y>\d{4})(?P<s1>)(?P<m>\d{2})(?P<s2>)(?P<d>\d{2})(?!\d{1,5}(\D|$))"),
    # With the month as a word.
    re.compile(
        rf"(?P<d>\d{{1,2}})(?P<s1>[. -]|\. )(?P<n>{_MONTHS})\.?(?P<s2>,? |-)(?P<y>\d{{4}}|\d{{2}})",
        re.I,
    ),
    re.compile(rf"(?P<n>{_MONTHS})(?P<s1>\.? )(?P<d>\d{{1,2}})(?P<s2>,? )(?P<y>\d{{4}})", re.I),
    re.compile(rf"(?P<y>\d{{4}})(?P<s1>-)(?P<n>{_MONTHS})(?P<s2>-)(?P<d>\d{{1,2}})", re.I),
)
_WEEKDAY = re.compile(rf"{_DAYS}(?P<long>day|sday|nesday|rsday|urday)?(?P<comma>,?) ", re.I)
_TIME = re.compile(
    r"(?P<between>, ?| +| ?- ?|T|)"
    r"(?P<h>\d{1,2})(?P<c>[:.h])(?P<m>\d{2})(:(?P<s>\d{2})((?P<point>[.,])(?P<f>\d{1,9}))?)?"
    r"((?P<gap> ?)(?P<half>[ap]\.? ?m\.?))?"
    r"(?P<clock> (Uhr|h))?",
    re.I,
)
_COMPACT = re.compile(r"(?P<between>[ T]?)(?P<h>\d{2})(?P<m>\d{2})(?P<s>\d{2})?(?!\d)")
_ZONE = re.compile(
    r"(?P<gap> ?)(?P<name>Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2}(?!\d)|\(?[A-Z]{3,4}\)?)"
)


@dataclass(frozen=True)
class Choice:
    """The patterns of a column's times.

    Attributes:
        patterns: the most frequent first.
        order: what comes first, days or months, in dates that could be either; None where no value
            is such a date.
        decided: whether a value says so, or how dates are usually written.
        example: a value that says which; "" where none does.
    """

    patterns: list[str]
    order: Order | None
    decided: bool
    example: str = ""


def patterns_of(text: str) -> dict[Order | None, str]:
    """The pattern of a time, by what comes first in it; under None where that is no question.

    >>> patterns_of("31.01.2024 17:05")
    {'day': '%d.%m.%Y %H:%M'}
    >>> patterns_of("3/4/24")
    {'day': '%d/%m/%y', 'month': '%m/%d/%y'}
    >>> patterns_of("Mar 4, 2024 5:06 pm")
    {None: '%b %d, %Y %I:%M %p'}
    """
    text = text.strip()
    begin = ""
    if weekday := _WEEKDAY.match(text):
        begin = f"{'%A' if weekday['long'] else '%a'}{weekday['comma']} "
        text = text[weekday.end() :]
    for form in _DATES:
        if date := form.match(text):
            rest = _time_of(text[date.end() :])
            if rest is not None and (found := _date_patterns(date)):
                valid = {
                    order: pattern
                    for order, pattern in found.items()
                    if _is_date(date.group(), pattern)
                }
                if valid:
                    return {order: begin + one + rest for order, one in valid.items()}
    return {}


def choose(values: Mapping[str, int], day_first: bool | None = None) -> Choice | None:
    """The patterns that all of some values have; None where too many differ or one has none.

    Args:
        values: how often each occurs.
        day_first: what is known of dates that could be either.
    """
    if not values:
        return None
    orders: Counter[Order] = Counter()
    found = {value: patterns_of(value) for value in values}
    asked = {value: one for value, one in found.items() if one and None not in one}
    for one in asked.values():
        for possible in one:
            if possible is not None:
                orders[possible] += 1
    order: Order | None = None
    decided, example = True, ""
    if asked:
        if day_first is not None:
            order = "day" if day_first else "month"
        else:
            order = "day" if orders["day"] >= orders["month"] else "month"
            decided = orders["day"] != orders["month"]
            telling = [value for value, one in asked.items() if set(one) == {order}]
            example = telling[0] if telling else ""
            if not decided and all("." in value.partition(" ")[0] for value in asked):
                order, decided = "day", True
    counts: Counter[str] = Counter()
    for value, known in found.items():
        pattern = known.get(None) or (known.get(order) if order else None)
        if pattern:
            counts[pattern] += values[value]
    patterns = [pattern for pattern, _ in counts.most_common()]
    return Choice(patterns, order, decided, example) if patterns else None


def _date_patterns(date: re.Match[str]) -> dict[Order | None, str]:
    parts = date.groupdict()
    first, second = parts["s1"], parts["s2"]
    year = "%Y" if len(parts["y"]) == 4 else "%y"
    if parts.get("a"):
        if first.strip() != second.strip():
            return {}
        return {
            "day": f"%d{first}%m{second}{year}",
            "month": f"%m{first}%d{second}{year}",
        }
    if parts.get("n"):
        month = "%b" if len(parts["n"]) == 3 else "%B"
        if date.start("d") < date.start("n"):
            dot = "." if date.group()[date.end("n") - date.start() :].startswith(".") else ""
            return {None: f"%d{first}{month}{dot}{second}{year}"}
        if date.start("y") < date.start("n"):
            return {None: f"{year}{first}{month}{second}%d"}
        return {None: f"{month}{first}%d{second}{year}"}
    return {None: f"{year}{first}%m{second}%d"}


def _is_date(text: str, pattern: str) -> bool:
    try:
        return datetime.strptime(text, pattern).year >= 1
    except ValueError:
        return False


def _time_of(rest: str) -> str | None:
    """The pattern of a time of day and a zone, "" of nothing, None of something else."""
    pattern = ""
    if time := _TIME.match(rest):
        half = time["half"]
        colon = time["c"]
        hour = "%I" if half else "%H"
        if not _possible(int(time["h"]), int(time["m"]), int(time["s"] or 0), bool(half)):
            return None
        pattern = f"{time['between']}{hour}{colon}%M"
        if time["s"]:
            pattern += ":%S"
        if time["f"]:
            pattern += f"{time['point']}{'%n' if len(time['f']) > 6 else '%f'}"
        if half:
            pattern += f"{time['gap']}%p"
        pattern += time["clock"] or ""
        rest = rest[time.end() :]
    elif compact := _COMPACT.match(rest):
        if not _possible(int(compact["h"]), int(compact["m"]), int(compact["s"] or 0), False):
            return None
        pattern = f"{compact['between']}%H%M{'%S' if compact['s'] else ''}"
        rest = rest[compact.end() :]
    if rest and pattern and (zone := _ZONE.fullmatch(rest)):
        name = zone["name"]
        if name in ("Z", "UTC", "GMT"):
            return f"{pattern}{zone['gap']}{name}"
        return f"{pattern}{zone['gap']}{'%z' if name[0] in '+-' else '%Z'}"
    return pattern if not rest else None


def _possible(hour: int, minute: int, second: int, half: bool) -> bool:
    return (1 <= hour <= 12 if half else hour < 24) and minute < 60 and second < 60


def told(patterns: Iterable[str]) -> str:
    """Patterns for people.

    >>> told(["%d.%m.%Y", "%m/%d/%y %I:%M %p"])
    'day.month.year, month/day/year hour:minute AM/PM'
    """
    words = {
        **{"d": "day", "m": "month", "Y": "year", "y": "year", "b": "month", "B": "month"},
        **{"H": "hour", "I": "hour", "M": "minute", "S": "second", "f": "fraction"},
        **{"n": "fraction", "p": "AM/PM", "z": "zone", "Z": "zone", "a": "weekday"},
        **{"A": "weekday", "G": "year", "V": "week", "u": "weekday"},
    }
    said = (re.sub("%(.)", lambda one: words.get(one[1], one[1]), p) for p in patterns)
    return ", ".join(dict.fromkeys(said))
