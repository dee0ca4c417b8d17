"""Guesses at what rows of well-known kinds of events are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared.columns import Column, ColumnType
from shared.documents.tables import Events, Part
from shared.rules.roles import Rows

_TARGETS = ("purchase", "purchased", "buy", "bought", "order", "ordered", "transaction", "sale")
_NEGATIVES = ("return", "returned", "refund", "refunded", "cancel", "cancelled", "canceled")
_OTHERS = (
    *("view", "viewed", "click", "clicked", "impression", "search", "cart", "add_to_cart"),
    *("addtocart", "remove_from_cart", "removefromcart", "wishlist", "checkout", "detail"),
    *("product_view", "page_view", "pageview", "begin_checkout", "view_item"),
)
_MOST = 20


def guess_events(
    columns: Sequence[Column], mapping: Mapping[str, str], rows: Rows
) -> Events | None:
    """What rows of each kind are, where the first rows of one column have purchases and others that
    are well known, and nothing else.

    >>> columns = [Column(name="event_type", type="STRING")]
    >>> guess_events(columns, {}, {"event_type": ["view", "purchase", "refund"]}).kinds
    {'purchase': 'target', 'refund': 'negative', 'view': 'left_out'}
    """
    found = []
    for column in columns:
        if column.type is not ColumnType.STRING or mapping.get(column.name, "").endswith("_id"):
            continue
        values = {str(value) for value in rows.get(column.name, ()) if value is not None}
        kinds = {value: part for value in sorted(values) if (part := _part(value)) is not None}
        known = 2 <= len(kinds) == len(values) <= _MOST
        if known and "target" in kinds.values():
            found.append(Events(column=column.name, kinds=kinds))
    return found[0] if len(found) == 1 else None


def _part(kind: str) -> Part | None:
    plain = kind.strip().lower().replace(" ", "_").replace("-", "_")
    if plain in _TARGETS:
        return "target"
    if plain in _NEGATIVES:
        return "negative"
    return "left_out" if plain in _OTHERS else None
