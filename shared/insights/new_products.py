"""Products and customers that come up in the latest tenth of the purchases only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shared.insights.base import About, Finding, InsightKind, Numbers, rounded, share_words
from shared.insights.events import Events

_MANY = 0.05  # of the latest purchases


class NewProducts(InsightKind):
    """How much of what a test holds out no training can have seen."""

    name = "new_products"
    label = "New products and customers"
    help = "Products and customers of the latest tenth of the purchases that no earlier one has."
    position = 140
    remedy = "features"

    def measure(self, events: Events) -> dict[str, Any] | None:
        cut = events.cut
        if cut is None:
            return None
        found = {}
        for of in ("product", "customer"):
            counts = (
                f"SELECT COUNT(*) AS n, COUNT(CASE WHEN moment >= {cut} THEN 1 END) AS late FROM "
                f"{events.rows} AS r GROUP BY {of}"
            )
            row = events.ask(
                "SELECT SUM(late) AS late_rows, SUM(CASE WHEN n = late THEN late END) AS "
                "new_rows, COUNT(CASE WHEN late > 0 THEN 1 END) AS late_ones, COUNT(CASE WHEN n "
                f"= late THEN 1 END) AS new_ones FROM ({counts}) AS c"
            )
            found[of] = rounded(row["new_ones"] / row["late_ones"])
            found[f"{of}_rows"] = rounded((row["new_rows"] or 0) / row["late_rows"])
        return found

    def find(self, numbers: Numbers, about: About) -> Iterator[Finding]:
        rows = numbers["product_rows"]
        told = (
            f"{share_words(numbers['product'])} of the products in the latest tenth of the "
            f"purchases, with {share_words(rows)} of its purchases, come up in no earlier one; so "
            f"do {share_words(numbers['customer'])} of its customers."
        )
        step = (
            "Look at the recall of products never trained on, which every such test measures."
            if numbers["product"]
            else "A test by time says nothing of new products here."
        )
        yield self.finding(
            f"{told}",
            f"{step} To know how well attributes carry a new product, hold products out "
            "(split.strategy 'products'), and raise the id dropout of the product's id.",
            warning=rows > _MANY,
        )
