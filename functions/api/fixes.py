"""`/api/quick-tests/{id}/fixes/`: what would help with what a test warns of."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from functions.api.resource import ERRORS, PortsOf
from functions.api.rights import needs
from shared import editing
from shared.rules.fixes import Fix

router = APIRouter(prefix="/api/quick-tests", tags=["quick tests"], responses=ERRORS)


class WarningFix(Fix):
    """Attributes:
    code, path: of the warning that it helps with.
    """

    code: str
    path: str


class WarningFixes(BaseModel):
    """The best first, for each warning that a changed setting would help with."""

    items: list[WarningFix]


@router.get("/{quick_test_id}/fixes/", response_model=WarningFixes)
@needs("viewer")
def get_quick_test_fixes(quick_test_id: str, ports: PortsOf) -> Any:
    """Changed settings, features or models that would help with a completed test's warnings, over
    its configs as they are now. Nothing is stored."""
    return WarningFixes(
        items=[
            WarningFix(code=found.code, path=found.path, **found.fix.model_dump())
            for found in editing.fixes_of_test(ports, quick_test_id)
        ]
    )
