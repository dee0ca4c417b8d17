"""Kinds of findings about a dataset, one file each: what is measured, and what it means.

Adapters measure them while they profile; whatever tells them reads this registry; nothing outside
it names one.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from shared.documents.feature_config import Tower
from shared.documents.insight import Insight
from shared.insights.base import About, ColumnWarning, Finding, InsightKind
from shared.insights.events import Events
from shared.kinds import registry

__all__ = [
    "MOST_COLUMNS",
    "About",
    "ColumnWarning",
    "Finding",
    "findings",
    "insight_kinds",
    "measure",
    "unmeasured",
    "warnings_of",
]
# Of a dataset, those with a role first, are examined.
MOST_COLUMNS = 100
# What numbers of another version may raise.
_OTHER_FORM = (KeyError, TypeError, ValueError, IndexError)


@cache
def insight_kinds() -> dict[str, InsightKind]:
    """By name, in the order in which they are told."""
    found = registry(__name__, InsightKind, lambda kind: kind.name)  # type: ignore[type-abstract]
    return {name: kind() for name, kind in found.items()}


def measure(events: Events) -> dict[str, dict[str, object]]:
    """By kind, what it found to measure."""
    measured = ((name, kind.measure(events)) for name, kind in insight_kinds().items())
    return {name: numbers for name, numbers in measured if numbers is not None}


def unmeasured(why: str) -> str:
    """A note on a dataset whose report cannot be made."""
    return f"There is no report on these rows, as they could not be looked at together: {why}"


def findings(insight: Insight, about: About) -> list[Finding]:
    """What was measured, in words: what there is to mend first."""
    found = [one for kind, numbers in _known(insight) for one in _told(kind, numbers, about)]
    return sorted(found, key=lambda one: one.level != "warning")


def warnings_of(
    column: str, tower: Tower, insight: Insight
) -> Iterator[tuple[InsightKind, ColumnWarning]]:
    """Why a column had better not be in a tower."""
    for kind, numbers in _known(insight):
        try:
            warning = kind.warn(numbers, column, tower)
        except _OTHER_FORM:
            continue
        if warning is not None:
            yield kind, warning


def _known(insight: Insight) -> Iterator[tuple[InsightKind, dict[str, object]]]:
    for name, kind in insight_kinds().items():
        if name in insight.measured:
            yield kind, insight.measured[name]


def _told(kind: InsightKind, numbers: dict[str, object], about: About) -> list[Finding]:
    """Nothing of numbers that another version wrote in another form."""
    try:
        return list(kind.find(numbers, about))
    except _OTHER_FORM:
        return []
