"""What the columns of tables of products and customers mean: attributes of one or the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared.columns import Column
from shared.documents.dataset import CUSTOMER_ID, PRODUCT_ID, PRODUCT_NAME, SideFound
from shared.documents.tables import ProductTable, Tables
from shared.rules.roles import guess_roles, plain_name

_SIDES = {"products": "product", "customers": "customer"}
# Roles of products that do not begin with `product_`.
_OF_PRODUCTS = (PRODUCT_NAME, "category", "subcategory")
_LONGEST = 63


def guess_side_roles(
    tables: Tables,
    sides: Mapping[str, Sequence[Column]],
    found: Mapping[str, SideFound],
    known: Mapping[str, str],
) -> dict[str, str]:
    """Roles by column: those that are known, and of the columns of further tables what their names
    say, or else that they are attributes. What only says which row is the latest, or which product
    is available, has none.

    Args:
        sides: columns of the tables, by their own names.
    """
    roles = dict(known)
    for name, side in tables.sides.items():
        prefix = _SIDES[name]
        aside = {side.latest_by}
        if isinstance(side, ProductTable) and side.available is not None:
            aside.add(side.available.column)
        columns = [one for one in sides[name] if one.name in found[name].columns]
        guessed = guess_roles(columns, {})
        for column in columns:
            joined = found[name].columns[column.name]
            if joined in roles or column.name in aside:
                continue
            role = guessed.get(column.name, "")
            if not _fits(role, prefix):
                plain = plain_name(column.name).removeprefix(f"{prefix}_")
                role = f"{prefix}_{plain}"[:_LONGEST].rstrip("_")
            if role not in roles.values() and role not in (CUSTOMER_ID, PRODUCT_ID):
                roles[joined] = role
    return roles


def _fits(role: str, prefix: str) -> bool:
    if role in (CUSTOMER_ID, PRODUCT_ID):
        return False
    return role.startswith(f"{prefix}_") or (prefix == "product" and role in _OF_PRODUCTS)
