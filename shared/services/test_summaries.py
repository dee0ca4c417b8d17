"""Quick tests in short, made of a part of what is stored of them."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from shared.documents.base import parse
from shared.documents.quick_test import Judged, TestState
from shared.documents.test_summary import QuickTestSummary, QuickTestSummaryStatus
from shared.jobs import Interval
from shared.models import StatusModel, is_finite
from shared.ports import Snapshot
from shared.rules.metrics import MAIN_METRICS, TELLING
from shared.rules.verdict import judge

_MADE = {"results", "verdict"}  # from parts of the stored results
_JUDGED_BY = ("metrics", "baselines", "differences", "protocol.candidates")
FIELDS = (
    *(name for name in QuickTestSummary.model_fields if name not in ("id", "status")),
    *(f"status.{name}" for name in QuickTestSummaryStatus.model_fields if name not in _MADE),
    *(f"status.results.{name}" for name in _JUDGED_BY),
    *(f"status.results.intervals.{name}" for name in MAIN_METRICS),
)
"""The fields of a stored test that a summary is made of."""


class _Protocol(StatusModel):
    candidates: int


class _Evidence(StatusModel):
    """What a test is judged by."""

    metrics: dict[str, float]
    baselines: dict[str, dict[str, float]]
    differences: dict[str, dict[str, Interval]] = {}
    protocol: _Protocol


def read_summary(snapshot: Snapshot) -> QuickTestSummary:
    """A stored test in short, checked; `snapshot` holds at least FIELDS of it. What is not among
    them may be unreadable.

    Raises:
        InvalidError: with one problem for each wrong field.
    """
    summary = parse(QuickTestSummary, snapshot.id, snapshot.data, unknown="passed over")
    status = summary.status
    status.verdict = None
    if status.state is TestState.COMPLETED and status.results is not None:
        status.verdict = _judged(snapshot.data["status"]["results"])
    return summary


def _judged(stored: dict[str, Any]) -> Judged | None:
    """The verdict on stored results; None where they are unreadable."""
    telling = {
        name: _telling(stored[name]) for name in ("baselines", "differences") if name in stored
    }
    try:
        evidence = _Evidence.model_validate({**stored, **telling})
    except ValidationError:
        return None
    return judge(evidence) if is_finite([evidence.differences]) else None


def _telling(values: Any) -> Any:
    """Of values by baseline and metric, those that a test is judged by."""
    if not isinstance(values, dict):
        return values
    return {
        baseline: {name: value for name, value in by_metric.items() if name in TELLING}
        if isinstance(by_metric, dict)
        else by_metric
        for baseline, by_metric in values.items()
    }
