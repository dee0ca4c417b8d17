"""How often products are bought."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shared.insights.base import About, Finding, InsightKind, Numbers, bars, share_words
from shared.insights.customers import spread
from shared.insights.events import Events
from shared.wording import plural

# The default of a vocabulary's min_frequency: a product with fewer rows has no row of its own.
_KNOWN = 5


class Products(InsightKind):
    """Purchases per product."""

    name = "purchases_per_product"
    label = "Purchases per product"
    help = "How often products are bought, and how many too rarely to be learned one by one."
    position = 110

    def measure(self, events: Events) -> dict[str, Any]:
        return spread(events, "products", _KNOWN)

    def find(self, numbers: Numbers, about: About) -> Iterator[Finding]:
        few = numbers["few"]
        many = few > 0.5
        yield self.finding(
            f"{plural(numbers['total'], 'product')}: half of them have "
            f"{plural(numbers['median'], 'purchase')} or fewer, a tenth {numbers['p90']:,} or "
            f"more. {share_words(few)} have fewer than {_KNOWN}, which is what an id needs for a "
            "row of its own in a vocabulary.",
            "Most products are too rare to be learned one by one. Give the product tower "
            "attributes that they share with others (category, brand, words of the name)."
            if many
            else "There is enough to learn products by: keep the product's id in the product "
            "tower, beside its attributes.",
            warning=many,
            remedy="features",
            bars=bars({bar["rows"]: bar["count"] for bar in numbers["bars"]}),
        )
