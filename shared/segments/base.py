"""What each kind of segment knows of itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from shared.arrays import Integers, np
from shared.kinds import Described
from shared.measuring import HeldOut
from shared.wording import plural


@dataclass(frozen=True)
class Part:
    """A segment.

    Attributes:
        key: its name in a SegmentReport.
        label: in tables: "New".
        phrase: in sentences, after "for": "new customers".
        rule: what belongs to it: "1 to 4 training purchases"; "" where the label says all.
    """

    key: str
    label: str
    phrase: str
    rule: str = ""


@dataclass(frozen=True)
class Split:
    """All held-out rows, each in one segment.

    Attributes:
        name: of the split in a SegmentReport.
        part: [held-out rows], the place of each row's segment in `parts`.
        by_popularity: segments are chosen by how popular the right product is, so that whoever
            recommends bestsellers alone cannot be beaten in one of them.
    """

    name: str
    label: str
    help: str
    parts: Sequence[Part]
    part: Integers
    by_popularity: bool = False


class SegmentKind(Described, ABC):
    """One file of this package: a way to split the held-out rows, its words and its rule.

    Attributes:
        name: of its split in a SegmentReport.
        label, help: of the split, for people.
        position: what is measured, and listed, first.
    """

    name: ClassVar[str]

    @abstractmethod
    def splits(self, held_out: HeldOut, columns: Mapping[str, Sequence[str]]) -> Iterator[Split]:
        """The splits that it makes.

        Args:
            columns: by marked column, its value in each held-out row; "" where there is none.
        """


def by_count(counts: Integers, bounds: Sequence[int], of_parts: Sequence[Part]) -> Integers:
    """The place of the part for each count: the last of `of_parts` below the first bound, the one
    before it from there to the second, and so on.

    Args:
        counts: [rows].
        bounds: ascending, one fewer than parts.
    """
    places: Integers = len(of_parts) - 1 - np.searchsorted(bounds, counts, side="right")
    return places


def purchases_words(low: int, high: int | None) -> str:
    """`38 or more training purchases`, `5 to 37 training purchases`, `1 training purchase`."""
    noun = "training purchase"
    if high is None:
        return f"{low:,} or more {noun}s"
    return plural(low, noun) if low == high else f"{low:,} to {high:,} {noun}s"
