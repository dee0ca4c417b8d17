"""Customers by how much they have bought."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from shared.arrays import counts_of, np
from shared.measuring import HeldOut
from shared.segments.base import Part, SegmentKind, Split, by_count, purchases_words

# With fewer, a customer has hardly a history: what data sets are filtered by where only
# customers with one are to be measured ("5-core": He and McAuley 2016).
_KNOWN = 5


class Customers(SegmentKind):
    """By training rows: none, fewer than 5, up to the median of customers with more, above it."""

    name = "customers"
    label = "Customers"
    help = (
        "By their training purchases. Light and heavy customers are told apart by the median of "
        "the customers with 5 or more."
    )
    position = 10

    def splits(self, held_out: HeldOut, columns: Mapping[str, Sequence[str]]) -> Iterator[Split]:
        counts = counts_of(held_out.train_buyer, held_out.buyers)
        known = counts[counts >= _KNOWN]
        median = int(np.median(known)) if len(known) else _KNOWN
        parts = (
            Part("heavy", "Heavy", "heavy customers", purchases_words(median + 1, None)),
            Part("light", "Light", "light customers", purchases_words(_KNOWN, median)),
            Part("new", "New", "new customers", purchases_words(1, _KNOWN - 1)),
            Part("unseen", "Never trained on", "customers never trained on", _NONE),
        )
        part = by_count(counts[held_out.customer], [1, _KNOWN, median + 1], parts)
        yield Split(self.name, self.label, self.help, parts, part)


_NONE = "no training purchases"
