"""Whether customers buy the same again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shared.insights.base import About, Finding, InsightKind, Numbers, rounded, share_words
from shared.insights.events import Events

_SOME, _MOST = 0.05, 0.3


class Repeats(InsightKind):
    """The share of the purchases that repeat an earlier one, and which model that calls for."""

    name = "repeats"
    label = "Repeat purchases"
    help = "How often customers buy what they bought before, and what that means for the model."
    position = 130
    remedy = "model"

    def measure(self, events: Events) -> dict[str, Any]:
        cut = events.cut
        late = "COUNT(*)" if cut is None else f"COUNT(CASE WHEN moment >= {cut} THEN 1 END)"
        pairs = (
            f"SELECT COUNT(*) AS n, {late} AS late FROM {events.rows} AS r GROUP BY customer, "
            "product"
        )
        row = events.ask(
            "SELECT COUNT(*) AS pairs, SUM(n) AS n, SUM(late) AS late, SUM(CASE WHEN n > late "
            f"THEN late END) AS again FROM ({pairs}) AS p"
        )
        rows = int(row["n"] or 0)
        found = {"repeat": rounded(1 - row["pairs"] / rows) if rows else 0.0}
        if cut is not None and row["late"]:
            found["latest"] = rounded((row["again"] or 0) / row["late"])
        return found

    def find(self, numbers: Numbers, about: About) -> Iterator[Finding]:
        repeat, latest = numbers["repeat"], numbers.get("latest")
        told = f"{share_words(repeat)} of the purchases repeat another one of the same customer "
        told += "and product."
        if latest is not None:
            told += f" Of the latest tenth, {share_words(latest)} are of products that the "
            told += "customer had bought before."
        share = repeat if latest is None else latest
        if share > _MOST:
            step = (
                "Take the preset 'recommended', with the history in the buyer tower, and read "
                "the lists to buy again and to discover apart: what customers bought before is "
                "hard to beat over all purchases."
            )
        elif share > _SOME:
            step = (
                "Take the preset 'recommended', with the history in the buyer tower. Judge it by "
                "products new to the customer, which most purchases are of."
            )
        else:
            step = (
                "There is next to nothing to remind customers of. Take the preset 'recommended' "
                "for what it knows of products that go together, judge it by the list to "
                "discover, and leave out of a list what the customer has."
            )
        yield self.finding(told, step)
