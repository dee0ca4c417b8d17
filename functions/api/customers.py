"""`/api/customers/`: forgetting one of them.

Ids are in bodies, never in addresses: servers write those into their logs.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, SkipValidation

from functions.api.resource import ERRORS, PortsOf
from functions.api.rights import needs
from shared import editing

router = APIRouter(prefix="/api/customers", tags=["customers"], responses=ERRORS)


class WhomToForget(BaseModel):
    """Attributes:
    customer_id: as the data has it; a number is taken as its text.
    dataset_id: of which the id is meant; null: of all.
    """

    model_config = ConfigDict(extra="forbid")

    customer_id: SkipValidation[str | int]
    dataset_id: str | None = None


class Forgetting(WhomToForget):
    """Attributes:
    models: delete the tests that know the customer as well, with their models.
    """

    models: bool = False


@router.post("/erasure-plan/", response_model=editing.Erasure)
@needs("admin")
def plan_erasure(body: WhomToForget, ports: PortsOf) -> Any:
    """What forgetting a customer would remove, and what would still know them; nothing is
    changed."""
    return editing.erasure_plan(ports, body.customer_id, body.dataset_id)


@router.post("/erasure/", response_model=editing.Erasure)
@needs("admin")
def erase_customer(body: Forgetting, ports: PortsOf) -> Any:
    """Removes a customer's id from profiles, messages, caches and logs; with `models`, the tests
    that know them too. Asked again, it goes on with what was interrupted."""
    return editing.erase(ports, body.customer_id, body.dataset_id, models=body.models)
