"""Times without a purchase."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from shared.insights.base import About, Finding, InsightKind, Numbers, bars, rounded, share_words
from shared.insights.events import DAY, Events
from shared.wording import plural

_BARS = 24
# A hole is so many times as long as nineteen of twenty gaps between days with purchases.
_TIMES = 4
_SHORTEST = 7  # days


class TimeHoles(InsightKind):
    """Runs of days without any purchase, far longer than usual."""

    name = "time_holes"
    label = "Purchases over time"
    help = "From when to when purchases are, and days on which there are strangely none."
    position = 170

    def measure(self, events: Events) -> dict[str, Any] | None:
        days = list(events.days)
        if not days:
            return None
        gaps = [later - earlier for earlier, later in pairwise(days)]
        usual = sorted(gaps)[int(0.95 * len(gaps))] if gaps else 1
        least = max(_SHORTEST, _TIMES * usual)
        holes = sorted(
            ([day + 1, gap - 1] for day, gap in zip(days, gaps, strict=False) if gap > least),
            key=lambda hole: -hole[1],
        )
        first, last = days[0], days[-1]
        width = max(1, -(-(last - first + 1) // _BARS))
        counts = [0] * -(-(last - first + 1) // width)
        for day, rows in events.days.items():
            counts[(day - first) // width] += rows
        late = sum(rows for day, rows in events.days.items() if day > last - 7)
        return {
            "first": first,
            "last": last,
            "empty": rounded(1 - len(days) / (last - first + 1)),
            "holes": holes[:10],
            "bars": counts,
            "bar_days": width,
            "last_week": rounded(late / sum(events.days.values())),
        }

    def find(self, numbers: Numbers, about: About) -> Iterator[Finding]:
        first, last, holes = numbers["first"], numbers["last"], numbers["holes"]
        told = (
            f"From {_day(first)} to {_day(last)}, {plural(last - first + 1, 'day')}, of which "
            f"{share_words(numbers['empty'])} have no purchase."
        )
        if holes:
            (start, days), more = holes[0], len(holes) - 1
            told += f" The longest hole is {plural(days, 'day')} from {_day(start)} on"
            told += f", the longest of {plural(more + 1, 'such hole')}." if more else "."
            step = (
                "See whether the export lacks these days. What was bought then is in no history, "
                "and a test that ends behind a hole judges the model by what has changed "
                "meanwhile."
            )
        else:
            step = ""
        width = numbers["bar_days"]
        yield self.finding(
            told,
            step,
            warning=bool(holes),
            bars=bars({_day(first + width * i): n for i, n in enumerate(numbers["bars"])}),
        )


def _day(number: int) -> str:
    return f"{datetime.fromtimestamp(number * DAY, UTC):%Y-%m-%d}"
