"""`/api/datasets/inspect/`: what a source holds, before it is registered."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from functions.api.resource import ERRORS, PortsOf
from functions.api.rights import needs
from shared import editing
from shared.columns import Column
from shared.documents.dataset import ColumnMapping, Source
from shared.documents.tables import Tables
from shared.problems import Problem

router = APIRouter(prefix="/api/datasets", tags=["datasets"], responses=ERRORS)


class Inspect(Tables):
    """What may become a dataset's. `column_mapping`: roles that are known."""

    column_mapping: ColumnMapping = {}


class Inspected(BaseModel):
    """Attributes:
    source: with all that was understood of it among its options, to be stored so.
    column_mapping: the roles that were given, and others guessed from the columns' types, names
        and first rows.
    rows: the first few, in the columns' order, as text; null where a value is missing.
    reasons: why columns are read in their formats, by column.
    role_reasons: why columns have their roles, by column.
    option_reasons: why files are read so, by option.
    notes: what whoever uses the data should know of how it was read.
    problems: what is doubtful, such as a time that cannot be used.
    tables: what the rows are made of, with all that was understood of further tables, and kinds of
        events where a column has some that are well known and nothing was said of them.
    """

    model_config = ConfigDict(from_attributes=True)

    source: Source
    columns: list[Column]
    column_mapping: dict[str, str]
    rows: list[list[str | None]] = []
    reasons: dict[str, str] = {}
    role_reasons: dict[str, str] = {}
    option_reasons: dict[str, str] = {}
    notes: list[str] = []
    problems: list[Problem] = []
    tables: Tables


@router.post("/inspect/", response_model=Inspected)
@needs("viewer")
def inspect_source(body: Inspect, ports: PortsOf) -> Any:
    """How a source is read, its columns, and what they probably mean; nothing is stored."""
    return editing.inspect(ports, body, body.column_mapping)
