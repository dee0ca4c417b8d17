"""Where the setting is that a warning advises to change, and changes that would help."""

from __future__ import annotations

from collections.abc import Iterator

from shared.baselines.base import Remedy
from shared.problems import Problem
from shared.rules.fixes import Fix, Tried, leave_out
from shared.rules.warnings import warning_codes, warning_of

# Of warnings that are given before a test runs. What is not named is among the test's settings.
_BEFORE: dict[str, Remedy] = {
    "column_in_both_towers": "features",
    "known_after_purchase": "features",
    "wide_embedding": "features",
    "rating_column_is_feature": "features",
    "top_k_exceeds_products": "model",
    "split_is_random": "data",
}
# Of these, the ones that a column causes, which a test can go without.
_OF_A_COLUMN = frozenset({"column_in_both_towers", "known_after_purchase"})


def remedies() -> dict[str, Remedy]:
    """By the codes of warnings, those of results among them."""
    return {**_BEFORE, **{code.name: code.remedy for code in warning_codes()}}


def fixes_of(problem: Problem, tried: Tried) -> Iterator[Fix]:
    """Changes that would help with a warning of a test, the best first."""
    if problem.code in _OF_A_COLUMN:
        yield from leave_out(tried, str(problem.received))
    elif (warning := warning_of(problem.code)) is not None:
        yield from warning.fixes(problem, tried)
