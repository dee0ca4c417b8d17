"""What a completed test's results warn of, one file for each warning."""

from __future__ import annotations

from functools import cache

from shared.kinds import registry
from shared.problems import Problem
from shared.rules.warnings.base import Code, Finished, ResultWarning

__all__ = ["Code", "Finished", "check_results", "warning_codes"]


@cache
def result_warnings() -> dict[str, ResultWarning]:
    """By name, in the order in which they are told: those about the verdict first."""
    found = registry(__name__, ResultWarning, lambda kind: kind.name)  # type: ignore[type-abstract]
    return {name: kind() for name, kind in found.items()}


def check_results(finished: Finished) -> list[Problem]:
    """All warnings, those about the verdict first."""
    return [problem for kind in result_warnings().values() for problem in kind.check(finished)]


def warning_of(code: str) -> ResultWarning | None:
    """The warning that gives a code; None where none does."""
    for kind in result_warnings().values():
        if any(one.name == code for one in kind.codes()):
            return kind
    return None


def warning_codes() -> list[Code]:
    """Every code that a result may warn with."""
    return [code for kind in result_warnings().values() for code in kind.codes()]
