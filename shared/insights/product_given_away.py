"""Columns by which a query would know its answer."""

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
    largest,
    named,
)
from shared.insights.events import Events
from shared.wording import percent

# Of the products, with a single value; of the customers, with several.
_FIXED, _VARIES = 0.05, 0.5
# Of the rows whose value others have too.
_TELLS = 0.9


class ProductGivenAway(InsightKind):
    """What is the same in all purchases of a product but not of a customer describes the product;
    where each value is of one product only, it names it."""

    name = "gives_product_away"
    label = "Columns that give the product away"
    help = "Columns that name or describe the product that a query is to find."
    position = 10
    remedy = "features"

    def measure(self, events: Events) -> dict[str, Any]:
        products, customers = events.within_products, events.within_customers
        describes = {
            name: share
            for name, share in customers.items()
            if share > _VARIES and products.get(name, 1.0) <= _FIXED
        }
        names = {
            name: found.of_one_product / found.repeated
            for name, found in events.values.items()
            if found.repeated > found.rows / 2 and found.of_one_product > _TELLS * found.repeated
        }
        return {"names": largest(names), "describes": largest(describes)}

    def find(self, numbers: Numbers, about: About) -> Iterator[Finding]:
        names, describes = numbers["names"], numbers["describes"]
        told = {**names, **describes}
        if not told:
            return
        wrong = {name: one for name, one in told.items() if about.sides.get(name) == "buyer"}
        said = []
        if names:
            said.append(
                f"Nearly every value of {named(names)} belongs to one product only: to know it is "
                "to know the product."
            )
        if rest := {name: one for name, one in describes.items() if name not in names}:
            verb = "is" if len(rest) == 1 else "are"
            said.append(
                f"{named(rest)} {verb} the same in all purchases of a product, and not of a "
                "customer."
            )
        step = (
            f"{named(wrong)} {'has' if len(wrong) == 1 else 'have'} the role of an attribute of "
            "customers. Give another role: in the buyer tower it tells the answer, and metrics "
            "look far better than they are."
            if wrong
            else "In the product tower they are right. Keep them out of the buyer tower: there "
            "they tell the answer, and metrics look far better than they are."
        )
        yield self.finding(" ".join(said), step, warning=bool(wrong), columns=told)

    def warn(self, numbers: Numbers, column: str, tower: Tower) -> ColumnWarning | None:
        if tower != "buyer":
            return None
        if (share := numbers["names"].get(column)) is not None:
            said = (
                f"{percent(share)} of the purchases with a repeated value of {column!r} have one "
            )
            said += "that belongs to a single product"
        elif (share := numbers["describes"].get(column)) is not None:
            said = f"{column!r} is the same in all purchases of a product, and varies within "
            said += f"{percent(share)} of the customers: it describes the product"
        else:
            return None
        return ColumnWarning(
            f"{said}. In the buyer tower it tells the answer, which is unknown when recommending. "
            "Put it into the product tower.",
            share,
        )
