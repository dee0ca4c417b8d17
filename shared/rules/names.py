"""Suggestions for names that are not there."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from shared.wording import first_of

_SHOWN = 8


def unknown_column(name: str, columns: Iterable[str]) -> str:
    """A sentence that says which columns there are, nearest names first.

    >>> unknown_column("custmer_id", ["customer_id", "day"])
    "The dataset has no column 'custmer_id'. Did you mean 'customer_id'?"
    """
    present = list(columns)
    folded: dict[str, str] = {}
    for column in present:
        folded.setdefault(column.casefold(), column)
    near = difflib.get_close_matches(name.casefold(), list(folded), n=3, cutoff=0.6)
    sentence = f"The dataset has no column {name!r}."
    if near:
        return f"{sentence} Did you mean {' or '.join(repr(folded[found]) for found in near)}?"
    return f"{sentence} It has {first_of([repr(column) for column in present], _SHOWN)}."
