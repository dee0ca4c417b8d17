"""Purchases of one moment, which a test by time cannot tell apart."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from shared.insights.base import About, Finding, InsightKind, Numbers, rounded, share_words
from shared.insights.events import DAY, Events
from shared.wording import plural

_LATEST = 0.1


class TimeTies(InsightKind):
    """How finely times are told, and how many purchases the heaviest moments have."""

    name = "time_ties"
    label = "Purchases at the same time"
    help = "How many different moments there are, and how many purchases share the heaviest."
    position = 160
    remedy = "settings"

    def measure(self, events: Events) -> dict[str, Any] | None:
        if not events.days:
            return None
        ranked = (
            "SELECT moment, n, ROW_NUMBER() OVER (ORDER BY n DESC, moment DESC) AS heaviest, "
            f"ROW_NUMBER() OVER (ORDER BY moment DESC) AS latest FROM ({events.moments}) AS m"
        )
        row = events.ask(
            "SELECT COUNT(*) AS moments, SUM(n) AS n, MAX(CASE WHEN heaviest = 1 THEN n END) AS "
            "most, MAX(CASE WHEN heaviest = 1 THEN moment END) AS most_at, MAX(CASE WHEN latest "
            f"= 1 THEN n END) AS last_one, COUNT(CASE WHEN FLOOR(moment / {DAY}) * {DAY} = moment "
            f"THEN 1 END) AS midnights FROM ({ranked}) AS k"
        )
        rows = int(row["n"])
        return {
            "moments": int(row["moments"]),
            "most": rounded(row["most"] / rows),
            "most_at": int(row["most_at"]),
            "last": rounded(row["last_one"] / rows),
            "days_only": row["midnights"] == row["moments"],
        }

    def find(self, numbers: Numbers, about: About) -> Iterator[Finding]:
        most, last = numbers["most"], numbers["last"]
        at = datetime.fromtimestamp(numbers["most_at"], UTC)
        days = numbers["days_only"]
        when = f"{at:%Y-%m-%d}" if days else f"{at:%Y-%m-%d %H:%M:%S} UTC"
        only = ", all of them days" if days else ""
        told = (
            f"Purchases have {plural(numbers['moments'], 'different moment')}{only}; the heaviest, "
            f"{when}, has {share_words(most)} of them."
        )
        if numbers["moments"] == 1:
            step = "A test by time has nothing to hold out: take the split 'random'."
        elif most > _LATEST or last > _LATEST:
            step = (
                "A test by time keeps purchases of one moment together, and would hold out far "
                "more or far less than a tenth. Set split.ties to 'hash'."
            )
        else:
            step = ""
        yield self.finding(told, step, warning=most > _LATEST or last > _LATEST)
