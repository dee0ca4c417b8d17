"""What a completed test measured by segment, as its job left it."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ValidationError

from shared.documents.quick_test import QuickTestStatus, WorseSegment
from shared.errors import NotFoundError
from shared.ports import Ports
from shared.rules.segments import Drawn, paired_segments
from shared.segment_reports import (
    SEGMENT_REPLICATES_FILE,
    SEGMENTS_FILE,
    SegmentReplicates,
    SegmentReport,
)

ModelT = TypeVar("ModelT", bound=BaseModel)


def read_segments(status: QuickTestStatus, ports: Ports) -> SegmentReport | None:
    """None where the test left nothing that can be read, as tests of before there were segments.

    Args:
        status: as `store.status_of` reads it.
    """
    return _read(SegmentReport, SEGMENTS_FILE, status, ports)


def read_drawn(status: QuickTestStatus, ports: Ports) -> Drawn | None:
    """The same with what a paired comparison needs."""
    report = read_segments(status, ports)
    if report is None:
        return None
    return Drawn(report, _read(SegmentReplicates, SEGMENT_REPLICATES_FILE, status, ports))


def worse_segments(
    better: QuickTestStatus, other: QuickTestStatus, metric: str, ports: Ports
) -> list[WorseSegment]:
    """Where a test is clearly worse than one that it is better than over all rows."""
    one, two = read_drawn(better, ports), read_drawn(other, ports)
    if one is None or two is None:
        return []
    return [
        WorseSegment(
            segment=pair.one.phrase,
            value=pair.one.metrics[metric],
            previous=pair.other.metrics[metric],
            difference=pair.difference,
        )
        for pair in paired_segments(one, two, metric)
        if pair.verdict == "worse" and pair.difference is not None
    ]


def _read(model: type[ModelT], name: str, status: QuickTestStatus, ports: Ports) -> ModelT | None:
    if status.artifacts_uri is None:
        return None
    try:
        return model.model_validate_json(ports.artifacts.read(f"{status.artifacts_uri}/{name}"))
    except (NotFoundError, ValidationError):
        return None
