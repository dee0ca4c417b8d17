"""Guesses what columns mean from what they are called."""

from __future__ import annotations

import re
from collections.abc import Iterable

# By role, the usual names, likeliest first.
_NAMES: dict[str, tuple[str, ...]] = {
    "customer_id": (
        *("customer_id", "customer", "user_id", "user", "household_id", "household_key"),
        *("member_id", "client_id", "visitor_id", "buyer_id", "shopper_id", "account_id"),
        *("customer_no", "cust_id", "uid", "person_id", "session_id"),
    ),
    "product_id": (
        *("product_id", "product", "item_id", "item", "sku", "article_id", "asin", "stock_code"),
        *("movie_id", "track_id", "book_id", "isbn", "upc", "ean", "gtin", "content_id", "pid"),
    ),
    "transaction_date": (
        *("transaction_date", "transaction_timestamp", "purchased_at", "timestamp", "datetime"),
        *("date", "order_date", "purchase_date", "invoice_date", "event_time", "t_dat", "ts"),
        *("purchased_on", "bought_at", "bought_on", "ordered_at", "ordered_on", "sold_at"),
        *("created_at", "time", "day"),
    ),
    "revenue": ("revenue", "sales_value", "sales", "amount", "total", "price", "value"),
    "quantity": ("quantity", "qty", "units", "count"),
    "category": ("category", "product_category", "category_name", "main_category", "genre"),
    "subcategory": ("subcategory", "sub_category", "product_subcategory", "product_type"),
    "product_name": (
        *("product_name", "item_name", "title", "prod_name", "product_title"),
        *("product_description", "description", "name"),
    ),
}
_ATTRIBUTES = {
    "brand": "product_brand",
    "department": "product_department",
    "color": "product_color",
    "colour": "product_color",
    "size": "product_size",
    "package_size": "product_package_size",
    "store_id": "customer_store",
    "store": "customer_store",
    "city": "customer_city",
    "state": "customer_state",
    "country": "customer_country",
    "region": "customer_region",
    "gender": "customer_gender",
    "age": "customer_age",
    "segment": "customer_segment",
}
_SIDES = {"customer": "customer", "user": "customer", "product": "product", "item": "product"}
_LONGEST_ROLE = 63


def guess_roles(columns: Iterable[str], given: dict[str, str]) -> dict[str, str]:
    """Roles by column name: those that were given, and a guess at the others.

    >>> guess_roles(["UserId", "sku", "mood"], {})
    {'UserId': 'customer_id', 'sku': 'product_id'}
    """
    roles = dict(given)
    plain = {_plain(column): column for column in reversed(list(columns))}
    for role, names in _NAMES.items():
        free = (plain[name] for name in names if name in plain and plain[name] not in roles)
        column = next(free, None)
        if role not in roles.values() and column is not None:
            roles[column] = role
    for name, column in plain.items():
        side, _, rest = name.partition("_")
        attribute = f"{_SIDES[side]}_{rest}" if side in _SIDES and rest else None
        guess = _ATTRIBUTES.get(name) or attribute
        if column not in roles and guess and guess not in (*_NAMES, *roles.values()):
            roles[column] = guess[:_LONGEST_ROLE]
    return roles


def _plain(column: str) -> str:
    """`UserId`, `user id` and `USER_ID` are `user_id`."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", column)
    return re.sub(r"[^a-z0-9]+", "_", split.lower()).strip("_")
