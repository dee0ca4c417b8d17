"""Rows by the columns that the test's spec marks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from shared.arrays import np
from shared.measuring import HeldOut
from shared.segments.base import Part, SegmentKind, Split

# Of more values none would have rows enough for an interval that says something.
MOST_VALUES = 30
MOST_COLUMNS = 5


class Columns(SegmentKind):
    """One split for each marked column, one segment for each value and one for none."""

    name = "column"
    label = "Marked columns"
    help = "By the value of a column that the test names."
    position = 30

    def splits(self, held_out: HeldOut, columns: Mapping[str, Sequence[str]]) -> Iterator[Split]:
        for column, texts in columns.items():
            # Not an array of all texts, each of which would take as much memory as the longest.
            known = sorted(set(texts))
            number = {text: place for place, text in enumerate(known)}
            part = np.fromiter(map(number.__getitem__, texts), np.int64, len(texts))
            values, rows = np.array(known), np.bincount(part)
            # The largest first; what has no value last.
            order = np.lexsort([values, -rows, values == ""])
            place = np.empty_like(order)
            place[order] = np.arange(len(order))
            parts = [_part(column, str(values[number])) for number in order]
            told = f"By the value of {column!r} in the held-out purchase."
            yield Split(f"{self.name}:{column}", column, told, parts, place[part])


def _part(column: str, value: str) -> Part:
    if not value:
        return Part("", "No value", f"rows without {column!r}")
    return Part(value, value, f"{column} {value!r}")
