"""Columns whose values are others in the latest purchases than before."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from shared.columns import ColumnType
from shared.insights.base import (
    About,
    Finding,
    InsightKind,
    Numbers,
    bars,
    largest,
    named,
)
from shared.insights.events import Events, Examined
from shared.wording import percent

# Of the rows; of a column with few rows and many values so much comes about by chance.
_MOVED = 0.1
_BINS = 10
_MOST_VALUES = 1_000


class Drift(InsightKind):
    """The total variation distance between a column's values in the latest tenth of the rows and in
    those before: the share of the rows that would have to have another value. Numbers are put into
    ten bins that hold as many of the earlier rows each."""

    name = "drift"
    label = "Drift"
    help = "Columns whose values in the latest tenth of the purchases are others than before."
    position = 50
    remedy = "features"

    def measure(self, events: Events) -> dict[str, Any] | None:
        cut = events.cut
        if cut is None:
            return None
        queries = {
            one.name: _distance(value, events.examined_rows, cut)
            for one in events.examined
            if (value := _value(one, events, cut)) is not None
        }
        found = events.each(queries, "moved", "late", "kinds")
        moved = {name: _clear(row) for name, row in found.items() if row["late"]}
        return {"columns": largest({name: one for name, one in moved.items() if one > _MOVED})}

    def find(self, numbers: Numbers, about: About) -> Iterator[Finding]:
        moved = numbers["columns"]
        if not moved:
            yield self.finding(
                "In no column are the values of the latest tenth of the purchases others than "
                f"before, by more than {percent(_MOVED, 0)} of the rows.",
            )
            return
        first, share = next(iter(moved.items()))
        yield self.finding(
            f"Values of {named(moved)} are others in the latest tenth of the purchases than "
            f"before: of {first!r}, {percent(share)} of the rows would have to have another value.",
            "See whether these columns mean the same throughout. Where the change is real, a "
            "model is judged by rows unlike those that it learned from: leave the column out, or "
            "train on the latest part only.",
            warning=True,
            columns=moved,
            bars=bars(moved, shares=True),
        )


def _clear(row: Any) -> float:
    """What is left of the distance beside what would come about by chance: about
    √(2 values / (π rows)) / 2 of equally frequent values, and less of others."""
    chance = 0.4 * math.sqrt(row["kinds"] / row["late"])
    moved = float(row["moved"] or 0)
    return max(0.0, moved - chance)


def _value(one: Examined, events: Events, cut: int) -> str | None:
    """SQL of what is compared; None where values are too many, or go on with time."""
    unique = one.column.likely.unique_count
    if one.column.type is ColumnType.TIMESTAMP:
        return None
    if one.column.type.is_numeric and unique > _BINS:
        earlier = f"{events.examined_rows} AS e WHERE moment < {cut}"
        quantiles = events.dialect.quantiles(str(one.number), _BINS)
        edges = events.ask(f"SELECT {quantiles} AS found FROM {earlier}")["found"]
        inner = sorted({float(edge) for edge in edges or [] if edge is not None})[1:]
        return _binned(str(one.number), inner) if inner else None
    return one.hashed if unique <= _MOST_VALUES else None


def _binned(number: str, edges: Sequence[float]) -> str:
    """The number of the bin that a number is in, -1 where it is missing."""
    whens = [f"WHEN {number} IS NULL THEN -1"]
    whens += [f"WHEN {number} < {edge!r} THEN {bin_}" for bin_, edge in enumerate(edges)]
    return f"CASE {' '.join(whens)} ELSE {len(edges)} END"


def _distance(value: str, rows: str, cut: int) -> str:
    counts = (
        f"SELECT COUNT(CASE WHEN moment >= {cut} THEN 1 END) AS late, COUNT(CASE WHEN moment < "
        f"{cut} THEN 1 END) AS early FROM {rows} AS e GROUP BY {value}"
    )
    whole = (
        "SELECT late, early, SUM(late) OVER () AS lates, SUM(early) OVER () AS earlies FROM "
        f"({counts}) AS c"
    )
    return (
        "SELECT SUM(ABS(late / NULLIF(lates, 0) - early / NULLIF(earlies, 0))) / 2 AS moved, "
        f"SUM(late) AS late, COUNT(*) AS kinds FROM ({whole}) AS w"
    )
