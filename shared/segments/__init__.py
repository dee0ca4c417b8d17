"""Kinds of segments, one file each: how held-out rows are split, and what the parts are called.

Whatever measures or shows segments reads this registry, or a SegmentReport; nothing outside it
names one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from shared.kinds import registry
from shared.measuring import HeldOut
from shared.segments.base import Part, SegmentKind, Split
from shared.segments.columns import MOST_COLUMNS, MOST_VALUES

__all__ = ["MOST_COLUMNS", "MOST_VALUES", "Part", "SegmentKind", "Split", "segment_kinds", "splits"]


@cache
def segment_kinds() -> dict[str, SegmentKind]:
    """By name, in the order in which they are measured."""
    found = registry(__name__, SegmentKind, lambda kind: kind.name)  # type: ignore[type-abstract]
    return {name: kind() for name, kind in found.items()}


def splits(held_out: HeldOut, columns: Mapping[str, Sequence[str]]) -> Iterator[Split]:
    """Every way in which the held-out rows are split.

    Args:
        columns: by marked column, its value in each held-out row; "" where there is none.
    """
    for kind in segment_kinds().values():
        yield from kind.splits(held_out, columns)
