"""Customers who are none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shared.insights.base import About, Finding, InsightKind, Numbers, rounded, share_words
from shared.insights.events import DAY, Events
from shared.wording import plural

# Of one customer on one day: one moment every three minutes, day and night; and more lines than
# there are in the fullest of shopping carts.
_MOMENTS, _ROWS = 480, 1_000
# A single customer of at least so many has no such share of the purchases.
_SHARE, _CUSTOMERS = 0.02, 500
_TOLD = 5


class Bots(InsightKind):
    """Customers with more purchases in a day than a person makes, or with a share of all."""

    name = "bots"
    label = "Customers above any human rate"
    help = "More moments or rows in a day than a person has: bots, tills, test accounts, guests."
    position = 180

    def measure(self, events: Events) -> dict[str, Any]:
        total, customers = events.customers.rows, events.customers.total
        moments = (
            f"SELECT customer, moment, COUNT(*) AS n FROM {events.rows} AS r "
            "GROUP BY customer, moment"
        )
        days = (
            f"SELECT customer, FLOOR(moment / {DAY}) AS d, SUM(n) AS n, COUNT(moment) AS m FROM "
            f"({moments}) AS t GROUP BY customer, FLOOR(moment / {DAY})"
        )
        most = (
            "SELECT customer, SUM(n) AS n, MAX(CASE WHEN d IS NOT NULL THEN n END) AS day_rows, "
            f"MAX(m) AS day_moments FROM ({days}) AS d GROUP BY customer"
        )
        heavy = f"n > {_SHARE * total}" if customers >= _CUSTOMERS else "n < 0"
        fast = f"SELECT * FROM ({most}) AS f WHERE day_rows > {_ROWS} OR day_moments > {_MOMENTS}"
        fast += f" OR {heavy}"
        row = events.ask(
            "SELECT COUNT(*) AS customers, SUM(n) AS n, MAX(day_rows) AS day_rows, "
            f"MAX(day_moments) AS day_moments, MAX(n) AS most FROM ({fast}) AS b"
        )
        share = rounded((row["n"] or 0) / total)
        found: dict[str, Any] = {"customers": int(row["customers"]), "share": share}
        if found["customers"]:
            first = f"SELECT n FROM ({fast}) AS b ORDER BY n DESC LIMIT {_TOLD}"
            found["day_rows"] = int(row["day_rows"] or 0)
            found["day_moments"] = int(row["day_moments"] or 0)
            found["most"] = rounded(row["most"] / total)
            # Whoever owns the data finds them by their rows; a document names no customer.
            rows = (int(one["n"]) for one in events.listed(first, "n"))
            found["rows"] = sorted(rows, reverse=True)
        return found

    def find(self, numbers: Numbers, about: About) -> Iterator[Finding]:
        many = numbers["customers"]
        if not many:
            yield self.finding(
                f"No customer has more than {_ROWS:,} rows or {_MOMENTS:,} different moments in a "
                "day.",
            )
            return
        told = ""
        if counts := [f"{rows:,}" for rows in numbers.get("rows", [])]:
            some = "The largest have" if many > len(counts) else "They have"
            told = f" {'It has' if many == 1 else some} {', '.join(counts)} rows."
        verb = "has" if many == 1 else "have"
        yield self.finding(
            f"{plural(many, 'customer')} {verb} {share_words(numbers['share'])} of the purchases, "
            f"more than any person makes: up to {numbers['day_rows']:,} rows and "
            f"{numbers['day_moments']:,} different moments in a day, and up to "
            f"{share_words(numbers['most'])} of all.{told}",
            "Count rows by customer to find them. If these are bots, tills, test accounts or "
            "guests under one id, leave their rows "
            "out of the source: what they buy says nothing of anybody's taste, and a list made "
            "for them helps nobody.",
            warning=True,
        )
