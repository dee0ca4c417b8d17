"""Which names documents, collections and artifacts may go by, in every store."""

from __future__ import annotations

import re

# A JSON path finds no name that is written with escapes.
_NOT_IN_FIELDS = re.compile(r'["\\\x00-\x1f]')


def check_document(path: str) -> None:
    """Raises ValueError."""
    parts = path.split("/")
    if len(parts) % 2 or "" in parts:
        raise ValueError(
            f"A document's path is `collection/id` or `collection/id/collection/id`."
            f" Received: {path!r}."
        )


def check_collection(path: str) -> None:
    """Raises ValueError."""
    parts = path.split("/")
    if len(parts) % 2 == 0 or "" in parts:
        raise ValueError(f"A collection is `name` or `name/id/name`. Received: {path!r}.")


def check_key(key: str) -> None:
    """Raises ValueError for a key of an artifact that is no relative path."""
    if "\0" in key or any(part in ("", ".", "..") for part in key.split("/")):
        raise ValueError(f"A key is a relative path such as `code/module.py`. Received: {key!r}.")


def check_field(field: str) -> list[str]:
    """The names in a dotted path. Raises ValueError."""
    parts = field.split(".")
    if any(not part or _NOT_IN_FIELDS.search(part) for part in parts):
        raise ValueError(
            "A field is a dotted path whose names are not empty and hold no quote, backslash or"
            f" control character. Received: {field!r}."
        )
    return parts
