"""How few products make how many of the purchases."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import Any

from shared.insights.base import About, Finding, InsightKind, Numbers, bars, rounded
from shared.insights.events import Events
from shared.wording import percent, plural

_SHARES = (0.01, 0.05, 0.1, 0.2, 0.5)
_LISTED = 10


class Concentration(InsightKind):
    """The share of the purchases that bestsellers make."""

    name = "concentration"
    label = "Concentration"
    help = "How few products make half of the purchases, and how few customers."
    position = 120
    remedy = "settings"

    def measure(self, events: Events) -> dict[str, Any]:
        products, customers = events.products, events.customers
        return {
            "products": products.total,
            "half": products.needed_for(0.5),
            "top_ten": rounded(products.of_the_first(_LISTED)),
            "best_selling": [
                {
                    "of": share,
                    "make": rounded(products.of_the_first(ceil(share * products.total))),
                }
                for share in _SHARES
            ],
            "customers_hundredth": rounded(
                customers.of_the_first(ceil(_SHARES[0] * customers.total))
            ),
        }

    def find(self, numbers: Numbers, about: About) -> Iterator[Finding]:
        half, total, top = numbers["half"], numbers["products"], numbers["top_ten"]
        concentrated = top > 0.5 and total > 2 * _LISTED
        shares = {
            f"best-selling {percent(best['of'], 0)}": best["make"]
            for best in numbers["best_selling"]
        }
        yield self.finding(
            f"{plural(half, 'product')} of {total:,} ({percent(half / max(1, total))}) "
            f"{'makes' if half == 1 else 'make'} half of the purchases; the ten best-selling make "
            f"{percent(top)}. The hundredth of the customers with the most purchases make "
            f"{percent(numbers['customers_hundredth'])}.",
            "A list of bestsellers is right half of the time, so that recall at 10 says little. "
            "Compare tests by recall at 100 of products new to the customer, and by coverage."
            if concentrated
            else "Compare tests with the baseline of what is popular, and look at head and tail "
            "products apart: a gain may be in one of them only.",
            warning=concentrated,
            bars=bars(shares, shares=True),
        )
