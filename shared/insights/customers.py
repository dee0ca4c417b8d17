"""How much customers buy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shared.insights.base import About, Finding, InsightKind, Numbers, bars, rounded, share_words
from shared.insights.events import Events
from shared.wording import plural

# Of a customer with fewer purchases there is hardly a history.
_KNOWN = 5


class Customers(InsightKind):
    """Purchases per customer."""

    name = "purchases_per_customer"
    label = "Purchases per customer"
    help = "How many purchases customers have, and how many have too few to be known by."
    position = 100

    def measure(self, events: Events) -> dict[str, Any]:
        return spread(events, "customers", _KNOWN)

    def find(self, numbers: Numbers, about: About) -> Iterator[Finding]:
        few = numbers["few"]
        many = few > 0.5
        yield self.finding(
            f"{plural(numbers['total'], 'customer')}: half of them have "
            f"{plural(numbers['median'], 'purchase')} or fewer, a tenth {numbers['p90']:,} or "
            f"more. {share_words(few)} have fewer than {_KNOWN}.",
            "Of most customers there is little to learn by. Let the buyer tower have what else "
            "is known of them, such as a region or a segment, and look at results for new "
            "customers apart."
            if many
            else "There is enough to learn customers by: keep the customer's id and the history "
            "of purchases in the buyer tower.",
            warning=many,
            remedy="features",
            bars=bars({bar["rows"]: bar["count"] for bar in numbers["bars"]}),
        )


def spread(events: Events, of: str, few: int) -> dict[str, Any]:
    """How rows are spread over customers or products, and the share of these with fewer."""
    sizes = events.customers if of == "customers" else events.products
    return {
        "total": sizes.total,
        "rows": sizes.rows,
        "median": sizes.quantile(0.5),
        "p90": sizes.quantile(0.9),
        "most": sizes.quantile(1.0),
        "few": rounded(sizes.fewer_than(few)),
        "bars": sizes.bars(),
    }
