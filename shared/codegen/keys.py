"""Keys: names come from users, so none of them is used as it is in code or in files."""

from __future__ import annotations

import re
import unicodedata

from shared.features import ENDINGS

_ENDING = re.compile(f"_({'|'.join(ENDINGS)})$", re.IGNORECASE)


class Keys:
    """Hands out each key once. Case is ignored: vocabularies are files.

    A key must not be another one with a suffix that a transform appends either, so that
    `price` bucketised and a column `price_bucket` keep apart.
    """

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def unique(self, wanted: str) -> str:
        """`wanted`, or where that is taken the same with something after it."""
        if _ENDING.search(wanted):
            wanted += "_column"
        key, number = wanted, 1
        while key.lower() in self._taken:
            number += 1
            key = f"{wanted}_{number}"
        self._taken.add(key.lower())
        return key


def slug(name: str) -> str:
    """A readable key for any name: `Größe (cm)` → `Grosse_cm`."""
    ascii_name = unicodedata.normalize("NFKD", name.replace("ß", "ss"))
    ascii_name = ascii_name.encode("ascii", "ignore").decode()
    key = re.sub(r"[^A-Za-z0-9]+", "_", ascii_name).strip("_")[:60]
    if name == f"_{key}" or not key or key[0].isdigit():
        return f"column_{key}".rstrip("_")
    return key
