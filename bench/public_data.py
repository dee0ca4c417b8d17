"""Public data that the study of models takes where its files are at hand. None is committed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from shared.tables.sql import literal


@dataclass(frozen=True)
class PublicData:
    """A public file, and the purchases that it holds.

    Attributes:
        file: its name.
        told: what it is, and who publishes it.
        rows: SQL that gives customer, product, bought_at, and whatever else is known of a purchase;
            `{file}` stands for the file.
        mapping: roles of the columns.
        rating: what is rated, if anything is.
    """

    name: str
    file: str
    told: str
    rows: str
    mapping: dict[str, str]
    rating: str | None = None

    def write(self, folder: Path, path: Path) -> None:
        """Writes its purchases as Parquet."""
        rows = self.rows.format(file=literal(str(folder / self.file)))
        duckdb.execute(f"COPY ({rows}) TO {literal(str(path))} (FORMAT parquet)")


_MAPPING = {"customer": "customer_id", "product": "product_id", "bought_at": "transaction_date"}

PUBLIC_DATA = (
    PublicData(
        "gifts, online",
        "online_retail.parquet",
        "*Online Retail* of the UCI Machine Learning Repository, as Parquet: a British wholesaler "
        "of gifts, 2010 and 2011; a product is its description (`online_retail.parquet`)",
        "SELECT CAST(CAST(CustomerID AS BIGINT) AS VARCHAR) AS customer, Description AS product, "
        "CAST(InvoiceDate AS TIMESTAMP) AS bought_at, Country AS country FROM {file} "
        "WHERE CustomerID IS NOT NULL AND Description IS NOT NULL AND Quantity > 0 "
        "AND UnitPrice > 0",
        {**_MAPPING, "country": "customer_country"},
    ),
    PublicData(
        "corner shop",
        "Groceries_dataset.csv",
        "*Groceries dataset*, much used for basket analysis: two years of 3,898 members, with days "
        "and no hours (`Groceries_dataset.csv`)",
        "SELECT CAST(Member_number AS VARCHAR) AS customer, itemDescription AS product, "
        "coalesce(try_strptime(Date, '%d-%m-%Y'), try_strptime(Date, '%d/%m/%Y')) AS bought_at "
        "FROM read_csv({file}, all_varchar = true)",
        _MAPPING,
    ),
    PublicData(
        "films",
        "u.data",
        "*MovieLens 100K* of GroupLens: nothing is rated twice (`u.data`)",
        "SELECT CAST(column0 AS VARCHAR) AS customer, CAST(column1 AS VARCHAR) AS product, "
        "CAST(column2 AS DOUBLE) AS rating, make_timestamp(column3 * 1000000) AS bought_at "
        "FROM read_csv({file}, delim = '\\t', header = false)",
        _MAPPING,
        rating="rating",
    ),
)
