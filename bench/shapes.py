"""Structured synthetic purchases: what a model should find is planted in them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

COLUMNS = {
    "customer": "STRING",
    "product": "STRING",
    "bought_at": "TIMESTAMP",
    "segment": "STRING",
    "category": "STRING",
    "rating": "FLOAT",
    "score": "FLOAT",
    "liked": "FLOAT",
}
MAPPING = {"customer": "customer_id", "product": "product_id", "bought_at": "transaction_date"}


@dataclass(frozen=True)
class Shape:
    """A kind of shop.

    Attributes:
        skew: exponent of the products' Zipf popularity; 0 is uniform.
        affinity: share of the purchases that a customer makes within the own group's products.
        repeats: share of the purchases that repeat one of the customer's usual products.
    """

    name: str
    customers: int
    products: int
    rows: int
    skew: float = 0.8
    affinity: float = 0.7
    repeats: float = 0.0
    groups: int = 20


SHAPES = (
    Shape("few products, many rows", customers=2_000, products=200, rows=100_000),
    Shape("many products, few rows", customers=3_000, products=20_000, rows=60_000),
    Shape("skewed", customers=2_000, products=5_000, rows=80_000, skew=1.3),
    Shape("repeat purchases", customers=1_000, products=5_000, rows=80_000, repeats=0.6),
)


_PART_ROWS = 1_000_000


def write(shape: Shape, path: Path, seed: int = 7) -> None:
    """Writes a Parquet file of COLUMNS, in the order of time, a million rows at once. Ratings are 1
    to 5 and follow customer and product; scores are the same from 0 to 1; `liked` is 1 where a
    rating is above 3.5, else 0."""
    rng = np.random.default_rng(seed)
    customer_group = rng.integers(shape.groups, size=shape.customers)
    product_group = rng.integers(shape.groups, size=shape.products)
    weights = 1 / np.arange(1, shape.products + 1) ** shape.skew
    weights = rng.permutation(weights)
    usual = quality = kindness = None
    parts = -(-shape.rows // _PART_ROWS)
    writer: pq.ParquetWriter | None = None
    for part in range(parts):
        rows = min(_PART_ROWS, shape.rows - part * _PART_ROWS)
        customers = rng.integers(shape.customers, size=rows)
        products = rng.choice(shape.products, size=rows, p=weights / weights.sum())
        within = rng.random(rows) < shape.affinity
        for group in range(shape.groups):
            chosen = np.flatnonzero(within & (customer_group[customers] == group))
            own = np.flatnonzero(product_group == group)
            if len(own):
                share = weights[own] / weights[own].sum()
                products[chosen] = rng.choice(own, size=len(chosen), p=share)
        if shape.repeats:
            if usual is None:
                usual = rng.choice(
                    shape.products, size=(shape.customers, 15), p=weights / weights.sum()
                )
            again = rng.random(rows) < shape.repeats
            picks = rng.integers(usual.shape[1], size=rows)
            products = np.where(again, usual[customers, picks], products)
        if quality is None or kindness is None:
            quality = rng.normal(0, 0.7, shape.products)
            kindness = rng.normal(0, 0.5, shape.customers)
        match = 0.8 * (customer_group[customers] == product_group[products])
        noise = rng.normal(0, 0.3, rows)
        rating = np.clip(3 + quality[products] + kindness[customers] + match + noise, 1, 5)
        first, end = (365 * 86_400 * one // parts for one in (part, part + 1))
        seconds = 1_500_000_000 + np.sort(rng.integers(first, end, size=rows))
        table = pa.table(
            {
                "customer": pa.array([f"c{number}" for number in customers]),
                "product": pa.array([f"p{number}" for number in products]),
                "bought_at": pa.array(seconds * 1_000_000, pa.timestamp("us")),
                "segment": pa.array([f"s{group}" for group in customer_group[customers]]),
                "category": pa.array([f"g{group}" for group in product_group[products]]),
                "rating": pa.array(rating),
                "score": pa.array((rating - 1) / 4),
                "liked": pa.array((rating > 3.5).astype(float)),
            }
        )
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    if writer is not None:
        writer.close()
