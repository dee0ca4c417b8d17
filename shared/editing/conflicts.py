"""Why a sound change cannot be made now."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shared.ports import JsonObject


@dataclass(frozen=True)
class Seen:
    """What a caller knows of a document that they change or delete.

    Attributes:
        revision: of its spec.
        words: of its name and description, which have no revision, by `words_of`; None where the
            caller does not say.
    """

    revision: int
    words: str | None = None


def words_of(name: Any, description: Any) -> str:
    """A fingerprint of what people call a document."""
    told = json.dumps([name, description or ""], default=str)
    return hashlib.sha256(told.encode()).hexdigest()[:12]


class StaleError(Exception):
    """The document has changed since the caller read it.

    Attributes:
        current: what it is now, as JSON, with its id.
        yours: what the caller wanted it to be, and the revision that the caller knew.
    """

    def __init__(self, current: JsonObject, yours: JsonObject) -> None:
        self.current = current
        self.yours = yours
        revision = current.get("revision")
        found = (
            f"is at revision {revision}, not {yours['revision']}"
            if revision != yours["revision"]
            else "has another name or description by now"
        )
        super().__init__(f"{current['id']!r} {found}. Read it again and repeat the change.")


def expect(document_id: str, data: JsonObject, seen: Seen | None, wanted: JsonObject) -> None:
    """Raises StaleError where a stored document is not what its caller has seen; `wanted` is what
    they would write."""
    if seen is None:
        return
    words = words_of(data.get("name"), data.get("description"))
    if data.get("revision") != seen.revision or seen.words not in (None, words):
        raise StaleError({"id": document_id, **data}, {**wanted, "revision": seen.revision})


class InUseError(Exception):
    """The document is named by others, whose paths are `users`."""

    def __init__(self, message: str, users: Sequence[str]) -> None:
        self.users = list(users)
        super().__init__(message)


class LockedError(Exception):
    """The quick test, sweep or tuning is past the point where this can be done."""
