"""What each kind of finding knows of itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from pydantic import BaseModel

from shared.baselines.base import Remedy
from shared.documents.feature_config import Tower
from shared.insights.events import Events
from shared.kinds import Described
from shared.wording import capital, percent

# Kept of each kind, the most telling first.
MOST_COLUMNS = 50

Numbers = Mapping[str, Any]


class Bar(BaseModel):
    """Attributes:
    value: for people.
    share: of the longest bar, 0 to 1.
    """

    label: str
    value: str
    share: float


class Finding(BaseModel):
    """What was found in a dataset, what it means, and what to do about it.

    Attributes:
        kind, label: of the finding.
        level: whether there is something to mend, or only to know.
        message: what was found, with its numbers.
        next_step: what to do.
        remedy: where that is done; None where nothing is to be done.
        columns: that it is about.
        bars: how what was counted is spread.
    """

    kind: str
    label: str
    level: Literal["note", "warning"]
    message: str
    next_step: str
    remedy: Remedy | None
    columns: list[str] = []
    bars: list[Bar] = []


@dataclass(frozen=True)
class About:
    """What is said of a dataset's columns.

    Attributes:
        roles: by column.
        sides: by column whose role describes a customer or a product, the tower that it belongs to.
    """

    roles: Mapping[str, str] = field(default_factory=dict)
    sides: Mapping[str, Tower] = field(default_factory=dict)


@dataclass(frozen=True)
class ColumnWarning:
    """What a column is warned of in a tower; `share` is what was measured."""

    message: str
    share: float


class InsightKind(Described, ABC):
    """One file of this package: what it asks of the rows, and what the answer says.

    What it measures is kept, and told anew by each version: words are no part of it.

    Attributes:
        name: its key in documents.
        position: what is told first.
        remedy: where the next step is done.
    """

    name: ClassVar[str]
    remedy: ClassVar[Remedy] = "data"

    @abstractmethod
    def measure(self, events: Events) -> dict[str, Any] | None:
        """Numbers as JSON; None where it cannot be told."""

    @abstractmethod
    def find(self, numbers: Numbers, about: About) -> Iterator[Finding]:
        """What they say. Numbers of another version may lack some, which raises KeyError."""

    def warn(self, numbers: Numbers, column: str, tower: Tower) -> ColumnWarning | None:
        """Why a column had better not be in a tower."""
        return None

    def finding(
        self,
        message: str,
        next_step: str = "",
        *,
        warning: bool = False,
        remedy: Remedy | None = None,
        columns: Mapping[str, float] | None = None,
        bars: list[Bar] | None = None,
    ) -> Finding:
        return Finding(
            kind=self.name,
            label=self.label,
            level="warning" if warning else "note",
            message=capital(message),
            next_step=next_step or "Nothing needs to be done.",
            remedy=(remedy or self.remedy) if next_step else None,
            columns=list(columns or ()),
            bars=bars or [],
        )


def bars(counts: Mapping[str, float], *, shares: bool = False) -> list[Bar]:
    """Args: shares: the numbers are shares, and are written in percent."""
    longest = max(counts.values(), default=0) or 1
    return [
        Bar(label=label, value=percent(n) if shares else f"{n:,.0f}", share=n / longest)
        for label, n in counts.items()
    ]


def largest(shares: Mapping[str, float]) -> dict[str, float]:
    """The largest ones first, rounded; no more than are kept."""
    found = sorted(shares.items(), key=lambda one: (-one[1], one[0]))
    return {name: rounded(share) for name, share in found[:MOST_COLUMNS]}


def rounded(value: float) -> float:
    return float(f"{value:.6g}")


def share_words(share: float) -> str:
    """`18.5%`; of what is next to nothing, but something: `less than 0.1%`."""
    return "less than 0.1%" if 0 < share < 0.0005 else percent(share)


def named(columns: Mapping[str, Any], most: int = 5) -> str:
    """`'a', 'b' and 3 more`."""
    names = [repr(name) for name in columns]
    if len(names) <= most:
        return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"
