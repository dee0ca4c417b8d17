"""Baselines, one file each: what needs no model, its words, and how it is computed.

Whatever shows or measures baselines reads this registry; nothing outside it names one.
"""

from __future__ import annotations

from functools import cache
from typing import cast

from shared.baselines.base import (
    Baseline,
    ExpectedBaseline,
    RankingBaseline,
    RatingBaseline,
    RecommendingBaseline,
)
from shared.kinds import registry

__all__ = [
    "Baseline",
    "ExpectedBaseline",
    "RankingBaseline",
    "RatingBaseline",
    "RecommendingBaseline",
    "baseline",
    "baselines",
]


@cache
def baselines() -> dict[str, Baseline]:
    """By name, in the order in which they are measured."""
    found = registry(__name__, Baseline, lambda kind: kind.name)
    return {name: kind() for name, kind in found.items()}


def baseline(name: str) -> Baseline:
    """A baseline by its name in a MetricsReport; one that is not known goes by that."""
    known = baselines().get(name)
    return known if known is not None else _unknown(name)


def _unknown(name: str) -> Baseline:
    """Of a report that another version wrote."""
    words = {"label": name, "doing": name, "term": name.replace("_", " "), "help": ""}
    kind = type("Unknown", (Baseline,), {"name": name, "means": "", "helps": "", **words})
    return cast(Baseline, kind())
