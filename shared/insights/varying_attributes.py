"""Attributes of products that are none: they change from purchase to purchase."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shared.documents.feature_config import Tower
from shared.insights.base import (
    About,
    ColumnWarning,
    Finding,
    InsightKind,
    Numbers,
    bars,
    largest,
    named,
)
from shared.insights.events import Events
from shared.wording import percent

# Share of the products. docs/comparing.md gives it for results too.
_VARYING = 0.05


class VaryingAttributes(InsightKind):
    """Columns with more than one value for some products."""

    name = "varying_attributes"
    label = "Attributes that vary within a product"
    help = "Columns that are said to describe products, and have several values for some."
    position = 30
    remedy = "features"

    def measure(self, events: Events) -> dict[str, Any]:
        shares = events.within_products
        return {"columns": largest({n: one for n, one in shares.items() if one > _VARYING})}

    def find(self, numbers: Numbers, about: About) -> Iterator[Finding]:
        varying = {
            name: share
            for name, share in numbers["columns"].items()
            if about.sides.get(name) == "product"
        }
        if not varying:
            return
        first, share = next(iter(varying.items()))
        yield self.finding(
            f"{named(varying)} {'is' if len(varying) == 1 else 'are'} said to describe products, "
            f"but {percent(share)} of the products have more than one value of {first!r}.",
            "As a candidate, a product has its most frequent value only, which is not what the "
            "model is trained on. Leave such columns out of the product tower, or give them "
            "another role; the buyer tower may have what is known when recommending.",
            warning=True,
            columns=varying,
            bars=bars(varying, shares=True),
        )

    def warn(self, numbers: Numbers, column: str, tower: Tower) -> ColumnWarning | None:
        share = numbers["columns"].get(column)
        if share is None or tower != "product":
            return None
        return ColumnWarning(
            f"{percent(share)} of the products have more than one value of {column!r}. As a "
            "candidate, a product has its most frequent one only, which is not what the model is "
            "trained on. Leave it out of the product tower, or put it into the buyer tower where "
            "it is known when recommending.",
            share,
        )
