"""Columns that are known only after the purchase."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shared.columns import ColumnType
from shared.documents.feature_config import Tower
from shared.insights.base import (
    About,
    ColumnWarning,
    Finding,
    InsightKind,
    Numbers,
    largest,
    named,
)
from shared.insights.events import Events
from shared.wording import percent

_LATER = 0.5  # of the rows
_FIXED = 0.01  # of the customers, with several values
_TOTALS = 0.95  # correlation with the number of rows
_FEWEST = 30  # customers


class FutureGivenAway(InsightKind):
    """Times that are later than the purchase, and totals that count purchases to come."""

    name = "gives_future_away"
    label = "Columns that give the future away"
    help = "Times after the purchase, and totals that count all purchases of a customer."
    position = 20
    remedy = "features"

    def measure(self, events: Events) -> dict[str, Any]:
        return {"later": largest(_later(events)), "totals": largest(_totals(events))}

    def find(self, numbers: Numbers, about: About) -> Iterator[Finding]:
        later, totals = numbers["later"], numbers["totals"]
        said = []
        if later:
            first, share = next(iter(later.items()))
            said.append(
                f"In {percent(share)} of the purchases {first!r} is later than the purchase itself"
                f"{_and(later)}."
            )
        if totals:
            first, correlation = next(iter(totals.items()))
            said.append(
                f"{first!r} is the same in all purchases of a customer, and goes with how many "
                f"these are (correlation {correlation:.2f}){_and(totals)}: it seems to count "
                "purchases that a test holds out."
            )
        if said:
            yield self.finding(
                " ".join(said),
                "Leave these columns out of both towers: what they say is not known when "
                "recommending. Where a value as of the purchase is at hand, take that.",
                warning=True,
                columns={**later, **totals},
            )

    def warn(self, numbers: Numbers, column: str, tower: Tower) -> ColumnWarning | None:
        if (share := numbers["later"].get(column)) is not None:
            said = f"In {percent(share)} of the purchases {column!r} is later than the purchase"
        elif (share := numbers["totals"].get(column)) is not None:
            said = f"{column!r} seems to count all purchases of a customer, later ones too"
        else:
            return None
        return ColumnWarning(
            f"{said}: it is not known when recommending, and metrics will look better than they "
            "are. Leave it out.",
            share,
        )


def _and(columns: dict[str, float]) -> str:
    others = dict(list(columns.items())[1:])
    return f", and likewise {named(others)}" if others else ""


def _later(events: Events) -> dict[str, float]:
    """By column of times, the share of the rows in which it is later than the purchase."""
    if not events.timed:
        return {}
    queries = {
        one.name: f"SELECT COUNT({one.number}) AS n, "
        f"COUNT(CASE WHEN {one.number} > moment + 1 THEN 1 END) AS late "
        f"FROM {events.examined_rows} AS e WHERE moment IS NOT NULL"
        for one in events.examined
        if one.number is not None and one.column.type is ColumnType.TIMESTAMP
    }
    found = events.each(queries, "n", "late")
    shares = {name: row["late"] / row["n"] for name, row in found.items() if row["n"]}
    return {name: share for name, share in shares.items() if share > _LATER}


def _totals(events: Events) -> dict[str, float]:
    """By column that is fixed for a customer, its correlation with how many rows they have."""
    fixed = events.within_customers
    queries = {}
    for one in events.examined:
        if one.column.type.is_numeric and fixed.get(one.name, 1.0) < _FIXED:
            customers = (
                f"SELECT AVG({one.number}) AS x, COUNT(*) AS n FROM {events.examined_rows} AS e "
                "GROUP BY customer"
            )
            queries[one.name] = (
                f"SELECT CORR(x, n) AS c, COUNT(x) AS k FROM ({customers}) AS c WHERE x IS NOT NULL"
            )
    found = events.each(queries, "c", "k")
    return {
        name: float(row["c"])
        for name, row in found.items()
        if row["k"] >= _FEWEST and row["c"] is not None and row["c"] > _TOTALS
    }
