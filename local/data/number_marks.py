"""Which decimal mark the numbers of a column have."""

from __future__ import annotations

import re
from collections.abc import Collection

from shared.documents.source import Mark
from shared.tables.formats import NUMBER, SIGNS

_NEARLY = 0.9


def _python(form: str) -> re.Pattern[str]:
    """A pattern of RE2 as Python writes it."""
    return re.compile(re.sub(r"\\x\{([0-9A-F]{4})\}", r"\\u\1", form))


# Negative numbers that a database does not read as such.
_BOOKKEEPING = re.compile(r"^[(−]|[-−)]$")
_SIGN = _python(SIGNS)
_NUMBERS: dict[Mark, re.Pattern[str]] = {mark: _python(form) for mark, form in NUMBER.items()}


def decimal_marks(values: Collection[str]) -> list[Mark]:
    """The decimal marks with which all of some values are numbers, and some are not plain ones."""
    fitting: list[Mark] = []
    bare = [re.sub(r"^[-+−(]+|[-−)]+$", "", _SIGN.sub("", value)) for value in values]
    plain = re.compile(r"[0-9]+(\.[0-9]+)?|.*[0-9] [0-9].*")
    if any(re.match("0[0-9]", one) for one in bare):
        return []
    marked = any(map(_SIGN.search, values)) or any(map(_BOOKKEEPING.search, values))
    if all(plain.fullmatch(one) for one in bare) and not marked:
        return []
    for mark, form in _NUMBERS.items():
        if bare and sum(bool(form.fullmatch(one)) for one in bare) >= _NEARLY * len(bare):
            fitting.append(mark)
    return fitting
