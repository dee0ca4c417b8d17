"""What a test measured segment by segment: two files of its job beside `metrics.json`.

They are files and no part of the test's document, which a store bounds to a mebibyte.
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from shared.jobs import Interval

SEGMENTS_FILE = "segments.json"  # SegmentReport
SEGMENT_REPLICATES_FILE = "segment_bootstrap.json"  # SegmentReplicates


class SegmentDifference(Interval):
    """The model's metric minus a baseline's, over the rows of one segment.

    Attributes:
        standard_error: the standard deviation of its bootstrap replicates.
    """

    standard_error: float


class Segment(BaseModel):
    """Held-out rows that are measured together.

    Attributes:
        label, phrase: in tables, and in sentences after "for".
        rule: which rows these are; "" where the label says it.
        customers: how many have such rows.
        fingerprint: equal where each customer has as many rows in it: tests are only held against
            each other over the same rows.
        metrics, intervals, baselines, differences: as a MetricsReport's.
    """

    key: str
    label: str
    phrase: str
    rule: str = ""
    rows: int
    customers: int
    fingerprint: str
    metrics: dict[str, float]
    intervals: dict[str, Interval] = {}
    baselines: dict[str, dict[str, float]] = {}
    differences: dict[str, dict[str, SegmentDifference]] = {}


class SegmentSplit(BaseModel):
    """One way to split all held-out rows; a segment without rows is left out.

    Attributes:
        name: `customers`, `products`, or `column:` and a column's name.
        by_popularity: segments are chosen by how popular the right product is.
    """

    name: str
    label: str
    help: str
    by_popularity: bool = False
    segments: list[Segment]


class SegmentReport(BaseModel):
    holdout_fingerprint: str
    splits: list[SegmentSplit]

    def each(self) -> Iterator[tuple[str, SegmentSplit, Segment]]:
        """Every segment under the name that its replicates have."""
        for split in self.splits:
            for segment in split.segments:
                yield segment_name(split.name, segment.key), split, segment


class SegmentReplicates(BaseModel):
    """Bootstrap replicates of a test's metrics in each segment, as `Replicates` has them of all
    rows.

    Attributes:
        segments: by segment and metric, one value per replicate.
    """

    holdout_fingerprint: str
    segments: dict[str, dict[str, list[float]]]


def segment_name(split: str, key: str) -> str:
    return f"{split}/{key}"
