"""What a trial is, and what it counts.

A trial is a function of a module of this package, marked with `@trial`. It gets a `Tally` and
breaks something; nothing lost and nobody let in is what passes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeVar

T = TypeVar("T")
Area = Literal["faults", "load", "abuse"]


@dataclass
class Tally:
    """What a trial tried and found; it works under `folder`, which is its own."""

    folder: Path
    small: bool
    tries: int = 0
    lost: list[str] = field(default_factory=list)
    let_in: list[str] = field(default_factory=list)
    figures: list[str] = field(default_factory=list)

    def tried(self, times: int = 1) -> None:
        """Counts what was tried."""
        self.tries += times

    def loses(self, what: str) -> None:
        """Something was lost, stuck, doubled or left half written; `what` says which."""
        self.lost.append(what)

    def lets_in(self, what: str) -> None:
        """Something got in that must not; `what` says which."""
        self.let_in.append(what)

    def figure(self, told: str) -> None:
        """A measured figure for the table, such as `p95 of the API 41 ms`."""
        self.figures.append(told)

    def of(self, full: T, small: T) -> T:
        """How often, or what, by the form that runs: all of `make torture`, or the small one."""
        return small if self.small else full


@dataclass(frozen=True)
class Trial:
    """One row of the table. `seconds` bounds its full form; a trial past it is stuck."""

    area: Area
    name: str
    seconds: int
    run: Callable[[Tally], None]
    small: bool  # whether it has a small form, for `make test`


TRIALS: list[Trial] = []


def trial(
    area: Area, name: str, *, seconds: int, small: bool = True
) -> Callable[[Callable[[Tally], None]], Callable[[Tally], None]]:
    """Registers a trial."""

    def register(run: Callable[[Tally], None]) -> Callable[[Tally], None]:
        TRIALS.append(Trial(area, name, seconds, run, small))
        return run

    return register
