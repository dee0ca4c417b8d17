"""`/api/datasets/inspect/`: what a source holds, before it is registered."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from functions.api.resource import ERRORS, PortsOf
from shared.columns import Column
from shared.documents.dataset import Source
from shared.rules.roles import guess_roles

router = APIRouter(prefix="/api/datasets", tags=["datasets"], responses=ERRORS)


class Inspect(BaseModel):
    """A source that may become a dataset's."""

    model_config = ConfigDict(extra="forbid")

    source: Source


class Inspected(BaseModel):
    """`column_mapping`: roles guessed from the columns' names."""

    columns: list[Column]
    column_mapping: dict[str, str]


@router.post("/inspect/", response_model=Inspected)
def inspect_source(body: Inspect, ports: PortsOf) -> Any:
    """Names and types of a source's columns, and what they probably mean; nothing is stored."""
    columns = ports.data.inspect(body.source)
    return Inspected(
        columns=columns, column_mapping=guess_roles((column.name for column in columns), {})
    )
