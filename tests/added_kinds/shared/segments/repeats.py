"""Purchases by whether the customer had the product."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from shared.arrays import np
from shared.measuring import HeldOut
from shared.segments.base import Part, SegmentKind, Split


class Repeats(SegmentKind):
    name = "repeats"
    label = "Repeats"
    help = "By whether the customer has the product among the training purchases."

    def splits(self, held_out: HeldOut, columns: Mapping[str, Sequence[str]]) -> Iterator[Split]:
        parts = (
            Part("again", "Bought again", "products bought again"),
            Part("first", "Bought first", "products bought first"),
        )
        yield Split(self.name, self.label, self.help, parts, np.where(held_out.repeat, 0, 1))
