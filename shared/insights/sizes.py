"""How unevenly rows are spread over customers, or over products."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

# Where bars begin.
_BOUNDS = (1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1_000, 10_000, 100_000, 1_000_000)


@dataclass(frozen=True)
class Sizes:
    """Attributes: counts: how many have how many rows, as (rows, how many), by rows ascending."""

    counts: Sequence[tuple[int, int]]

    @staticmethod
    def of(counts: Iterable[tuple[int, int]]) -> Sizes:
        return Sizes(sorted(counts))

    @property
    def rows(self) -> int:
        return sum(n * k for n, k in self.counts)

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(k for _, k in self.counts)

    def quantile(self, share: float) -> int:
        """The rows that so large a share has no more than; 0 of none."""
        wanted, upto = share * self.total, 0
        for n, k in self.counts:
            upto += k
            if upto >= wanted:
                return n
        return 0

    def fewer_than(self, rows: int) -> float:
        """The share that has fewer rows."""
        return sum(k for n, k in self.counts if n < rows) / max(1, self.total)

    def of_the_first(self, how_many: int) -> float:
        """The share of all rows that the largest ones have together."""
        left, rows = how_many, 0
        for n, k in reversed(self.counts):
            taken = min(k, left)
            rows += n * taken
            left -= taken
        return rows / max(1, self.rows)

    def needed_for(self, share: float) -> int:
        """How many of the largest ones have such a share of all rows together."""
        wanted, found, rows = share * self.rows, 0, 0
        for n, k in reversed(self.counts):
            if rows + n * k >= wanted:
                return found + ceil((wanted - rows) / n)
            found, rows = found + k, rows + n * k
        return found

    def bars(self) -> list[dict[str, Any]]:
        """How many have 1, 2, 3 to 4, 5 to 9 … rows; without the empty ends. Firestore has no list
        of lists."""
        bars: list[dict[str, Any]] = []
        for low, end in zip(_BOUNDS, (*_BOUNDS[1:], None), strict=True):
            many = sum(k for n, k in self.counts if n >= low and (end is None or n < end))
            label = f"{low:,} or more" if end is None else f"{low:,} to {end - 1:,}"
            bars.append({"rows": f"{low:,}" if end == low + 1 else label, "count": many})
        filled = [place for place, bar in enumerate(bars) if bar["count"]]
        return bars[min(filled, default=0) : max(filled, default=-1) + 1]
