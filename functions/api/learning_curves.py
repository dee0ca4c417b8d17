"""What more customers, or more epochs, would make of a completed test."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response, status

from functions.api.etags import tagged
from functions.api.resource import ERRORS, EmailOf, OnceOf, PortsOf
from functions.api.rights import needs
from functions.api.sweeps import ValidatedSweep
from shared import editing
from shared.comparing.learning_curve import LearningCurves, learning_curves
from shared.documents.base import Collection
from shared.documents.learning_curve import LearningCurve
from shared.documents.sweep import Sweep

router = APIRouter(prefix="/api", tags=["learning curves"], responses=ERRORS)
_OF_TEST = "/quick-tests/{quick_test_id}/learning-curve"


@router.post(f"{_OF_TEST}/", status_code=status.HTTP_201_CREATED, response_model=Sweep)
@needs("editor")
def start_learning_curve(
    quick_test_id: str,
    body: LearningCurve,
    response: Response,
    ports: PortsOf,
    email: EmailOf,
    once: OnceOf,
) -> Any:
    """Starts the sweep that draws a completed quick test's learning curves: the same configs and
    settings, trained on shares of the customers, and for other numbers of epochs."""
    made = editing.create(
        ports,
        Collection.SWEEPS,
        **editing.curve_sweep(ports, quick_test_id, body),
        created_by=email,
        once=once,
    )
    return tagged(response, made)


@router.post(f"{_OF_TEST}/validate/", response_model=ValidatedSweep)
@needs("viewer")
def validate_learning_curve(quick_test_id: str, body: LearningCurve, ports: PortsOf) -> Any:
    """What the sweep would be made of, and take; nothing is stored."""
    forecast = editing.forecast_curve(ports, quick_test_id, body)
    return ValidatedSweep(
        valid=forecast.valid,
        problems=forecast.problems,
        tests=forecast.tests,
        estimate=forecast.estimate,
    )


@router.get("/sweeps/{sweep_id}/learning-curve/", response_model=LearningCurves)
@needs("viewer")
def get_learning_curve(sweep_id: str, ports: PortsOf) -> Any:
    """A sweep's learning curves as far as they are, and what they advise once they have ended."""
    return learning_curves(sweep_id, ports)
