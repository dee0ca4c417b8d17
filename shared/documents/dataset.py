"""A dataset: where the purchases are, what their columns mean, and what was found in them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field, SerializerFunctionWrapHandler, computed_field, model_serializer

from shared.columns import Column, ColumnType
from shared.columns.source_rows import SourceRows
from shared.documents.base import Document, Status
from shared.documents.insight import Insight
from shared.documents.source import BigQuerySource as BigQuerySource
from shared.documents.source import FileOptions
from shared.documents.source import FileSource as FileSource
from shared.documents.source import Source as Source
from shared.documents.tables import Tables
from shared.models import Moment, StatusModel, with_inherited_attributes
from shared.wording import plural

# Roles that a column may be mapped to. The first two are required to train anything; further
# roles of the form `customer_…` and `product_…` name attributes of the two sides.
CUSTOMER_ID = "customer_id"
PRODUCT_ID = "product_id"
TRANSACTION_DATE = "transaction_date"
PRODUCT_NAME = "product_name"
CATEGORIES = ("category", "subcategory")
RATING = "rating"

# What roles take; those that are not named here take any type.
ID_TYPES = (ColumnType.STRING, ColumnType.INTEGER)
NUMBER_TYPES = (ColumnType.INTEGER, ColumnType.FLOAT)


ColumnMapping = dict[str, Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]]


@with_inherited_attributes
class DatasetSpec(Tables):
    """The user's part.

    Attributes:
        column_mapping: role of a column, by column name: `customer_id`, `product_id`,
            `transaction_date`, `rating` (a number, for models that rate to predict; no tower
            sees it by default), `revenue`, `quantity`, `category`, `subcategory`,
            `product_name`, or any `customer_…` / `product_…` attribute. Columns without a role are
            allowed.
    """

    column_mapping: ColumnMapping = {}

    @model_serializer(mode="wrap")
    def _written(self, write: SerializerFunctionWrapHandler):  # type: ignore[no-untyped-def]
        # What a dataset of one table does not say is not written.
        written = write(self)
        return {
            name: value
            for name, value in written.items()
            if name not in Tables.model_fields or value not in (None, [])
        }

    def column_of(self, role: str) -> str | None:
        """The column mapped to a role, or None."""
        return next((name for name, mapped in self.column_mapping.items() if mapped == role), None)


class SideFound(StatusModel):
    """What was found of a table of products or customers.

    Attributes:
        columns: what its columns are called among those of the dataset, by their own names.
        key_type: of its key.
        read_as: how files were read, so far as the spec leaves it out.
        rows: how many it has; None where it has not been read.
        missing_keys: rows without a key, which are left out.
        duplicates: further rows of keys that another row has, which are left out.
        orphans: rows of the dataset whose id the table lacks; their attributes are missing.
        unused: keys that no row of the dataset has: products never sold, customers who never
            bought.
        unavailable: products that may not be recommended; None where nothing says it.
        as_of: the moment of the table that was read; None where it is read as it is.
    """

    columns: dict[str, str] = {}
    key_type: ColumnType = ColumnType.STRING
    read_as: FileOptions | None = None
    rows: int | None = None
    missing_keys: int = 0
    duplicates: int = 0
    orphans: int = 0
    unused: int = 0
    unavailable: int | None = None
    as_of: Moment | None = None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def told(self) -> str:
        """What was found, in words: `1,000 rows, 3 without a key`."""
        if self.rows is None:
            return "not read yet"
        parts = [
            (self.missing_keys, "without a key"),
            (self.duplicates, "with the key of another"),
            (self.unused, "of no row"),
            (self.unavailable or 0, "not available"),
        ]
        told = [plural(self.rows, "row"), *(f"{count:,} {what}" for count, what in parts if count)]
        lacking = plural(self.orphans, "row of the events has", "rows of the events have")
        return ", ".join(told) + (f"; {lacking} none of them" if self.orphans else "")


class Profiling(StatusModel):
    """A profile that is being made, and by how many tries.

    Attributes:
        revision: the spec that is profiled.
        as_of: when the first try began.
        tries: that have begun, but for those that a passing fault ended.
        until: nobody else begins before.
    """

    revision: int = 0
    as_of: Moment
    tries: int = 0
    until: Moment = datetime.min.replace(tzinfo=UTC)


class DatasetStatus(Status):
    """The system's part: filled in by profiling.

    Attributes:
        rows: what becomes of the rows, by what they lack of the mapped columns; None where they
            have not been counted. Times later than a day after `profiled_at` are implausible.
        fingerprint: changes whenever the data does; results of unlike fingerprints are not
            comparable.
        insight: what was found in the rows together; None where no customer or no product is
            mapped, or an earlier version has profiled it.
        notes: what whoever uses the data should know of how it was read, a sentence each: columns
            that were left aside, files left out, values that do not fit.
        read_as: how files were read, so far as the spec leaves it out.
        source_fingerprint: changes whenever the files or the table are written; None where that
            cannot be known without reading them. Where the source has another one by now, the
            profile is out of date.
        as_of: the moment of the table that was profiled, which tests read it as of too; None where
            the source is read as it is when it is read.
        sides: what was found of further tables, by the name of their field.
    """

    columns: list[Column] = []
    row_count: int | None = None
    rows: SourceRows | None = None
    insight: Insight | None = None
    fingerprint: str | None = None
    notes: list[str] = []
    read_as: FileOptions | None = None
    source_fingerprint: str | None = None
    as_of: Moment | None = None
    sides: dict[str, SideFound] = {}
    profiled_at: Moment | None = None
    profiling: Profiling | None = None

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)


class Dataset(Document[DatasetSpec, DatasetStatus]):
    status: DatasetStatus = DatasetStatus()

    @property
    def source(self) -> Source:
        """The spec's source, read as it was when it was profiled."""
        return _pinned(self.spec.source, self.status.as_of, self.status.read_as)

    @property
    def side_sources(self) -> dict[str, Source]:
        """Those of further tables, likewise; of those that have been profiled."""
        found = self.status.sides
        return {
            name: _pinned(side.source, found[name].as_of, found[name].read_as)
            for name, side in self.spec.sides.items()
            if name in found
        }


def _pinned(source: Source, as_of: datetime | None, read_as: FileOptions | None) -> Source:
    if isinstance(source, BigQuerySource):
        return source.model_copy(update={"as_of": as_of})
    return source.read_as(read_as)
