"""The best products that rules allow, out of an order that is made as far as it is needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.arrays import np

if TYPE_CHECKING:
    from shared.arrays import Booleans, Floats, Integers

# Of an order that caps thin out, how many products are looked at one by one before all those of
# values that are full by then are left out together.
_LOOK = 64


@dataclass(frozen=True)
class CappedColumn:
    """Attributes:
    codes: of the products' values, [products]; -1 has none.
    at_most: products of one value.
    """

    codes: Integers
    at_most: int


@dataclass(frozen=True)
class Chosen:
    """
    Attributes:
        rows: of the list, best first but for pins.
        pinned: those of them that are pinned.
        bound: of each cap, the codes of values that products were passed over for.
    """

    rows: list[int]
    pinned: frozenset[int]
    bound: list[list[int]]


class Chooser:
    """A list in the making.

    Args:
        k: how many products it has at most.
        pins: rows of products by their places, from 1 to k. Of a product at several the first
            counts.
    """

    def __init__(self, k: int, caps: Sequence[CappedColumn], pins: Mapping[int, int]) -> None:
        self._caps = caps
        first = {row: place for place, row in sorted(pins.items(), reverse=True)}
        self._pins = dict(sorted((place, row) for row, place in first.items()))
        self._wanted = k - len(self._pins)
        self._taken: list[int] = []
        self._seen: list[Integers] = []
        self._counts: list[dict[int, int]] = [{} for _ in caps]
        for row in self._pins.values():
            self._count(row)

    @property
    def lacking(self) -> int:
        """How many more products it has room for."""
        return self._wanted - len(self._taken)

    def take(self, ordered: Integers) -> None:
        """Takes of some products, best first, as many as there is room for."""
        if not self.lacking:
            return
        pins = np.fromiter(self._pins.values(), np.int64, len(self._pins))
        left = ordered[~np.isin(ordered, pins)] if len(pins) else ordered
        if not self._caps:
            self._taken += left[: self.lacking].tolist()
            return
        rest, look = left, _LOOK
        while len(rest) and self.lacking:
            rest = rest[self._open(rest)]
            for row in rest[:look].tolist():
                if self._open_to(row):  # a value may be full since
                    self._taken.append(row)
                    self._count(row)
                    if not self.lacking:
                        left = left[: int(np.argmax(left == row)) + 1]
                        break
            rest = rest[look:]
            look *= 2
        self._seen.append(left)

    def rows(self) -> list[int]:
        """Of the list, best first but for pins. Where it is shorter than a pin's place, the pinned
        product is its last."""
        rows: list[int] = []
        others = iter(self._taken)
        for place, pinned in self._pins.items():
            while len(rows) < place - 1 and (row := next(others, None)) is not None:
                rows.append(row)
            rows.append(pinned)
        rows += others
        return rows

    def chosen(self) -> Chosen:
        """The list, and what came of the caps."""
        seen = np.concatenate([np.empty(0, np.int64), *self._seen])
        passed = np.setdiff1d(seen, np.array(self._taken, np.int64))
        bound = []
        for cap, counts in zip(self._caps, self._counts, strict=True):
            full = {code for code, count in counts.items() if count >= cap.at_most}
            bound.append(sorted(full & set(np.unique(cap.codes[passed]).tolist())))
        return Chosen(self.rows(), frozenset(self._pins.values()), bound)

    def _count(self, row: int) -> None:
        for cap, counts in zip(self._caps, self._counts, strict=True):
            code = int(cap.codes[row])
            if code >= 0:
                counts[code] = counts.get(code, 0) + 1

    def _open_to(self, row: int) -> bool:
        pairs = zip(self._caps, self._counts, strict=True)
        return all(counts.get(int(cap.codes[row]), 0) < cap.at_most for cap, counts in pairs)

    def _open(self, rows: Integers) -> Booleans:
        """Which products no cap leaves out, [rows]."""
        found: Booleans = np.ones(len(rows), bool)
        for cap, counts in zip(self._caps, self._counts, strict=True):
            full = [code for code, count in counts.items() if count >= cap.at_most]
            found &= ~np.isin(cap.codes[rows], full)
        return found


def best_first(rows: Integers, scores: Floats, first: int) -> Iterator[Integers]:
    """Rows by their scores, the highest first, ties in their order; the best of them before the
    others are ordered.

    Args:
        rows: ascending.
        first: about how many to begin with.
    """
    if len(rows) <= 2 * first:
        yield rows[np.argsort(-scores, kind="stable")]
        return
    least = np.partition(scores, len(scores) - first)[len(scores) - first]
    among = scores >= least
    for part in (among, ~among):
        yield rows[part][np.argsort(-scores[part], kind="stable")]
