"""Where the setting is that a warning advises to change."""

from __future__ import annotations

from shared.baselines.base import Remedy
from shared.rules.warnings import warning_codes

# Of warnings that are given before a test runs. What is not named is among the test's settings.
_BEFORE: dict[str, Remedy] = {
    "column_in_both_towers": "features",
    "known_after_purchase": "features",
    "wide_embedding": "features",
    "rating_column_is_feature": "features",
    "top_k_exceeds_products": "model",
    "split_is_random": "data",
}


def remedies() -> dict[str, Remedy]:
    """By the codes of warnings, those of results among them."""
    return {**_BEFORE, **{code.name: code.remedy for code in warning_codes()}}
