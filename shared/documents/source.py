"""Where a dataset's rows are, and how they are read."""

from __future__ import annotations

import codecs
import re
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from shared.columns import ColumnType
from shared.models import Moment, SpecModel

# Times that no pattern says: numbers of these units since 1970, ISO 8601, ISO weeks, and days
# since 1900 as workbooks count them.
UNITS = {"seconds": 1, "milliseconds": 10**3, "microseconds": 10**6, "nanoseconds": 10**9}
ISO, ISO_WEEK, EXCEL = "iso", "iso_week", "excel"
_LETTERS = frozenset("YymdbBHIMSfnpzZaAjGVu%")


def _encoding(name: str) -> str:
    try:
        known = codecs.lookup(name)
        "a".encode(known.name).decode(known.name)
    except (LookupError, TypeError, ValueError):
        raise ValueError(
            f"{name!r} is no known encoding of text. Usual ones are utf-8, utf-16, cp1252, latin-1,"
            " cp1251, shift_jis and gb18030."
        ) from None
    return known.name


def _time_form(form: str) -> str:
    if form in UNITS or form in (ISO, ISO_WEEK, EXCEL):
        return form
    letters = re.findall("%(.?)", form)
    if not letters or not set(letters) <= _LETTERS:
        raise ValueError(
            f"A form of times is a pattern such as '%d.%m.%Y %H:%M', or one of "
            f"{', '.join([*UNITS, ISO, ISO_WEEK, EXCEL])}. Received: {form!r}."
        )
    return form


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"{name!r} is no known time zone; they are called like 'Europe/Berlin' and 'UTC'."
        ) from None


Encoding = Annotated[str, Field(min_length=1, max_length=40), AfterValidator(_encoding)]
TimeForm = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(_time_form)]
Zone = Annotated[str, Field(max_length=60), AfterValidator(_zone)]
Mark = Literal[".", ","]


class _Said(SpecModel):
    """Options, of which only those that were said are written."""

    @model_serializer(mode="wrap")
    def _written(self, write: SerializerFunctionWrapHandler):  # type: ignore[no-untyped-def]
        # Without a type of what is returned, the schema stays that of the fields.
        usual = type(self).model_fields
        return {
            name: value
            for name, value in write(self).items()
            if getattr(self, name) != usual[name].get_default(call_default_factory=True)
        }


class ColumnFormat(_Said):
    """How the values of one column are read. What is left out is told by the values.

    Attributes:
        type: what they are; one that is not is missing, and counted.
        times: the forms of times: patterns as of `strptime` (`%d.%m.%Y %H:%M`), `seconds`,
            `milliseconds`, `microseconds` or `nanoseconds` since 1970, `iso`, or `iso_week`
            (`2024-W05`).
        time_of_day: another column, which says what time of the day it was.
        decimal: the decimal mark of numbers; of others, separators of thousands, signs of
            currencies and percent signs are passed over.
    """

    type: ColumnType | None = None
    times: list[TimeForm] = Field(default=[], max_length=20)
    time_of_day: str | None = Field(default=None, max_length=300)
    decimal: Mark | None = None


class FileOptions(_Said):
    """How files are read. What is left out is told by the files themselves.

    Attributes:
        encoding: of text, as Python calls it: `utf-8`, `utf-16`, `cp1252`.
        delimiter: what stands between the values of a line.
        quote: what values with delimiters stand in; "" for nothing.
        escape: what stands before a quotation mark within a value: the mark itself, or `\\`.
        header: the number of the line that has the columns' names, from 1; lines before it are
            passed over. 0: there is none, and the columns are called `column1`, `column2` …
        missing: texts that mean a missing value, beside the usual ones.
        decimal: the decimal mark of all numbers.
        day_first: whether days come before months in dates such as 03/04/2024.
        zone: of times that name none; UTC unless it is said.
        skip_bad_lines: leave lines out that cannot be read, and say how many.
        columns: how single columns are read, by their names.
    """

    encoding: Encoding | None = None
    delimiter: str | None = Field(default=None, min_length=1, max_length=4)
    quote: str | None = Field(default=None, max_length=1)
    escape: str | None = Field(default=None, max_length=1)
    header: int | None = Field(default=None, ge=0, le=1_000)
    missing: list[Annotated[str, Field(max_length=200)]] = Field(default=[], max_length=50)
    decimal: Mark | None = None
    day_first: bool | None = None
    zone: Zone | None = None
    skip_bad_lines: bool = False
    columns: dict[str, ColumnFormat] = {}

    def filled(self, found: FileOptions) -> FileOptions:
        """These options, with what was found wherever they leave something out."""
        own = {name: getattr(self, name) for name in self.model_fields_set}
        said = {name: value for name, value in own.items() if value is not None}
        columns = {
            name: _filled(self.columns.get(name), found.columns.get(name))
            for name in {**found.columns, **self.columns}
        }
        return found.model_copy(update={**said, "columns": columns})


def _filled(own: ColumnFormat | None, found: ColumnFormat | None) -> ColumnFormat:
    if own is None or found is None:
        return own or found or ColumnFormat()
    said = own.model_dump(exclude_defaults=True)
    return found.model_copy(update=said)


class FileSource(SpecModel):
    """Files of like columns: a path, a folder, or a glob pattern."""

    kind: Literal["parquet", "csv", "json", "excel"]
    uri: str = Field(min_length=1, max_length=2000)
    options: FileOptions = FileOptions()

    @model_serializer(mode="wrap")
    def _written(self, write: SerializerFunctionWrapHandler):  # type: ignore[no-untyped-def]
        written = write(self)
        return written if written["options"] else {key: written[key] for key in ("kind", "uri")}

    def read_as(self, found: FileOptions | None) -> FileSource:
        """The source with what was found of it where nobody said otherwise."""
        if found is None:
            return self
        return self.model_copy(update={"options": self.options.filled(found)})


class BigQuerySource(SpecModel):
    """A BigQuery table, or a query of rows.

    Attributes:
        table: `project.dataset.table`.
        query: in its place, one SELECT in GoogleSQL. Where it says `FOR SYSTEM_TIME AS OF @as_of`
            of its tables, all tests read the same rows; otherwise it is read as it is.
        as_of: the table is read as it was then, at most seven days ago. Left out, it is read as it
            was when the dataset was profiled.
    """

    kind: Literal["bigquery"]
    table: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_:.-]+$", max_length=1024)
    query: str | None = Field(default=None, min_length=1, max_length=50_000)
    as_of: Moment | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> BigQuerySource:
        if (self.table is None) == (self.query is None):
            raise ValueError("Give `table` as project.dataset.table, or `query`, and not both.")
        return self

    @model_serializer(mode="wrap")
    def _written(self, write: SerializerFunctionWrapHandler):  # type: ignore[no-untyped-def]
        unsaid = "query" if self.query is None else "table"
        return {name: value for name, value in write(self).items() if name != unsaid}

    @property
    def named(self) -> str:
        """The table's name, or the beginning of the query."""
        return self.table or f"{(self.query or '')[:60]} …"


Source = Annotated[FileSource | BigQuerySource, Field(discriminator="kind")]
