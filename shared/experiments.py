"""A test that has ended, as experiment tracking keeps it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal


@dataclass(frozen=True)
class MetricPoint:
    """A number. `step` is the epoch; 0 for what was measured at the end."""

    name: str
    value: float
    at: datetime
    step: int = 0


@dataclass(frozen=True)
class RunRecord:
    """Everything that is kept of a test. The same test always gives the same record.

    Attributes:
        key: what the run is found again by: the test's id.
        experiment: runs under one name are meant to be compared.
        outcome: how the test ended.
        note: for people, in Markdown.
        artifacts: files by their path in the run.
    """

    key: str
    experiment: str
    name: str
    outcome: Literal["completed", "failed", "cancelled"]
    started_at: datetime
    ended_at: datetime
    note: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    metrics: Sequence[MetricPoint] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    artifacts: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class TrackedRun:
    """Where a record was written. `url` is None where no server shows it."""

    run_id: str
    url: str | None
