"""The roles of columns that have a meaning of their own, and those that name attributes."""

from __future__ import annotations

from dataclasses import dataclass

from shared.columns import ColumnType
from shared.documents.dataset import (
    CUSTOMER_ID,
    ID_TYPES,
    NUMBER_TYPES,
    PRODUCT_ID,
    PRODUCT_NAME,
    RATING,
    TRANSACTION_DATE,
)
from shared.documents.feature_config import Tower

# What the roles of further attributes begin with.
ATTRIBUTES: dict[str, Tower] = {"customer_": "buyer", "product_": "product"}


@dataclass(frozen=True)
class Role:
    """Attributes:
    label, help: for people.
    tower: whose side of a purchase it describes; None: the purchase itself.
    types: of the columns that it takes; none: any.
    required: a dataset needs one such column.
    """

    name: str
    label: str
    help: str
    tower: Tower | None = None
    types: tuple[ColumnType, ...] = ()
    required: bool = False


ROLES = (
    Role(CUSTOMER_ID, "Customer", "Who bought.", "buyer", ID_TYPES, required=True),
    Role(PRODUCT_ID, "Product", "What was bought.", "product", ID_TYPES, required=True),
    Role(
        TRANSACTION_DATE,
        "Time of purchase",
        "Lets tests predict later purchases from earlier ones.",
        types=(ColumnType.TIMESTAMP,),
    ),
    Role(RATING, "Rating", "What ranking models predict.", types=NUMBER_TYPES),
    Role("revenue", "Revenue", "Known only after the purchase."),
    Role("quantity", "Quantity", "Known only after the purchase."),
    Role(PRODUCT_NAME, "Product name", "Shown with recommendations.", "product"),
    Role("category", "Category", "An attribute of products.", "product"),
    Role("subcategory", "Subcategory", "An attribute of products.", "product"),
)


def tower_of(role: str) -> Tower | None:
    """Whose side of a purchase a role describes; None: the purchase itself."""
    known = next((one for one in ROLES if one.name == role), None)
    if known is not None:
        return known.tower
    return next((tower for start, tower in ATTRIBUTES.items() if role.startswith(start)), None)
