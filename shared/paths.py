"""Which names documents, collections and artifacts may go by, in every store."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

# A JSON path finds no name that is written with escapes.
_NOT_IN_FIELDS = re.compile(r'["\\\x00-\x1f]')

_LONGEST_ID = 1500  # bytes, of Firestore


def is_id(text: str) -> bool:
    """Whether a document can go by this id, in every store.

    Source: https://firebase.google.com/docs/firestore/quotas#collections_documents_and_fields
    """
    if not text or text in (".", "..") or "/" in text or re.fullmatch("__.*__", text):
        return False
    try:
        return len(text.encode()) <= _LONGEST_ID
    except UnicodeEncodeError:  # a lone surrogate
        return False


def check_document(path: str) -> None:
    """Raises ValueError."""
    parts = path.split("/")
    if len(parts) % 2 or "" in parts:
        raise ValueError(
            f"A document's path is `collection/id` or `collection/id/collection/id`."
            f" Received: {path!r}."
        )


def is_document(path: str) -> bool:
    """Whether every store could hold a document under this path."""
    return all(map(is_id, path.split("/")))


def check_new_document(path: str) -> None:
    """Raises ValueError, too for an id that some store does not take."""
    check_document(path)
    for part in path.split("/"):
        if not is_id(part):
            raise ValueError(f"No document can have the id {part[:100]!r}.")


def check_collection(path: str) -> None:
    """Raises ValueError."""
    parts = path.split("/")
    if len(parts) % 2 == 0 or "" in parts:
        raise ValueError(f"A collection is `name` or `name/id/name`. Received: {path!r}.")


def check_key(key: str) -> None:
    """Raises ValueError for a key of an artifact that is not a relative path."""
    if "\0" in key or any(part in ("", ".", "..") for part in key.split("/")):
        raise ValueError(f"A key is a relative path such as `code/module.py`. Received: {key!r}.")


@lru_cache(1024)  # a query's are read of every document that it finds
def check_field(field: str) -> tuple[str, ...]:
    """The names in a dotted path. Raises ValueError."""
    parts = tuple(field.split("."))
    if any(not part or _NOT_IN_FIELDS.search(part) for part in parts):
        raise ValueError(
            "A field is a dotted path whose names are not empty and hold no quote, backslash or"
            f" control character. Received: {field!r}."
        )
    return parts


def project(data: Any, fields: Sequence[str]) -> dict[str, Any]:
    """A document with nothing but some dotted fields, and of these only what is not null."""

    def value(parts: Sequence[str]) -> Any:
        found = data
        for part in parts:
            found = found.get(part) if isinstance(found, dict) else None
        return found

    return nested((field, value(check_field(field))) for field in fields)


def nested(values: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """A document of some dotted fields; null ones are left out."""
    document: dict[str, Any] = {}
    for field, value in values:
        if value is None:
            continue
        parts = check_field(field)
        inner = document
        for parent in parts[:-1]:
            inner = inner.setdefault(parent, {})
        inner[parts[-1]] = value
    return document
