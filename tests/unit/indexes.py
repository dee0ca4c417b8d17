"""The indexes that Terraform makes, without which Firestore refuses a query."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from shared.ports import Filter

_TERRAFORM = (Path(__file__).parents[2] / "infra" / "terraform" / "firestore.tf").read_text(
    encoding="utf-8"
)
# Collection, filter, order; and collection, field.
INDEXES = frozenset(re.findall(r'\["(\w+)", "([\w.]+)", "([\w.]+)"\]', _TERRAFORM))
UNINDEXED = frozenset(re.findall(r'\["(\w+)", "([\w.]+)"\]', _TERRAFORM))


def check_query(
    collection: str, where: Sequence[Filter], order_by: str | None, *, descending: bool
) -> None:
    """Raises AssertionError where Firestore would want an index that is not made."""
    for one in where:
        for field in (one.field, order_by or one.field):
            for hidden_in, hidden in UNINDEXED:
                below = field == hidden or field.startswith(f"{hidden}.")
                assert not (collection == hidden_in and below), f"{hidden} has no index"
    if order_by is None or any(one.op not in ("==", "in") for one in where):
        return  # such queries are ordered by the adapter
    for one in where:
        assert descending, "the indexes descend"
        wanted = (str(collection), one.field, order_by)
        assert wanted in INDEXES, f"infra/terraform/firestore.tf lacks the index {wanted}"
