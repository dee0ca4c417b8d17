"""Keys of rows, orders and invoices, which say nothing of what comes next."""

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

# Of the rows: as good as one value each.
_EACH = 0.9
# Of the rows, whose value is of one customer at one moment; and values to a customer.
_OF_ONE_EVENT, _TO_A_CUSTOMER = 0.99, 1.5


class RowKeys(InsightKind):
    """Columns of text or whole numbers whose values belong to one row, or to one order."""

    name = "row_key"
    label = "Keys of rows and orders"
    help = "Columns whose values belong to one row or one order each: no feature can use them."
    position = 40
    remedy = "features"

    def measure(self, events: Events) -> dict[str, Any]:
        keys = {}
        for one in events.examined:
            found = events.values[one.name]
            if one.column.type not in (ColumnType.STRING, ColumnType.INTEGER) or not found.rows:
                continue
            each = found.values > _EACH * found.rows
            of_orders = (
                events.timed
                and found.of_one_event > _OF_ONE_EVENT * found.rows
                and found.values > _TO_A_CUSTOMER * events.customers.total
            )
            if each or of_orders:
                keys[one.name] = found.values / found.rows
        return {"columns": largest(keys)}

    def find(self, numbers: Numbers, about: About) -> Iterator[Finding]:
        keys = numbers["columns"]
        if not keys:
            return
        used = {name: one for name, one in keys.items() if name in about.roles}
        yield self.finding(
            f"The values of {named(keys)} belong to one row or one order each.",
            "Make no feature of them: a value that never comes again says nothing of what comes "
            "next, and its row in a vocabulary learns by heart."
            + (f" Take the role away from {named(used)}." if used else ""),
            warning=bool(used),
            columns=keys,
        )

    def warn(self, numbers: Numbers, column: str, tower: Tower) -> ColumnWarning | None:
        share = numbers["columns"].get(column)
        if share is None:
            return None
        return ColumnWarning(
            f"{column!r} looks like the key of a row or an order: it has {percent(share)} as many "
            "values as rows, each of one customer at one moment. Nothing can be learned of a "
            "value that never comes again; leave it out.",
            share,
        )
