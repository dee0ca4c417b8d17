"""Which columns of a dataset rules of lists can read: those that describe products."""

from __future__ import annotations

from shared.columns import Column, ColumnType, RawType
from shared.documents.dataset import CATEGORIES, PRODUCT_ID, PRODUCT_NAME, Dataset
from shared.rules_of_lists.products import RuleColumn

MOST_COLUMNS = 20
# Of a text with more values than this, such as a description, none is worth naming in a rule.
MOST_VALUES = 10_000
_EXACT_BELOW = 2**24  # whole numbers that single precision tells apart


def rule_columns(dataset: Dataset) -> dict[str, RuleColumn]:
    """By name, in the dataset's order: columns of a table of products, and those with the role of a
    category or of a `product_…` attribute. At most 20."""
    spec, status = dataset.spec, dataset.status
    products = status.sides.get("products")
    joined = set(products.columns.values()) if products is not None else set()
    found: dict[str, RuleColumn] = {}
    for column in status.columns:
        role = spec.column_mapping.get(column.name, "")
        of_products = column.name in joined or role in CATEGORIES or role.startswith("product_")
        if not of_products or role in (PRODUCT_ID, PRODUCT_NAME):
            continue
        if (raw := _type(column)) is not None and len(found) < MOST_COLUMNS:
            form = {"form": column.text_form} if raw is RawType.TEXT else {}
            found[column.name] = RuleColumn(column.name, raw, **form)
    return found


def _type(column: Column) -> RawType | None:
    """As what rules read a column; None: not at all."""
    told = column.likely
    if column.type is ColumnType.FLOAT:
        return RawType.NUMBER
    largest = max(abs(told.min or 0), abs(told.max or 0))
    if column.type is ColumnType.INTEGER and largest < _EXACT_BELOW:
        return RawType.NUMBER
    if column.type is ColumnType.TIMESTAMP or told.unique_count > MOST_VALUES:
        return None
    return RawType.TEXT
