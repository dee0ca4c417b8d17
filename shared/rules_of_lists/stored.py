"""Rule sets as servers read them: one file each, beside the jobs in the store of artifacts."""

from __future__ import annotations

from shared.models import StatusModel
from shared.rules_of_lists import Rules

FOLDER = "rule_sets"
# What the file of a deleted one holds.
WITHDRAWN = b"null"


class StoredRuleSet(StatusModel):
    """A rule set that was found valid.

    Attributes:
        id, revision: of its document.
    """

    id: str
    name: str
    revision: int
    rules: Rules


def key_of(rule_set_id: str) -> str:
    """The key of its file in the store of artifacts."""
    return f"{FOLDER}/{rule_set_id}.json"
