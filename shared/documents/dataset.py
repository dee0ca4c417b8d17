"""A dataset: where the purchases are, what their columns mean, and what was found in them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from shared.columns import Column
from shared.documents.base import Document, Status
from shared.models import SpecModel


class FileSource(SpecModel):
    """Files of one schema: a path, a folder, or a glob pattern."""

    kind: Literal["parquet", "csv"]
    uri: str = Field(min_length=1, max_length=2000)


class BigQuerySource(SpecModel):
    """A BigQuery table, `project.dataset.table`."""

    kind: Literal["bigquery"]
    table: str = Field(pattern=r"^[A-Za-z0-9_:.-]+$", max_length=1024)


Source = Annotated[FileSource | BigQuerySource, Field(discriminator="kind")]

# Roles that a column may be mapped to. The first two are required to train anything; further
# roles of the form `customer_…` and `product_…` name attributes of the two sides.
CUSTOMER_ID = "customer_id"
PRODUCT_ID = "product_id"
TRANSACTION_DATE = "transaction_date"
PRODUCT_NAME = "product_name"


class DatasetSpec(SpecModel):
    """The user's part.

    Attributes:
        column_mapping: role of a column, by column name: `customer_id`, `product_id`,
            `transaction_date`, `revenue`, `quantity`, `category`, `subcategory`, `product_name`,
            or any `customer_…` / `product_…` attribute. Columns without a role are allowed.
    """

    source: Source
    column_mapping: dict[str, Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]] = {}

    def column_of(self, role: str) -> str | None:
        """The column mapped to a role, or None."""
        return next((name for name, mapped in self.column_mapping.items() if mapped == role), None)


class DatasetStatus(Status):
    """The system's part: filled in by profiling.

    Attributes:
        fingerprint: changes whenever the data does; results of unlike fingerprints are not
            comparable.
    """

    columns: list[Column] = []
    row_count: int | None = None
    fingerprint: str | None = None
    profiled_at: datetime | None = None

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)


class Dataset(Document[DatasetSpec, DatasetStatus]):
    status: DatasetStatus = DatasetStatus()
