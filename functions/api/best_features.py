"""`/api/feature-configs/best/`: which feature config of each dataset is best."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from functions.api.resource import ERRORS, PortsOf
from functions.api.rights import needs
from shared.comparing.best_features import BestFeatures, best_features

router = APIRouter(prefix="/api/feature-configs", tags=["comparing"], responses=ERRORS)


class BestFeaturesList(BaseModel):
    items: list[BestFeatures]


@router.get("/best/", response_model=BestFeaturesList)
@needs("viewer")
def list_best_features(ports: PortsOf) -> Any:
    """For each dataset, whether one of its feature configs is clearly the best, by their best
    tests."""
    return {"items": best_features(ports)}
