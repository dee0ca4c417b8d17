"""Rows that say the same twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shared.insights.base import About, Finding, InsightKind, Numbers, rounded, share_words
from shared.insights.events import Events
from shared.wording import plural

_MANY = 0.01


class Duplicates(InsightKind):
    """Rows that are equal in every column, and purchases of one customer, product and moment."""

    name = "duplicates"
    label = "Duplicates"
    help = "Rows that are equal in all columns, or in customer, product and time."
    position = 150

    def measure(self, events: Events) -> dict[str, Any]:
        columns = ["customer", "product", "moment", *(one.hashed for one in events.examined)]
        found: dict[str, Any] = {}
        for name, rows, by in (
            ("same_purchase", events.rows, columns[:3]),
            ("same_row", events.examined_rows, columns),
        ):
            groups = f"SELECT COUNT(*) AS n FROM {rows} AS r GROUP BY {', '.join(by)}"
            row = events.ask(f"SELECT SUM(n) AS n, SUM(n - 1) AS more FROM ({groups}) AS g")
            found[name] = int(row["more"] or 0)
            found[f"{name}_share"] = rounded((row["more"] or 0) / (row["n"] or 1))
        return found

    def find(self, numbers: Numbers, about: About) -> Iterator[Finding]:
        rows, share = numbers["same_row"], numbers["same_row_share"]
        pairs, of_pairs = numbers["same_purchase"], numbers["same_purchase_share"]
        if not pairs:
            return
        told = (
            f"{plural(pairs, 'row')} ({share_words(of_pairs)}) repeat customer, product and time "
            "of another."
        )
        if rows:
            told += f" {plural(rows, 'row')} ({share_words(share)} of those that were looked at) "
            told += "are equal to another in every column."
            step = (
                "If an export wrote rows twice, read it again without: every copy counts as a "
                "purchase, and one may be trained on while the other is held out."
            )
        else:
            told += " They differ elsewhere, as lines of one order do."
            step = ""
        yield self.finding(told, step, warning=share > _MANY)
