"""`/api/catalogue/`: all kinds that there are, in words."""

from __future__ import annotations

from fastapi import APIRouter

from functions.api.resource import ERRORS
from functions.api.rights import needs
from shared.rules.catalogue import catalogue
from shared.rules.kind_info import Catalogue

router = APIRouter(prefix="/api/catalogue", tags=["catalogue"], responses=ERRORS)


@router.get("/", response_model=Catalogue)
@needs("viewer")
def get_catalogue() -> Catalogue:
    """Features, transforms, layers, tasks, losses, optimizers, metrics, baselines, warnings, roles
    of columns, filters of lists, and the settings of documents: their names, help, bounds, choices,
    defaults, units, and which way is better.

    It changes with Recsmith's version only.
    """
    return catalogue()
