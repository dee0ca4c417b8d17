"""Why columns were given their roles, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared.columns import Column, ColumnType
from shared.documents.dataset import CUSTOMER_ID, PRODUCT_ID, RATING, TRANSACTION_DATE
from shared.rules.roles import Rows, says_rating
from shared.wording import plural


def role_reasons(
    columns: Sequence[Column], roles: Mapping[str, str], given: Mapping[str, str], rows: Rows
) -> dict[str, str]:
    """What each column's role was told by, by column name; of `guess_roles`."""
    times = [column.name for column in columns if column.type is ColumnType.TIMESTAMP]
    found = {}
    for name, role in roles.items():
        known = {value for value in rows.get(name, ()) if value is not None and value == value}
        many = f", {plural(len(known), 'value')} in the first rows" if known else ""
        if name in given:
            found[name] = "as you said"
        elif role == TRANSACTION_DATE:
            only = times == [name]
            found[name] = "the only column of times" if only else "of all times its name fits best"
        elif role in (CUSTOMER_ID, PRODUCT_ID):
            found[name] = f"its name{many}"
        elif role == RATING:
            numbers = [value for value in known if isinstance(value, int | float)]
            scale = f"{min(numbers):g} to {max(numbers):g}" if numbers else "numbers"
            by = "its name, and " if says_rating(name) else ""
            found[name] = f"{by}values from {scale} that customers and products vary in"
        else:
            found[name] = "its name"
    return found
