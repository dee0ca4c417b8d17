"""A rule set: rules of lists under a name, which requests to models may give instead of the rules
themselves."""

from __future__ import annotations

from pydantic import Field

from shared.documents.base import Document, Status
from shared.models import SpecModel
from shared.rules_of_lists import Rules


class RuleSetSpec(SpecModel):
    """The user's part.

    Attributes:
        dataset_id: whose products the rules are about. They hold for every model whose products
            have the columns that they read.
    """

    dataset_id: str = Field(min_length=1, max_length=200)
    rules: Rules


class RuleSetStatus(Status):
    """The system's part.

    Attributes:
        published_revision: the last revision that was found valid and written for servers, which
            goes on while a later one is not valid; 0 where there is none.
        published_name: the name that it was written under.
    """

    published_revision: int = 0
    published_name: str = ""


class RuleSet(Document[RuleSetSpec, RuleSetStatus]):
    status: RuleSetStatus = RuleSetStatus()
