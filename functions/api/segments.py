"""For whom a completed test is better or worse: than simple baselines, and than another test."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from functions.api.resource import ERRORS, PortsOf
from functions.api.rights import needs
from shared.comparing.segment_pairs import SegmentComparison, compare_segments
from shared.comparing.segments import SegmentTable, segment_table

router = APIRouter(prefix="/api/quick-tests", tags=["comparing"], responses=ERRORS)


class CompareSegmentsRequest(BaseModel):
    """Attributes:
    quick_test_id: of the test whose segments are told.
    base_id: of the test that they are held against.
    metric: its name in the tests' results; null takes what they are ranked by.
    """

    model_config = ConfigDict(extra="forbid")

    quick_test_id: str = Field(min_length=1, max_length=200)
    base_id: str = Field(min_length=1, max_length=200)
    metric: str | None = None


@router.get("/{quick_test_id}/segments/", response_model=SegmentTable)
@needs("viewer")
def get_quick_test_segments(
    quick_test_id: str,
    ports: PortsOf,
    metric: Annotated[
        str | None, Query(description="Its name in the results; by default the main one.")
    ] = None,
) -> Any:
    """A metric of a completed test for each segment of customers and products, beside its
    baselines over the same rows."""
    return segment_table(quick_test_id, metric, ports)


@router.post("/compare-segments/", response_model=SegmentComparison)
@needs("viewer")
def compare_quick_test_segments(body: CompareSegmentsRequest, ports: PortsOf) -> Any:
    """A metric of two completed tests for each segment, paired by customer."""
    return compare_segments(body.quick_test_id, body.base_id, body.metric, ports)
